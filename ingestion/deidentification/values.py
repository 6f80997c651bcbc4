"""Values that should not be there, at every depth of a data set: protected, private, and telling texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from ingestion.deidentification.profile import SAFE_PRIVATE, Protected
from ingestion.deidentification.texts import is_dummy, masked, signs
from ingestion.dicom.values import clean

TEXT_VRS = frozenset({"PN", "LO", "SH", "ST", "LT", "UT", "UC", "UR", "UN", "AE"})
LOOKED_AT = TEXT_VRS | {"SQ", "UI"}
DIRECT_WORDS = (
    *("Patient", "Person", "Physician", "Operator", "Address", "Telephone", "Telecom", "AccessionNumber", "GPS"),
    *("OriginalAttributes",),
)
NAMED_APART = (0x00100010, 0x00100020)
LONGEST = 4096
MAJOR, MINOR = "MAJOR", "MINOR"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is left, or wrong, in a file; ``value`` is masked."""

    check_name: str
    attribute: str
    action: str | None
    value: str | None
    severity: str
    said: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What may stay: the attributes to remove, and whether safe private ones and institutions are kept."""

    remove: Mapping[int, Protected]
    safe_creators: tuple[str, ...]
    keep_safe_private: bool
    keep_institution: bool


def value_findings(dataset: Dataset, rules: Rules, own: set[str], place: str = "") -> Iterator[Finding]:
    """The findings of a data set and its sequences; texts equal to the subject's ``own`` identifiers are none."""
    for tag in list(dataset.keys()):
        if tag.is_private:
            yield from _private(dataset, tag, rules, place)
        elif tag.group & 0xFF01 in (0x6000, 0x5000) and tag.element == 0x3000:
            yield Finding("OVERLAY", f"group {tag.group:04X}", "X", None, MINOR, "an overlay or a curve may show text")
        if not _worth_a_look(dataset, tag, rules):
            continue
        element = _element(dataset, tag)
        if element is None:
            continue
        name = place + (element.keyword or str(tag))
        if element.VR == "SQ":
            yield from _sequence(element, name, rules, own)
        elif tag not in NAMED_APART:
            text = _text(element)
            if text and not is_dummy(text) and text.strip(" ^").upper() not in own:
                yield from _plain(element, name, text, rules)


def _worth_a_look(dataset: Dataset, tag: BaseTag, rules: Rules) -> bool:
    """Whether the value must be decoded: numbers and pixels of attributes that may stay are not."""
    if int(tag) in rules.remove:
        return True
    raw = dataset.get_item(tag)
    vr = raw.VR if raw is not None else None
    if vr is None:
        try:
            vr = dictionary_VR(tag)
        except KeyError:
            vr = "UN"
    if vr == "UI" and isinstance(raw, RawDataElement) and isinstance(raw.value, bytes):
        return raw.value.translate(None, b"0123456789.\\\0 ") != b""
    return vr in LOOKED_AT


def _sequence(element: DataElement, name: str, rules: Rules, own: set[str]) -> Iterator[Finding]:
    nested = list(element.value or [])
    protected = rules.remove.get(int(element.tag))
    if protected is not None and nested and not protected.action.startswith("D"):
        said = f"{protected.keyword} is there with {len(nested)} items"
        yield Finding("IDENTIFIER", name, protected.action, f"{len(nested)} items", _weight(element), said)
    for item in nested:
        yield from value_findings(item, rules, own, f"{name}.")


def _plain(element: DataElement, name: str, text: str, rules: Rules) -> Iterator[Finding]:
    protected = rules.remove.get(int(element.tag))
    if protected is not None:
        said = f"{protected.keyword or element.tag} has a value that the profile {_verb(protected.action)}"
        yield Finding("IDENTIFIER", name, protected.action, masked(text), _weight(element), said)
    elif element.VR in TEXT_VRS:
        for kind, words in signs(text):
            if not (kind == "INSTITUTION" and rules.keep_institution):
                said = f"{name} holds what looks like {kind.replace('_', ' ').lower()}"
                yield Finding("TEXT", name, None, masked(words), MAJOR, said)
    elif element.VR == "UI":
        yield Finding("TEXT", name, None, masked(text), MINOR, f"{name} is no UID")


def _private(dataset: Dataset, tag: BaseTag, rules: Rules, place: str) -> Iterator[Finding]:
    if tag.is_private_creator:
        return
    holder = BaseTag((tag.group << 16) | (tag.element >> 8))
    element = _element(dataset, holder) if holder in dataset else None
    creator = (_text(element) if element is not None else "") or "no creator"
    safe = {name.upper() for name in rules.safe_creators}
    known = (tag.element & 0xFF) in SAFE_PRIVATE.get(creator.upper(), ())
    if not rules.keep_safe_private or not (creator.upper() in safe or known):
        said = f"private attributes of {creator} are not known to be safe"
        yield Finding("PRIVATE", f"{place}{creator}", "X", None, MINOR, said)


def _element(dataset: Dataset, tag: BaseTag) -> DataElement | None:
    try:
        return dataset[tag]
    except Exception:  # a value that does not fit its VR; the index has remarked on it
        return None


def _text(element: DataElement) -> str:
    value = element.value
    if value is None:
        return ""
    if isinstance(value, bytes):
        text = value[:LONGEST].decode("latin-1").strip(" \0")
        return text if text.isprintable() else ""
    parts = [str(part) for part in value] if element.VM > 1 else [str(value)]
    return clean("\\".join(parts))[:LONGEST]


def _weight(element: DataElement) -> str:
    keyword = element.keyword or ""
    return MAJOR if element.VR == "PN" or any(word in keyword for word in DIRECT_WORDS) else MINOR


def _verb(action: str) -> str:
    return "removes" if action.startswith("X") else "empties" if action.startswith("Z") else "replaces"
