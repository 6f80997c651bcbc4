"""The content tree of a structured report (PS3.3 C.17.3), read item by item so that one bad item loses no other.

Concepts are compared through pydicom, for which old SNOMED codes (SRT) and new ones (SCT) are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from ingestion.dicom.attributes import items, text_of
from ingestion.dicom.values import real


@dataclass(frozen=True, slots=True)
class Item:
    """One content item, and what in the tree could not be understood."""

    dataset: Dataset
    remarks: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """Value Type: CONTAINER, NUM, CODE, TEXT, ..."""
        return text_of(self.dataset, "ValueType") or ""

    @property
    def name(self) -> Code | None:
        """Concept Name."""
        return self._code("ConceptNameCodeSequence")

    @property
    def code(self) -> Code | None:
        """Concept Code of a CODE item."""
        return self._code("ConceptCodeSequence")

    @property
    def text(self) -> str | None:
        """The value of a TEXT, UIDREF, PNAME, DATE, ... item, or the meaning of a CODE."""
        if self.kind == "CODE":
            return self.code.meaning if self.code else None
        return next((t for keyword in _TEXTS.get(self.kind, ()) if (t := text_of(self.dataset, keyword))), None)

    @property
    def children(self) -> list[Item]:
        """The items of its Content Sequence."""
        return [Item(child, self.remarks) for child in items(self.dataset, "ContentSequence", self.remarks)]

    def find(self, *names: Code) -> Iterator[Item]:
        """The children with one of these concept names."""
        return (child for child in self.children if child.is_named(*names))

    def is_named(self, *names: Code) -> bool:
        """Whether its concept name is one of these."""
        own = self.name
        return own is not None and any(own == name for name in names)

    def said(self, *names: Code) -> str | None:
        """The text of the first child that has one, by the order of the names."""
        return next((text for name in names for child in self.find(name) if (text := child.text)), None)

    def below(self) -> Iterator[Item]:
        """All items below, in reading order."""
        for child in self.children:
            yield child
            yield from child.below()

    def number(self) -> tuple[float | None, str | None, str | None]:
        """A NUM item's value, its text as it stands, and its unit; a value that is no number is a remark."""
        measured = items(self.dataset, "MeasuredValueSequence", self.remarks)
        if not measured:
            return None, None, None
        unit = _code_of(measured[0], "MeasurementUnitsCodeSequence", self.remarks)
        received = text_of(measured[0], "NumericValue")
        text = text_of(measured[0], "FloatingPointValue") or received
        try:
            value = None if text is None else real(text)
        except ValueError as error:
            self.remarks.append(f"Numeric Value {text!r} {error}")
            value = None
        return value, received or text, unit.value if unit else None

    def images(self) -> Iterator[Dataset]:
        """The instances that it and its coordinates refer to."""
        for one in (self, *self.below()):
            if one.kind in ("IMAGE", "COMPOSITE"):
                yield from items(one.dataset, "ReferencedSOPSequence", self.remarks)

    def _code(self, sequence: str) -> Code | None:
        return _code_of(self.dataset, sequence, self.remarks)


_TEXTS = {
    "TEXT": ("TextValue",),
    "UIDREF": ("UID",),
    "PNAME": ("PersonName",),
    "DATE": ("Date",),
    "TIME": ("Time",),
    "DATETIME": ("DateTime",),
}


def _code_of(dataset: Dataset, sequence: str, remarks: list[str]) -> Code | None:
    found = items(dataset, sequence, remarks)
    if not found:
        return None
    value = next((t for k in ("CodeValue", "LongCodeValue", "URNCodeValue") if (t := text_of(found[0], k))), None)
    scheme = text_of(found[0], "CodingSchemeDesignator") or ""
    return Code(value, scheme, text_of(found[0], "CodeMeaning") or "") if value else None
