"""Text values of a pydicom data set straight from their bytes: no conversion, for what is read in every slice."""

from __future__ import annotations

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


def same_value(one: Dataset, two: Dataset, tag: BaseTag) -> bool:
    """Whether an attribute is equal in two data sets, sequences item by item; bytes are compared before values."""
    if (tag in one) != (tag in two):
        return False
    return tag not in one or _same(one.get_item(tag), two.get_item(tag), one, two, tag)


def _same(first: Any, second: Any, one: Dataset, two: Dataset, tag: BaseTag) -> bool:
    if isinstance(first, RawDataElement) and isinstance(second, RawDataElement) and first.value == second.value:
        return True
    if isinstance(first.value, Sequence) and isinstance(second.value, Sequence):
        pairs = list(zip(first.value, second.value, strict=False))
        return len(first.value) == len(second.value) and all(_same_items(a, b) for a, b in pairs)
    return bool(one[tag].value == two[tag].value)


def _same_items(one: Dataset, two: Dataset) -> bool:
    return one.keys() == two.keys() and all(same_value(one, two, tag) for tag in one.keys())  # noqa: SIM118
