"""Log-rank and Cox: R's results, statsmodels' fit row by row, and None for data that have no answer."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import chi2
from statsmodels.duration.hazard_regression import PHReg

from cohorts.comparison import hazard_ratios, logrank

DATA_SETS = ("lung", "veteran", "ovarian", "gbsg")

Vector = NDArray[Any]
Sample = tuple[Vector, Vector, Vector]


def sample_of(**groups: str) -> Sample:
    """Times, events and groups of texts such as A='3 5+ 7', + = censored."""
    rows = [(word, name) for name, text in groups.items() for word in text.split()]
    times = np.array([float(word.rstrip("+")) for word, _ in rows])
    return times, np.array([word[-1] != "+" for word, _ in rows]), np.array([name for _, name in rows])


def rebuilt(document: dict[str, Any]) -> Sample:
    times, events, groups = [], [], []
    for name, result in document["by_group"].items():
        for row in result["curve"]:
            subjects = row["n_event"] + row["n_censor"]
            times += [row["time"]] * subjects
            events += [True] * row["n_event"] + [False] * row["n_censor"]
            groups += [name] * subjects
    return np.array(times, dtype=float), np.array(events), np.array(groups)


@pytest.fixture(autouse=True)
def no_warnings() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("data_set", DATA_SETS)
def test_logrank_equals_r(shared: Callable[[str], Path], data_set: str) -> None:
    document = json.loads((shared("km") / f"{data_set}.json").read_text())
    test = logrank(*rebuilt(document))
    assert test is not None
    assert test.statistic == pytest.approx(document["logrank"]["chisq"], abs=1e-8)
    assert test.p_value == pytest.approx(document["logrank"]["p"], abs=1e-8)
    assert test.degrees_of_freedom == document["logrank"]["df"]


@pytest.mark.parametrize("data_set", DATA_SETS)
def test_hazard_ratio_with_efron_ties_equals_r(shared: Callable[[str], Path], data_set: str) -> None:
    document = json.loads((shared("km") / f"{data_set}.json").read_text())
    reference, other = document["group_levels"]
    ours = hazard_ratios(*rebuilt(document), reference=reference)[other]
    [theirs] = document["coxph_group"]["efron"]["coef"]
    assert ours is not None
    assert ours.ratio == pytest.approx(theirs["hr"], abs=1e-8)
    assert ours.lower == pytest.approx(theirs["hr_lower"], abs=1e-8)
    assert ours.upper == pytest.approx(theirs["hr_upper"], abs=1e-8)
    assert ours.std_error == pytest.approx(theirs["se"], abs=1e-8)


def test_logrank_by_hand() -> None:
    """A 1 3, B 2 4: O - E of A = 1/2 - 1/3 + 1/2 = 2/3, V = 1/4 + 2/9 + 1/4 = 13/18."""
    test = logrank(*sample_of(A="1 3", B="2 4"))
    assert test is not None
    assert test.statistic == pytest.approx((4 / 9) / (13 / 18))
    assert test.p_value == pytest.approx(chi2.sf(8 / 13, 1))


def test_stratified_logrank_sums_over_strata_before_squaring() -> None:
    times, events, groups = sample_of(A="1 3", B="2 4")
    strata = ["I"] * 4 + ["II"] * 4
    apart = logrank(np.tile(times, 2), np.tile(events, 2), np.tile(groups, 2), strata)
    assert apart is not None
    assert apart.statistic == pytest.approx((4 / 3) ** 2 / (13 / 9))
    assert apart.degrees_of_freedom == 1


def test_stratum_without_both_groups_does_not_change_the_stratified_test() -> None:
    times, events, groups = sample_of(A="1 3 1 2 9", B="2 4")
    strata = ["I", "I", "II", "II", "II", "I", "I"]
    apart, plain = logrank(times, events, groups, strata), logrank(*sample_of(A="1 3", B="2 4"))
    assert apart is not None and plain is not None
    assert apart.statistic == pytest.approx(plain.statistic)


def test_group_never_at_risk_at_an_event_takes_no_degree_of_freedom() -> None:
    with_early, without = logrank(*sample_of(A="2 4", B="3 5", C="1+ 1+")), logrank(*sample_of(A="2 4", B="3 5"))
    assert with_early == without
    assert with_early is not None and with_early.degrees_of_freedom == 1


def test_tiny_p_values_keep_their_digits() -> None:
    early, late = " ".join(map(str, range(1, 81))), " ".join(map(str, range(201, 281)))
    test = logrank(*sample_of(A=early, B=late))
    assert test is not None
    assert 0 < test.p_value < 1e-20


@pytest.mark.parametrize(
    "groups",
    [
        {"A": "1 2 3"},
        {"A": "1+ 2+", "B": "3+"},
        {"A": "1+", "B": "2 3"},
    ],
    ids=["one group", "no event", "one group gone before the first event"],
)
def test_undefined_comparison_is_none(groups: dict[str, str]) -> None:
    assert logrank(*sample_of(**groups)) is None
    assert set(hazard_ratios(*sample_of(**groups), reference="A").values()) <= {None}


def test_groups_that_all_fail_at_one_time_have_ratio_one_and_no_logrank() -> None:
    assert logrank(*sample_of(A="1", B="1")) is None
    found = hazard_ratios(*sample_of(A="1", B="1"), reference="A")["B"]
    assert found is not None
    assert found.ratio == pytest.approx(1)


def test_no_subject_at_all_is_none() -> None:
    assert logrank([], [], []) is None
    assert hazard_ratios([], [], [], reference="A") == {}


def test_separated_groups_have_no_hazard_ratio_but_a_logrank() -> None:
    separated = sample_of(A="1 2 3", B="7 8 9")
    assert hazard_ratios(*separated, reference="A") == {"B": None}
    assert logrank(*separated) is not None


def test_reference_without_subjects_gives_none_for_all_others() -> None:
    assert hazard_ratios(*sample_of(A="1 3", B="2 4"), reference="PLACEBO") == {"A": None, "B": None}


def test_group_without_events_has_none_and_leaves_the_others_alone() -> None:
    """With ratio 0 its subjects weigh nothing in any risk set: the others' model is that without the group."""
    with_none = hazard_ratios(*sample_of(A="1 3 5", B="2 4 6", C="8+ 9+"), reference="A")
    without = hazard_ratios(*sample_of(A="1 3 5", B="2 4 6"), reference="A")
    assert with_none["C"] is None
    assert with_none["B"] == without["B"] is not None


