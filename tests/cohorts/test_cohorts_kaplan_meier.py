"""Kaplan-Meier: the product-limit definition, R's reading of quantiles and bands, and R's own results."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from cohorts.kaplan_meier import (
    SCALES,
    KaplanMeier,
    Scale,
    kaplan_meier,
    landmarks,
    limits,
    quantile,
    quantile_limits,
    restricted_mean,
)

DATA_SETS = ("lung", "veteran", "ovarian", "gbsg", "edge_all_censored", "edge_exact_half_plateau", "edge_single_event")

SAMPLES = st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=40)


def curve_of(text: str) -> KaplanMeier:
    """The curve of times such as '3 5+ 7', + = censored."""
    return kaplan_meier([float(word.rstrip("+")) for word in text.split()], [word[-1] != "+" for word in text.split()])


def numbers(values: list[float | None]) -> list[float]:
    return [math.nan if value is None else value for value in values]


def assert_same(ours: ArrayLike, expected: ArrayLike) -> None:
    np.testing.assert_allclose(np.asarray(ours, dtype=float), np.asarray(expected, dtype=float), rtol=0, atol=1e-8)


def r_results(folder: Path, data_set: str) -> list[dict[str, Any]]:
    document = json.loads((folder / f"{data_set}.json").read_text())
    return [document["overall"], *document.get("by_group", {}).values()]


def rebuilt(result: dict[str, Any], *, reverse: bool = False) -> KaplanMeier:
    """Our curve of the sample that R's curve was computed from; ``reverse``: censoring is the event."""
    times, events = [], []
    for row in result["curve"]:
        times += [row["time"]] * (row["n_event"] + row["n_censor"])
        events += [True] * row["n_event"] + [False] * row["n_censor"]
    return kaplan_meier(times, [event != reverse for event in events])


def test_survival_falls_at_events_by_the_share_of_those_at_risk() -> None:
    curve = curve_of("2 2 3+ 5 8+")
    assert curve.times.tolist() == [2, 3, 5, 8]
    assert curve.at_risk.tolist() == [5, 3, 2, 1]
    assert curve.events.tolist() == [2, 0, 1, 0]
    assert curve.censored.tolist() == [0, 1, 0, 1]
    assert_same(curve.survival, [3 / 5, 3 / 5, 3 / 10, 3 / 10])


def test_subject_censored_at_the_time_of_an_event_is_at_risk_for_it() -> None:
    curve = curve_of("4 4+ 9")
    assert (curve.at_risk[0], curve.events[0], curve.censored[0]) == (3, 1, 1)
    assert curve.survival[0] == pytest.approx(2 / 3)


@given(SAMPLES)
def test_survival_and_greenwood_equal_the_product_limit_definition(sample: list[tuple[int, bool]]) -> None:
    curve = kaplan_meier([time for time, _ in sample], [event for _, event in sample])
    survival, greenwood = Fraction(1), Fraction(0)
    for i, time in enumerate(sorted({time for time, _ in sample})):
        at_risk = sum(other >= time for other, _ in sample)
        events = sum(other == time and event for other, event in sample)
        survival *= Fraction(at_risk - events, at_risk)
        assert (curve.times[i], curve.at_risk[i], curve.events[i]) == (time, at_risk, events)
        assert curve.survival[i] == pytest.approx(float(survival), abs=1e-12)
        if survival:
            greenwood += Fraction(events, at_risk * (at_risk - events))
            assert curve.std_error[i] == pytest.approx(float(survival) * math.sqrt(greenwood), abs=1e-12)
        else:
            assert math.isnan(curve.std_error[i])
    assert curve.times.size == len({time for time, _ in sample})


@given(SAMPLES, st.sampled_from(SCALES), st.sampled_from([0.25, 0.5, 0.75]))
def test_limits_enclose_the_estimate(sample: list[tuple[int, bool]], scale: Scale, share: float) -> None:
    curve = kaplan_meier([time for time, _ in sample], [event for _, event in sample])
    lower, upper = limits(curve, scale)
    known = ~np.isnan(lower)
    assert (lower[known] <= curve.survival[known] + 1e-12).all()
    assert (curve.survival[known] <= upper[known] + 1e-12).all()
    assert ((lower[known] >= 0) & (upper[known] <= 1)).all()
    assert not quantile_limits(curve, share, scale).lower > quantile(curve, share)


@pytest.mark.parametrize(
    ("times", "median"),
    [
        pytest.param("1 2 3", 2.0, id="jump past half"),
        pytest.param("1 2 3 4", 2.5, id="flat at half"),
        pytest.param("1 2 3+ 4 5", 4.0, id="jump past half after censoring"),
        pytest.param("1 2 3+ 4+", 3.0, id="flat at half until the last time"),
        pytest.param("1 2+ 3+", math.nan, id="never down to half"),
        pytest.param("5+", math.nan, id="one subject, censored"),
        pytest.param("5", 5.0, id="one subject, event"),
    ],
)
def test_median_is_the_midpoint_of_a_flat_stretch_at_exactly_half(times: str, median: float) -> None:
    assert quantile(curve_of(times), 0.5) == pytest.approx(median, nan_ok=True)


def test_half_is_recognised_although_it_is_a_rounded_product() -> None:
    curve = curve_of("1 2 3 4 5 6")
    assert quantile(curve, 0.5) == 3.5
    assert quantile(kaplan_meier(np.arange(1, 51), np.ones(50)), 0.5) == 25.5


