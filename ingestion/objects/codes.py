"""Coded concepts of a data set, in words and as SCHEME:VALUE."""

from __future__ import annotations

from pydicom.dataset import Dataset

from ingestion.dicom.attributes import items, text_of


def meaning(dataset: Dataset, sequence: str, remarks: list[str]) -> str | None:
    """The meaning of the first code in a sequence."""
    found = items(dataset, sequence, remarks)
    return text_of(found[0], "CodeMeaning") if found else None


def code(dataset: Dataset, sequence: str, remarks: list[str]) -> str | None:
    """The first code in a sequence as SCHEME:VALUE; null when either is missing."""
    found = items(dataset, sequence, remarks)
    if not found:
        return None
    scheme = text_of(found[0], "CodingSchemeDesignator")
    value = text_of(found[0], "CodeValue") or text_of(found[0], "LongCodeValue")
    return f"{scheme}:{value}" if scheme and value else None
