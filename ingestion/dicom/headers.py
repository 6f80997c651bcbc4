"""Reading the header of one DICOM file into the columns of `core.instance`.

A faultless file of a common transfer syntax is read by `ingestion.dicom.plain_headers`; pydicom reads every other one,
and the two agree in all values.
"""

from __future__ import annotations

import io
import logging
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydicom import config, dcmread
from pydicom.dataset import FileDataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

from ingestion.dicom.attributes import text_of, typed_value
from ingestion.dicom.completion import complete
from ingestion.dicom.extent import (
    BrokenFileError,
    DamagedError,
    TruncatedError,
    check_content,
    check_elements,
    has_pixels,
)
from ingestion.dicom.fields import FIELDS, Value
from ingestion.dicom.plain_headers import read_plain
from ingestion.dicom.signature import looks_like_dicom
from ingestion.dicom.values import clean

_RESEND = "send the file again; if it is the same at the source, export the series again"


@dataclass(frozen=True, slots=True)
class Header:
    """What a file's header says, by column of `core.instance`, and what in it could not be understood."""

    values: dict[str, Value]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a file cannot be indexed, and what to do about it."""

    reason: str
    remedy: str


def read_header(path: Path) -> Header | Unreadable:
    """The header of one DICOM file (PS3.10), or why it has none; never raises for what the file contains.

    Pure and picklable, so it can run in a process pool. Values that do not fit their type are left out with a
    remark; pydicom's warnings become remarks too.
    """
    plain = read_plain(path)
    return read_with_pydicom(path) if plain is None else Header(*plain)


def read_with_pydicom(path: Path) -> Header | Unreadable:
    """The same as `read_header`, whatever state the file is in."""
    remarks: list[str] = []
    try:
        size = path.stat().st_size
        if size == 0:
            return Unreadable("empty file", _RESEND)
        if not looks_like_dicom(path):
            return Unreadable("not a DICOM file", "remove the file from the scans, or name it by what it is")
        with _collected_warnings(remarks), _Clipped(path, size) as file:
            values = _read(file, size, remarks)
    except BrokenFileError as error:
        return Unreadable(f"{error.kind}: {error}", _RESEND)
    except OSError as error:
        return Unreadable(f"cannot be read: {error.strerror or error}", "make the file readable, then refresh")
    if "sop_instance_uid" not in values:
        return Unreadable("no SOP Instance UID", "export the series again; without the UID no result can name the file")
    return Header(values, tuple(dict.fromkeys(remarks)))


class _Clipped(io.BufferedReader):
    """A file whose reads are limited to its size, so that a damaged length does not claim memory.

    It notes when the file ends within the eight bytes of an element's tag and length; zeros are taken as padding.
    """

    ends_in_tag = False

    def __init__(self, path: Path, size: int) -> None:
        super().__init__(io.FileIO(path))
        self._size = size

    def read(self, size: int | None = -1, /) -> bytes:
        left = max(self._size - self.tell(), 0)
        content = super().read(left if size is None or size < 0 else min(size, left))
        if size == 8 and len(content) < 8 and any(content):
            self.ends_in_tag = True
        return content


@contextmanager
def _collected_warnings(remarks: list[str]) -> Iterator[None]:
    """Add what pydicom warns of or logs to the remarks instead of printing it."""

    def collect(record: logging.LogRecord) -> bool:
        remarks.append(_warning(record.getMessage()))
        return False

    logger = config.logger
    logger.addFilter(collect)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield
        remarks.extend(_warning(str(one.message)) for one in caught if issubclass(one.category, UserWarning))
    finally:
        logger.removeFilter(collect)


def _read(file: _Clipped, size: int, remarks: list[str]) -> dict[str, Value]:
    dataset, pixels = _dataset(file, size, remarks)
    values: dict[str, Value] = {"size": size, "pixel_data": pixels}
    for field in FIELDS:
        value = typed_value(dataset, field, remarks)
        if value is not None:
            values[field.column] = value
    complete(dataset, values, remarks)
    return values


def _dataset(file: _Clipped, size: int, remarks: list[str]) -> tuple[FileDataset, bool]:
    """The data set up to its pixel data, and whether pixel data follow."""
    dataset, deflated = _structure(file, size)
    check_content(dataset)
    if deflated:
        return dataset, "PixelData" in dataset
    if any("End of file reached" in remark for remark in remarks):
        raise TruncatedError("it ends inside an element of undefined length")
    if file.ends_in_tag:
        raise TruncatedError("it ends within an element's tag and length")
    check_elements(dataset, size)
    return dataset, has_pixels(file, dataset, size)


def _structure(file: _Clipped, size: int) -> tuple[FileDataset, bool]:
    """The data set, and whether it was deflated; a deflated one has its pixel data too."""
    try:
        dataset = dcmread(file, stop_before_pixels=True, force=True)
        if _transfer_syntax(dataset) != DeflatedExplicitVRLittleEndian:
            return dataset, False
        file.seek(0)
        return dcmread(file, force=True), True
    except zlib.error as error:
        raise TruncatedError(f"its deflated data set cannot be inflated ({error})") from error
    except Exception as error:  # pydicom raises nearly every type for damaged structure
        at = file.tell()
        if at >= size:
            raise TruncatedError(f"it ends inside an element ({clean(str(error))})") from error
        raise DamagedError(f"its structure is lost at byte {at} of {size} ({clean(str(error))})") from error


def _transfer_syntax(dataset: FileDataset) -> str | None:
    return text_of(dataset.file_meta, "TransferSyntaxUID")


def _warning(message: str) -> str:
    return clean(message.partition(". Please see <")[0])
