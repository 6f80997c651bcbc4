"""Attributes of a data set as texts and typed values, whatever state they are in.

A data set is pydicom's, or a `PlainItem`, which answers the same way.
"""

from __future__ import annotations

from typing import Any

from pydicom.dataset import Dataset
from pydicom.valuerep import PersonName

from ingestion.dicom.fields import Field, Place
from ingestion.dicom.plain_elements import PlainItem
from ingestion.dicom.plain_values import IrregularError
from ingestion.dicom.values import clean


def typed_value(dataset: Dataset, field: Field, remarks: list[str]) -> Any:
    """The value of a field, from the first of its places that has one; null with a remark when it is no such value."""
    for place in field.places:
        text = text_at(dataset, place, remarks)
        if text is None:
            continue
        if field.part is not None:
            parts = text.split("\\")
            if field.part >= len(parts):
                remarks.append(f"{place[-1]} {_shown(text)} has no value {field.part + 1}")
                return None
            text = parts[field.part].strip()
        try:
            return field.parse(text)
        except ValueError as error:
            remarks.append(f"{place[-1]} {_shown(text)} {error}")
            return None
    return None


def text_at(dataset: Dataset, place: Place, remarks: list[str]) -> str | None:
    """The text of the attribute at a place: through the first item of each sequence; null when empty or absent."""
    for keyword in place[:-1]:
        found = items(dataset, keyword, remarks)
        if not found:
            return None
        dataset = found[0]
    return text_of(dataset, place[-1])


def items(dataset: Dataset, keyword: str, remarks: list[str]) -> list[Dataset]:
    """The items of a sequence; none, with a remark, when it cannot be read."""
    if keyword not in dataset:
        return []
    try:
        found = dataset[keyword].value or []
    except IrregularError:
        raise
    except Exception as error:  # pydicom raises nearly every type for damaged values
        remarks.append(f"{keyword} cannot be read ({clean(str(error))})")
        return []
    return [item for item in found if isinstance(item, Dataset | PlainItem)]


def text_of(dataset: Dataset, keyword: str) -> str | None:
    """The text of an attribute, the parts of a multi-valued one separated by a backslash; null when empty."""
    if keyword not in dataset:
        return None
    try:
        value = dataset[keyword].value
    except IrregularError:
        raise
    except Exception:  # the value does not fit its VR; its bytes may still be understood
        value = dataset.get_item(keyword, keep_deferred=True).value
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if value is None:
        return None
    if not isinstance(value, str | PersonName) and hasattr(value, "__iter__"):
        text = "\\".join(clean(str(part)) for part in value if not isinstance(part, Dataset))
    else:
        text = clean(str(value))
    return text if text.strip("\\") else None


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")
