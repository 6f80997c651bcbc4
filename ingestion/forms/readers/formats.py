"""One function for every format: a file's tables as text, its format told by content and suffix."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from ingestion.forms.readers import dataset_json, excel, odm, transport
from ingestion.forms.readers.delimited import read_delimited
from ingestion.forms.readers.records import ReadOptions, Records, UnreadableFileError

DELIMITED_SUFFIXES = (".csv", ".txt", ".tsv")
TRANSPORT_SUFFIXES = (".xpt",)
SUFFIXES = (
    *DELIMITED_SUFFIXES,
    *TRANSPORT_SUFFIXES,
    *excel.SUFFIXES,
    *dataset_json.SUFFIXES,
    *odm.SUFFIXES,
)
"""The suffixes of forms."""

ZIP, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
START = 64


def read(path: Path, name: str, options: ReadOptions) -> list[Records]:
    """The tables of a file that was received under ``name``. Raises `UnreadableFileError` and `OSError`."""
    with path.open("rb") as file:
        start = file.read(START)
    suffix = PurePosixPath(name).suffix.lower()
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(transport.SIGNATURE):
        return list(transport.read_transport(path))
    if start.startswith((ZIP, COMPOUND)):
        return list(excel.read_workbook(path, options))
    if suffix in excel.SUFFIXES:
        raise UnreadableFileError(f"named {suffix}, but no workbook", excel.EXPORT_AGAIN)
    if suffix in TRANSPORT_SUFFIXES:
        raise UnreadableFileError("not a SAS version 5 transport file", "export the data set again as XPT")
    if suffix in dataset_json.SUFFIXES or dataset_json.is_compressed(start):
        return [dataset_json.read_dataset_json(path)]
    if suffix in odm.SUFFIXES or text.startswith(b"<"):
        return odm.read_odm(path)
    return [read_delimited(path, options)]
