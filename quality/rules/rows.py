"""What several modules of rules check row by row: the table to correct, the check view and its key."""

from __future__ import annotations

from functools import partial

from ingestion.tables import MEASUREMENT
from quality.rule import Rule

lesion_record = partial(Rule, table=MEASUREMENT.name, rows="measurement", keys=MEASUREMENT.key)
"""An evaluator's record of one lesion at one time point."""

lesion = partial(Rule, table=MEASUREMENT.name, rows="lesion", keys=("study_id", "subject_id", "evaluator", "lesion_id"))
"""A lesion as one evaluator follows it."""

assessment = partial(
    Rule, table=MEASUREMENT.name, rows="assessment", keys=("study_id", "subject_id", "evaluator", "timepoint")
)
"""An evaluator's assessment of one time point."""
