"""Transfers of a study as they are told to their sender: what came, what it changed, what could not be used and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from nadir.errors import UserError
from nadir.published import query
from warehouse.releases import Release

STAMP = "%Y%m%dT%H%M%SZ"
LAST = "last"

CAME = """
    came AS (
        SELECT landed_at AS transfer_at, source_name, sha256 FROM landing.file
        UNION SELECT transfer_at, source_name, source_sha256 FROM raw.transfer),
    rejects AS (SELECT source_name, source_sha256 AS sha256, count(*) AS rejected FROM raw.reject GROUP BY ALL)
"""
TRANSFERS = f"""
    WITH {CAME},
    moments AS (SELECT transfer_at FROM came UNION SELECT transfer_at FROM raw.change),
    files AS (
        SELECT transfer_at, count(*) AS files, sum(rejected)::BIGINT AS rejected
        FROM came LEFT JOIN rejects USING (source_name, sha256) GROUP BY ALL),
    forms AS (
        SELECT transfer_at, sum(records)::BIGINT AS rows, sum(in_use)::BIGINT AS in_use FROM raw.transfer GROUP BY ALL),
    changes AS (
        SELECT transfer_at, count(DISTINCT (form, record_key)) FILTER (kind = 'INSERTED') AS inserted,
               count(DISTINCT (form, record_key)) FILTER (kind = 'CORRECTED') AS corrected,
               count(DISTINCT (form, record_key)) FILTER (kind = 'WITHDRAWN') AS withdrawn
        FROM raw.change GROUP BY ALL)
    SELECT transfer_at, coalesce(files, 0) AS files, coalesce(rows, 0) AS rows, coalesce(in_use, 0) AS in_use,
           coalesce(inserted, 0) AS inserted, coalesce(corrected, 0) AS corrected, coalesce(withdrawn, 0) AS withdrawn,
           coalesce(rejected, 0) AS rejected
    FROM moments LEFT JOIN files USING (transfer_at) LEFT JOIN forms USING (transfer_at)
    LEFT JOIN changes USING (transfer_at)
    ORDER BY transfer_at
"""
FILES = f"""
    WITH {CAME}
    SELECT c.source_name AS file, coalesce(t.sheet, '') AS sheet, coalesce(t.form, '') AS form,
           t.records AS rows, t.in_use, t.inserted, t.corrected, t.withdrawn,
           coalesce(r.rejected, 0) AS rejected, f.current AS newest, f.size AS bytes, c.sha256, t.remarks
    FROM came AS c
    LEFT JOIN landing.file AS f USING (source_name, sha256)
    LEFT JOIN raw.transfer AS t ON t.source_name = c.source_name AND t.source_sha256 = c.sha256
        AND t.transfer_at = c.transfer_at
    LEFT JOIN rejects AS r ON r.source_name = c.source_name AND r.sha256 = c.sha256
    WHERE c.transfer_at = {{moment}} AND (t.source_name IS NOT NULL OR r.rejected IS NOT NULL)
    ORDER BY file, t.table_number
"""
REJECTS = f"""
    WITH {CAME}
    SELECT source_name AS file, source_record AS row, subject_id AS subject, field, value, reason, remedy, stage AS form
    FROM raw.reject
    WHERE (source_name, source_sha256) IN (SELECT (source_name, sha256) FROM came WHERE transfer_at = {{moment}})
    ORDER BY file, try_cast(regexp_extract(row, '[0-9]+$') AS BIGINT), row, field
"""
CHANGES = """
    SELECT kind, form, subject_id AS subject, record_key AS record, field, old_value, new_value, reason,
           old_source_name AS old_file, old_source_record AS old_row,
           new_source_name AS new_file, new_source_record AS new_row
    FROM raw.change WHERE transfer_at = {moment} ORDER BY kind, form, record, field
"""


@dataclass(frozen=True)
class TransferReport:
    """One transfer: its files, what could not be used of them, and what they changed."""

    study: str
    moment: datetime
    files: pl.DataFrame
    rejects: pl.DataFrame
    changes: pl.DataFrame

    @property
    def title(self) -> str:
        """The heading of the report."""
        return f"Study {self.study}, transfer of {self.moment:%Y-%m-%d %H:%M:%S} UTC"

    @property
    def summary(self) -> pl.DataFrame:
        """The counts that a sender looks at first, one a row."""
        rows = [
            ("files with forms", self.files["file"].n_unique()),
            ("rows received", int(self.files["rows"].sum() or 0)),
            ("rows that count", int(self.files["in_use"].sum() or 0)),
            ("not used (rows, columns, files)", self.rejects.height),
            *(
                (f"records {kind.lower()}", self.changes.filter(pl.col("kind") == kind)["record"].n_unique())
                for kind in ("INSERTED", "CORRECTED", "WITHDRAWN")
            ),
        ]
        return pl.DataFrame(rows, schema={"what": pl.String, "number": pl.Int64}, orient="row")

    @property
    def reasons(self) -> pl.DataFrame:
        """Why rows were not used, by file, most frequent first."""
        return (
            self.rejects.group_by("file", "field", "reason")
            .agg(pl.len().alias("times"), pl.col("row").drop_nulls().head(5).str.join(", ").alias("rows"))
            .sort("times", "file", "field", "reason", descending=[True, False, False, False], nulls_last=True)
        )


def transfers_of(release: Release) -> pl.DataFrame:
    """All transfers that the release was made from, oldest first, with the name by which one is asked for."""
    found = query(release, TRANSFERS)
    moment = pl.col("transfer_at").dt.convert_time_zone("UTC")
    return found.select(moment.dt.strftime(STAMP).alias("transfer"), pl.all().exclude("transfer_at"))


def report_of(release: Release, study: str, transfer: str) -> TransferReport:
    """The report of the transfer of that name (`transfers_of`), or of the last one."""
    moments = _moments(release)
    if not moments:
        raise UserError(f"study {study} has received no file yet")
    names = {f"{moment:{STAMP}}": moment for moment in moments}
    chosen = moments[-1] if transfer == LAST else names.get(transfer)
    if chosen is None:
        raise UserError(f"study {study} has no transfer {transfer!r}; transfers: {', '.join(names)}, or {LAST}")
    literal = f"TIMESTAMPTZ '{chosen:%Y-%m-%d %H:%M:%S.%f}+00'"
    files, rejects, changes = (query(release, text.format(moment=literal)) for text in (FILES, REJECTS, CHANGES))
    return TransferReport(study, chosen, files, rejects, changes)


def _moments(release: Release) -> list[datetime]:
    found = query(release, TRANSFERS)["transfer_at"].dt.convert_time_zone("UTC")
    return [moment.astimezone(UTC) for moment in found.to_list()]
