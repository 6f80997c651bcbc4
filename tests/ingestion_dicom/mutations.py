"""DICOM files damaged on purpose, the same ones for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable

HEADS = 4096
"""Most damage goes to the first bytes of a file, where the elements of interest are."""

VRS = (b"AE", b"CS", b"DS", b"IS", b"LO", b"OB", b"OW", b"PN", b"SH", b"SQ", b"UI", b"UN", b"US", b"UT", b"XX", b"\0\0")
PIECES = (
    b"\xfe\xff\x00\xe0\xff\xff\xff\xff",
    b"\xfe\xff\x0d\xe0\x00\x00\x00\x00",
    b"\xfe\xff\xdd\xe0\x00\x00\x00\x00",
    b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100",
    b"\x08\x00\x05\x00CS\x0e\x00ISO 2022 IR 87",
    b"\x08\x00\x18\x00UI\x04\x001.2\x00",
    b"\x10\x00\x20\x00LO\x00\x00",
    b"\x28\x00\x03\x01US\x02\x00\x01\x00",
    b"\xff\xff\xff\xff",
    b"\\",
    b"\x00",
)


def damaged(whole: bytes, chance: random.Random) -> bytes:
    """The file with one to three damages of any kind."""
    content = bytearray(whole)
    for _ in range(chance.choice((1, 1, 2, 3))):
        if content:
            chance.choice(_KINDS)(content, chance)
    return bytes(content)


def _place(content: bytearray, chance: random.Random) -> int:
    return chance.randrange(min(len(content), chance.choice((HEADS, HEADS, len(content)))))


def _flip(content: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 2, 10))):
        content[_place(content, chance)] = chance.randrange(256)


def _cut(content: bytearray, chance: random.Random) -> None:
    del content[_place(content, chance) :]


def _take_out(content: bytearray, chance: random.Random) -> None:
    start = _place(content, chance)
    del content[start : start + chance.choice((1, 2, 4, 8, 50))]


def _insert(content: bytearray, chance: random.Random) -> None:
    start = _place(content, chance)
    content[start:start] = chance.choice((*PIECES, chance.randbytes(chance.choice((1, 2, 8, 60)))))


def _append(content: bytearray, chance: random.Random) -> None:
    content += chance.choice((b"\0", b"\0" * 8, b"\xfc\xff\xfc\xffOB\0\0\x02\0\0\0\0\0", chance.randbytes(9)))


def _head(content: bytearray, chance: random.Random) -> int | None:
    """Where some element with explicit VR may begin: at two capital letters after four bytes."""
    start = _place(content, chance)
    for position in range(start, min(start + 400, len(content) - 8)):
        if content[position + 4 : position + 6].isalpha() and content[position + 4 : position + 6].isupper():
            return position
    return None


def _another_vr(content: bytearray, chance: random.Random) -> None:
    head = _head(content, chance)
    if head is not None:
        content[head + 4 : head + 6] = chance.choice(VRS)


def _another_length(content: bytearray, chance: random.Random) -> None:
    head = _head(content, chance)
    if head is not None:
        length = chance.choice((0, 1, 2, content[head + 6] ^ 2, chance.randrange(1 << 16), (1 << 16) - 1))
        content[head + 6 : head + 8] = length.to_bytes(2, "little")


def _twice(content: bytearray, chance: random.Random) -> None:
    head = _head(content, chance)
    if head is not None:
        length = 8 + int.from_bytes(content[head + 6 : head + 8], "little")
        content[head:head] = content[head : head + min(length, 200)]


def _another_value(content: bytearray, chance: random.Random) -> None:
    head = _head(content, chance)
    if head is not None:
        length = min(int.from_bytes(content[head + 6 : head + 8], "little"), 64)
        letters = chance.choice((b"0123456789.\\ ", b"ABC_ \\\x1b\n", bytes(range(128, 256)), b"\0 "))
        content[head + 8 : head + 8 + length] = bytes(chance.choice(letters) for _ in range(length))


_KINDS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip, _cut, _take_out, _insert, _append, _another_vr, _another_length, _twice, _another_value,
)  # fmt: skip
