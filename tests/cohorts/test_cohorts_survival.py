"""The survival tables of a study: groups, months, references and small cohorts."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cohorts.survival import SurvivalTables, survival_tables
from cohorts.tables import SURVIVAL_CURVE, SURVIVAL_LANDMARK, SURVIVAL_SUMMARY
from criteria.tables import EVENT_TIME

DAYS_PER_MONTH = 30.4375
SUBJECTS_SCHEMA = {"study_id": pl.String, "subject_id": pl.String, "arm": pl.String, "cohort": pl.String}


def study(
    text: str, endpoint: str = "iPFS", evaluator: str = "RADIOLOGIST 1", study_id: str = "ST-1"
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Event times and subjects of lines 'subject arm cohort months', + = censored, - = no value."""
    lines = [line.split() for line in text.strip().splitlines()]
    subject = pl.DataFrame(
        [(study_id, who, *(None if value == "-" else value for value in groups)) for who, *groups, _ in lines],
        schema=SUBJECTS_SCHEMA,
        orient="row",
    )
    months = [None if time == "-" else float(time.rstrip("+")) for *_, time in lines]
    event_time = pl.DataFrame(
        {
            "subject_id": [who for who, *_ in lines],
            "months": months,
            "event": [not time.endswith("+") for *_, time in lines],
        }
    ).with_columns(
        study_id=pl.lit(study_id),
        evaluator=pl.lit(evaluator),
        criterion=pl.lit("iRECIST"),
        origin=pl.lit("DERIVED"),
        endpoint=pl.lit(endpoint),
        profile=pl.lit("fda"),
        days=pl.col("months") * DAYS_PER_MONTH // 1,
    )
    return EVENT_TIME.conform(event_time), subject


TWO_ARMS = """
01 B C1  3
02 B C1  7
03 B C2  11+
04 B C2  19
05 A C1  5
06 A C1  9
07 A C2  30
08 A C2  33+
"""


def row(frame: pl.DataFrame, group_by: str, group_value: str, **more: Any) -> dict[str, Any]:
    return frame.row(by_predicate=_is(group_by, group_value, **more), named=True)


def _is(group_by: str, group_value: str, **more: Any) -> pl.Expr:
    return pl.all_horizontal(
        pl.col(name) == value for name, value in ({"group_by": group_by, "group_value": group_value} | more).items()
    )


@pytest.fixture(autouse=True)
def no_warnings() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_every_subject_counts_in_all_in_the_arm_and_in_the_cohort() -> None:
    summary = survival_tables(*study(TWO_ARMS)).summary
    counts = summary.select("group_by", "group_value", "subjects", "events", "censored").rows()
    assert counts == [
        ("ALL", "ALL", 8, 6, 2),
        ("ARM", "A", 4, 3, 1),
        ("ARM", "B", 4, 3, 1),
        ("COHORT", "C1", 4, 4, 0),
        ("COHORT", "C2", 4, 2, 2),
    ]


def test_quartiles_are_months_by_the_conventions_of_r() -> None:
    arm = row(survival_tables(*study(TWO_ARMS)).summary, "ARM", "B")
    assert (arm["quartile_1"], arm["median"], arm["quartile_3"]) == (5.0, 13.0, 19.0)
    assert arm["median_lower_loglog"] == arm["median_lower_log"] == 3.0
    assert arm["median_upper_loglog"] is None


def test_median_not_reached_is_null_never_nan() -> None:
    tables = survival_tables(*study("01 A - 5\n02 A - 9+\n03 A - 9+"))
    assert row(tables.summary, "ARM", "A")["median"] is None
    for frame in tables:
        assert not frame.select(pl.any_horizontal(pl.selectors.float().is_nan().any())).item()


def test_landmarks_are_null_beyond_the_last_observed_time() -> None:
    landmark = survival_tables(*study(TWO_ARMS)).landmark.filter(_is("ARM", "B"))
    found = landmark.select("months", "at_risk", pl.col("survival").round(3)).rows()
    assert found == [(6.0, 3, 0.75), (12.0, 1, 0.5), (18.0, 1, 0.5), (24.0, 0, None)]


def test_landmarks_can_be_chosen() -> None:
    landmark = survival_tables(*study(TWO_ARMS), months=(3, 4.5)).landmark
    assert landmark["months"].unique().sort().to_list() == [3.0, 4.5]


def test_curve_has_one_row_per_distinct_time() -> None:
    curve = survival_tables(*study(TWO_ARMS)).curve.filter(_is("ARM", "B"))
    found = curve.select("months", "at_risk", "events", "censored", pl.col("survival").round(12))
    assert found.rows() == [
        (3.0, 4, 1, 0, 0.75),
        (7.0, 3, 1, 0, 0.5),
        (11.0, 2, 0, 1, 0.5),
        (19.0, 1, 1, 0, 0.0),
    ]
    assert curve["lower_loglog"].null_count() == curve["lower_log"].null_count() == 1


