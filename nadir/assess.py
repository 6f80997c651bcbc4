"""Responses for one table of lesions, without any study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from criteria.declaration import Morphologic
from criteria.registry import CRITERIA, UnknownCriterionError, criterion
from criteria.side_by_side import all_best_responses, all_timepoint_responses
from ingestion.lesion_table import LesionTableError, read_lesion_table, read_subject_table, subjects_from_baseline
from ingestion.tables import RECORDED_RESPONSE
from nadir.errors import UserError


@dataclass(frozen=True)
class Assessed:
    """Time point responses, best responses, and the rows that could not be used."""

    timepoint_responses: pl.DataFrame
    best_responses: pl.DataFrame
    rejects: pl.DataFrame


def chosen_criteria(names: str | None) -> list[Morphologic]:
    """The criteria of a comma-separated list, all of them without one."""
    try:
        return [criterion(name.strip()) for name in names.split(",")] if names else list(CRITERIA.values())
    except UnknownCriterionError as error:
        raise UserError(str(error)) from error


def assess_file(lesions: Path, subjects: Path | None, criteria: Sequence[Morphologic]) -> Assessed:
    """Responses of the lesions in a file; without a file of subjects the baseline scan is the reference date."""
    try:
        measured = read_lesion_table(lesions)
        known = read_subject_table(subjects) if subjects else None
    except LesionTableError as error:
        raise UserError(str(error)) from error
    rejects = [measured.rejects, *([known.rejects] if known else [])]
    subject = known.frame if known else subjects_from_baseline(measured.frame)
    responses = all_timepoint_responses(measured.frame, RECORDED_RESPONSE.empty(), subject, criteria)
    return Assessed(responses, all_best_responses(responses, subject, criteria), pl.concat(rejects))
