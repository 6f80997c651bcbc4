"""What nadir's own forms say of a subject beside SDTM records: who is in the study, and when they were alive."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from criteria.vocabulary import State
from ingestion.forms.sdtm import TemplateEvidence
from ingestion.forms.sifting import ORDER, PROVENANCE, ROW, SHEET, SOURCE_NAME, SOURCE_SHA256, no_rows, with_columns_of
from ingestion.forms.templates.declared import TEMPLATES
from ingestion.forms.templates.typed import read_rows
from ingestion.reject import Parsed
from ingestion.tables import REJECT, SUBJECT, THERAPY
from protocol.form_names import DOMAINS

ALIVE_ON = {
    "visit": ("start_date", "end_date"),
    "measurement": ("assessment_date",),
    "recorded_response": ("assessment_date",),
    "therapy": ("start_date", "end_date"),
    "clinical_status": ("assessment_date",),
    "laboratory": ("collection_date",),
    "injection": ("injection_datetime",),
    "pet_scan": ("assessment_date",),
    "pet_lesion": ("assessment_date",),
}
DM_OF = {"site": "SITEID", "arm": "ARM", "sex": "SEX", "death_date": "DTHDTC", "randomisation_date": "RANDDTC"}


def template_subjects(study_id: str, received: Mapping[str, pl.DataFrame], data_cutoff: date | None) -> Parsed:
    """The form of subjects as core.subject; empty where the study sent none."""
    if "subject" not in received:
        return Parsed(SUBJECT.empty(), REJECT.empty())
    rows = with_columns_of(received["subject"], (SHEET,))
    return read_rows(rows, TEMPLATES["subject"], study_id=study_id, data_cutoff=data_cutoff)


def evidence_of(
    received: Mapping[str, pl.DataFrame], own_subjects: pl.DataFrame, templates: Mapping[str, Parsed]
) -> TemplateEvidence:
    """The subjects that DM does not have, the dates on which subjects were alive, therapies and injections."""
    injection = templates["injection"].frame if "injection" in templates else None
    return TemplateEvidence(
        subjects=_subjects(received, own_subjects, templates),
        dated={name: _dated(name, templates[name].frame) for name in ALIVE_ON if name in templates},
        therapies=templates["therapy"].frame if "therapy" in templates else THERAPY.empty(),
        injections=_first_injections(injection),
    )


def _subjects(
    received: Mapping[str, pl.DataFrame], own_subjects: pl.DataFrame, templates: Mapping[str, Parsed]
) -> pl.DataFrame:
    """Rows like DM's: the form of subjects; with neither that nor DM, whoever has a record."""
    if "DM" in received or "subject" in received:
        of_dm = received["DM"]["USUBJID"] if "DM" in received else pl.Series([], dtype=pl.String)
        own = own_subjects.filter(~pl.col("subject_id").is_in(of_dm.implode()))
        return own.select(
            pl.col("subject_id").alias("USUBJID"),
            *(pl.col(name).cast(pl.String).alias(column) for name, column in DM_OF.items()),
            pl.coalesce("first_dose_date", "reference_date").cast(pl.String).alias("RFXSTDTC"),
            *_provenance(),
        )
    columns = ("USUBJID", *PROVENANCE)
    named = [
        with_columns_of(frame, columns).select(columns)
        for domain, frame in received.items()
        if domain in DOMAINS and "USUBJID" in frame.columns
    ]
    named += [
        parsed.frame.select(pl.col("subject_id").alias("USUBJID"), *_provenance()) for parsed in templates.values()
    ]
    every = pl.concat([no_rows("USUBJID").select(columns), *named])
    return every.drop_nulls("USUBJID").sort(ORDER).unique("USUBJID", keep="first", maintain_order=True)


def _provenance() -> tuple[pl.Expr, ...]:
    """The source columns of a canonical row as provenance of a received one."""
    sheet, number = (pl.col("source_record").str.extract(r"^(?:(.*)!)?(\d+)$", group) for group in (1, 2))
    return (
        number.cast(PROVENANCE[ROW]).alias(ROW),
        pl.col("source_name").alias(SOURCE_NAME),
        pl.col("source_sha256").alias(SOURCE_SHA256),
        sheet.alias(SHEET),
    )


def _dated(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """USUBJID and the form's dates as --DTC; planned dates of what was not done are no evidence."""
    if name == "measurement":
        frame = frame.filter(pl.col("state") != State.NOT_DONE)
    if name == "visit":
        frame = frame.filter(pl.col("occurred").fill_null(True))
    return frame.select(
        pl.col("subject_id").alias("USUBJID"),
        *(pl.col(column).cast(pl.Date).cast(pl.String).alias(f"{column}DTC") for column in ALIVE_ON[name]),
    )


def _first_injections(injection: pl.DataFrame | None) -> pl.DataFrame:
    if injection is None:
        return pl.DataFrame(schema={"USUBJID": pl.String, "lesion_id": pl.String, "first_injection": pl.Date})
    return injection.select(
        "lesion_id", USUBJID="subject_id", first_injection=pl.col("injection_datetime").dt.date()
    ).select("USUBJID", "lesion_id", "first_injection")