def test_first_group_in_sort_order_is_the_reference() -> None:
    summary = survival_tables(*study(TWO_ARMS)).summary
    first, second = row(summary, "ARM", "A"), row(summary, "ARM", "B")
    assert first["reference_group"] == second["reference_group"] == "A"
    assert first["hazard_ratio"] is None
    assert second["hazard_ratio_lower"] < second["hazard_ratio"] < second["hazard_ratio_upper"]
    assert first["logrank_p"] == second["logrank_p"] is not None


def test_all_subjects_are_compared_with_nobody() -> None:
    together = row(survival_tables(*study(TWO_ARMS)).summary, "ALL", "ALL")
    assert [together[name] for name in ("reference_group", "logrank_p", "hazard_ratio")] == [None] * 3


def test_named_reference_inverts_the_hazard_ratio() -> None:
    b_to_a = row(survival_tables(*study(TWO_ARMS)).summary, "ARM", "B")["hazard_ratio"]
    turned = survival_tables(*study(TWO_ARMS), reference={"ARM": "B"}).summary
    assert row(turned, "ARM", "A")["hazard_ratio"] == pytest.approx(1 / b_to_a)
    assert row(turned, "COHORT", "C1")["reference_group"] == "C1"


def test_unknown_reference_is_an_error_that_lists_the_groups() -> None:
    with pytest.raises(ValueError, match=r"ST-1: reference group 'Placebo' is not a value of ARM.*'A', 'B'"):
        survival_tables(*study(TWO_ARMS), reference={"ARM": "Placebo"})


def test_blinded_study_without_arms_has_no_arm_rows_and_ignores_the_reference() -> None:
    event_time, subject = study(TWO_ARMS)
    blinded = subject.with_columns(arm=pl.lit(None, dtype=pl.String))
    summary = survival_tables(event_time, blinded, reference={"ARM": "Placebo"}).summary
    assert summary["group_by"].unique().sort().to_list() == ["ALL", "COHORT"]


def test_reference_is_one_for_the_study_although_an_endpoint_lacks_its_group() -> None:
    pfs, subject = study(TWO_ARMS)
    dor, _ = study("01 B C1 2\n02 B C1 4", endpoint="DOR")
    only_b = row(survival_tables(pl.concat([pfs, dor]), subject).summary, "ARM", "B", endpoint="DOR")
    assert (only_b["reference_group"], only_b["hazard_ratio"], only_b["logrank_p"]) == ("A", None, None)


def test_subject_without_arm_or_unknown_to_the_subject_table_counts_in_all_alone() -> None:
    event_time, subject = study("01 A - 5\n02 - - 6\n03 A - 7")
    summary = survival_tables(event_time, subject.filter(pl.col("subject_id") != "03")).summary
    assert summary.select("group_by", "group_value", "subjects").rows() == [("ALL", "ALL", 3), ("ARM", "A", 1)]


def test_rows_without_a_time_do_not_count() -> None:
    assert survival_tables(*study("01 A - 5\n02 A - -")).summary["subjects"].to_list() == [1, 1]


def test_evaluators_endpoints_and_studies_stay_apart() -> None:
    frames = [
        study(TWO_ARMS),
        study("01 A C1 4", evaluator="RADIOLOGIST 2"),
        study("01 A C1 6", endpoint="OS"),
        study("01 Z C1 8", study_id="ST-2"),
    ]
    event_time = pl.concat(frame for frame, _ in frames)
    subject = pl.concat(frame for _, frame in frames).unique(("study_id", "subject_id"), keep="first")
    summary = survival_tables(event_time, subject).summary
    subjects = summary.filter(pl.col("group_by") == "ALL").select("study_id", "evaluator", "endpoint", "subjects")
    assert subjects.rows() == [
        ("ST-1", "RADIOLOGIST 1", "OS", 1),
        ("ST-1", "RADIOLOGIST 1", "iPFS", 8),
        ("ST-1", "RADIOLOGIST 2", "iPFS", 1),
        ("ST-2", "RADIOLOGIST 1", "iPFS", 1),
    ]


def test_one_subject_with_an_event() -> None:
    tables = survival_tables(*study("01 A - 7"))
    alone = row(tables.summary, "ARM", "A")
    assert (alone["median"], alone["median_lower_log"], alone["median_upper_loglog"]) == (7.0, None, None)
    assert (alone["hazard_ratio"], alone["logrank_p"]) == (None, None)
    assert tables.curve.filter(_is("ALL", "ALL"))["survival"].to_list() == [0.0]


