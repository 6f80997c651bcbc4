"""Responses of any criterion in plain categories, one per date, as the patterns read them."""

from __future__ import annotations

import polars as pl

from criteria.decision import CATEGORIES
from criteria.registry import CRITERIA
from criteria.response_courses import WORST_FIRST, category_codes, literal_response
from criteria.tables import COURSE_KEY

RECIST_FAMILY = ("RECIST 1.1", "iRECIST", "itRECIST")
"""Criteria whose target category and first progression are those of RECIST 1.1 (IR-01)."""

PROGRESSION = "PD"
RESPONSES = ("CR", "PR")
UNKNOWN = ("NE", "NA")
PROGRESSIONS = {"UPD": PROGRESSION, "CPD": PROGRESSION}
PLAIN = {
    printed: PROGRESSIONS.get(CATEGORIES[code], CATEGORIES[code])
    for declared in CRITERIA.values()
    for printed, code in category_codes(declared).items()
} | {PROGRESSION: PROGRESSION}


def plain_responses(responses: pl.DataFrame, subjects: pl.DataFrame) -> pl.DataFrame:
    """One row per course and date, in order: ``overall`` and ``target`` as CR, PR, SD, NON-CR/NON-PD, NED or PD.

    ``responses`` is analysis.timepoint_response, ``subjects`` core.subject. Both categories are null where the
    response is not evaluable or no code; of two responses of one date the worst is kept (GEN-07). ``shown_date`` is
    the date of the progression (DT-02), else of the assessment; ``reference_date`` and ``new_therapy_date`` are the
    subject's.
    """
    rank = {CATEGORIES[code]: place for place, code in enumerate(WORST_FIRST)}
    dates = subjects.select("study_id", "subject_id", "reference_date", "new_therapy_date")
    return (
        responses.filter(pl.col("assessment_date").is_not_null())
        .with_columns(overall=_plain(literal_response()), target=_plain(pl.col("target_response")))
        .with_columns(rank=pl.col("overall").replace_strict(rank, default=len(rank), return_dtype=pl.Int32))
        .sort(*COURSE_KEY, "assessment_date", "rank", "timepoint", nulls_last=True)
        .unique([*COURSE_KEY, "assessment_date"], keep="first", maintain_order=True)
        .join(dates, on=["study_id", "subject_id"], how="left", maintain_order="left")
        .select(
            *COURSE_KEY,
            "timepoint",
            "assessment_date",
            "overall",
            "target",
            "reference_date",
            "new_therapy_date",
            shown_date=pl.coalesce("progression_date", "assessment_date"),
        )
    )


def _plain(response: pl.Expr) -> pl.Expr:
    plain = response.replace_strict(PLAIN, default=None, return_dtype=pl.String)
    return pl.when(~plain.is_in(UNKNOWN)).then(plain)
