"""Rules of the rule book that no other file tests by their id."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from criteria.evaluators import with_accepted_reader
from criteria.injected_responses import injected_responses
from criteria.registry import criterion
from criteria.side_by_side import all_timepoint_responses
from criteria.timepoint import timepoint_responses
from ingestion.tables import MEASUREMENT, RECORDED_RESPONSE, SUBJECT
from tests.spec.evaluate import SUBJECT_1, Evaluate, frame
from tests.spec.table import Row, day, responses, table


def test_GEN_05_a_time_point_gathers_scans_of_several_days(evaluate: Evaluate) -> None:
    rows = table("lesion | BL | d57 | d113\nT01 liver | 30 | 20@-4 | 20\nT02 lung | 30 | 20 | 20@-2")
    given = evaluate.timepoint_responses(rows, "RECIST 1.1")
    assert [(r["assessment_date"], r["target_sum"]) for r in given] == [(day(57), 40), (day(113), 40)]


def test_GEN_06_durations_count_both_ends_and_windows_are_plain_differences(evaluate: Evaluate) -> None:
    time = evaluate.event_time(responses("SD d57, PD d113"), "RECIST 1.1", "fda")
    assert time is not None
    assert time["days"] == 113
    if evaluate.implementation == "engine":
        assert time["months"] == pytest.approx(113 / 30.4375)
    confirmed = [evaluate.best_response(responses(f"PR d57, PR d{on}"), "RECIST 1.1") for on in (84, 85)]
    assert [best["confirmed_best_response"] for best in confirmed] == ["SD", "PR"]


def test_GEN_06_there_is_no_study_day_0() -> None:
    rows = frame(MEASUREMENT, table("lesion | BL | d57\nT01 liver | 30 | 30"))
    for reference, expected in ((day(1), 57), (day(57), 1), (day(58), -1)):
        subjects = frame(SUBJECT, [SUBJECT_1 | {"reference_date": reference}])
        given = timepoint_responses(rows, criterion("RECIST 1.1"), subjects)
        assert given["study_day"].to_list() == [expected]


@pytest.mark.parametrize(
    ("name", "course"),
    [
        ("iRECIST", "iSD d29, iUPD d57, iUPD d85, iCPD d113"),
        ("itRECIST", "SD d29, itUPD d57, itUPD d85, itCPD d113"),
        ("irRC", "irSD d29, irPD d57, irPD d113"),
        ("imRECIST", "SD d29, PD d57, PD d113"),
    ],
)
def test_DT_04_a_confirmed_progression_has_the_date_of_the_first_one(
    evaluate: Evaluate, name: str, course: str
) -> None:
    assert evaluate.best_response(responses(course), name)["progression_date"] == day(57)


def test_DT_07_decline_without_imaging_is_no_progression(evaluate: Evaluate) -> None:
    subject = {"discontinuation_date": day(80), "discontinuation_reason": "CLINICAL PROGRESSION"}
    time = evaluate.event_time(responses("SD d57"), "RECIST 1.1", "fda", subject)
    assert time is not None
    assert (time["event"], time["end_date"]) == (False, day(57))


@pytest.mark.parametrize(("short_axis", "joins"), [("14.9", False), ("15", True)])
def test_R11_BL_02_a_node_is_measurable_from_15_mm_short_axis(evaluate: Evaluate, short_axis: str, joins: bool) -> None:
    rows = table(f"lesion | BL | d57\nT01 liver | 100 | 100\nNEW01 node | - | 40x{short_axis}")
    expected = 100 + float(short_axis) if joins else 100
    assert evaluate.timepoint_responses(rows, "imRECIST")[0]["target_sum"] == pytest.approx(expected)


def test_R11_BL_03_all_nodes_are_one_organ(evaluate: Evaluate) -> None:
    rows = table("""
        lesion      | BL  | d57
        T01 liver   | 400 | 400
        NEW01 node  | -   | 16
        NEW02 node  | -   | 17
        NEW03 node  | -   | 18
        NEW04 lung  | -   | 11
    """)
    stations = {"NEW01": "axilla", "NEW02": "groin", "NEW03": "neck"}
    rows = [row | {"organ": stations.get(row["lesion_id"], row["organ"])} for row in rows]
    assert evaluate.timepoint_responses(rows, "imRECIST")[0]["target_sum"] == pytest.approx(400 + 18 + 17 + 11)


@pytest.mark.parametrize(("second", "expected"), [("0", "CR"), ("+", "NON-CR/NON-PD"), ("++", "NON-CR/NON-PD")])
def test_R11_NT_02_a_non_target_that_is_left_is_neither_complete_response_nor_progression(
    evaluate: Evaluate, second: str, expected: str
) -> None:
    rows = table(f"lesion | BL | d57\nT01 liver | 30 | 30\nNT01 bone | + | 0\nNT02 pleura | + | {second}")
    assert evaluate.timepoint_responses(rows, "RECIST 1.1")[0]["nontarget_response"] == expected


def test_WHO_02_there_is_no_least_size_and_no_largest_number(evaluate: Evaluate) -> None:
    lesions = "\n".join(f"T{number:02} liver | 2x1 | 1x1" for number in range(1, 13))
    given = evaluate.timepoint_responses(table(f"lesion | BL | d57\n{lesions}"), "WHO")[0]
    assert (given["baseline_sum"], given["target_sum"], given["overall_response"]) == (24, 12, "PR")


def test_WHO_02_mWHO_takes_ten_lesions_and_five_an_organ() -> None:
    targets = criterion("mWHO").targets
    assert (targets.total, targets.per_organ) == (10, 5)


@pytest.mark.parametrize("name", ["WHO", "mWHO"])
@pytest.mark.parametrize(("node", "expected"), [("0", "CR"), ("8x5", "PR")])
def test_WHO_03_a_node_is_measured_like_any_lesion_and_must_vanish(
    evaluate: Evaluate, name: str, node: str, expected: str
) -> None:
    given = evaluate.timepoint_responses(table(f"lesion | BL | d57\nT01 node | 30x20 | {node}"), name)[0]
    assert (given["baseline_sum"], given["overall_response"]) == (600, expected)


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [("WHO", {}, "PD"), ("WHO", {"who_pd_basis": "spd_nadir"}, "SD"), ("mWHO", {}, "SD")],
)
def test_WHO_05_growth_of_any_lesion_or_of_the_sum(name: str, options: dict[str, str], expected: str) -> None:
    rows = table("lesion | BL | d57\nT01 liver | 10x10 | 12x11\nT02 lung | 40x30 | 44x25")
    assert Evaluate("engine").overall(rows, name, **options) == [expected]


@pytest.mark.parametrize("name", ["WHO", "mWHO"])
def test_WHO_06_disease_that_cannot_be_measured_progresses_by_estimate(evaluate: Evaluate, name: str) -> None:
    rows = table("lesion | BL | d57 | d113\nNT01 bone | + | + | !!")
    assert evaluate.overall(rows, name) == ["SD", "PD"]


def test_WHO_09_the_duration_of_a_response_runs_from_the_first_response(evaluate: Evaluate) -> None:
    time = evaluate.event_time(responses("PR d57, CR d113, CR d141, PD d225"), "WHO", "fda", endpoint="DOR")
    assert time is not None
    assert (time["start_date"], time["end_date"]) == (day(57), day(225))


@pytest.mark.parametrize("name", ["WHO", "mWHO"])
@pytest.mark.parametrize(
    ("rule", "target", "nontarget", "new"),
    [("WHO-05", "30x20", "+", "-"), ("WHO-06", "20x20", "!!", "-"), ("WHO-04", "20x20", "+", "5x5")],
)
def test_progression_under_WHO_names_the_rules_of_WHO(
    name: str, rule: str, target: str, nontarget: str, new: str
) -> None:
    rows = table(
        f"lesion | BL | d57\nT01 liver | 20x20 | {target}\nNT01 bone | + | {nontarget}\nNEW01 lung | - | {new}"
    )
    (given,) = Evaluate("engine").timepoint_responses(rows, name)
    assert (given["overall_response"], given["clause"]) == ("PD", rule)


def test_IRC_01_a_new_lesion_joins_the_burden_at_its_first_measurable_time_point(evaluate: Evaluate) -> None:
    rows = table("lesion | BL | d57 | d113\nT01 liver | 40x40 | 40x40 | 30x30\nNEW01 lung | - | 4x4 | 10x10")
    sums = [r["target_sum"] for r in evaluate.timepoint_responses(rows, "irRC")]
    assert sums == pytest.approx([1600, 1000])


def test_IRC_02_five_an_organ_ten_of_the_body_and_five_of_the_skin(evaluate: Evaluate) -> None:
    targets = criterion("irRC").targets
    assert (targets.per_organ, targets.total, targets.cutaneous) == (5, 10, 5)
    lesions = "\n".join(f"NEW{number:02} liver | - | {number + 5}x10" for number in range(1, 8))
    rows = table(f"lesion | BL | d57\nT01 pelvis | 90x90 | 90x90\n{lesions}")
    given = evaluate.timepoint_responses(rows, "irRC")[0]
    assert given["target_sum"] == pytest.approx(8100 + 10 * (12 + 11 + 10 + 9 + 8))


def test_IRC_04_a_node_counts_its_product_and_must_vanish(evaluate: Evaluate) -> None:
    given = evaluate.timepoint_responses(table("lesion | BL | d57\nT01 node | 20x15 | 8x5"), "irRC")[0]
    assert (given["baseline_sum"], given["target_sum"], given["overall_response"]) == (300, 40, "irPR")
    assert criterion("irRC").targets.minimum_mm == criterion("irRC").targets.minimum_node_mm == 5


@pytest.mark.parametrize(("index", "expected"), [("20x20", "irSD"), ("10x10", "irPR"), ("0", "irPR")])
def test_IRC_05_non_index_lesions_block_irCR_and_never_make_irPD(evaluate: Evaluate, index: str, expected: str) -> None:
    rows = table(f"lesion | BL | d57\nT01 liver | 20x20 | {index}\nNT01 bone | + | !!")
    assert evaluate.overall(rows, "irRC") == [expected]


@pytest.mark.parametrize(("index", "expected"), [("20x20", "irSD"), ("0", "irPR")])
def test_IRC_06_a_new_lesion_blocks_irCR_and_never_makes_irPD(evaluate: Evaluate, index: str, expected: str) -> None:
    rows = table(f"lesion | BL | d57\nT01 liver | 20x20 | {index}\nNEW01 lung | - | 4x4")
    assert evaluate.overall(rows, "irRC") == [expected]


def test_IRC_06_option_a_new_lesion_is_irPD() -> None:
    rows = table("lesion | BL | d57\nT01 liver | 20x20 | 10x10\nNEW01 lung | - | 4x4")
    assert Evaluate("engine").overall(rows, "irRC", irrc_new_lesion_is_pd=True) == ["irPD"]


@pytest.mark.parametrize(
    ("burden", "expected"), [("20x10", "irPR"), ("20.1x10", "irSD"), ("24.9x20", "irSD"), ("25x20", "irPD")]
)
def test_IRC_07_thresholds(evaluate: Evaluate, burden: str, expected: str) -> None:
    assert evaluate.overall(table(f"lesion | BL | d57\nT01 liver | 20x20 | {burden}"), "irRC") == [expected]


@pytest.mark.parametrize(("partial", "expected"), [("20x20", "NE"), ("30x30", "irPD")])
def test_IRC_11_a_lesion_without_a_product_is_not_evaluable_unless_the_rest_progresses(
    evaluate: Evaluate, partial: str, expected: str
) -> None:
    rows = table(f"lesion | BL | d57\nT01 liver | 20x20 | {partial}\nT02 lung | 10x10 | NE")
    assert evaluate.overall(rows, "irRC") == [expected]


@pytest.mark.parametrize(("again", "expected"), [("5x5", "irPD"), ("5x4.9", "irPR")])
def test_IRC_11_over_a_nadir_of_zero_any_measurable_lesion_is_irPD(
    evaluate: Evaluate, again: str, expected: str
) -> None:
    rows = table(f"lesion | BL | d57 | d113\nT01 liver | 20x20 | 0 | {again}")
    assert evaluate.overall(rows, "irRC") == ["irCR", expected]


@pytest.mark.parametrize(("second", "confirmed"), [("d84", "iSD"), ("d85", "iPR")])
def test_IR_08_responses_are_confirmed_as_in_RECIST(evaluate: Evaluate, second: str, confirmed: str) -> None:
    best = evaluate.best_response(responses(f"iPR d57, iPR {second}"), "iRECIST")
    assert (best["best_response"], best["confirmed_best_response"]) == ("iPR", confirmed)


def test_IR_26_RECIST_stands_beside_iRECIST_from_the_same_reads() -> None:
    rows = table("lesion | BL | d57 | d113\nT01 liver | 30 | 40 | 20")
    given = all_timepoint_responses(
        frame(MEASUREMENT, rows),
        RECORDED_RESPONSE.empty(),
        frame(SUBJECT, [SUBJECT_1]),
        [criterion("RECIST 1.1"), criterion("iRECIST")],
    )
    found = {name: part["overall_response"].to_list() for (name,), part in given.group_by("criterion")}
    assert found == {"RECIST 1.1": ["PD", "PR"], "iRECIST": ["iUPD", "iPR"]}


def test_IT_01_measurability_is_that_of_RECIST() -> None:
    recist, itrecist = criterion("RECIST 1.1").targets, criterion("itRECIST").targets
    assert (itrecist.minimum_mm, itrecist.minimum_node_mm) == (recist.minimum_mm, recist.minimum_node_mm) == (10, 15)


def test_IT_06_three_sums_a_time_point_nodes_by_short_axis() -> None:
    rows = table("lesion | BL | d57\nT01 skin | 30 | 15\nT02 node | 20 | 12\nT03 liver | 25 | 26")
    injected = [row | {"injected": row["lesion_id"] != "T03" and row["timepoint"] > 0} for row in rows]
    (given,) = injected_responses(frame(MEASUREMENT, injected), criterion("itRECIST")).to_dicts()
    assert (given["injected_sum"], given["noninjected_sum"], given["target_sum"]) == (27, 26, 53)


def read_by(evaluator: str, text: str, **said: Any) -> list[Row]:
    return [row | {"evaluator": evaluator, "reader_role": evaluator} | said for row in table(text)]


TWO_READERS = [
    *read_by("RADIOLOGIST 1", "lesion | BL | d57\nT01 liver | 30 | 15", accepted=False),
    *read_by("RADIOLOGIST 2", "lesion | BL | d57\nT01 lung | 20 | 30\nT02 node | 16 | 16", accepted=True),
]


def test_BR_03_one_reader_is_accepted_for_the_whole_subject() -> None:
    reads = with_accepted_reader(measured_by_two(), "ACCEPTED READER")
    accepted = reads.filter(pl.col("evaluator") == "ACCEPTED READER")
    assert accepted.height == 4
    assert set(accepted["organ"]) == {"lung", "node"}
    undecided = measured_by_two().with_columns(accepted=pl.lit(True))
    assert with_accepted_reader(undecided, "ACCEPTED READER").equals(undecided)


def test_BR_05_each_reader_has_targets_and_sums_of_their_own() -> None:
    given = timepoint_responses(measured_by_two(), criterion("RECIST 1.1")).sort("evaluator")
    assert given["target_sum"].to_list() == [15, 46]
    assert given["overall_response"].to_list() == ["PR", "PD"]


def measured_by_two() -> pl.DataFrame:
    named = [{"study_id": "STUDY", "subject_id": "1"} | row for row in TWO_READERS]
    columns = {name: [row.get(name) for row in named] for name in MEASUREMENT.schema}
    return pl.DataFrame(columns, schema=MEASUREMENT.schema)


@pytest.mark.parametrize(
    ("same_day", "best"), [("PR d57, PD d57", "PD"), ("CR d57, SD d57", "SD"), ("NE d57, PR d57", "PR")]
)
def test_GEN_07_of_two_assessments_on_one_day_the_worst_counts(same_day: str, best: str) -> None:
    """Both stay in the table of time points; what can be evaluated goes before what cannot."""
    found = Evaluate("engine").best_response(responses(same_day), "RECIST 1.1")
    assert found["best_response"] == best
