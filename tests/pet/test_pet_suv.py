"""SUVbw by unit and decay branch (3.2 to 3.4), the times that it rests on (3.3), and the worked number."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.dicom.values import clock, day, moment
from pet.decay import average_count_time, in_frame_factor
from pet.header import SeriesHeader, SliceHeader
from pet.lean_body import body_surface_area, janmahasatian
from pet.reference_time import decay_factors_fit, is_average_count_time
from pet.refusal import Flag, NotQuantifiedError, Refusal
from pet.suv import suv_factors
from protocol.pet_options import DEFAULT

START = moment("20240110110000")
INJECTED = moment("20240110100000")
SERIES = SeriesHeader(
    units="BQML",
    decay_correction="START",
    weight=70,
    size=1.75,
    sex="M",
    dose=370e6,
    half_life=6586.2,
    series_moment=START,
    injection_moment=INJECTED,
)
SLICE = SliceHeader(slope=1.0, intercept=0.0, acquisition=START, duration=180.0, frame_reference=0.0)
WORKED = 2.763367e-4
VECTORS = {
    "SIEMENS": 0.00042748316187197236,
    "GE_MEDICAL_AND_BQML": 0.0005367387681819742,
    "PHILIPS_BQML": 0.0007463747013889488,
    "PHILIPS_CNTS_AND_SUV": 0.000728,
}


def factor(series: SeriesHeader = SERIES, each: SliceHeader = SLICE, **options: Any) -> float:
    return float(suv_factors(series, [each], dataclasses.replace(DEFAULT, **options)).factors[0])


def changed(**values: Any) -> SeriesHeader:
    return dataclasses.replace(SERIES, **values)


def refused(series: SeriesHeader, each: SliceHeader = SLICE) -> Refusal:
    with pytest.raises(NotQuantifiedError) as caught:
        suv_factors(series, [each], DEFAULT)
    return caught.value.code


def test_worked_number_3_4() -> None:
    assert factor() == pytest.approx(WORKED, rel=1e-6)
    assert 14475.3 * factor() == pytest.approx(4.000, abs=5e-4)


def header_vector(path: Path) -> tuple[SeriesHeader, list[SliceHeader]]:
    slices = json.loads(path.read_text())
    first = slices[0]
    series = SeriesHeader(
        units=first["Units"],
        decay_correction=first["DecayCorrection"],
        corrected=frozenset(first["CorrectedImage"]),
        weight=first["PatientWeight"],
        sex=first["PatientSex"],
        dose=first["RadionuclideTotalDose"],
        half_life=first["RadionuclideHalfLife"],
        series_moment=dt.datetime.combine(day(first["SeriesDate"]), clock(first["SeriesTime"])),
        injection_time=clock(first["RadiopharmaceuticalStartTime"]),
        injection_moment=moment(text.strip()) if (text := first.get("RadiopharmaceuticalStartDateTime")) else None,
    )
    private = "PhilipsPETPrivateGroup"
    return series, [
        SliceHeader(
            slope=1.0,
            intercept=0.0,
            acquisition=dt.datetime.combine(day(each["AcquisitionDate"]), clock(each["AcquisitionTime"])),
            frame_reference=each["FrameReferenceTime"] / 1000,
            duration=each["ActualFrameDuration"] / 1000,
            philips_suv=float(each[private]["SUVScaleFactor"]) if "SUVScaleFactor" in each[private] else None,
            philips_activity=(
                float(each[private]["ActivityConcentrationScaleFactor"])
                if "ActivityConcentrationScaleFactor" in each[private]
                else None
            ),
        )
        for each in slices
    ]


@pytest.mark.parametrize("name", VECTORS)
def test_header_vectors_3_10_b(shared: Callable[[str], Path], name: str) -> None:
    series, slices = header_vector(shared("suv_header_vectors") / f"{name}.json")
    suv = suv_factors(series, slices, DEFAULT)
    assert suv.factors == pytest.approx([VECTORS[name]] * 3, rel=7e-12)


@pytest.mark.parametrize(
    ("units", "kind", "expected"),
    [
        ("GML", None, 1.0),
        ("GML", "BW", 1.0),
        ("GML", "LBMJANMA", 70 / janmahasatian(70, 1.75, "M")),
        ("GML", "LBMJAMES128", 70 / 56.52),
        ("GML", "LBM", 70 / (1.10 * 70 - 120 * 0.16)),
        ("GML", "IBW", 70 / (48.0 + 1.06 * 23)),
        ("CM2ML", "BSA", 70_000 / (1e4 * body_surface_area(70, 1.75))),
        ("CM2ML", None, 70_000 / (1e4 * body_surface_area(70, 1.75))),
    ],
)
def test_voxels_that_hold_suv_already_3_2(units: str, kind: str | None, expected: float) -> None:
    assert factor(changed(units=units, suv_type=kind)) == pytest.approx(expected, rel=1e-12)


def test_counts_by_the_philips_factors_3_2() -> None:
    counts = changed(units="CNTS")
    by_suv = dataclasses.replace(SLICE, philips_suv=0.0005, philips_activity=1.9)
    assert factor(counts, by_suv) == 0.0005
    by_activity = dataclasses.replace(SLICE, philips_activity=1.9)
    assert factor(counts, by_activity) == pytest.approx(1.9 * WORKED, rel=1e-6)
    assert refused(counts) is Refusal.CNTS_NO_FACTOR
    assert factor(SERIES, by_suv) == factor(), "BQML on a Philips header ignores the private factors"


@pytest.mark.parametrize(
    ("suv", "flagged"), [(1.9 * WORKED, False), (1.009 * 1.9 * WORKED, False), (1.9 * WORKED * 1.02, True)]
)
def test_both_philips_factors_are_compared_3_2(suv: float, flagged: bool) -> None:
    both = dataclasses.replace(SLICE, philips_suv=suv, philips_activity=1.9)
    found = suv_factors(changed(units="CNTS"), [both], DEFAULT)
    assert (Flag.PHILIPS_FACTORS_DISAGREE in found.flags) is flagged


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"units": "PROPCNTS"}, Refusal.UNITS_UNSUPPORTED),
        ({"units": "PROPCPS"}, Refusal.UNITS_UNSUPPORTED),
        ({"units": "1CM"}, Refusal.UNITS_UNSUPPORTED),
        ({"units": None}, Refusal.UNITS_UNSUPPORTED),
        ({"units": "GML", "suv_type": "LEAN"}, Refusal.UNITS_UNSUPPORTED),
        ({"units": "GML", "suv_type": "LBMJANMA", "size": None}, Refusal.HEIGHT_MISSING),
        ({"weight": None}, Refusal.WEIGHT_MISSING),
        ({"weight": 0}, Refusal.WEIGHT_MISSING),
        ({"dose": None}, Refusal.DOSE_MISSING),
        ({"half_life": None}, Refusal.HALF_LIFE_MISSING),
        ({"decay_correction": None}, Refusal.DECAY_CORRECTION_MISSING),
        ({"decay_correction": "SOME"}, Refusal.DECAY_CORRECTION_MISSING),
        ({"injection_moment": None}, Refusal.INJECTION_TIME_MISSING),
        ({"injection_moment": START}, Refusal.INJECTION_TIME_IMPLAUSIBLE),
        ({"injection_moment": moment("20240110045900")}, Refusal.INJECTION_TIME_IMPLAUSIBLE),
    ],
)
def test_refusals_are_coded_3_2_3_3(values: dict[str, Any], code: Refusal) -> None:
    assert refused(changed(**values)) is code


def test_decay_branches_3_3() -> None:
    lam = math.log(2) / 6586.2
    at_injection = 70_000 / 370e6
    assert factor(changed(decay_correction="ADMIN")) == pytest.approx(at_injection, rel=1e-12)
    assert factor(changed(decay_correction="START")) == pytest.approx(at_injection * math.exp(lam * 3600), rel=1e-12)
    each = dataclasses.replace(SLICE, acquisition=START + dt.timedelta(minutes=3))
    suv = suv_factors(changed(decay_correction="NONE"), [SLICE, each], DEFAULT)
    frame = lam * 180 / (1 - math.exp(-lam * 180))
    assert suv.factors == pytest.approx(
        [at_injection * frame * math.exp(lam * seconds) for seconds in (3600, 3780)], rel=1e-12
    )
    bare = dataclasses.replace(SLICE, duration=None)
    assert refused(changed(decay_correction="NONE"), bare) is Refusal.FRAME_DURATION_MISSING


def test_time_of_the_average_count_rate_3_3() -> None:
    assert average_count_time(6586.2, 180) == pytest.approx(89.85792324928173, rel=1e-9)
    assert in_frame_factor(6586.2, 180) == pytest.approx(1.0095017, abs=5e-8)


@settings(deadline=None)
@given(st.floats(1, 4000), st.floats(60, 1e6))
def test_the_average_count_time_is_where_the_rate_is_its_mean(duration: float, half_life: float) -> None:
    lam = math.log(2) / half_life
    mean = (1 - math.exp(-lam * duration)) / (lam * duration)
    assert math.exp(-lam * average_count_time(half_life, duration)) == pytest.approx(mean, rel=1e-9)


@pytest.mark.parametrize(
    ("values", "injected", "flags"),
    [
        ({}, INJECTED, ()),
        (
            {"injection_moment": INJECTED + dt.timedelta(days=1), "injection_time": dt.time(10)},
            INJECTED,
            (Flag.RP_DATETIME_DATE_MISMATCH,),
        ),
        ({"injection_moment": INJECTED + dt.timedelta(days=1)}, INJECTED, (Flag.RP_DATETIME_DATE_MISMATCH,)),
        ({"injection_moment": None, "injection_time": dt.time(10)}, INJECTED, ()),
        ({"injection_moment": None, "ge_injection": INJECTED}, INJECTED, ()),
        (
            {"injection_moment": None, "injection_time": dt.time(23), "ge_injection": INJECTED},
            INJECTED,
            (),
        ),
    ],
    ids=["DateTime", "one day late", "one day late, no time", "time only", "GE", "implausible time, GE"],
)
def test_the_first_plausible_administration_counts_3_3(
    values: dict[str, Any], injected: dt.datetime, flags: tuple[Flag, ...]
) -> None:
    suv = suv_factors(changed(**values), [SLICE], DEFAULT)
    assert (suv.injection, suv.flags) == (injected, flags)


def test_midnight_between_administration_and_scan_3_3() -> None:
    scanned = moment("20240111003000")
    night = changed(series_moment=scanned, injection_moment=None, injection_time=dt.time(23, 30))
    suv = suv_factors(night, [dataclasses.replace(SLICE, acquisition=scanned)], DEFAULT)
    assert suv.injection == moment("20240110233000")
    assert suv.flags == (Flag.MIDNIGHT_CROSSED,)
    assert suv.factors[0] == pytest.approx(WORKED, rel=1e-6)


def reference(
    series: SeriesHeader, *slices: SliceHeader, **options: Any
) -> tuple[dt.datetime | None, tuple[Flag, ...]]:
    suv = suv_factors(series, slices, dataclasses.replace(DEFAULT, **options))
    return suv.reference, suv.flags


def test_the_series_time_may_be_a_second_later_than_the_acquisition_3_3() -> None:
    early = dataclasses.replace(SLICE, acquisition=START - dt.timedelta(microseconds=5))
    assert reference(SERIES, early) == (START, ())
    earlier = dataclasses.replace(SLICE, acquisition=START - dt.timedelta(seconds=30))
    assert reference(SERIES, earlier) == (earlier.acquisition, (Flag.TREF_FALLBACK_ACQ,))


def test_ge_private_scan_time_comes_before_the_acquisition_3_3() -> None:
    scanned = START - dt.timedelta(minutes=5)
    each = dataclasses.replace(SLICE, acquisition=START - dt.timedelta(seconds=30), ge_scan=scanned)
    assert reference(SERIES, each) == (scanned, (Flag.TREF_CONFLICT,))


def siemens(bed: int, start: dt.datetime = START) -> SliceHeader:
    """A bed of a scan whose Frame Reference Time is the average-count time from the series' start."""
    acquired = start + dt.timedelta(seconds=200 * bed)
    offset = 200 * bed + average_count_time(6586.2, 180)
    return dataclasses.replace(SLICE, acquisition=acquired, frame_reference=offset, decay_factor=2 ** (offset / 6586.2))


