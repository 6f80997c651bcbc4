"""Which encoding a text file is in, found out over the whole file, and its text block by block."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingestion.forms.readers.records import UnreadableFileError

BLOCK = 8 << 20
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
GUESSED = ("utf-8", "cp1252", "latin-1")
LOOKED_AT = 200
SEND_TEXT = "send CSV (UTF-8), Excel, Dataset-JSON, ODM, or a SAS version 5 transport file (.xpt)"


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoding by its Python name, and what is to be told about it."""

    name: str
    remarks: tuple[str, ...] = ()


def encoding_of(path: Path, declared: str | None = None) -> Encoding:
    """The declared encoding, else the one of the byte order mark, else UTF-8, Windows-1252 or Latin-1.

    Windows-1252 counts only where no byte is undefined in it; Latin-1 takes what is left. Raises `UnreadableFileError`
    for a file that is no text, or not in the declared encoding.
    """
    with path.open("rb") as file:
        start = file.read(LOOKED_AT)
    by_mark = next((name for mark, name in BOMS if start.startswith(mark)), None)
    if declared is not None:
        name = by_mark if by_mark and codecs.lookup(declared).name in ("utf-8", "utf-16") else declared
        _require(path, name, declared)
        return Encoding(name)
    if by_mark is not None:
        _require(path, by_mark, by_mark)
        return Encoding(by_mark)
    if b"\x00" in start:
        return _without_mark(path, start)
    for name in GUESSED:
        if _decodes(path, name):
            return Encoding(name, () if name == "utf-8" else (f"not UTF-8; read as {name}",))
    raise AssertionError("latin-1 decodes every byte")


def decoded_blocks(path: Path, encoding: str) -> Iterator[str]:
    """The text in blocks of whole lines, a final line without its end included."""
    decoder = codecs.getincrementaldecoder(encoding)()
    rest = ""
    with path.open("rb") as file:
        while content := file.read(BLOCK):
            text = rest + decoder.decode(content)
            end = text.rfind("\n") + 1
            rest = text[end:]
            if end:
                yield _text(text[:end])
    rest += decoder.decode(b"", final=True)
    if rest:
        yield _text(rest)


def _text(block: str) -> str:
    if "\x00" in block:
        raise UnreadableFileError("not a text file", SEND_TEXT)
    return block


def _without_mark(path: Path, start: bytes) -> Encoding:
    """UTF-16 without a byte order mark, where every second byte is zero and no other one."""
    for name, zeros, others in (("utf-16-le", start[1::2], start[::2]), ("utf-16-be", start[::2], start[1::2])):
        if not any(zeros) and all(others) and _decodes(path, name):
            return Encoding(name, ("UTF-16 without byte order mark",))
    raise UnreadableFileError("not a text file", SEND_TEXT)


def _require(path: Path, name: str, said: str) -> None:
    if not _decodes(path, name):
        raise UnreadableFileError(f"not in the encoding {said}", "send the file as UTF-8, or correct the protocol")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while content := file.read(BLOCK):
                decoder.decode(content)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