def test_group_is_comparable_through_a_third_group() -> None:
    """A never has an event while C is at risk, but A outlives B, B outlives C, and C outlives A."""
    found = hazard_ratios(*sample_of(A="5 20", B="3 8", C="1 4"), reference="A")
    assert found["B"] is not None and found["C"] is not None


def test_exchanging_the_reference_inverts_the_ratio() -> None:
    sample = sample_of(A="1 3 5 5 7+", B="2 4 5 6 9+")
    b_to_a, a_to_b = hazard_ratios(*sample, reference="A")["B"], hazard_ratios(*sample, reference="B")["A"]
    assert b_to_a is not None and a_to_b is not None
    assert b_to_a.ratio == pytest.approx(1 / a_to_b.ratio)
    assert b_to_a.lower == pytest.approx(1 / a_to_b.upper)


def test_hazard_ratio_by_hand() -> None:
    """A 1 3, B 2 4: the score 1 - 2h/(1 + h) - 2h/(1 + 2h) is zero where 4h² + h = 1."""
    found = hazard_ratios(*sample_of(A="1 3", B="2 4"), reference="A")["B"]
    assert found is not None
    assert found.ratio == pytest.approx((17**0.5 - 1) / 8, rel=1e-14)


def efron_log_likelihood(times: Vector, events: Vector, log_hazards: Vector) -> float:
    """Efron's partial likelihood as it is written, subject by subject."""
    total = 0.0
    for time in np.unique(times[events]):
        failing = (times == time) & events
        at_risk, failed = np.exp(log_hazards[times >= time]).sum(), np.exp(log_hazards[failing]).sum()
        total += log_hazards[failing].sum()
        total -= sum(np.log(at_risk - turn / failing.sum() * failed) for turn in range(failing.sum()))
    return total


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 12), st.booleans(), st.sampled_from("AABC")), min_size=4, max_size=40))
def test_ratios_maximise_efrons_partial_likelihood(rows: list[tuple[int, bool, str]]) -> None:
    times, events, groups = (np.array(column) for column in zip(*rows, strict=True))
    found = hazard_ratios(times, events, groups, reference="A")
    finite = {name: ratio for name, ratio in found.items() if ratio is not None}
    assume(finite and len(finite) == len(found))
    log_hazards = np.array([np.log(finite[name].ratio) if name in finite else 0.0 for name in groups])
    best = efron_log_likelihood(times, events, log_hazards)
    for name in finite:
        for shift in (-1.0, -1e-4, 1e-4, 1.0):
            elsewhere = efron_log_likelihood(times, events, log_hazards + shift * (groups == name))
            assert elsewhere < best + 1e-12


