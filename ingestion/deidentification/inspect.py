"""One file checked against the de-identification profile: its own attributes, apart from other files and the study."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pydicom import dcmread
from pydicom.dataset import Dataset

from ingestion.deidentification.pixels import words_in_pixels
from ingestion.deidentification.profile import basic_profile, to_remove
from ingestion.deidentification.texts import is_dummy, masked
from ingestion.deidentification.values import MAJOR, MINOR, Finding, Rules, value_findings
from ingestion.dicom.attributes import items, text_at, text_of
from ingestion.dicom.quiet import quiet
from ingestion.dicom.values import clean, day
from protocol.imaging import OPTION_CODES

PROFILE_CODE, STRUCTURED = "113100", "clean_structured_content"
DATED = ("SeriesDate", "AcquisitionDate", "ContentDate", "AcquisitionDateTime")
TRIAL_SUBJECT = (
    *("ClinicalTrialSponsorName", "ClinicalTrialProtocolID", "ClinicalTrialSubjectID"),
    *("ClinicalTrialSubjectReadingID", "ClinicalTrialSiteID", "ClinicalTrialProtocolName"),
)
INJECTION = ("RadiopharmaceuticalInformationSequence", "RadiopharmaceuticalStartDateTime")
PRIVATE_DATES = {"GEMS_PETD_01": (0x0D, 0x3B)}
OBJECTS = frozenset({"SEG", "SR", "RTSTRUCT", "RTPLAN", "RTDOSE", "RWV", "PR", "KO", "REG"})


def inspect_file(
    path: Path, options: tuple[str, ...], safe_creators: tuple[str, ...] = (), ocr: bool = False
) -> tuple[dict[str, Any], ...]:
    """What de-identification (PS3.15 annex E) left in one file; never raises for what it contains.

    Pure and picklable. ``options`` are those of the protocol, ``safe_creators`` further private creators that are safe.
    A file that cannot be read has no findings: it is a reject of the index. Each finding once, as a dict.
    """
    try:
        with quiet():
            dataset = dcmread(path, stop_before_pixels=not ocr, force=True)
            found = dict.fromkeys(_findings(dataset, options, safe_creators))
            if ocr:
                found |= dict.fromkeys(_pixel_findings(dataset))
    except Exception as error:  # pydicom raises nearly every type for damaged content
        said = f"the file could not be checked to its end: {clean(str(error))[:80]}"
        found = {Finding("NOT_CHECKED", "file", None, None, MINOR, said): None}
    return tuple(asdict(finding) for finding in found)


def _findings(dataset: Dataset, options: tuple[str, ...], safe: tuple[str, ...]) -> Iterator[Finding]:
    own = {text.strip(" ^").upper() for k in ("PatientID", "ClinicalTrialSubjectID") if (text := text_of(dataset, k))}
    yield from _method(dataset, options)
    yield from _name(dataset, own)
    yield from _dates(dataset)
    yield from _trial(dataset)
    rules = Rules(to_remove(options), safe, "retain_safe_private" in options, "retain_institution" in options)
    yield from value_findings(dataset, rules, own)


def _method(dataset: Dataset, options: tuple[str, ...]) -> Iterator[Finding]:
    removed = text_of(dataset, "PatientIdentityRemoved")
    if removed != "YES":
        said = f"Patient Identity Removed is {removed or 'absent'}, not YES"
        yield Finding("NOT_MARKED", "PatientIdentityRemoved", None, removed, MAJOR, said)
    method = text_of(dataset, "DeidentificationMethod") or ""
    remarks: list[str] = []
    codes = {text_of(one, "CodeValue") for one in items(dataset, "DeidentificationMethodCodeSequence", remarks)}
    if not method and codes <= {None}:
        said = "neither a method nor its codes are given"
        yield Finding("NO_METHOD", "DeidentificationMethod", None, None, MAJOR, said)
        return
    meant = [option for option in options if option != STRUCTURED or text_of(dataset, "Modality") == "SR"]
    for name, code in (("basic profile", PROFILE_CODE), *((option, OPTION_CODES[option]) for option in meant)):
        if code not in codes and code not in method:
            said = f"the method does not name {code} ({name.replace('_', ' ')}), which the protocol asks for"
            yield Finding("OPTION_NOT_NAMED", "DeidentificationMethodCodeSequence", None, code, MINOR, said)
    if {"retain_modified_dates", "retain_full_dates"} & set(options) and not text_of(
        dataset, "LongitudinalTemporalInformationModified"
    ):
        said = "Longitudinal Temporal Information Modified does not say what became of the dates"
        yield Finding("OPTION_NOT_NAMED", "LongitudinalTemporalInformationModified", None, None, MINOR, said)


def _name(dataset: Dataset, own: set[str]) -> Iterator[Finding]:
    name = text_of(dataset, "PatientName")
    if name and not is_dummy(name) and name.strip(" ^").upper() not in own:
        said = "Patient's Name is not the subject's identifier"
        yield Finding("IDENTIFIER", "PatientName", basic_profile()[0x00100010].action, masked(name), MAJOR, said)


def _dates(dataset: Dataset) -> Iterator[Finding]:
    """Dates that were not shifted with the study's (113107); objects are made later than the images they are about."""
    study = _day(text_of(dataset, "StudyDate"))
    if study is not None and study.year < 1900:
        yield Finding(
            "DUMMY_DATE", "StudyDate", None, masked(str(study)), MINOR, f"Study Date has the year {study.year}"
        )
    if text_of(dataset, "Modality") in OBJECTS:
        return
    for keyword in DATED:
        other = _day((text_of(dataset, keyword) or "")[:8])
        if study and other and not timedelta(0) <= other - study <= timedelta(days=1):
            said = f"{keyword} lies {(other - study).days} days from Study Date"
            yield Finding("DATES_DIFFER", keyword, None, f"{(other - study).days} d", MAJOR, said)
    scan = next((d for k in ("AcquisitionDate", "SeriesDate", "StudyDate") if (d := _day(text_of(dataset, k)))), None)
    injected = _day((text_at(dataset, INJECTION, []) or "")[:8])
    private = {f"private {creator} {element:02X}": when for creator, element, when in _private_dates(dataset)}
    for attribute, when in {INJECTION[-1]: injected, **private}.items():
        if scan and when and not timedelta(days=-1) <= when - scan <= timedelta(0):
            said = f"{attribute} lies {(when - scan).days} days from the scan: its date was not shifted with the others"
            yield Finding("DATES_DIFFER", attribute, None, f"{(when - scan).days} d", MAJOR, said)


def _private_dates(dataset: Dataset) -> Iterator[tuple[str, int, date]]:
    for creator, elements in PRIVATE_DATES.items():
        try:
            block = dataset.private_block(0x0009, creator)
        except KeyError:
            continue
        for element in elements:
            if element in block:
                value = block[element].value
                text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                if when := _day(text.strip(" \0")[:8]):
                    yield creator, element, when


def _day(text: str | None) -> date | None:
    try:
        return day(text or "")
    except ValueError:
        return None


def _trial(dataset: Dataset) -> Iterator[Finding]:
    if any(keyword in dataset for keyword in TRIAL_SUBJECT):
        for keyword in TRIAL_SUBJECT[:3]:
            if not text_of(dataset, keyword):
                said = f"the Clinical Trial Subject module is there and {keyword} is empty"
                yield Finding("TRIAL_MODULE", keyword, None, None, MINOR, said)


def _pixel_findings(dataset: Dataset) -> Iterator[Finding]:
    words = words_in_pixels(dataset)
    if words:
        shown = words if len(words) <= 12 else words[:12] + "..."
        yield Finding("PIXEL_TEXT", "PixelData", None, shown, MAJOR, f"the image shows text: {shown}")
