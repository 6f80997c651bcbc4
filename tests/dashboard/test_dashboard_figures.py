"""Figures: what is drawn of a frame, and what is said where there is nothing to draw."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import plotly.graph_objects as go
import polars as pl
import pytest

from cohorts.tables import CRITERIA_CONCORDANCE, SUBGROUP_EFFECT, SURVIVAL_CURVE, SURVIVAL_SUMMARY, VISIT_COMPLIANCE
from criteria.tables import BEST_RESPONSE, TIMEPOINT_RESPONSE
from dashboard.figures.alluvial import alluvial
from dashboard.figures.forest import forest
from dashboard.figures.kaplan_meier import kaplan_meier_figure
from dashboard.figures.lesion_course import lesion_course
from dashboard.figures.palette import RESPONSES, VISITS
from dashboard.figures.reader_scatter import paired_changes, reader_scatter
from dashboard.figures.scan_calendar import scan_calendar
from dashboard.figures.spider import spider
from dashboard.figures.swimmer import SHOWN_AT_MOST, swimmer
from dashboard.figures.waterfall import best_changes, waterfall
from ingestion.tables import MEASUREMENT, SUBJECT

DAY_1 = date(2024, 1, 1)
READ = {"study_id": "ST-1", "evaluator": "SITE", "criterion": "iRECIST", "origin": "DERIVED"}


def frame(rows: list[dict[str, Any]], table: Any, **constant: Any) -> pl.DataFrame:
    schema = {name: dtype for name, dtype in table.schema.items() if any(name in row for row in rows)}
    filled = pl.DataFrame(rows, schema_overrides=schema).with_columns(**{k: pl.lit(v) for k, v in constant.items()})
    return table.conform(filled)


def responses(text: str) -> pl.DataFrame:
    """Lines 'subject: day change response, ...'; - = no complete sum."""
    rows = []
    for line in text.strip().splitlines():
        subject, visits = line.split(":")
        for number, visit in enumerate(visits.split(","), 1):
            day, change, response = visit.split()
            rows.append(
                {
                    "subject_id": subject.strip(),
                    "timepoint": number,
                    "assessment_date": DAY_1 + timedelta(days=int(day) - 1),
                    "study_day": int(day),
                    "pct_from_baseline": None if change == "-" else float(change),
                    "overall_response": response,
                    "new_lesion": "Y" if response == "iUPD" else "N",
                }
            )
    return frame(rows, TIMEPOINT_RESPONSE, **READ)


def best(**responses: tuple[str, int | None]) -> pl.DataFrame:
    """Best response and day of progression by subject."""
    rows = [
        {
            "subject_id": subject,
            "best_response": response,
            "progression_date": None if day is None else DAY_1 + timedelta(days=day - 1),
        }
        for subject, (response, day) in responses.items()
    ]
    return frame(rows, BEST_RESPONSE, **READ)


COURSES = responses(
    """
    S1: 57 -40 iPR, 113 -60 iPR
    S2: 57 25 iUPD, 113 -10 iSD
    S3: 57 - NE
    """
)
BEST = best(S1=("iPR", None), S2=("iSD", 57), S3=("NE", None))


def names(drawn: go.Figure) -> list[str]:
    return [trace.name for trace in drawn.data if trace.name]


def said(drawn: go.Figure) -> str:
    return " ".join(note.text for note in drawn.layout.annotations)


def test_best_change_is_the_smallest_up_to_progression_largest_first() -> None:
    """S2 shrinks after its progression only; S3 has no complete sum."""
    assert best_changes(COURSES, BEST).rows() == [("S2", "SD", 25.0), ("S1", "PR", -60.0)]


def test_waterfall_draws_a_bar_a_subject_in_the_colour_of_its_response() -> None:
    drawn = waterfall(COURSES, BEST, response_percent=-50, progression_percent=25)
    assert {bar.name: (list(bar.x), list(bar.y)) for bar in drawn.data} == {"SD": ([0], [25.0]), "PR": ([1], [-60.0])}
    assert drawn.data[0].marker.color == RESPONSES[drawn.data[0].name].colour
    assert sorted(line.y0 for line in drawn.layout.shapes) == [-50, 25]


def test_spider_starts_at_baseline_and_marks_new_lesions() -> None:
    drawn = spider(COURSES, BEST)
    by_name = {line.name: line for line in drawn.data}
    assert list(by_name["PR"].y) == [0.0, -40.0, -60.0]
    assert list(by_name["SD"].marker.symbol) == ["circle", "triangle-up", "circle"]


def subjects(size: int) -> pl.DataFrame:
    rows = [
        {
            "subject_id": f"S{number}",
            "reference_date": DAY_1,
            "last_alive_date": DAY_1 + timedelta(days=30 + number),
            "death_date": DAY_1 + timedelta(days=20) if number == 1 else None,
        }
        for number in range(1, size + 1)
    ]
    return frame(rows, SUBJECT, study_id="ST-1")


def test_swimmer_ends_at_death_else_at_the_last_day_known_alive() -> None:
    drawn = swimmer(subjects(3), BEST)
    ends = {
        who: month for bar in drawn.data if bar.type == "bar" for who, month in zip(bar.customdata, bar.x, strict=True)
    }
    assert {who: round(month * 30.4375) for who, month in ends.items()} == {"S1": 20, "S2": 32, "S3": 33}
    assert {"death", "alive", "progression"} <= set(names(drawn))


def test_swimmer_says_how_many_of_the_subjects_it_shows() -> None:
    many = SHOWN_AT_MOST + 5
    drawn = swimmer(subjects(many), best(**{f"S{n}": ("iSD", None) for n in range(1, many + 1)}))
    assert drawn.layout.yaxis.title.text == f"{SHOWN_AT_MOST} of {many} subjects"


def curve(group: str, *points: tuple[float, int, int, float]) -> list[dict[str, Any]]:
    return [
        {"group_value": group, "months": months, "at_risk": at_risk, "censored": censored, "survival": survival}
        | {"lower_loglog": survival - 0.1, "upper_loglog": survival + 0.1, "events": 1 - censored}
        for months, at_risk, censored, survival in points
    ]


ENDPOINT = READ | {"endpoint": "iPFS", "profile": "fda", "group_by": "ARM"}
CURVES = frame(
    [*curve("A", (2.0, 3, 0, 0.67), (5.0, 2, 1, 0.67), (9.0, 1, 0, 0.0)), *curve("B", (1.0, 2, 0, 0.5))],
    SURVIVAL_CURVE,
    **ENDPOINT,
)
SUMMARY = frame(
    [
        {"group_value": "A", "subjects": 3, "events": 2, "median": 9.0, "hazard_ratio": 0.5, "logrank_p": 0.04}
        | {"hazard_ratio_lower": 0.2, "hazard_ratio_upper": 1.1, "reference_group": "B"},
        {"group_value": "B", "subjects": 2, "events": 1, "median": None, "logrank_p": 0.04},
    ],
    SURVIVAL_SUMMARY,
    **ENDPOINT,
)


def test_kaplan_meier_starts_at_one_and_steps() -> None:
    drawn = kaplan_meier_figure(CURVES, SUMMARY, title="iPFS", step_months=4)
    lines = {line.name: line for line in drawn.data if line.name}
    assert list(lines["A: 2 of 3, median 9.0 months"].y) == [1.0, 0.67, 0.67, 0.0]
    assert lines["B: 1 of 2, median not reached"].line.shape == "hv"


def test_kaplan_meier_prints_the_numbers_at_risk_below_the_curves() -> None:
    """A at 0, 4 and 8 months: 3, 2 and 1 subjects; B: 2, 0 and 0."""
    drawn = kaplan_meier_figure(CURVES, SUMMARY, title="iPFS", step_months=4)
    table: dict[float, list[tuple[float, str]]] = {}
    for note in drawn.layout.annotations:
        if note.xref == "x":
            table.setdefault(note.y, []).append((note.x, note.text))
    rows = [[text for _, text in sorted(row)] for _, row in sorted(table.items(), reverse=True)]
    assert rows == [["3", "2", "1"], ["2", "0", "0"]]


def test_kaplan_meier_prints_the_comparison() -> None:
    text = said(kaplan_meier_figure(CURVES, SUMMARY, title="iPFS"))
    assert "A against B: hazard ratio 0.50 (0.20-1.10)" in text
    assert "log-rank p = 0.04" in text


def effect(group_by: str, group_value: str, estimate: float | None) -> dict[str, Any]:
    return {
        "group_by": group_by,
        "group_value": group_value,
        "estimate": estimate,
        "lower": None if estimate is None else estimate / 2,
        "upper": None if estimate is None else estimate * 2,
        "subjects": 10,
        "events": 5,
        "reference_subjects": 9,
        "reference_events": 6,
    }


def test_forest_puts_all_subjects_on_top_and_says_what_cannot_be_estimated() -> None:
    effects = frame(
        [effect("SEX", "M", None), effect("ALL", "ALL", 0.8), effect("SEX", "F", 0.5)],
        SUBGROUP_EFFECT,
        **READ,
        measure="iPFS",
        profile="fda",
        arm="A",
        reference_arm="B",
        effect="HAZARD RATIO",
    )
    drawn = forest(effects, title="iPFS")
    axis = drawn.layout.yaxis
    by_place = [label for _, label in sorted(zip(axis.tickvals, axis.ticktext, strict=True), reverse=True)]
    assert by_place == ["All subjects", "SEX: F", "SEX: M"]
    assert drawn.layout.xaxis.type == "log"
    assert "5/10 : 6/9   0.80 (0.40 to 1.60)" in said(drawn)
    assert "5/10 : 6/9   not estimable" in said(drawn)


def test_alluvial_carries_every_subject_from_criterion_to_criterion() -> None:
    rows = [
        ("RECIST 1.1", "iRECIST", "PD", "iPR", 3),
        ("RECIST 1.1", "iRECIST", "PR", "iPR", 5),
        ("iRECIST", "imRECIST", "iPR", "PR", 8),
    ]
    concordance = frame(
        [
            dict(
                zip(
                    ("criterion", "other_criterion", "best_response", "other_best_response", "subjects"),
                    row,
                    strict=True,
                )
            )
            for row in rows
        ],
        CRITERIA_CONCORDANCE,
        study_id="ST-1",
        evaluator="SITE",
        origin="DERIVED",
    )
    [flow] = alluvial(concordance, ["RECIST 1.1", "iRECIST", "imRECIST"]).data
    assert list(flow.node.label) == ["PR 5", "PD 3", "PR 8", "PR 8"]
    assert sorted(zip(flow.link.source, flow.link.target, flow.link.value, strict=True)) == [
        (0, 2, 5),
        (1, 2, 3),
        (2, 3, 8),
    ]


def test_lesion_course_draws_every_lesion_and_every_criterion() -> None:
    lesions = frame(
        [
            {"lesion_id": lesion, "role": role, "organ": organ, "is_node": node, "state": state, "timepoint": number}
            | {"assessment_date": DAY_1 + timedelta(days=56 * number)}
            | {"longest_diameter_mm": longest, "short_axis_mm": short}
            for lesion, role, organ, node, number, state, longest, short in (
                ("T01", "TARGET", "LIVER", False, 0, "MEASURED", 30.0, None),
                ("T01", "TARGET", "LIVER", False, 1, "ABSENT", None, None),
                ("T02", "TARGET", "LYMPH NODE", True, 0, "MEASURED", 22.0, 16.0),
            )
        ],
        MEASUREMENT,
        study_id="ST-1",
        subject_id="S1",
        evaluator="SITE",
    )
    drawn = lesion_course(lesions, COURSES.filter(pl.col("subject_id") == "S1"), title="S1")
    sizes = {line.name: list(line.y) for line in drawn.data if line.name}
    assert sizes == {"T01 liver": [30.0, 0.0], "T02 lymph node": [16.0]}
    assert drawn.layout.yaxis2.ticktext == ("iRECIST",)
    assert [list(row.text) for row in drawn.data if row.yaxis == "y2"] == [["iPR", "iPR"]]


def test_reader_scatter_pairs_the_visits_that_both_could_sum() -> None:
    by_two = pl.concat([COURSES, COURSES.with_columns(evaluator=pl.lit("CENTRE"))])
    changed = by_two.with_columns(
        overall_response=pl.when(pl.col("evaluator") == "CENTRE").then(pl.lit("iPR")).otherwise("overall_response")
    )
    points = paired_changes(changed, "SITE", "CENTRE")
    assert points.select("subject_id", "timepoint", "agree").rows() == [
        ("S1", 1, True),
        ("S1", 2, True),
        ("S2", 1, False),
        ("S2", 2, False),
    ]
    assert {"same response (2)", "different response (2)"} <= set(names(reader_scatter(changed, "SITE", "CENTRE")))


def test_calendar_has_a_cell_for_every_subject_and_visit() -> None:
    compliance = frame(
        [
            {"subject_id": "S1", "visit": "WEEK 8", "planned_day": 57, "status": "LATE", "days_off": 9},
            {"subject_id": "S1", "visit": "BASELINE", "planned_day": 1, "status": "IN WINDOW"},
            {"subject_id": "S2", "visit": "BASELINE", "planned_day": 1, "status": "MISSING"},
        ],
        VISIT_COMPLIANCE,
        study_id="ST-1",
    )
    [cells] = scan_calendar(compliance).data
    assert (list(cells.x), list(cells.y)) == (["BASELINE", "WEEK 8"], ["S1", "S2"])
    symbols = [[VISITS["IN WINDOW"].symbol, VISITS["LATE"].symbol], [VISITS["MISSING"].symbol, ""]]
    assert [list(row) for row in cells.text] == symbols
    assert cells.customdata[0][1] == "S1, WEEK 8: late"


EMPTY = {
    "waterfall": lambda: waterfall(TIMEPOINT_RESPONSE.empty(), BEST_RESPONSE.empty()),
    "spider": lambda: spider(TIMEPOINT_RESPONSE.empty(), BEST_RESPONSE.empty()),
    "swimmer": lambda: swimmer(SUBJECT.empty(), BEST_RESPONSE.empty()),
    "kaplan_meier": lambda: kaplan_meier_figure(SURVIVAL_CURVE.empty(), SURVIVAL_SUMMARY.empty(), title="PFS"),
    "forest": lambda: forest(SUBGROUP_EFFECT.empty(), title="PFS"),
    "alluvial": lambda: alluvial(CRITERIA_CONCORDANCE.empty(), ["WHO", "RECIST 1.1"]),
    "alluvial of one criterion": lambda: alluvial(CRITERIA_CONCORDANCE.empty(), ["WHO"]),
    "lesion_course": lambda: lesion_course(MEASUREMENT.empty(), TIMEPOINT_RESPONSE.empty(), title="S1"),
    "reader_scatter": lambda: reader_scatter(TIMEPOINT_RESPONSE.empty(), "SITE", "CENTRE"),
    "scan_calendar": lambda: scan_calendar(VISIT_COMPLIANCE.empty()),
}


@pytest.mark.parametrize("name", EMPTY)
def test_nothing_to_draw_says_why(name: str) -> None:
    drawn = EMPTY[name]()
    assert len(drawn.data) == 0
    assert len(said(drawn)) > 20
