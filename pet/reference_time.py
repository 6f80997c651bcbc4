"""What the decay correction START refers to, by the configured precedence (3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pet.decay import average_count_time, growth, in_frame_factor
from pet.header import SeriesHeader, SliceHeader
from pet.refusal import Flag, NotQuantifiedError, Refusal
from protocol.pet_options import PetOptions, ReferenceTimeRule

SERIES_TOLERANCE = timedelta(seconds=1)
CONVENTION_TOLERANCE_S = 0.5
FACTOR_TOLERANCE = 0.005


@dataclass(frozen=True, slots=True)
class ReferenceTime:
    """The reference time, every candidate by its rule, and what to mind."""

    at: datetime
    candidates: dict[ReferenceTimeRule, datetime]
    flags: tuple[Flag, ...]


def reference_time(
    series: SeriesHeader, slices: Sequence[SliceHeader], half_life: float, options: PetOptions
) -> ReferenceTime:
    """The first candidate of ``options.tref_order``; raises REFERENCE_TIME_MISSING.

    SERIES counts when it is no later than the earliest acquisition plus one second. BACKCALC_IF_PROVEN counts when
    Frame Reference Time is shown to be the average-count time (`is_average_count_time`): on GE it is the start of the
    frame, and computing back from it would shift SUV.
    """
    found = _candidates(series, slices, half_life)
    ordered = [rule for rule in options.tref_order if rule in found]
    if not ordered:
        reason = f"series {series.series_moment}, no acquisition time and no private scan time"
        raise NotQuantifiedError(Refusal.REFERENCE_TIME_MISSING, reason)
    flags = []
    spread = (max(found.values()) - min(found.values())).total_seconds()
    if spread > options.tref_warn_s:
        flags.append(Flag.TREF_CONFLICT)
    if ordered[0] == "EARLIEST_ACQ":
        flags.append(Flag.TREF_FALLBACK_ACQ)
    if not decay_factors_fit(slices, half_life):
        flags.append(Flag.DECAY_FACTOR_INCONSISTENT)
    return ReferenceTime(found[ordered[0]], found, tuple(flags))


def earliest_acquisition(slices: Sequence[SliceHeader]) -> datetime | None:
    """The earliest acquisition of the series, null without any."""
    return min((each.acquisition for each in slices if each.acquisition is not None), default=None)


def _candidates(
    series: SeriesHeader, slices: Sequence[SliceHeader], half_life: float
) -> dict[ReferenceTimeRule, datetime]:
    found: dict[ReferenceTimeRule, datetime] = {}
    acquired = earliest_acquisition(slices)
    if series.series_moment and (acquired is None or series.series_moment <= acquired + SERIES_TOLERANCE):
        found["SERIES"] = series.series_moment
    scanned = min((each.ge_scan for each in slices if each.ge_scan is not None), default=None)
    if scanned is not None:
        found["GE_PRIVATE"] = scanned
    if acquired is not None:
        found["EARLIEST_ACQ"] = acquired
        if is_average_count_time(slices, half_life):
            first = min((each for each in slices if each.acquisition), key=lambda each: each.acquisition or acquired)
            back = average_count_time(half_life, first.duration or 0.0) - (first.frame_reference or 0.0)
            found["BACKCALC_IF_PROVEN"] = acquired + timedelta(seconds=back)
    return found


def is_average_count_time(slices: Sequence[SliceHeader], half_life: float) -> bool:
    """Whether Frame Reference Time is proven to be the average-count time of every frame.

    Two or more beds with distinct acquisition times must agree on one reference time when computed back, and each
    Decay Factor must be exp(lam * FRT). A single bed, or beds that share one acquisition time (GE), prove nothing.
    """
    complete = [s for s in slices if s.acquisition and s.duration and s.frame_reference is not None and s.decay_factor]
    if not complete or len(complete) < len(slices) or len({s.acquisition for s in complete}) < 2:
        return False
    starts = [
        s.acquisition + timedelta(seconds=average_count_time(half_life, s.duration or 0.0) - (s.frame_reference or 0.0))
        for s in complete
        if s.acquisition
    ]
    if (max(starts) - min(starts)).total_seconds() > CONVENTION_TOLERANCE_S:
        return False
    return all(_fits(s, half_life, with_frame=False) for s in complete)


def decay_factors_fit(slices: Sequence[SliceHeader], half_life: float) -> bool:
    """Whether every Decay Factor fits exp(lam*FRT), alone or times the in-frame factor, within 0.5 %; a check only.

    Slices without the attribute, or with the dummy 1.0 in the whole series, say nothing.
    """
    known = [each for each in slices if each.decay_factor and each.frame_reference is not None]
    if all(each.decay_factor == 1.0 for each in known):
        return True
    return any(all(_fits(each, half_life, with_frame=frame) for each in known) for frame in (False, True))


def _fits(each: SliceHeader, half_life: float, *, with_frame: bool) -> bool:
    expected = growth(half_life, each.frame_reference or 0.0)
    if with_frame:
        expected *= in_frame_factor(half_life, each.duration or 0.0)
    return abs((each.decay_factor or 0.0) / expected - 1) <= FACTOR_TOLERANCE
