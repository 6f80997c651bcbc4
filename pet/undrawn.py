"""Lesions that their reader drew before and not on a later scan (option ``undrawn_lesion``)."""

from __future__ import annotations

import polars as pl

from criteria.vocabulary import LesionStatus
from ingestion.pet_tables import PET_LESION
from protocol.pet_options import PetOptions

COURSE = ("study_id", "subject_id", "evaluator")
SAME = ("role", "organ", "side", "is_node", "nature", "measured_from")


def with_undrawn(lesions: pl.DataFrame, references: pl.DataFrame, options: PetOptions) -> pl.DataFrame:
    """The lesions measured from images, with a row of status RESOLVED for each that is drawn no more.

    A segmentation cannot say that a lesion is gone. Where ``options.undrawn_lesion`` is RESOLVED, a lesion counts as
    gone on every later scan on which its evaluator drew another lesion or a reference region; otherwise it has no
    row, which is not measured (section 0). ``lesions`` and ``references`` are the tables as measured from images;
    reference regions put at the baseline's place are no drawings.
    """
    if options.undrawn_lesion == "NE":
        return lesions
    place = (*COURSE, "timepoint", "visit", "assessment_date")
    drawn = references.filter(~pl.col("flags").fill_null("").str.contains("CENTRE_FROM_BASELINE"))
    scans = pl.concat([lesions.select(place), drawn.select(place)]).unique([*COURSE, "timepoint"], maintain_order=True)
    first = lesions.sort("timepoint").unique([*COURSE, "lesion_id"], keep="first", maintain_order=True)
    gone = (
        scans.join(first.select(*COURSE, "lesion_id", *SAME, since="timepoint"), on=COURSE)
        .filter(pl.col("timepoint") > pl.col("since"))
        .join(lesions, on=[*COURSE, "timepoint", "lesion_id"], how="anti")
        .with_columns(status=pl.lit(LesionStatus.RESOLVED.value))
        .drop("since")
    )
    return pl.concat([lesions, PET_LESION.conform(gone)]).sort(PET_LESION.key)