def test_landmark_is_nan_beyond_the_last_observed_time_only() -> None:
    at = landmarks(curve_of("2 4+ 6+"), [1, 2, 6, 6.01])
    assert_same(at.survival, [1, 2 / 3, 2 / 3, math.nan])
    assert at.at_risk.tolist() == [3, 3, 1, 0]
    assert all(np.isnan(band.lower[-1]) and np.isnan(band.upper[-1]) for band in at.limits.values())


def test_wider_confidence_widens_the_limits() -> None:
    curve = curve_of("1 2 3 4+ 5 6 7+ 8")
    assert (limits(curve, "loglog", 0.99).lower < limits(curve, "loglog", 0.9).lower)[:-1].all()


@pytest.mark.parametrize("times", [[], [1.0, math.nan], [1.0, math.inf]])
def test_no_subject_or_no_time_is_an_error(times: list[float]) -> None:
    with pytest.raises(ValueError, match="subject"):
        kaplan_meier(times, [True] * len(times))


@pytest.mark.parametrize("data_set", DATA_SETS)
def test_curve_and_bands_equal_r(shared: Callable[[str], Path], data_set: str) -> None:
    for result in r_results(shared("km"), data_set):
        curve, rows = rebuilt(result), result["curve"]
        log, loglog = limits(curve, "log"), limits(curve, "loglog")
        survival = np.array([row["surv"] for row in rows])
        assert curve.at_risk.tolist() == [row["n_risk"] for row in rows]
        assert_same(curve.survival, survival)
        relative = numbers([row["std_err_cumhaz"] for row in rows])
        assert_same(curve.std_error, survival * relative)
        assert_same(log.lower, numbers([row["lower_log"] for row in rows]))
        assert_same(log.upper, numbers([row["upper_log"] for row in rows]))
        assert_same(loglog.lower, numbers([row["lower_loglog"] for row in rows]))
        assert_same(loglog.upper, numbers([row["upper_loglog"] for row in rows]))


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("data_set", DATA_SETS)
def test_quartiles_and_their_limits_equal_r(shared: Callable[[str], Path], data_set: str, scale: Scale) -> None:
    for result in r_results(shared("km"), data_set):
        curve = rebuilt(result)
        for row in result[f"ci_{scale}"]["quantiles"]:
            ours = [quantile(curve, row["p"]), *quantile_limits(curve, row["p"], scale)]
            assert_same(ours, numbers([row["q"], row["lower"], row["upper"]]))


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("data_set", DATA_SETS)
def test_landmarks_equal_r_up_to_the_last_time(shared: Callable[[str], Path], data_set: str, scale: Scale) -> None:
    """Beyond the last time R carries the last value on (extend = TRUE); here it is NaN on purpose."""
    for result in r_results(shared("km"), data_set):
        rows = result[f"ci_{scale}"]["landmarks"]
        at = landmarks(rebuilt(result), [row["t"] for row in rows])
        beyond = [row["beyond_last"] for row in rows]
        assert np.isnan(at.survival).tolist() == beyond
        assert at.at_risk.tolist() == [row["n_risk"] for row in rows]
        for name, values in {
            "surv": at.survival,
            "std_err": at.std_error,
            "lower": at.limits[scale].lower,
            "upper": at.limits[scale].upper,
        }.items():
            expected = np.where(beyond, np.nan, numbers([row[name] for row in rows]))
            assert_same(values, expected)


@pytest.mark.parametrize("data_set", DATA_SETS)
def test_median_follow_up_is_the_same_curve_with_censoring_as_the_event(
    shared: Callable[[str], Path], data_set: str
) -> None:
    for result in r_results(shared("km"), data_set):
        curve = rebuilt(result)
        time = np.repeat(curve.times, curve.events + curve.censored)
        left = np.concatenate([[False] * d + [True] * c for d, c in zip(curve.events, curve.censored, strict=True)])
        reverse = kaplan_meier(time, left)
        ours = [quantile(reverse, 0.5), *quantile_limits(reverse, 0.5, "loglog")]
        follow_up = result["median_followup_reverse_km"]
        expected = numbers([follow_up["q"], follow_up["lower_loglog"], follow_up["upper_loglog"]])
        assert_same(ours, expected)


@pytest.mark.parametrize("data_set", DATA_SETS)
def test_restricted_mean_equals_r(shared: Callable[[str], Path], data_set: str) -> None:
    for result in r_results(shared("km"), data_set):
        expected = result["rmst_tau_max"]
        found = restricted_mean(rebuilt(result), expected["tau"])
        assert_same([found.mean, found.std_error], numbers([expected["rmean"], expected["se"]]))


@pytest.mark.parametrize("data_set", DATA_SETS)
def test_follow_up_by_the_reverse_estimate_equals_r(shared: Callable[[str], Path], data_set: str) -> None:
    for result in r_results(shared("km"), data_set):
        expected = result["median_followup_reverse_km"]
        reverse = rebuilt(result, reverse=True)
        ours = [quantile(reverse, 0.5), *quantile_limits(reverse, 0.5, "loglog")]
        assert_same(ours, numbers([expected["q"], expected["lower_loglog"], expected["upper_loglog"]]))


def test_restricted_mean_by_hand() -> None:
    """1 until 2, 2/3 until 4: 2 + 4/3; the variance is (4/3)^2 x 1/(3 x 2)."""
    found = restricted_mean(curve_of("2 5 6+"), 4.0)
    assert found.mean == pytest.approx(2 + 4 / 3)
    assert found.std_error == pytest.approx(4 / 3 * math.sqrt(1 / 6))


def test_restricted_mean_does_not_exist_beyond_the_last_observed_time() -> None:
    assert math.isnan(restricted_mean(curve_of("2 5"), 5.5).mean)