def ge(bed: int) -> SliceHeader:
    """A bed whose Frame Reference Time is the start of the frame, every bed with the series' acquisition time."""
    offset = 243.0 * bed
    factor_there = 2 ** (offset / 6586.2) * in_frame_factor(6586.2, 180)
    return dataclasses.replace(SLICE, frame_reference=offset, decay_factor=factor_there)


def test_computing_back_needs_the_convention_proven_3_3() -> None:
    beds = [siemens(bed) for bed in range(4)]
    assert is_average_count_time(beds, 6586.2)
    later = changed(series_moment=START + dt.timedelta(minutes=30))
    found, flags = reference(later, *beds)
    assert found is not None and abs((found - START).total_seconds()) < 1e-3
    assert Flag.TREF_FALLBACK_ACQ not in flags
    assert not is_average_count_time([ge(bed) for bed in range(4)], 6586.2)
    assert not is_average_count_time([siemens(0)], 6586.2), "a single bed proves nothing"
    assert reference(later, *(ge(bed) for bed in range(4))) == (START, (Flag.TREF_FALLBACK_ACQ,))


def test_the_order_of_the_reference_time_is_an_option_3_3() -> None:
    each = dataclasses.replace(SLICE, ge_scan=START - dt.timedelta(seconds=60))
    assert reference(SERIES, each, tref_order=("GE_PRIVATE", "SERIES")) == (each.ge_scan, ())


def test_the_decay_factor_is_a_check_only_3_3() -> None:
    assert decay_factors_fit([siemens(0), siemens(1)], 6586.2)
    assert decay_factors_fit([ge(0), ge(3)], 6586.2)
    odd = dataclasses.replace(SLICE, frame_reference=243.0, decay_factor=1.5)
    assert not decay_factors_fit([odd], 6586.2)
    assert reference(SERIES, odd) == (START, (Flag.DECAY_FACTOR_INCONSISTENT,))
