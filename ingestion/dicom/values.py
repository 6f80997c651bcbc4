"""DICOM value texts (PS3.5 section 6.2) as Python values.

Every function raises `ValueError` for a text that is no value of its kind.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time

INT32 = 2**31 - 1
_DATE = re.compile(r"(\d{4})([.-]?)(\d{2})\2(\d{2})")
_TIME = re.compile(r"(\d{2})(?::?(\d{2})(?::?(\d{2})(?:\.(\d{1,6}))?)?)?")
_AGE = re.compile(r"(\d{1,3})([DWMY])")
_OFFSET = re.compile(r"[+-]\d{4}$")
_UNITS_PER_YEAR = {"D": 365.25, "W": 365.25 / 7, "M": 12.0, "Y": 1.0}


def day(text: str) -> date:
    """A DA value: YYYYMMDD, also as YYYY.MM.DD (ACR-NEMA) and YYYY-MM-DD."""
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError("is not a date")
    try:
        return date(int(found[1]), int(found[3]), int(found[4]))
    except ValueError:
        raise ValueError("is not a date of the calendar") from None


def clock(text: str) -> time:
    """A TM value: HH[MM[SS[.F]]], also with colons (ACR-NEMA)."""
    found = _TIME.fullmatch(text)
    if not found:
        raise ValueError("is not a time")
    hour, minute, second, fraction = (part or "0" for part in found.groups())
    try:
        return time(int(hour), int(minute), int(second), int(fraction.ljust(6, "0")))
    except ValueError:
        raise ValueError("is not a time of day") from None


def moment(text: str) -> datetime:
    """A DT value of at least a full date; an UTC offset is left out, so the time stays the scanner's own."""
    local = _OFFSET.sub("", text)
    return datetime.combine(day(local[:8]), clock(local[8:] or "00"))


def real(text: str) -> float:
    """A number (DS, FD, FL, ...), finite."""
    try:
        number = float(text)
    except ValueError:
        raise ValueError("is not a number") from None
    if not math.isfinite(number):
        raise ValueError("is not a finite number")
    return number


def integer(text: str) -> int:
    """A whole number (IS, US, ...), also when written with decimals that are zero."""
    number = real(text)
    if number != int(number):
        raise ValueError("is not a whole number")
    if abs(number) > INT32:
        raise ValueError("is larger than a whole number may be")
    return int(number)


def years(text: str) -> float:
    """An AS value (nnnD, nnnW, nnnM, nnnY) in years."""
    found = _AGE.fullmatch(text)
    if not found:
        raise ValueError("is not an age")
    return int(found[1]) / _UNITS_PER_YEAR[found[2]]


def orientation(text: str) -> str:
    """An Image Orientation (Patient), as it is: the cosines of the row and of the column, unit vectors to 1 %."""
    cosines = [real(part) for part in text.split("\\")]
    lengths = [math.hypot(*cosines[:3]), math.hypot(*cosines[3:])]
    if len(cosines) != 6 or any(abs(length - 1) > 0.01 for length in lengths):
        raise ValueError("is not an orientation")
    return text


def string(text: str) -> str:
    """Any text, as it is."""
    return text


def clean(text: str) -> str:
    """A text that every table can hold: no NUL, valid UTF-8, no space around it."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8").strip()
