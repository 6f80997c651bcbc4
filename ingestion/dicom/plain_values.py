"""Values of faultless DICOM elements as texts, by VR (PS3.5 section 6.2), the same as pydicom makes of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from struct import Struct

from pydicom.charset import python_encoding

from ingestion.dicom.values import clean

_SETS = ("", *(f"ISO_IR {number}" for number in (6, 100, 101, 109, 110, 126, 127, 138, 144, 148, 166, 192)))
_CODECS = {name.encode(): python_encoding[name] for name in _SETS}
_ORDINARY = re.compile(rb"[\x20-\x7E\x80-\xFF]*")
_UID = re.compile(rb"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*")
_NUMERALS = {
    b"DS": re.compile(rb" *[+-]?([0-9]{1,99}(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})? *"),
    b"IS": re.compile(rb" {0,2}[+-]?[0-9]{1,9} ?"),
}
_LONGEST = {b"LO": 64, b"SH": 16, b"ST": 1024, b"LT": 10240}
_NUMBERS = {vr: Struct(f"<{code}") for vr, code in {b"US": "H", b"SS": "h", b"UL": "L", b"SL": "l"}.items()}
_NUMBERS |= {b"FL": Struct("<f"), b"FD": Struct("<d")}


class IrregularError(Exception):
    """Something that is better left to pydicom."""


def codec_of(character_set: bytes) -> str:
    """The codec of a Specific Character Set; only those that need no code extension."""
    codec = _CODECS.get(character_set.rstrip(b" "))
    if codec is None:
        raise IrregularError("a foreign character set")
    return codec


def text_of_bytes(vr: bytes, value: bytes, codec: str) -> str | None:
    """The text of a value, its parts separated by a backslash; null when it is empty.

    Raises `IrregularError` for whatever pydicom would warn of, and for VRs that are neither text nor one number.
    """
    if not value:
        return None
    reader = _READERS.get(vr)
    if reader is None:
        raise IrregularError("a VR that the index does not ask for")
    text = reader(vr, value, codec)
    return text if text.strip("\\") else None


@lru_cache(1 << 12)
def uid_of(value: bytes) -> str:
    """The text of UIDs."""
    uids = value.rstrip(b"\0 ")
    if any(len(uid) > 64 or _UID.fullmatch(uid) is None for uid in uids.split(b"\\")):
        raise IrregularError("a value that is no UID")
    return uids.decode("ascii")


def _number(vr: bytes, value: bytes, _: str) -> str:
    number = _NUMBERS[vr]
    if len(value) != number.size:
        raise IrregularError("another count of numbers than one")
    return str(number.unpack(value)[0])


def _uids(_: bytes, value: bytes, __: str) -> str:
    return uid_of(value)


def _numerals(vr: bytes, value: bytes, _: str) -> str:
    pattern = _NUMERALS[vr]
    parts = value.rstrip(b"\0").split(b"\\")
    if any(pattern.fullmatch(part) is None for part in parts):
        raise IrregularError("a number that is none")
    return "\\".join(part.decode("ascii").strip() for part in parts)


def _code(_: bytes, value: bytes, __: str) -> str:
    if not value.isascii():
        raise IrregularError("letters that are no code's")
    return _text(b"", value, "latin_1")


def _text(vr: bytes, value: bytes, codec: str) -> str:
    stripped = value.rstrip(b"\0")
    if _ORDINARY.fullmatch(stripped) is None:
        raise IrregularError("control characters")
    try:
        text = value.decode(codec)
    except UnicodeDecodeError:
        raise IrregularError("bytes that are not of the character set") from None
    parts = [text] if vr in (b"ST", b"LT", b"UT") else text.split("\\")
    longest = _LONGEST.get(vr)
    if longest is not None and any(len(part) > longest for part in parts):
        raise IrregularError("a text that is too long")
    return "\\".join(clean(part) for part in parts)


_READERS: dict[bytes, Callable[[bytes, bytes, str], str]] = {
    **dict.fromkeys((b"LO", b"SH", b"ST", b"LT", b"UT"), _text),
    **dict.fromkeys((b"AE", b"AS", b"CS", b"DA", b"DT", b"TM"), _code),
    **dict.fromkeys(_NUMBERS, _number),
    **dict.fromkeys(_NUMERALS, _numerals),
    b"UI": _uids,
}