@pytest.mark.parametrize("seed", range(4))
def test_ratios_equal_the_row_by_row_model_of_statsmodels(seed: int) -> None:
    chance = np.random.default_rng(seed)
    groups = chance.choice(list("ABCD"), 150)
    times = np.ceil(chance.exponential(10 + 5 * (groups == "B") + 20 * (groups == "C")))
    events = chance.random(150) < 0.7
    found = hazard_ratios(times, events, groups, reference="A")
    dummies = np.column_stack([groups == name for name in "BCD"]).astype(float)
    fit = PHReg(times, dummies, events.astype(float), ties="efron").fit()
    for name, beta, error in zip("BCD", fit.params, fit.bse, strict=True):
        ours = found[name]
        assert ours is not None
        assert np.log(ours.ratio) == pytest.approx(beta, abs=1e-8)
        assert ours.std_error == pytest.approx(error, abs=1e-8)


def test_nearly_separated_groups_keep_a_finite_ratio() -> None:
    """One event of each group on the wrong side of a hundred is enough."""
    early, late = " ".join(map(str, range(1, 100))), " ".join(map(str, range(201, 300)))
    assert hazard_ratios(*sample_of(A=early, B=late), reference="A")["B"] is None
    assert hazard_ratios(*sample_of(A=f"{early} 400", B=f"0.5 {late}"), reference="A")["B"] is not None


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 12), st.booleans(), st.sampled_from("AAB"), st.sampled_from("12")),
        min_size=6,
        max_size=40,
    )
)
def test_stratified_ratio_maximises_the_sum_of_the_strata(rows: list[tuple[int, bool, str, str]]) -> None:
    times, events, groups, strata = (np.array(column) for column in zip(*rows, strict=True))
    ratio = hazard_ratios(times, events, groups, reference="A", strata=strata).get("B")
    assume(ratio is not None)
    assert ratio is not None

    def likelihood(log_ratio: float) -> float:
        log_hazards = np.where(groups == "B", log_ratio, 0.0)
        return sum(
            efron_log_likelihood(times[inside], events[inside], log_hazards[inside])
            for inside in (strata == "1", strata == "2")
        )

    best = likelihood(float(np.log(ratio.ratio)))
    for shift in (-1.0, -1e-4, 1e-4, 1.0):
        assert likelihood(float(np.log(ratio.ratio)) + shift) < best + 1e-12


def test_groups_that_never_share_a_stratum_have_no_stratified_ratio() -> None:
    times, events, groups = sample_of(A="1 3 5", B="2 4 6")
    assert hazard_ratios(times, events, groups, "A", strata=groups) == {"B": None}
    assert logrank(times, events, groups, strata=groups) is None
