"""Independent central review, section 12: adjudication, its metrics, and the cause of each discordance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cohorts.review.adjudication import UnknownVariableError, adjudication
from cohorts.review.conduct import review_flags
from cohorts.review.discordance import discordance
from cohorts.review.metrics import review_metrics
from cohorts.review.readers import readers
from cohorts.review.units import marked_records
from cohorts.tables import ADJUDICATION, DISCORDANCE, REVIEW_METRICS
from criteria.best_response import best_responses
from criteria.evaluators import with_accepted_timepoints
from criteria.registry import criterion
from criteria.tables import BEST_RESPONSE, TIMEPOINT_RESPONSE
from criteria.timepoint import timepoint_responses
from ingestion.tables import MEASUREMENT, RECORDED_RESPONSE, SUBJECT
from tests.spec.table import day, responses, table

R1, R2, SITE = "RADIOLOGIST 1", "RADIOLOGIST 2", "INVESTIGATOR"
ROLES = {
    "ONCOLOGIST 1": "INDEPENDENT ASSESSOR",
    SITE: SITE,
    R1: "INDEPENDENT ASSESSOR",
    R2: "INDEPENDENT ASSESSOR",
    "ADJUDICATOR 1": "ADJUDICATOR",
}


@dataclass
class Review:
    """Reads of several subjects, as the frames of the study."""

    measurements: pl.DataFrame
    recorded: pl.DataFrame
    subject: pl.DataFrame
    responses: pl.DataFrame
    best: pl.DataFrame
    criterion: str

    @property
    def found(self) -> pl.DataFrame:
        return readers(self.measurements, self.recorded)

    def adjudicated(self, **options: Any) -> pl.DataFrame:
        return adjudication(self.best, self.responses, self.found, **options)

    def metrics(self, **options: Any) -> dict[tuple[str, str], tuple[int, int, float]]:
        rows = review_metrics(self.adjudicated(), self.best, self.found, self.subject, **options)
        rows = rows.filter(pl.col("group_by") == "ALL")
        return {(r["metric"], r["evaluator"]): (r["numerator"], r["denominator"], r["value"]) for r in rows.to_dicts()}

    def causes(self) -> list[dict[str, Any]]:
        declared = [criterion(self.criterion)]
        return discordance(self.responses, self.best, self.measurements, self.found, declared).to_dicts()


def collected(*subjects: dict[str, str], accepted: tuple[str | None, ...] = (), name: str = "RECIST 1.1") -> Review:
    """Subjects as recorded responses by reader, e.g. {R1: 'SD d57, PD d113', R2: 'PR d57'}, and who is accepted."""
    rows, records = [], []
    for number, reads in enumerate(subjects):
        key = {"study_id": "ST", "subject_id": f"{number:02}"}
        chosen = accepted[number] if number < len(accepted) else None
        for who, course in reads.items():
            reader = {"evaluator": who, "reader_role": ROLES[who], "accepted": who == chosen or None}
            given = [key | response | {"evaluator": who} for response in responses(course)]
            rows += [row | {"criterion": name, "origin": "RECORDED"} for row in given]
            records += [
                key | reader | {"criterion": name, "timepoint": row["timepoint"], "component": "OVERALL"}
                for row in given
            ]
    names = [{"study_id": "ST", "subject_id": f"{number:02}"} for number in range(len(subjects))]
    return _review(
        MEASUREMENT.empty(), _frame(RECORDED_RESPONSE, records), names, _frame(TIMEPOINT_RESPONSE, rows), name
    )


def measured(name: str = "RECIST 1.1", **reads: str) -> Review:
    """One subject as lesion tables by reader (r1, r2)."""
    rows = [
        row | {"study_id": "ST", "subject_id": "00", "evaluator": who, "reader_role": ROLES[who]}
        for who, text in zip((R1, R2), reads.values(), strict=True)
        for row in table(text)
    ]
    measurements = _frame(MEASUREMENT, rows)
    found = timepoint_responses(measurements, criterion(name))
    subject = {"study_id": "ST", "subject_id": "00"}
    return _review(measurements, RECORDED_RESPONSE.empty(), [subject], found, name)


def _review(
    measurements: pl.DataFrame, recorded: pl.DataFrame, names: list[dict[str, str]], found: pl.DataFrame, name: str
) -> Review:
    subject = _frame(SUBJECT, [one | {"reference_date": day(1), "arm": "A"} for one in names])
    best = best_responses(found, criterion(name), subject)
    return Review(measurements, recorded, subject, found, best, name)


def _frame(declared: Any, rows: list[dict[str, Any]]) -> pl.DataFrame:
    columns = {column: [row.get(column) for row in rows] for column in declared.schema}
    return pl.DataFrame(columns, schema=declared.schema)


BR_E1 = {R1: "SD d57, PR d113, PD d169", R2: "SD d57, SD d85, PD d113"}


def test_BR_E1_both_variables_trigger_and_the_accepted_reader_gives_best_response_and_date() -> None:
    review = collected(BR_E1, accepted=(R2,))
    row = review.adjudicated().row(0, named=True)
    assert (row["reader_1"], row["reader_2"]) == (R1, R2)
    assert (row["best_response_1"], row["best_response_2"]) == ("PR", "SD")
    assert (row["progression_date_1"], row["progression_date_2"]) == (day(169), day(113))
    assert row["triggered_by"] == "BOR,RSPDT,PDDT"
    assert (row["accepted_reader"], row["accepted_by"]) == (R2, "MARKED")
    metrics = review.metrics()
    assert metrics["ADJUDICATION RATE", "ALL"] == (1, 1, 1.0)
    assert metrics["WIN RATE", R1] == (0, 1, 0.0)
    assert metrics["WIN RATE", R2] == (1, 1, 1.0)
    assert metrics["DISAGREEMENT INDEX", R1] == (1, 1, 100.0)
    assert metrics["DISAGREEMENT INDEX", R2] == (0, 1, 0.0)


@pytest.mark.parametrize(
    ("r1", "r2", "options", "expected"),
    [
        ("PR d57, PD d113", "PR d57, PD d113", {}, None),
        ("CR d57, PD d113", "PR d57, PD d113", {}, "BOR"),
        ("CR d57, PD d113", "PR d57, PD d113", {"adj_vars": ("RESPONDER", "PDDT")}, None),
        ("PR d57, PD d113", "SD d57, PD d113", {"adj_vars": ("RESPONDER",)}, "RESPONDER"),
        ("PR d57, PD d113", "PR d57, PD d115", {}, "PDDT"),
        ("PR d57, PD d113", "PR d57, PD d115", {"adj_date_tol": 2}, None),
        ("PR d57, PD d113", "PR d57, PD d116", {"adj_date_tol": 2}, "PDDT"),
        ("SD d57, PD d113", "SD d57, SD d113", {"adj_date_tol": 100}, "PDDT"),
        ("PR d57, PD d169", "SD d57, PR d113, PD d169", {}, "RSPDT"),
    ],
)
def test_BR_02_what_triggers_adjudication(r1: str, r2: str, options: dict[str, Any], expected: str | None) -> None:
    row = collected({R1: r1, R2: r2}).adjudicated(**options).row(0, named=True)
    assert (row["triggered_by"], row["adjudicated"]) == (expected, expected is not None)


def test_BR_02_an_unknown_variable_is_named() -> None:
    with pytest.raises(UnknownVariableError, match=r"'PFS'.*BOR, RESPONDER, RSPDT, PDDT"):
        collected(BR_E1).adjudicated(adj_vars=("PFS",))


def test_BR_03_without_a_mark_the_accepted_reader_of_a_triggered_subject_is_open() -> None:
    review = collected(BR_E1)
    row = review.adjudicated().row(0, named=True)
    assert (row["accepted_reader"], row["accepted_by"]) == (None, "PENDING")
    assert ("WIN RATE", R1) not in review.metrics()


def test_BR_04_agreeing_readers_take_reader_1_or_a_seeded_draw_that_other_subjects_do_not_change() -> None:
    agreeing = {R1: "PR d57, PD d113", R2: "PR d57, PD d113"}
    assert collected(agreeing).adjudicated()["accepted_reader"].to_list() == [R1]
    many = collected(*[agreeing] * 40).adjudicated(agree_choice="random", seed=7)["accepted_reader"].to_list()
    fewer = collected(*[agreeing] * 20).adjudicated(agree_choice="random", seed=7)["accepted_reader"].to_list()
    other = collected(*[agreeing] * 40).adjudicated(agree_choice="random", seed=8)["accepted_reader"].to_list()
    assert set(many) == {R1, R2}
    assert fewer == many[:20]
    assert other != many


def test_BR_07_iRECIST_compares_the_first_unconfirmed_progression_too() -> None:
    review = collected({R1: "iUPD d57, iSD d113", R2: "iSD d57, iSD d113"}, name="iRECIST")
    row = review.adjudicated().row(0, named=True)
    assert (row["first_unconfirmed_date_1"], row["first_unconfirmed_date_2"]) == (day(57), None)
    assert row["triggered_by"] == "UPDDT"


def test_BR_02_investigator_and_adjudicator_are_no_central_readers() -> None:
    course = "PR d57, PD d113"
    review = collected({SITE: course, "ADJUDICATOR 1": course, R1: course, R2: course}, {SITE: course, R1: course})
    assert review.adjudicated().select("subject_id", "reader_1", "reader_2").rows() == [("00", R1, R2)]


def test_BR_02_a_subject_that_one_reader_did_not_read_is_not_adjudicated_even_though_it_has_a_missing_response() -> (
    None
):
    review = collected({R1: "PR d57", R2: "PR d57"}, {R1: "PR d57"})
    assert "MISSING" in review.best["best_response"].to_list()
    assert review.adjudicated()["subject_id"].to_list() == ["00"]


def test_BR_06_rates_of_adjudication_and_of_winning_readers() -> None:
    agreeing = {R1: "PR d57, PD d113", R2: "PR d57, PD d113"}
    metrics = collected(BR_E1, BR_E1, BR_E1, agreeing, accepted=(R1, R2, R2)).metrics()
    assert metrics["ADJUDICATION RATE", "ALL"] == (3, 4, 0.75)
    assert metrics["WIN RATE", R1] == (1, 3, pytest.approx(1 / 3))
    assert metrics["WIN RATE", R2] == (2, 3, pytest.approx(2 / 3))
    assert metrics["DISAGREEMENT INDEX", R1] == (2, 4, 50.0)
    assert metrics["DISAGREEMENT INDEX", R2] == (1, 4, 25.0)


def test_BR_06_early_and_late_discrepancy_of_the_site_against_the_centre() -> None:
    centre = {"same": "PD d113", "later": "SD d57, PD d169", "none": "SD d57", "earlier": "PD d57"}
    subjects = [{SITE: "SD d57, PD d113", R1: course} for course in centre.values()]
    metrics = collected(*subjects, {SITE: "SD d57", R1: "PD d57"}).metrics()
    assert metrics["EARLY DISCREPANCY RATE", SITE] == (2, 4, 0.5)
    assert metrics["LATE DISCREPANCY RATE", SITE] == (2, 4, 0.5)


def test_BR_06_the_centre_is_the_accepted_reader() -> None:
    metrics = collected(BR_E1 | {SITE: "SD d57, PD d113"}, accepted=(R2,)).metrics()
    assert metrics["EARLY DISCREPANCY RATE", SITE] == (0, 1, 0.0)
    metrics = collected(BR_E1 | {SITE: "SD d57, PD d113"}, accepted=(R1,)).metrics()
    assert metrics["EARLY DISCREPANCY RATE", SITE] == (1, 1, 1.0)


def test_BR_06_metrics_are_given_by_arm_and_only_with_a_denominator() -> None:
    review = collected(BR_E1, accepted=(R2,))
    rows = review_metrics(review.adjudicated(), review.best, review.found, review.subject)
    assert set(rows["group_value"]) == {"ALL", "A"}
    assert not rows["metric"].str.contains("DISCREPANCY").any()


CAUSES = [
    (
        "measurement across a threshold",
        "T01 liver | 50 | 35 | 50",
        "T01 liver | 50 | 36 | 50",
        ("MEASUREMENT ACROSS A THRESHOLD", "TARGET", 1),
    ),
    (
        "other lesion chosen",
        "T01 liver | 50 | 35 | 50",
        "T01 lung | 50 | 50 | 62",
        ("OTHER LESION CHOSEN", "TARGET", 1),
    ),
    (
        "another number of lesions chosen",
        "T01 liver | 50 | 35 | 50\nT02 liver | 30 | 20 | 30",
        "T01 liver | 50 | 50 | 50",
        ("OTHER LESION CHOSEN", "TARGET", 1),
    ),
    (
        "new-lesion call",
        "T01 liver | 50 | 50 | 50\nNEW01 lung | - | 12 | 12",
        "T01 liver | 50 | 50 | 50",
        ("NEW LESION CALL", "NEW LESION", 1),
    ),
    (
        "non-target call",
        "T01 liver | 50 | 50 | 50\nNT01 bone | + | + | !!",
        "T01 liver | 50 | 50 | 50\nNT01 bone | + | + | +",
        ("NON-TARGET CALL", "NON-TARGET", 2),
    ),
    (
        "non-target call: complete or not",
        "T01 liver | 50 | 0 | 0\nNT01 bone | + | 0 | 0",
        "T01 liver | 50 | 0 | 0\nNT01 bone | + | + | +",
        ("NON-TARGET CALL", "NON-TARGET", 1),
    ),
    (
        "not evaluable",
        "T01 liver | 50 | NE | 50",
        "T01 liver | 50 | 30 | 50",
        ("NOT EVALUABLE", None, 1),
    ),
    (
        "the target differs too, but the new lesion alone explains",
        "T01 liver | 50 | 34 | 34\nNEW01 lung | - | 12 | 12",
        "T01 liver | 50 | 36 | 36",
        ("NEW LESION CALL", "NEW LESION", 1),
    ),
    (
        "the non-target differs too, but only the target explains",
        "T01 liver | 50 | 34 | 34\nNT01 bone | + | 0 | 0",
        "T01 liver | 50 | 36 | 36\nNT01 bone | + | + | +",
        ("MEASUREMENT ACROSS A THRESHOLD", "TARGET", 1),
    ),
    (
        "date rule: the same response, scanned on another day",
        "T01 liver | 50 | 50 | 70",
        "T01 liver | 50 | 50 | 70@-3",
        ("DATE RULE", None, 2),
    ),
]


@pytest.mark.parametrize(("rule", "r1", "r2", "expected"), CAUSES, ids=[case[0] for case in CAUSES])
def test_cause_of_a_discordance_under_RECIST(
    rule: str, r1: str, r2: str, expected: tuple[str, str | None, int]
) -> None:
    header = "lesion | BL | d57 | d113\n"
    [row] = measured(r1=header + r1, r2=header + r2).causes()
    assert (row["cause"], row["component"], row["timepoint"]) == expected, rule


def test_agreeing_readers_have_no_discordance_whatever_they_measured() -> None:
    header = "lesion | BL | d57\n"
    assert measured(r1=header + "T01 liver | 50 | 34", r2=header + "T01 lung | 30 | 20").causes() == []


def test_a_difference_after_both_progressions_is_not_the_cause() -> None:
    header = "lesion | BL | d57 | d113\n"
    [row] = measured(r1=header + "T01 liver | 50 | 70 | 40", r2=header + "T01 liver | 50 | 70@-2 | 70").causes()
    assert (row["cause"], row["timepoint"]) == ("DATE RULE", 1)


def test_new_lesion_in_the_sum_is_a_new_lesion_call_where_the_criterion_adds_it() -> None:
    header = "lesion | BL | d57 | d113\n"
    r1 = "T01 liver | 50 | 50 | 50\nNEW01 lung | - | 12 | 12"
    [row] = measured("imRECIST", r1=header + r1, r2=header + "T01 liver | 50 | 50 | 50").causes()
    assert (row["overall_response"], row["cause"], row["component"]) == ("PD", "NEW LESION CALL", "TARGET")


def test_iRECIST_confirmation_by_measurement_alone() -> None:
    header = "lesion | BL | d57 | d92\n"
    [row] = measured("iRECIST", r1=header + "T01 liver | 50 | 65 | 70", r2=header + "T01 liver | 50 | 65 | 69").causes()
    assert (row["overall_response"], row["other_overall_response"]) == ("iCPD", "iUPD")
    assert (row["cause"], row["component"]) == ("MEASUREMENT ACROSS A THRESHOLD", None)


def test_explanation_says_what_both_readers_saw() -> None:
    header = "lesion | BL | d57\n"
    [row] = measured(r1=header + "T01 liver | 50 | 35", r2=header + "T01 liver | 50 | 36").causes()
    assert row["explanation"] == (
        "at time point 1 RADIOLOGIST 1 has PR of 2024-02-26 (target PR, non-target NA, new lesion N), "
        "RADIOLOGIST 2 has SD of 2024-02-26 (target SD, non-target NA, new lesion N)"
    )
    assert (row["best_response"], row["other_best_response"]) == ("PR", "SD")


def test_empty_input_gives_empty_tables() -> None:
    none = readers(MEASUREMENT.empty(), RECORDED_RESPONSE.empty())
    adjudicated = adjudication(BEST_RESPONSE.empty(), TIMEPOINT_RESPONSE.empty(), none)
    assert_frame_equal(adjudicated, ADJUDICATION.empty())
    metrics = review_metrics(adjudicated, BEST_RESPONSE.empty(), none, SUBJECT.empty())
    assert_frame_equal(metrics, REVIEW_METRICS.empty())
    causes = discordance(
        TIMEPOINT_RESPONSE.empty(), BEST_RESPONSE.empty(), MEASUREMENT.empty(), none, [criterion("RECIST 1.1")]
    )
    assert_frame_equal(causes, DISCORDANCE.empty())


def test_BR_03_each_endpoint_can_be_adjudicated_by_itself() -> None:
    review = collected({R1: "SD d57, PR d113, PD d169", R2: "SD d57, PR d113, PD d169"}, BR_E1)
    marks = pl.DataFrame(
        [("ST", "01", R1, -1), ("ST", "01", R2, 3)],
        schema={"study_id": pl.String, "subject_id": pl.String, "evaluator": pl.String, "timepoint": pl.Int32},
        orient="row",
    )
    rows = review.adjudicated(adj_unit="endpoint", marks=marks)
    assert set(rows["unit"]) == {"ENDPOINT"}
    found = {(r["subject_id"], r["item"]): r for r in rows.to_dicts()}
    agreed = found["00", "PDDT"]
    assert (agreed["triggered_by"], agreed["accepted_reader"], agreed["accepted_by"]) == (None, R1, "AGREED")
    best, dated, answered = (found["01", item] for item in ("BOR", "PDDT", "RSPDT"))
    assert (best["value_1"], best["value_2"], best["accepted_reader"]) == ("PR", "SD", R1)
    assert (dated["value_1"], dated["value_2"], dated["accepted_reader"]) == ("2024-06-17", "2024-04-22", R2)
    assert (answered["triggered_by"], answered["accepted_by"]) == ("RSPDT", "PENDING")


def test_BR_03_each_time_point_can_be_adjudicated_by_itself() -> None:
    review = collected({R1: "SD d57, PR d113, PD d169", R2: "SD d57, SD d113"}, accepted=(None,))
    recorded = review.recorded.with_columns(accepted=(pl.col("timepoint") == 2) & (pl.col("evaluator") == R2))
    rows = review.adjudicated(adj_unit="timepoint", marks=marked_records(review.measurements, recorded))
    assert rows.select("item", "value_1", "value_2", "triggered_by", "accepted_reader", "accepted_by").rows() == [
        ("1", "SD", "SD", None, R1, "AGREED"),
        ("2", "PR", "SD", "OVERALL", R2, "MARKED"),
        ("3", "PD", None, "OVERALL", None, "PENDING"),
    ]


def test_BR_03_the_accepted_responses_of_each_time_point_are_one_course() -> None:
    review = collected({R1: "SD d57, PR d113, PD d169", R2: "SD d57, SD d113, PD d169"})
    chosen = (pl.col("evaluator") == R1) == (pl.col("timepoint") != 2)
    reads = review.recorded.with_columns(accepted=chosen)
    both = with_accepted_timepoints(review.responses, reads, "ACCEPTED")
    accepted = both.filter(pl.col("evaluator") == "ACCEPTED").sort("timepoint")
    assert accepted["overall_response"].to_list() == ["SD", "SD", "PD"]
    assert both.height == review.responses.height + 3


def test_BR_05_each_reader_keeps_own_targets_and_sums() -> None:
    header = "lesion | BL | d57\n"
    review = measured(r1=header + "T01 liver | 50 | 30", r2=header + "T01 lung | 20 | 30")
    sums = review.responses.sort("evaluator").select("evaluator", "baseline_sum", "target_sum").rows()
    assert sums == [(R1, 50.0, 30.0), (R2, 20.0, 30.0)]


def test_BR_06_discordance_of_dates() -> None:
    one = {R1: "PR d57, PD d169", R2: "PR d57, PD d171"}
    two = {R1: "PR d57, PD d169", R2: "SD d57, PD d169"}
    metrics = collected(one, two, two).metrics()
    assert metrics["PROGRESSION DATE DISCORDANCE", "ALL"] == (1, 3, pytest.approx(1 / 3))
    assert metrics["RESPONSE DATE DISCORDANCE", "ALL"] == (2, 3, pytest.approx(2 / 3))
    assert collected(one).metrics(adj_date_tol=2)["PROGRESSION DATE DISCORDANCE", "ALL"] == (0, 1, 0.0)


def dated_reads(*records: tuple[str, str, int, int]) -> pl.DataFrame:
    """Recorded responses as (evaluator, role, time point, study day of the reading)."""
    key = {"study_id": "ST", "subject_id": "00", "criterion": "RECIST 1.1", "component": "OVERALL", "response": "SD"}
    rows = [
        key | {"evaluator": who, "reader_role": role, "timepoint": number, "read_date": day(on)}
        for who, role, number, on in records
    ]
    return _frame(RECORDED_RESPONSE, rows)


READER = "INDEPENDENT ASSESSOR"


@pytest.mark.parametrize(
    ("records", "flagged"),
    [
        ([(R1, READER, 1, 60), (R1, READER, 2, 120), (R1, READER, 3, 120)], []),
        ([(R1, READER, 1, 125), (R1, READER, 2, 120)], [(R1, 1)]),
        ([(R1, READER, 1, 125), (R2, READER, 2, 120)], []),
        ([(R1, READER, 1, 200), (R1, READER, 2, 190), (R1, READER, 3, 180)], [(R1, 1), (R1, 2)]),
    ],
)
def test_BR_01_records_changed_after_a_later_time_point_was_read_are_flagged(
    records: list[tuple[str, str, int, int]], flagged: list[tuple[str, int]]
) -> None:
    flags = review_flags(MEASUREMENT.empty(), dated_reads(*records))
    assert flags.select("evaluator", "timepoint").rows() == flagged
    assert set(flags["flag"]) <= {"REVISED AFTER A LATER READ"} and set(flags["rule"]) <= {"BR-01"}


def test_BR_01_back_dating_of_an_equivocal_lesion_is_no_revision() -> None:
    rows = table("lesion | BL | d57 | d113\nT01 liver | 50 | 50 | 50\nNEW01 lung | - | ?8 | !12")
    on = {0: 5, 1: 60, 2: 120}
    key = {"study_id": "ST", "subject_id": "00", "evaluator": R1, "reader_role": READER}
    reads = [
        key | row | {"read_date": day(130 if row["state"] == "EQUIVOCAL" else on[row["timepoint"]])} for row in rows
    ]
    assert review_flags(_frame(MEASUREMENT, reads), RECORDED_RESPONSE.empty()).is_empty()
    changed = [row | {"read_date": day(130)} if row["timepoint"] == 1 else row for row in reads]
    assert review_flags(_frame(MEASUREMENT, changed), RECORDED_RESPONSE.empty())["timepoint"].to_list() == [1]


def test_BR_01_an_adjudicator_who_is_also_a_reader_is_flagged_and_stays_a_reader() -> None:
    records = dated_reads((R1, READER, 1, 60), (R1, "ADJUDICATOR", 2, 120), (R2, READER, 1, 60))
    [flag] = review_flags(MEASUREMENT.empty(), records).to_dicts()
    assert (flag["evaluator"], flag["rule"], flag["flag"]) == (R1, "BR-01", "ADJUDICATOR IS A READER")
    assert flag["explanation"] == "records as ADJUDICATOR, INDEPENDENT ASSESSOR"
    assert readers(MEASUREMENT.empty(), records).filter("adjudicator").is_empty()


def test_BR_08_a_clinical_review_is_flagged_where_it_differs_and_leaves_radiology_alone() -> None:
    course = "SD d57, SD d113"
    without = collected({R1: course, R2: course})
    review = collected({R1: course, R2: course, "ONCOLOGIST 1": "SD d57, PD d113"})
    recorded = review.recorded.join(
        review.responses.select("subject_id", "evaluator", "timepoint", overall="overall_response"),
        on=["subject_id", "evaluator", "timepoint"],
    ).with_columns(response="overall")
    [flag] = review_flags(review.measurements, recorded).to_dicts()
    assert (flag["evaluator"], flag["timepoint"], flag["rule"]) == ("ONCOLOGIST 1", 2, "BR-08")
    assert flag["explanation"] == "RECIST 1.1: PD, by radiology RADIOLOGIST 1 SD, RADIOLOGIST 2 SD"
    assert_frame_equal(review.adjudicated(), without.adjudicated())
    radiology = pl.col("evaluator") != "ONCOLOGIST 1"
    assert_frame_equal(review.best.filter(radiology), without.best, check_row_order=False)


@pytest.mark.parametrize(
    ("r1", "r2", "evidence"),
    [
        (
            "T01 liver | 50 | 35",
            "T01 liver | 50 | 36",
            "targets: RADIOLOGIST 1 T01 liver 35.0 mm (sum 35.0, nadir 50.0); "
            "RADIOLOGIST 2 T01 liver 36.0 mm (sum 36.0, nadir 50.0)",
        ),
        (
            "T01 liver | 50 | 50\nNEW01 lung | - | 12",
            "T01 liver | 50 | 50",
            "new lesions: RADIOLOGIST 1 NEW01 lung 12.0 mm; RADIOLOGIST 2 none",
        ),
        (
            "T01 liver | 50 | 50\nNT01 bone | + | !!",
            "T01 liver | 50 | 50\nNT01 bone | + | +",
            "non-targets: RADIOLOGIST 1 NT01 bone unequivocal progression; RADIOLOGIST 2 NT01 bone present",
        ),
        (
            "T01 liver | 50 | NE",
            "T01 liver | 50 | 30",
            "not evaluable: RADIOLOGIST 1 T01 liver not evaluable; RADIOLOGIST 2 none",
        ),
        ("T01 liver | 50 | 70", "T01 liver | 50 | 70@-3", "dates: RADIOLOGIST 1 2024-02-26; RADIOLOGIST 2 2024-02-23"),
    ],
)
def test_the_evidence_names_the_lesions_and_the_numbers(r1: str, r2: str, evidence: str) -> None:
    header = "lesion | BL | d57\n"
    [row] = measured(r1=header + r1, r2=header + r2).causes()
    assert row["evidence"] == evidence
