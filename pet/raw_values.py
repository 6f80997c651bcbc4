"""Text values of a pydicom data set straight from their bytes: no conversion, for what is read in every slice."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag, Tag

from ingestion.dicom.attributes import text_of
from pet.volume import Floats


@cache
def _tag(keyword: str) -> BaseTag:
    return Tag(keyword)


def raw_text(dataset: Dataset, keyword: str) -> str | None:
    """The text of an attribute whose VR is text (DS, IS, DA, TM, UI, CS); null when absent or empty."""
    tag = _tag(keyword)
    if tag not in dataset:
        return None
    element = dataset.get_item(tag)
    if isinstance(element, RawDataElement) and isinstance(element.value, bytes):
        return element.value.decode("latin-1").strip("\0 ") or None
    return text_of(dataset, keyword)


def raw_numbers(dataset: Dataset, keyword: str) -> Floats:
    """The numbers of an attribute of VR DS; empty when absent; raises `ValueError` when some are none."""
    text = raw_text(dataset, keyword)
    return np.array(text.split("\\") if text else [], dtype=float)


def signature(dataset: Dataset, tags: Iterable[BaseTag]) -> tuple[object, ...]:
    """The bytes of attributes as read, sequences item by item; equal signatures mean equal values.

    To be taken before an attribute is accessed, since pydicom then keeps its value instead of its bytes.
    """
    return tuple(_signed(dataset.get_item(tag)) if tag in dataset else None for tag in tags)


def _signed(element: Any) -> object:
    if isinstance(element.value, Sequence):
        return tuple(signature(item, sorted(item.keys())) for item in element.value)
    return element.value


def same_value(one: Dataset, two: Dataset, tag: BaseTag) -> bool:
    """Whether an attribute is equal in two data sets."""
    return (tag in one) == (tag in two) and (tag not in one or bool(one[tag].value == two[tag].value))
