"""The engine: four statuses that are never mixed, a cap on listed rows, and a lazy Great Expectations."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from quality.engine import evaluate
from quality.outcome import Status
from quality.rule import Between, Category, Expectation, Holds, OneOf, Present, Rule, Severity, Unique

ROWS = pl.DataFrame(
    {
        "study_id": ["S1"] * 4,
        "subject_id": ["A1", "A2", "A2", None],
        "size": [10.0, -1.0, None, 3.5],
        "arm": ["X", "Y", None, "Z"],
        "ok_all": [True, True, None, True],
        "ok_some": [True, False, None, True],
        "ok_none": pl.Series([None] * 4, dtype=pl.Boolean),
    }
)


def rule(id: str, expectation: Expectation, rows: str = "rows") -> Rule:
    return Rule(
        id=id,
        title="a title",
        table="core.subject",
        rows=rows,
        keys=("study_id", "subject_id"),
        category=Category.CONFORMANCE,
        source="test",
        message="subject {subject_id}",
        expectation=expectation,
    )


@pytest.mark.parametrize(
    ("expectation", "status", "checked", "failed", "positions"),
    [
        (Holds("ok_all"), Status.PASS, 3, 0, []),
        (Holds("ok_some"), Status.FAIL, 3, 1, [1]),
        (Holds("ok_none"), Status.SKIPPED, 0, 0, []),
        (Present("subject_id"), Status.FAIL, 4, 1, [3]),
        (Present("study_id"), Status.PASS, 4, 0, []),
        (OneOf("arm", ("X", "Y", "Z")), Status.PASS, 3, 0, []),
        (OneOf("arm", ("X", "Z")), Status.FAIL, 3, 1, [1]),
        (Between("size", lowest=0), Status.FAIL, 3, 1, [1]),
        (Between("size", lowest=-1, highest=10), Status.PASS, 3, 0, []),
        (Unique(("study_id", "subject_id")), Status.FAIL, 4, 2, [1, 2]),
        (Unique(("study_id", "subject_id", "size")), Status.PASS, 4, 0, []),
        (Unique(("size",)), Status.PASS, 3, 0, []),
    ],
)
def test_status_counts_and_rows_of_an_expectation(
    expectation: Expectation, status: Status, checked: int, failed: int, positions: list[int]
) -> None:
    [outcome] = evaluate({"rows": ROWS}, [rule("R", expectation)])
    assert (outcome.status, outcome.checked, outcome.failed) == (status, checked, failed)
    if positions:
        assert outcome.rows["subject_id"].to_list() == ROWS["subject_id"][positions].to_list()


def test_exception_is_an_error_and_never_a_finding() -> None:
    [broken, sound] = evaluate(
        {"rows": ROWS}, [rule("BROKEN", Holds("no_such_column")), rule("SOUND", Holds("ok_all"))]
    )
    assert (broken.status, broken.failed, broken.rows.height) == (Status.ERROR, 0, 0)
    assert "no_such_column" in str(broken.reason)
    assert sound.status is Status.PASS


def test_expectation_that_cannot_be_computed_is_an_error() -> None:
    [outcome] = evaluate({"rows": ROWS}, [rule("R", Between("arm", lowest=0))])
    assert outcome.status is Status.ERROR
    assert outcome.reason


def test_expectation_that_makes_no_sense_is_an_error() -> None:
    [outcome] = evaluate({"rows": ROWS}, [rule("R", Between("size"))])
    assert outcome.status is Status.ERROR
    assert outcome.rows.is_empty()


def test_failing_row_whose_own_columns_are_missing_is_an_error() -> None:
    unknown = Rule(
        id="R",
        title="a title",
        table="core.subject",
        rows="rows",
        keys=("study_id", "visit"),
        category=Category.CONFORMANCE,
        source="test",
        message="",
        expectation=Holds("ok_some"),
    )
    [outcome] = evaluate({"rows": ROWS}, [unknown])
    assert outcome.status is Status.ERROR
    assert "visit" in str(outcome.reason)


def test_rule_without_rows_is_skipped_with_its_reason() -> None:
    outcomes = evaluate({"rows": ROWS.clear()}, [rule("EMPTY", Holds("ok_all")), rule("ABSENT", Holds("ok"), "other")])
    assert [outcome.status for outcome in outcomes] == [Status.SKIPPED, Status.SKIPPED]
    assert [outcome.reason for outcome in outcomes] == ["rows has no rows", "no rows of other were given"]


def test_outcomes_follow_the_order_of_the_rules_over_several_frames() -> None:
    rules = [rule("C", Holds("ok_some"), "b"), rule("A", Holds("ok_all"), "a"), rule("B", Holds("ok_all"), "b")]
    outcomes = evaluate({"a": ROWS, "b": ROWS}, rules)
    assert [(found.rule_id, found.status) for found in outcomes] == [
        ("C", Status.FAIL),
        ("A", Status.PASS),
        ("B", Status.PASS),
    ]


def test_pandas_frame_gives_the_same_outcome() -> None:
    rules = [rule("A", Holds("ok_some")), rule("B", Unique(("study_id", "subject_id")))]
    from_polars = evaluate({"rows": ROWS}, rules)
    from_pandas = evaluate({"rows": ROWS.to_pandas()}, rules)
    assert [(o.status, o.checked, o.failed) for o in from_pandas] == [
        (o.status, o.checked, o.failed) for o in from_polars
    ]


def test_failing_rows_are_listed_up_to_the_cap_and_counted_beyond_it() -> None:
    many = pl.DataFrame({"study_id": "S1", "subject_id": [f"A{n}" for n in range(12_000)], "ok": False})
    [outcome] = evaluate({"rows": many}, [rule("R", Holds("ok"))])
    assert (outcome.failed, outcome.rows.height) == (12_000, 5_000)
    assert outcome.rows["subject_id"].to_list() == many["subject_id"].head(5_000).to_list()


def test_blocking_rule_has_severity_error() -> None:
    with pytest.raises(ValueError, match="blocking"):
        Rule(
            id="R",
            title="a title",
            table="core.subject",
            rows="rows",
            keys=("study_id",),
            category=Category.CONFORMANCE,
            severity=Severity.WARN,
            blocking=True,
            source="test",
            message="",
        )


def test_importing_quality_does_not_import_great_expectations() -> None:
    root = Path(__file__).resolve().parents[2]
    modules = [
        ".".join(path.relative_to(root).with_suffix("").parts)
        for path in sorted((root / "quality").rglob("*.py"))
        if path.name != "__init__.py"
    ]
    assert "quality.engine" in modules
    code = (
        f"import importlib, sys\nfor name in {modules!r}: importlib.import_module(name)\n"
        "print(sorted({'great_expectations', 'pandas', 'dagster'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_only_the_engine_names_great_expectations() -> None:
    quality = Path(__file__).resolve().parents[2] / "quality"
    naming = [path.name for path in quality.rglob("*.py") if "import great_expectations" in path.read_text("utf-8")]
    assert naming == ["engine.py"]
