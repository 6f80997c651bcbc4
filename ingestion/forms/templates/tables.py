"""The core tables of the forms that a study sent as templates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from ingestion.forms.sifting import SHEET, Check, join_rejects, sift, with_columns_of
from ingestion.forms.templates.cells import Names
from ingestion.forms.templates.declared import TEMPLATES
from ingestion.forms.templates.typed import read_rows
from ingestion.reject import Parsed


def template_tables(
    study_id: str,
    received: Mapping[str, pl.DataFrame],
    own_subjects: Parsed,
    *,
    data_cutoff: date | None,
    default_criterion: str,
    names: Names,
) -> dict[str, Parsed]:
    """The tables of all templates but the subjects' that were received, by name.

    Where the study has DM or a form of subjects, a row of another subject is rejected.
    """
    known = _known_subjects(received, own_subjects)
    tables = {}
    for name in TEMPLATES:
        if name == "subject" or name not in received:
            continue
        template = TEMPLATES[name]
        rows = with_columns_of(received[name], (SHEET,)).with_columns(USUBJID=pl.col("subject_id"))
        placed, strangers = sift(rows, _subject_check(known), study_id=study_id, stage=template.table.name)
        parsed = read_rows(
            placed,
            template,
            study_id=study_id,
            names={"criterion": names},
            defaults={"criterion": default_criterion} if "criterion" in template.table.schema else {},
            data_cutoff=data_cutoff,
        )
        tables[name] = Parsed(parsed.frame, join_rejects([strangers, parsed.rejects]))
    return tables


def _known_subjects(received: Mapping[str, pl.DataFrame], own_subjects: Parsed) -> pl.Series | None:
    """The subjects of DM and of the form of subjects; None when the study has neither."""
    if "DM" not in received and "subject" not in received:
        return None
    of_dm = received["DM"]["USUBJID"] if "DM" in received else pl.Series([], dtype=pl.String)
    return pl.concat([of_dm.rename("subject_id"), own_subjects.frame["subject_id"]]).drop_nulls().unique()


def _subject_check(known: pl.Series | None) -> tuple[Check, ...]:
    if known is None:
        return ()
    stranger = pl.col("subject_id").is_not_null() & ~pl.col("subject_id").is_in(known.implode())
    reason = "the subject is neither in DM nor in the form subject"
    return (Check("subject_id", stranger, reason, "send the subject's row, or correct subject_id", tuple(known)),)
