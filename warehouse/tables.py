"""The audit tables, and the views that give statisticians the analysis tables in ADaM names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from criteria.table import Column, Table

MOMENT = pl.Datetime("us", "UTC")

EVENT = Table(
    name="audit.event",
    meaning="Who did what, when and why; append-only, each row sealed by a hash over itself and the row before",
    key=("sequence",),
    columns=(
        Column("sequence", pl.Int64, "place in the chain, from 1 without gaps"),
        Column("at", MOMENT, "when it happened"),
        Column("actor", pl.String, "person or account that did it"),
        Column("system", pl.String, "program and version that did it"),
        Column("object", pl.String, "what it was done to (table and key, file, release, ...)"),
        Column("field", pl.String, "field that changed"),
        Column("old", pl.String, "value before"),
        Column("new", pl.String, "value after"),
        Column("reason", pl.String, "why"),
        Column("run_id", pl.String, "run that did it"),
        Column("previous_hash", pl.String, "hash of the row before; zeros for the first"),
        Column("hash", pl.String, "SHA-256 over the previous hash and the fields of this row"),
    ),
)

RELEASE = Table(
    name="audit.release",
    meaning="Every release that was published, up to this one",
    key=("release_id",),
    columns=(
        Column("release_id", pl.String, "moment of publishing in UTC as sortable text"),
        Column("study_id", pl.String, "study (the name of its folder)"),
        Column("published_at", MOMENT, "moment of publishing"),
        Column("previous_release_id", pl.String, "release that was current before"),
        Column("input_fingerprint", pl.String, "SHA-256 over the received files, the protocol and the code version"),
        Column("code_version", pl.String, "version of the code that made it"),
        Column("protocol_sha256", pl.String, "SHA-256 of the protocol file"),
        Column("tables", pl.Int64, "number of tables"),
        Column("rows", pl.Int64, "rows in all tables but the audit tables"),
    ),
)

SOURCE = Table(
    name="audit.source",
    meaning="The received files that this release was made from",
    key=("source_name",),
    columns=(
        Column("release_id", pl.String, "the release"),
        Column("source_name", pl.String, "path below incoming/ when the file was received"),
        Column("sha256", pl.String, "SHA-256 of the content"),
        Column("size", pl.Int64, "size of the file", unit="byte"),
        Column("landed_at", MOMENT, "when the file was first seen"),
    ),
)

DICTIONARY = Table(
    name="audit.dictionary",
    meaning="The data dictionary: every column of every table and view",
    key=("schema_name", "table_name", "column_name"),
    columns=(
        Column("schema_name", pl.String, "layer"),
        Column("table_name", pl.String, "table or view"),
        Column("column_name", pl.String, "column"),
        Column("position", pl.Int32, "place of the column in the table, from 1"),
        Column("type", pl.String, "type in DuckDB"),
        Column("unit", pl.String, "unit of the values"),
        Column("is_key", pl.Boolean, "the column is part of the key"),
        Column("allowed", pl.String, "permitted values, separated by ' | '"),
        Column("meaning", pl.String, "meaning of the column"),
        Column("table_meaning", pl.String, "meaning of the table"),
    ),
)

AUDIT_TABLES = (EVENT, RELEASE, SOURCE, DICTIONARY)
APPEND_ONLY = frozenset({EVENT.name, RELEASE.name})


@dataclass(frozen=True, slots=True)
class View:
    """A view of a release: the columns it gives, the tables it reads, and its ``SELECT`` in ``warehouse/sql``."""

    table: Table
    reads: tuple[str, ...]

    def select(self) -> str:
        """The ``SELECT`` statement."""
        name = self.table.name.split(".", 1)[1]
        return (Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8").rstrip().rstrip(";")


PARAMETER = (
    Column("STUDYID", pl.String, "Study Identifier"),
    Column("USUBJID", pl.String, "Unique Subject Identifier"),
    Column("PARAMCD", pl.String, "Parameter Code"),
    Column("PARAM", pl.String, "Parameter"),
    Column("PARCAT1", pl.String, "Parameter Category 1"),
    Column("PARCAT2", pl.String, "Parameter Category 2: the evaluator"),
    Column("PARCAT3", pl.String, "Parameter Category 3: the response criterion; ALL when none is involved"),
    Column("ORIGIN", pl.String, "DERIVED from measurements, RECORDED by the reader, MEASURED on the scan"),
)
PARAMETER_KEY = ("STUDYID", "USUBJID", "PARAMCD", "PARCAT2", "PARCAT3", "ORIGIN")

ADTTE = View(
    reads=("analysis.event_time",),
    table=Table(
        name="analysis.adtte",
        meaning="ADTTE: times to event in ADaM names (rule book 13.2)",
        key=(*PARAMETER_KEY, "PROFILE"),
        columns=(
            *PARAMETER,
            Column("PROFILE", pl.String, "Censoring profile: fda, ema_itt, ..."),
            Column("STARTDT", pl.Date, "Time-to-Event Origin Date"),
            Column("ADT", pl.Date, "Analysis Date: of the event or of the censoring"),
            Column("AVAL", pl.Int32, "Analysis Value: ADT - STARTDT + 1", unit="d"),
            Column("AVALU", pl.String, "Analysis Value Unit"),
            Column("MONTHS", pl.Float64, "Analysis Value / 30.4375", unit="mo"),
            Column(
                "CNSR",
                pl.Int32,
                "Censor: 0 event; censored: 1 no progression or alive, 2 new anticancer therapy, 3 two or more missed "
                "assessments, 4 no baseline, 5 no post-baseline assessment, 6 lost to follow-up or withdrawn",
            ),
            Column("EVNTDESC", pl.String, "Event or Censoring Description"),
            Column("CNSDTDSC", pl.String, "Censor Date Description; empty for events"),
            Column("SRCDOM", pl.String, "Source Data: table that gave ADT"),
            Column("SRCKEY", pl.String, "Source Key: record that gave ADT"),
        ),
    ),
)

ADRS = View(
    reads=("analysis.timepoint_response", "analysis.best_response", "core.subject"),
    table=Table(
        name="analysis.adrs",
        meaning="ADRS: responses in ADaM names (rule book 13.2)",
        key=(*PARAMETER_KEY, "AVISITN"),
        columns=(
            *PARAMETER,
            Column("AVISITN", pl.Int32, "Analysis Visit (N): assessment after baseline; 0 for one-per-subject rows"),
            Column("AVISIT", pl.String, "Analysis Visit: as received"),
            Column("ADT", pl.Date, "Analysis Date"),
            Column("ADY", pl.Int32, "Analysis Relative Day", unit="d"),
            Column("AVALC", pl.String, "Analysis Value (C): response, or Y and N"),
            Column(
                "AVAL",
                pl.Int32,
                "Analysis Value: 1 PD iCPD, 2 iUPD, 3 NON-CR/NON-PD, 4 SD, 5 PR, 6 CR, 7 MISSING, 8 NE (rule book "
                "12.3); 1 Y, 0 N",
            ),
            Column("ANL01FL", pl.String, "Analysis Flag 01: Y from the reference date until before new therapy"),
            Column("CLAUSE", pl.String, "Rule that decided"),
            Column("EXPLAIN", pl.String, "The decision in one sentence with its numbers"),
        ),
    ),
)

ADTR = View(
    reads=("core.measurement", "analysis.timepoint_response", "core.subject"),
    table=Table(
        name="analysis.adtr",
        meaning="ADTR: diameters of target lesions and their sums in ADaM names (rule book 13.2)",
        key=(*PARAMETER_KEY, "AVISITN"),
        columns=(
            *PARAMETER,
            Column("LESIONID", pl.String, "Lesion Identifier; empty for sums"),
            Column("LOC", pl.String, "Organ of the lesion; empty for sums"),
            Column("AVISITN", pl.Int32, "Analysis Visit (N): 0 = baseline, 1 = first assessment after it"),
            Column("AVISIT", pl.String, "Analysis Visit: as received"),
            Column("ADT", pl.Date, "Analysis Date"),
            Column("AVAL", pl.Float64, "Analysis Value", unit="mm or mm2, see AVALU"),
            Column("AVALU", pl.String, "Analysis Value Unit"),
            Column("AVALC", pl.String, "Analysis Value (C): what was seen when there is no number"),
            Column("ABLFL", pl.String, "Baseline Record Flag"),
            Column("BASE", pl.Float64, "Baseline Value", unit="mm or mm2, see AVALU"),
            Column("CHG", pl.Float64, "Change from Baseline", unit="mm or mm2, see AVALU"),
            Column("PCHG", pl.Float64, "Percent Change from Baseline", unit="%"),
            Column("NADIR", pl.Float64, "Smallest value before this visit", unit="mm or mm2, see AVALU"),
            Column("CHGNAD", pl.Float64, "Change from Nadir", unit="mm or mm2, see AVALU"),
            Column("PCHGNAD", pl.Float64, "Percent Change from Nadir", unit="%"),
            Column("CRFL", pl.String, "Complete Response Flag of the target lesions; sums only"),
            Column("PDFL", pl.String, "Progressive Disease Flag of the target lesions; sums only"),
            Column("ANL01FL", pl.String, "Analysis Flag 01: Y from the reference date until before new therapy"),
        ),
    ),
)

VIEWS = (ADTTE, ADRS, ADTR)
