"""Delimited text files: encoding and delimiter are found out, ragged lines are told apart from good ones."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass, field

DELIMITERS = (",", ";", "\t")


class UnreadableFileError(ValueError):
    """A file cannot be read; ``remedy`` says what to do about it."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Records:
    """Header, records (record number with its values) and what was odd about the file.

    ``ragged`` holds the records with another number of fields than the header; record numbers count the header as 1.
    """

    header: list[str]
    rows: list[tuple[int, list[str]]]
    ragged: list[tuple[int, list[str]]] = field(default_factory=list)
    remarks: tuple[str, ...] = ()


def read_delimited(content: bytes) -> Records:
    """The records of a delimited file in UTF-8 (with or without BOM), UTF-16 with BOM, Windows-1252 or Latin-1.

    Raises `UnreadableFileError` when it is no text file or has no header.
    """
    text, remarks = _decode(content)
    first_line = text.lstrip().split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(first_line))
    try:
        numbered = [(number, values) for number, values in enumerate(reader, start=1) if any(v.strip() for v in values)]
    except csv.Error as error:
        raise UnreadableFileError(f"not a delimited text file: {error}", "export the form as CSV again") from error
    if not numbered:
        raise UnreadableFileError("the file is empty", "send the file again")
    (_, header), *rows = numbered
    while header and not header[-1].strip():
        header = header[:-1]
    width = len(header)
    trimmed = [(number, _without_trailing_blanks(values, width)) for number, values in rows]
    return Records(
        header=[name.strip() for name in header],
        rows=[(number, values) for number, values in trimmed if len(values) == width],
        ragged=[(number, values) for number, values in trimmed if len(values) != width],
        remarks=remarks,
    )


def _without_trailing_blanks(values: list[str], width: int) -> list[str]:
    return values[:width] if not any(value.strip() for value in values[width:]) else values


def _decode(content: bytes) -> tuple[str, tuple[str, ...]]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace"), ()
    if b"\x00" in content:
        raise UnreadableFileError("not a text file", "send CSV, or a SAS version 5 transport file (.xpt)")
    for encoding in ("utf-8-sig", "cp1252", "latin-1"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text, () if encoding == "utf-8-sig" else (f"not UTF-8; read as {encoding}",)
    raise AssertionError("latin-1 decodes every byte")


def _delimiter(header: str) -> str:
    outside_quotes = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=outside_quotes.count)
