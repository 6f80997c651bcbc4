"""Delimited text files: encoding and delimiter are found out, ragged lines are told apart, large files are streamed.

Blocks of lines without quotation marks are parsed by Polars; from the first block with one on, Python's csv module
reads the records, since only there a record can span lines.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

import numpy as np
import polars as pl

from ingestion.forms.readers.encoding import decoded_blocks, encoding_of
from ingestion.forms.readers.records import (
    ROW_TYPE,
    ReadOptions,
    Records,
    UnreadableFileError,
    cleaned,
    positions,
    table_of,
    trimmed_header,
    without_blank_rows,
)
from ingestion.forms.sifting import ROW

DELIMITERS = (",", ";", "\t", "|")
RECORDS_AT_ONCE = 20_000
LONGEST_FIELD = 1 << 20
QUOTE, CARRIAGE_RETURN, NEWLINE = b'"', b"\r", b"\n"


@dataclass(slots=True)
class _Parts:
    """What has been read so far, in record order."""

    raw_width: int
    width: int
    tables: list[pl.DataFrame] = field(default_factory=list)
    ragged: list[tuple[int, list[str]]] = field(default_factory=list)

    def add(self, records: Iterable[tuple[int, list[str]]]) -> None:
        """Take records with their numbers; blank ones are passed over, those of another width are ragged."""
        rows, numbers = [], []
        for number, values in records:
            if not any(value.strip() for value in values):
                continue
            kept = values if any(value.strip() for value in values[self.width :]) else values[: self.width]
            if len(kept) == self.width:
                rows.append(kept)
                numbers.append(number)
            else:
                self.ragged.append((number, values))
        if rows:
            self.tables.append(table_of(rows, numbers, self.width))


def read_delimited(path: Path, options: ReadOptions) -> Records:
    """The records of a delimited file in UTF-8 (with or without BOM), UTF-16, Windows-1252 or Latin-1.

    Record numbers count the header's line as 1 and a record that spans lines once. Raises `UnreadableFileError` when it
    is no text file, has no header, or is not in the encoding that the protocol declares.
    """
    found = encoding_of(path, options.encoding)
    blocks = decoded_blocks(path, found.name)
    skipped, first = _first_block(blocks)
    delimiter = options.delimiter or _delimiter(first.split("\n", 1)[0])
    try:
        header, number, rest = _header(first, delimiter, blocks, skipped)
        names = trimmed_header(header)
        parts = _Parts(raw_width=len(header), width=len(names))
        _read(rest, blocks, delimiter, parts, number)
    except csv.Error as error:
        raise UnreadableFileError(f"not a delimited text file: {error}", "export the form as CSV again") from error
    empty = table_of([], [], len(names))
    table = pl.concat([empty, *parts.tables]) if parts.tables else empty
    return Records(header=names, table=table, ragged=parts.ragged, remarks=found.remarks)


def _first_block(blocks: Iterator[str]) -> tuple[int, str]:
    """How many blank lines come first, and the first block without them."""
    skipped = 0
    for block in blocks:
        text = block
        while text:
            line, _, rest = text.partition("\n")
            if line.strip():
                return skipped, text
            skipped, text = skipped + 1, rest
    raise UnreadableFileError("the file is empty", "send the file again")


def _header(
    first: str, delimiter: str, blocks: Iterator[str], skipped: int
) -> tuple[list[str], int, str | Iterator[list[str]]]:
    """The header's cells, its record number, and what follows: the rest of the block, or records where it is quoted."""
    line, _, rest = first.partition("\n")
    if '"' not in line and "\r" not in line.rstrip("\r"):
        return line.rstrip("\r").split(delimiter), skipped + 1, rest
    records = _records(chain([first], blocks), delimiter)
    return next(records), skipped + 1, records


def _read(rest: str | Iterator[list[str]], blocks: Iterator[str], delimiter: str, parts: _Parts, number: int) -> None:
    if not isinstance(rest, str):
        _read_records(rest, parts, number)
        return
    for block in chain([rest], blocks):
        if '"' in block:
            _read_records(_records(chain([block], blocks), delimiter), parts, number)
            return
        number += _read_block(block, delimiter, parts, number)


def _read_block(block: str, delimiter: str, parts: _Parts, number: int) -> int:
    """Read a block of whole lines without quotation marks; returns how many records it has."""
    content = block.encode().replace(b"\r\n", NEWLINE)
    if not content:
        return 0
    if not content.endswith(NEWLINE):
        content += NEWLINE
    table = None if CARRIAGE_RETURN in content else _parsed(content, delimiter, parts)
    if table is None:
        records = list(_records([block], delimiter))
        parts.add(enumerate(records, start=number + 1))
        return len(records)
    rows = pl.arange(number + 1, number + 1 + table.height, dtype=ROW_TYPE, eager=True).alias(ROW)
    parts.tables.append(without_blank_rows(cleaned(table).with_columns(rows)))
    return table.height


def _parsed(content: bytes, delimiter: str, parts: _Parts) -> pl.DataFrame | None:
    """The block as a table when every line has the header's number of fields, else nothing."""
    if parts.raw_width < 2:
        return None
    characters = np.frombuffer(content, dtype=np.uint8)
    ends = np.flatnonzero(characters == ord(NEWLINE))
    separators = np.flatnonzero(characters == ord(delimiter))
    counts = np.diff(np.searchsorted(separators, ends), prepend=0)
    if (counts != parts.raw_width - 1).any():
        return None
    table = pl.read_csv(
        content,
        has_header=False,
        separator=delimiter,
        quote_char=None,
        infer_schema=False,
        new_columns=positions(parts.raw_width),
    )
    surplus = table.select(pl.nth(range(parts.width, parts.raw_width)).str.strip_chars() != "")
    if surplus.width and surplus.select(pl.any_horizontal(pl.all()).any()).item():
        return None
    return table.select(positions(parts.width))


def _read_records(records: Iterator[list[str]], parts: _Parts, number: int) -> None:
    numbered = enumerate(records, start=number + 1)
    while some := list(islice(numbered, RECORDS_AT_ONCE)):
        parts.add(some)


def _records(blocks: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """The records of blocks of whole lines, by the csv module."""
    csv.field_size_limit(LONGEST_FIELD)
    lines = chain.from_iterable(io.StringIO(block, newline="") for block in blocks)
    return csv.reader(lines, delimiter=delimiter)


def _delimiter(header: str) -> str:
    outside_quotes = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=outside_quotes.count)
