"""Evaluate quality rules with Great Expectations: the one module that knows that library.

Great Expectations takes seconds to import, so it is imported inside the functions. It reports an exception as a failed
expectation; here an exception becomes the status ERROR and never a finding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import polars as pl

from quality.outcome import Outcome, Status
from quality.rule import Between, Holds, OneOf, Present, Rule, Unique

if TYPE_CHECKING:
    import pandas as pd

LISTED_ROWS = 5_000


def evaluate(
    frames: Mapping[str, pl.DataFrame | pd.DataFrame], rules: Sequence[Rule], listed_rows: int = LISTED_ROWS
) -> list[Outcome]:
    """The outcome of every rule on the rows it checks, in the order of the rules.

    ``frames`` maps a rule's ``rows`` to a frame with the columns that the rule uses; a rule without a frame, without
    rows, or with no row to which it applies is SKIPPED. At most ``listed_rows`` failing rows are listed, the first
    ones of the frame; the count of failing rows goes beyond them.
    """
    outcomes: dict[str, Outcome] = {}
    for name, group in groupby(sorted(rules, key=lambda rule: rule.rows), key=lambda rule: rule.rows):
        checked = list(group)
        frame = _as_polars(frames.get(name))
        if frame is None:
            found = [_skipped(rule, f"no rows of {name} were given") for rule in checked]
        elif frame.is_empty():
            found = [_skipped(rule, f"{name} has no rows") for rule in checked]
        else:
            found = _evaluate_rows(frame, checked, listed_rows)
        outcomes |= {outcome.rule_id: outcome for outcome in found}
    return [outcomes[rule.id] for rule in rules]


def _as_polars(frame: pl.DataFrame | pd.DataFrame | None) -> pl.DataFrame | None:
    return frame if frame is None or isinstance(frame, pl.DataFrame) else pl.from_pandas(frame)


def _skipped(rule: Rule, reason: str) -> Outcome:
    return Outcome(rule.id, Status.SKIPPED, reason)


def _error(rule: Rule, reason: str) -> Outcome:
    return Outcome(rule.id, Status.ERROR, reason)


def _evaluate_rows(frame: pl.DataFrame, rules: Sequence[Rule], listed_rows: int) -> list[Outcome]:
    missing = {rule.id: [name for name in rule.columns if name not in frame.columns] for rule in rules}
    errors = [_error(rule, f"{rule.rows} lacks {', '.join(missing[rule.id])}") for rule in rules if missing[rule.id]]
    sound = [rule for rule in rules if not missing[rule.id]]
    try:
        results = _validate(frame, sound, listed_rows) if sound else {}
    except Exception as error:  # whatever the library raises is these rules' ERROR, never a finding
        return [*errors, *(_error(rule, f"{type(error).__name__}: {error}") for rule in sound)]
    return [*errors, *(_outcome(rule, frame, results.get(rule.id)) for rule in sound)]


def _validate(frame: pl.DataFrame, rules: Sequence[Rule], listed_rows: int) -> dict[str, Any]:
    """Great Expectations' result of each rule by rule id: results come back in another order than the suite."""
    import great_expectations as gx  # noqa: PLC0415
    from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: PLC0415

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(enable=False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    used = [name for name in frame.columns if any(name in rule.expected_columns for rule in rules)]
    definition = context.data_sources.add_pandas("rows").add_dataframe_asset("rows")
    batch = definition.add_batch_definition_whole_dataframe("rows").get_batch(
        batch_parameters={"dataframe": frame.select(used).to_pandas()}
    )
    suite = gx.ExpectationSuite(name="rules", expectations=[_expectation(rule) for rule in rules])
    result = batch.validate(suite, result_format={"result_format": "SUMMARY", "partial_unexpected_count": listed_rows})
    return {found.expectation_config.meta["rule_id"]: found for found in result.results}


def _expectation(rule: Rule) -> Any:
    import great_expectations.expectations as gxe  # noqa: PLC0415

    meta = {"rule_id": rule.id}
    match rule.expected:
        case Present(column):
            return gxe.ExpectColumnValuesToNotBeNull(column=column, meta=meta)
        case Unique((column,)):
            return gxe.ExpectColumnValuesToBeUnique(column=column, meta=meta)
        case Unique(columns):
            return gxe.ExpectCompoundColumnsToBeUnique(column_list=list(columns), meta=meta)
        case OneOf(column, values):
            return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=list(values), meta=meta)
        case Between(column, lowest, highest):
            return gxe.ExpectColumnValuesToBeBetween(column=column, min_value=lowest, max_value=highest, meta=meta)
        case Holds(column):
            return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=[True], meta=meta)


def _outcome(rule: Rule, frame: pl.DataFrame, found: Any) -> Outcome:
    if found is None:
        return _error(rule, "Great Expectations gave no result")
    if raised := _raised(found.exception_info):
        return _error(rule, raised)
    checked = found.result["element_count"] - found.result.get("missing_count", 0)
    if not checked:
        return _skipped(rule, f"no row of {rule.rows} to which the rule applies")
    if found.success:
        return Outcome(rule.id, Status.PASS, checked=int(checked))
    failed = int(found.result["unexpected_count"])
    positions = [int(position) for position in found.result["partial_unexpected_index_list"]]
    return Outcome(rule.id, Status.FAIL, None, int(checked), failed, frame.select(rule.columns)[positions])


def _raised(exception_info: Mapping[str, Any]) -> str | None:
    """The message of the exception behind a result: a healthy result has one flag, a broken one a dict per metric."""
    details = [exception_info] if "raised_exception" in exception_info else list(exception_info.values())
    raised = [detail["exception_message"] for detail in details if detail["raised_exception"]]
    return "; ".join(dict.fromkeys(raised)) or None
