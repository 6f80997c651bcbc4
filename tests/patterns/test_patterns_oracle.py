"""Every definition against the plain reading of `tests.patterns.oracle`, on random subjects; and what never matters."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from criteria.pattern_options import DEFAULT, PatternOptions
from criteria.pattern_tables import PATTERN
from criteria.patterns import patterns
from criteria.registry import criterion
from criteria.side_by_side import all_best_responses, all_event_times, all_timepoint_responses
from ingestion.tables import MEASUREMENT, RECORDED_RESPONSE, SUBJECT
from tests.patterns import oracle
from tests.patterns.random_courses import subject
from tests.spec.table import Row

SUBJECTS = 1500
CRITERIA = ("RECIST 1.1", "iRECIST", "irRC")
ALTERNATIVES = {
    "default": DEFAULT,
    "accelerated": PatternOptions(
        negative_ref_policy="accelerated_if_exp_positive",
        tgk_requires_pd=False,
        kato_pace="absolute",
        lo_russo_requires_pd=False,
        lo_russo_ecog="drop_ge2",
        pseudo_hpd_ratio=(0.8, 1.5),
        ref_gap_min=30,
    ),
    "nadir": PatternOptions(dissociated_ref="nadir", dissociated_inclusive=True, dissociated_new_counts=True),
    "organ": PatternOptions(dissociated_level="organ", dissociated_new_counts=False),
    "organ nadir": PatternOptions(dissociated_level="organ", dissociated_ref="nadir"),
}
ANSWER = {True: "Y", False: "N", None: "NOT_EVALUABLE"}


class Study(NamedTuple):
    rows: dict[str, list[Row]]
    subjects: dict[str, Row]
    visits: dict[str, list[Row]]
    measurements: pl.DataFrame
    subject_frame: pl.DataFrame
    responses: pl.DataFrame
    best: pl.DataFrame
    times: pl.DataFrame
    ecog: pl.DataFrame

    def patterns(self, options: PatternOptions = DEFAULT) -> pl.DataFrame:
        return patterns(
            self.measurements, self.responses, self.best, self.times, self.subject_frame, self.ecog, options=options
        )


def study_of(drawn: list[tuple[list[Row], Row, list[Row]]]) -> Study:
    rows = {one["subject_id"]: own for own, one, _ in drawn}
    subjects = {one["subject_id"]: one | {"arm": "AB"[len(own) % 2]} for own, one, _ in drawn}
    visits = {one["subject_id"]: some for _, one, some in drawn}
    measurements = conformed(MEASUREMENT, [row for own in rows.values() for row in own])
    subject_frame = conformed(SUBJECT, [{k: v for k, v in s.items() if k != "evaluator"} for s in subjects.values()])
    declared = [criterion(name) for name in CRITERIA]
    responses = all_timepoint_responses(measurements, RECORDED_RESPONSE.empty(), subject_frame, declared)
    best = all_best_responses(responses, subject_frame, declared)
    times = all_event_times(responses, best, subject_frame, declared, ["fda"], 56, 7)
    ecog = pl.DataFrame(
        [visit for some in visits.values() for visit in some],
        schema={"subject_id": pl.String, "date": pl.Date, "ecog": pl.Int64},
    )
    return Study(rows, subjects, visits, measurements, subject_frame, responses, best, times, ecog)


def conformed(table: Any, rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame([{name: row.get(name) for name in table.schema} for row in rows], schema=table.schema)


@pytest.fixture(scope="module")
def study() -> Study:
    return study_of([subject(number, seed=7) for number in range(SUBJECTS)])


def expected(study: Study, options: PatternOptions) -> Iterator[tuple[tuple[str, str, str], str]]:
    """(subject, criterion, definition) and the answer of the oracle."""
    called: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in study.responses.to_dicts():
        called[row["subject_id"], row["criterion"]].append(row)
    for one, rows in study.rows.items():
        if rows:
            for key, answer in oracle.dissociated(rows, study.subjects[one], options).items():
                yield (one, "ALL", key), ANSWER[answer]
        for name in CRITERIA:
            responses = called[one, name]
            found = dict(oracle.pseudoprogression(responses, study.subjects[one]))
            if name != "irRC" and rows:
                found |= oracle.hyperprogression(rows, responses, study.subjects[one], study.visits[one], options)
            yield from (((one, name, key), ANSWER[answer]) for key, answer in found.items())
    cohorts: dict[tuple[str, str], list[tuple[str, int, bool]]] = defaultdict(list)
    for row in study.times.filter(pl.col("endpoint").str.ends_with("PFS")).to_dicts():
        arm = study.subjects[row["subject_id"]]["arm"]
        cohorts[row["criterion"], arm].append((row["subject_id"], row["days"], row["event"]))
    for (name, _), times in cohorts.items():
        yield from (((one, name, "durable_alt"), ANSWER[held]) for one, held in oracle.durable(times).items())


@pytest.mark.parametrize("name", ALTERNATIVES)
def test_9_10_11_2_every_definition_agrees_with_its_plain_reading(study: Study, name: str) -> None:
    options = ALTERNATIVES[name]
    found = study.patterns(options)
    answers = {row[:3]: row[3] for row in found.select("subject_id", "criterion", "definition", "present").rows()}
    wrong = Counter()
    example = {}
    compared = Counter()
    for key, answer in expected(study, options):
        compared[key[2]] += 1
        if answers.get(key) != answer:
            wrong[key[2]] += 1
            example.setdefault(key[2], (key, answer, answers.get(key)))
    assert not wrong, f"{wrong} {example}"
    assert set(compared) == set(found["definition"])


def test_9_10_11_2_the_random_subjects_reach_every_answer_of_every_definition(study: Study) -> None:
    reached = study.patterns().group_by("definition").agg(pl.col("present").unique().sort())
    lacking = {name: found for name, found in reached.rows() if len(found) < 3}
    assert not lacking


def test_9_10_the_order_of_the_rows_does_not_matter(study: Study) -> None:
    mixed = study._replace(
        measurements=study.measurements.sample(fraction=1, shuffle=True, seed=3),
        responses=study.responses.sample(fraction=1, shuffle=True, seed=4),
        subject_frame=study.subject_frame.sample(fraction=1, shuffle=True, seed=5),
        ecog=study.ecog.sample(fraction=1, shuffle=True, seed=6),
    )
    assert_frame_equal(mixed.patterns(), study.patterns())


def test_9_10_11_2_a_shift_of_all_dates_shifts_the_dates_alone(study: Study) -> None:
    few = [subject(number, seed=11) for number in range(200)]
    days = timedelta(days=1000)

    def later(row: Row) -> Row:
        return {name: value + days if hasattr(value, "year") else value for name, value in row.items()}

    moved = [([later(row) for row in rows], later(one), [later(v) for v in visits]) for rows, one, visits in few]
    found, original = study_of(moved).patterns(), study_of(few).patterns()
    dates = ["onset_date", "resolution_date"]
    back = found.with_columns(pl.col(dates) - days)
    assert_frame_equal(back.drop("explanation"), original.drop("explanation"))


def test_9_10_names_of_lesions_and_subjects_do_not_matter(study: Study) -> None:
    few = [subject(number, seed=13) for number in range(200)]
    names = random.Random(1).sample(range(1000), 1000)

    def renamed(row: Row) -> Row:
        role, number = row["lesion_id"].rstrip("0123456789"), int(row["lesion_id"][-2:])
        return row | {"lesion_id": f"L{names[number * 10 + len(role)]}"}

    others = [([renamed(row) for row in rows], one, visits) for rows, one, visits in few]
    assert_frame_equal(study_of(others).patterns(), study_of(few).patterns())


def test_9_10_two_halves_of_a_study_give_what_the_whole_gives() -> None:
    few = [subject(number, seed=17) for number in range(200)]
    of_one = pl.col("pattern") != "DURABLE RESPONSE"
    halves = pl.concat([study_of(few[:100]).patterns(), study_of(few[100:]).patterns()])
    assert_frame_equal(
        halves.filter(of_one).sort(PATTERN.key), study_of(few).patterns().filter(of_one).sort(PATTERN.key)
    )


def test_9_10_11_2_without_any_data_there_is_no_row() -> None:
    assert study_of([]).patterns().is_empty()


def test_10_lo_russo_without_ECOG_is_never_decided_by_it(study: Study) -> None:
    without = study.patterns().filter(pl.col("definition") == "lo_russo2019")
    blind = patterns(study.measurements, study.responses, study.best, study.times, study.subject_frame)
    blind = blind.filter(pl.col("definition") == "lo_russo2019")
    moved = without.join(blind, on=PATTERN.key, suffix="_blind").select("present", "present_blind").unique().rows()
    assert set(moved) <= {
        *((one, one) for one in ("Y", "N", "NOT_EVALUABLE")),
        ("Y", "NOT_EVALUABLE"),
        ("N", "NOT_EVALUABLE"),
    }