def test_nobody_with_an_event() -> None:
    tables = survival_tables(*study("01 A - 7+\n02 B - 9+"))
    assert tables.summary["median"].null_count() == tables.summary["hazard_ratio"].null_count() == 3
    assert tables.curve["survival"].unique().to_list() == [1.0]


def test_empty_input_gives_empty_tables() -> None:
    empty = survival_tables(EVENT_TIME.empty(), pl.DataFrame(schema=SUBJECTS_SCHEMA))
    for frame, table in zip(empty, (SURVIVAL_SUMMARY, SURVIVAL_LANDMARK, SURVIVAL_CURVE), strict=True):
        assert_frame_equal(frame, table.empty())


def test_order_of_the_input_rows_does_not_matter() -> None:
    event_time, subject = study(TWO_ARMS)
    shuffled = survival_tables(event_time.sample(fraction=1, shuffle=True, seed=3), subject.reverse())
    for ours, theirs in zip(shuffled, survival_tables(event_time, subject), strict=True):
        assert_frame_equal(ours, theirs, check_exact=True)


def test_confidence_widens_all_intervals() -> None:
    narrow, wide = (survival_tables(*study(TWO_ARMS), confidence=level) for level in (0.8, 0.99))

    def width(tables: SurvivalTables) -> tuple[float, float]:
        ratio, point = row(tables.summary, "ARM", "B"), row(tables.landmark, "ARM", "B", months=6.0)
        return (
            ratio["hazard_ratio_upper"] - ratio["hazard_ratio_lower"],
            point["upper_loglog"] - point["lower_loglog"],
        )

    assert all(more > less for more, less in zip(width(wide), width(narrow), strict=True))


@pytest.mark.parametrize("data_set", ["lung", "veteran", "ovarian", "gbsg"])
def test_real_cohorts_equal_r(shared: Callable[[str], Path], data_set: str) -> None:
    """The days of R's data sets as months of 30.4375 days: its landmarks are 6, 12, 18 and 24 months."""
    document = json.loads((shared("km") / f"{data_set}.json").read_text())
    samples = [
        pl.DataFrame(result["curve"], schema_overrides={"std_err_cumhaz": pl.Float64}, infer_schema_length=None)
        .select(
            days="time",
            arm=pl.lit(name),
            event=pl.concat_list(
                pl.lit(True).repeat_by("n_event"),
                pl.lit(False).repeat_by("n_censor"),
            ),
        )
        .explode("event")
        for name, result in document["by_group"].items()
    ]
    rows = pl.concat(samples).with_row_index("subject_id").with_columns(pl.col("subject_id").cast(pl.String))
    event_time = rows.select(
        "subject_id",
        "days",
        "event",
        study_id=pl.lit(data_set),
        evaluator=pl.lit("INVESTIGATOR"),
        criterion=pl.lit("RECIST 1.1"),
        origin=pl.lit("RECORDED"),
        endpoint=pl.lit("OS"),
        profile=pl.lit("fda"),
        months=pl.col("days") / DAYS_PER_MONTH,
    )
    subject = rows.select("subject_id", "arm", study_id=pl.lit(data_set), cohort=pl.lit(None, dtype=pl.String))
    tables = survival_tables(EVENT_TIME.conform(event_time), subject)
    reference, other = document["group_levels"]
    compared = row(tables.summary, "ARM", other)
    [theirs] = document["coxph_group"]["efron"]["coef"]
    assert compared["reference_group"] == reference
    assert compared["hazard_ratio"] == pytest.approx(theirs["hr"], abs=1e-8)
    assert compared["logrank_p"] == pytest.approx(document["logrank"]["p"], abs=1e-8)
    for name, result in document["by_group"].items():
        found = row(tables.summary, "ARM", name)
        for scale in ("log", "loglog"):
            [_, median, _] = result[f"ci_{scale}"]["quantiles"]
            assert _months(median["q"]) == pytest.approx(found["median"])
            assert _months(median["lower"]) == pytest.approx(found[f"median_lower_{scale}"])
            assert _months(median["upper"]) == pytest.approx(found[f"median_upper_{scale}"])
            for point in result[f"ci_{scale}"]["landmarks"][:4]:
                ours = row(tables.landmark, "ARM", name, months=point["t"] / DAYS_PER_MONTH)
                expected = None if point["beyond_last"] else point["lower"]
                assert ours[f"lower_{scale}"] == pytest.approx(expected, abs=1e-8)
                assert ours["at_risk"] == point["n_risk"]


def _months(days: float | None) -> float | None:
    return None if days is None else days / DAYS_PER_MONTH
