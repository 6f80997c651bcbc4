"""What the forms of responses and of PET reads say beyond their columns."""

from __future__ import annotations

import polars as pl

from criteria.vocabulary import Component, LesionStatus
from ingestion.forms import codes
from ingestion.forms.sifting import Check

NEW_LESION_WORDS = ("Y", "N", "NE", "EQUIVOCAL")
UPTAKE = ("suv_max", "suv_peak", "suv_mean", "sul_max", "sul_peak", "sul_mean", "mtv_ml", "tlg_g")


def response_checks(_: pl.DataFrame) -> tuple[Check, ...]:
    """A new lesion is there or not (Y, N); every other component has a response."""
    new_lesion = pl.col("component") == Component.NEW_LESION
    return (
        Check(
            "response",
            new_lesion & ~pl.col("response").is_in(NEW_LESION_WORDS),
            "no word for a new lesion",
            f"write one of {', '.join(NEW_LESION_WORDS)}",
        ),
        Check(
            "response",
            ~new_lesion & ~pl.col("response").is_in(codes.RESPONSES),
            "no response",
            "write a response of the criterion, e.g. CR, PR, SD, PD, NE",
        ),
    )


def with_lesion_status(rows: pl.DataFrame) -> pl.DataFrame:
    """A lesion with uptake is there when nothing else is said."""
    seen = pl.any_horizontal(pl.col(name) > 0 for name in UPTAKE).fill_null(False)
    return rows.with_columns(
        status=pl.coalesce("status", pl.when(seen).then(pl.lit(LesionStatus.PRESENT.value))),
    )
