"""CDISC Dataset-JSON 1.1: a JSON object (.json), lines of JSON (.ndjson), or those compressed by zlib (.dsjc).

Rows are parsed one by one, so that a large file needs no more memory than its table; numbers keep the digits of the
file.
"""

from __future__ import annotations

import codecs
import json
import zlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl

from ingestion.forms.readers.json_scanner import AGAIN, JsonScanner
from ingestion.forms.readers.records import Records, UnreadableFileError, table_of

SUFFIXES = (".json", ".ndjson", ".dsjc")
ROWS_AT_ONCE = 20_000
BLOCK = 1 << 20


def read_dataset_json(path: Path) -> Records:
    """The rows of a data set (first row = 1), its name being the domain. Raises `UnreadableFileError`.

    A file that holds fewer or more rows than it says in ``records`` is refused: it was cut off.
    """
    try:
        return _data_set(JsonScanner(_text(path)))
    except UnreadableFileError:
        raise
    except (UnicodeDecodeError, RecursionError, zlib.error) as error:
        raise UnreadableFileError(f"not readable as Dataset-JSON: {error}", AGAIN) from error


def is_compressed(start: bytes) -> bool:
    """A zlib stream, by its first two bytes."""
    return len(start) > 1 and start[:1] == b"\x78" and int.from_bytes(start[:2], "big") % 31 == 0


def _data_set(scanner: JsonScanner) -> Records:
    about: dict[str, Any] = {}
    table = _Table()
    for key in scanner.members():
        if key == "rows":
            table.take(scanner.elements())
        else:
            about[key] = scanner.value()
    if scanner.peek():
        table.take(_lines(scanner))
    header = _header(about)
    said = about.get("records")
    if said is not None and str(said) != str(table.count):
        raise UnreadableFileError(f"the file says {said} records and holds {table.count}", "send the whole file")
    return Records(
        header=header,
        table=table.frame(len(header)),
        name=str(about.get("name") or about.get("itemGroupOID") or ""),
        ragged=table.ragged(len(header)),
    )


class _Table:
    """Rows as they come, in tables of equal width."""

    def __init__(self) -> None:
        self.count = 0
        self._by_width: dict[int, list[pl.DataFrame]] = {}

    def take(self, rows: Iterator[Any]) -> None:
        """Add rows to those that are there."""
        some: list[list[str]] = []
        for row in rows:
            if not isinstance(row, list):
                raise UnreadableFileError("a row that is no array", AGAIN)
            some.append([_cell(value) for value in row])
            if len(some) == ROWS_AT_ONCE:
                self._add(some)
                some = []
        self._add(some)

    def _add(self, rows: list[list[str]]) -> None:
        first = self.count + 1
        self.count += len(rows)
        usual = len(rows[0]) if rows else 0
        if all(len(row) == usual for row in rows):
            if rows:
                self._by_width.setdefault(usual, []).append(table_of(rows, range(first, first + len(rows)), usual))
            return
        for number, row in enumerate(rows, start=first):
            self._by_width.setdefault(len(row), []).append(table_of([row], [number], len(row)))

    def frame(self, width: int) -> pl.DataFrame:
        """The rows of this width in their order."""
        return pl.concat([table_of([], [], width), *self._by_width.get(width, [])])

    def ragged(self, width: int) -> list[tuple[int, list[str]]]:
        """The rows of any other width."""
        others = chain.from_iterable(parts for other, parts in self._by_width.items() if other != width)
        rows = [row for part in others for row in part.iter_rows()]
        return sorted((row[-1], ["" if cell is None else cell for cell in row[:-1]]) for row in rows)


def _lines(scanner: JsonScanner) -> Iterator[Any]:
    while scanner.peek():
        yield scanner.value()


def _header(about: dict[str, Any]) -> list[str]:
    columns = about.get("columns")
    if not isinstance(columns, list) or not columns:
        raise UnreadableFileError("no columns: not a Dataset-JSON 1.1 file", AGAIN)
    names = [column.get("name") if isinstance(column, dict) else None for column in columns]
    if not all(isinstance(name, str) and name.strip() for name in names):
        raise UnreadableFileError("a column without a name", AGAIN)
    return [str(name).strip() for name in names]


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "Y" if value else "N"
        case str():
            return value
        case _:
            return json.dumps(value)


def _text(path: Path) -> Iterator[str]:
    """The file's text in blocks, decompressed where it is compressed."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    with path.open("rb") as file:
        compressed = is_compressed(file.read(2))
        file.seek(0)
        blocks = _decompressed(file) if compressed else iter(lambda: file.read(BLOCK), b"")
        for block in blocks:
            yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def _decompressed(file: Any) -> Iterator[bytes]:
    expand = zlib.decompressobj()
    while content := file.read(BLOCK):
        while content:
            yield expand.decompress(content, BLOCK)
            content = expand.unconsumed_tail
    yield expand.flush()
    if not expand.eof:
        raise UnreadableFileError("the compressed file is cut off", "send the file again")
