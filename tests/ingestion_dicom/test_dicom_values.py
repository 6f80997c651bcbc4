"""DICOM texts are understood as PS3.5 defines them, or refused with the reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time

import pytest

from ingestion.dicom.values import clock, day, integer, moment, orientation, real, years


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (day, "20240229", date(2024, 2, 29)),
        (day, "2024.02.29", date(2024, 2, 29)),
        (clock, "10", time(10)),
        (clock, "1015", time(10, 15)),
        (clock, "101530.25", time(10, 15, 30, 250000)),
        (clock, "10:15:30", time(10, 15, 30)),
        (moment, "20240229", datetime(2024, 2, 29)),  # noqa: DTZ001 - a scanner's clock has no zone
        (moment, "20240229101530.5+0100", datetime(2024, 2, 29, 10, 15, 30, 500000)),  # noqa: DTZ001
        (real, " 2.5e1 ", 25.0),
        (integer, "12", 12),
        (integer, "12.0", 12),
        (years, "061Y", 61.0),
        (years, "018M", 1.5),
        (orientation, "1\\0\\0\\0\\1\\0", "1\\0\\0\\0\\1\\0"),
    ],
)
def test_a_value_of_its_kind_is_understood(parse: Callable[[str], object], text: str, value: object) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(
    ("parse", "text", "reason"),
    [
        (day, "20240230", "is not a date of the calendar"),
        (day, "2024-0229", "is not a date"),
        (day, "00000101", "is not a date of the calendar"),
        (clock, "2460", "is not a time of day"),
        (clock, "10h15", "is not a time"),
        (moment, "2024", "is not a date"),
        (real, "7O", "is not a number"),
        (real, "nan", "is not a finite number"),
        (integer, "1.5", "is not a whole number"),
        (integer, "99999999999", "is larger than a whole number may be"),
        (years, "61", "is not an age"),
        (orientation, "1\\0\\0", "is not an orientation"),
        (orientation, "0\\0\\0\\0\\0\\0", "is not an orientation"),
    ],
)
def test_another_text_is_refused_with_the_reason(parse: Callable[[str], object], text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}$"):
        parse(text)
