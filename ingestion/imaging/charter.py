"""Series compared with the imaging charter in force on the day of the scan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from ingestion.dicom.series_kind import Kind
from ingestion.imaging.body_regions import covered_regions
from ingestion.imaging.expected_scans import EXPECTED, with_charter_version
from ingestion.imaging.limits import SAME, judged_limits
from ingestion.imaging.tables import CHARTER_DEVIATION
from protocol.imaging import AcquisitionLimits, Charter

SUBJECT = ("study_id", "subject_id")
PLACE = (*SUBJECT, "visit", "modality")
UID = "series_instance_uid"
KEY = (*PLACE, "timepoint", "series_instance_uid", "scan_date", "version")
COMPARED = {
    "same_scanner": "scanner",
    "same_software": "software version",
    "same_reconstruction": "reconstruction",
}


def charter_deviations(series: pl.DataFrame, scans: pl.DataFrame, charter: Sequence[Charter]) -> pl.DataFrame:
    """One row per limit that a series does not keep, and per body region that a visit lacks (`CHARTER_DEVIATION`).

    ``series`` and ``scans`` are core.series and core.visit_scan; only series of kind IMAGE are judged. A value that the
    files do not give is a minor deviation, and so is a series beside another of the visit that keeps the limit (the
    second reconstruction); others weigh as the charter says. Scanner, software and reconstruction are compared with
    the subject's baseline series of the modality that is nearest in these.
    """
    of_images = (pl.col("kind") == Kind.IMAGE) & (pl.col("status") != "UNREADABLE")
    placed = scans.filter(of_images & pl.col("series_instance_uid").is_not_null())
    extra = [name for name in series.columns if name not in placed.columns]
    judged = with_charter_version(
        placed.join(series.select("series_instance_uid", *extra), on="series_instance_uid"),
        pl.col("scan_date"),
        charter,
    )
    parts = [part for one in charter for limits in one.limits for part in _judged(judged, one.version, limits)]
    parts.append(_regions(judged, charter))
    found = pl.concat([CHARTER_DEVIATION.empty(), *(CHARTER_DEVIATION.conform(part) for part in parts)])
    return found.sort(CHARTER_DEVIATION.key)


def _judged(series: pl.DataFrame, version: str, limits: AcquisitionLimits) -> Iterator[pl.DataFrame]:
    own = series.filter((pl.col("version") == version) & (pl.col("modality") == limits.modality))
    for limit in judged_limits(limits):
        kept = own.select(*KEY, value=limit.value, kept=limit.kept)
        yield _deviations(kept, limit.limit, limit.title, pl.lit(limit.expected), limits)
    baseline = series.filter((pl.col("timepoint") == 0) & (pl.col("modality") == limits.modality))
    for name, title in COMPARED.items():
        if getattr(limits, name):
            yield _deviations(_against_baseline(own, baseline, SAME[name]), name, title, pl.col("expected"), limits)


def _against_baseline(own: pl.DataFrame, baseline: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Follow-up series beside the baseline series that agrees in most columns; a column that both lack agrees."""
    then = {c: f"baseline_{c}" for c in columns}
    before = baseline.select(*SUBJECT, *(pl.col(c).alias(name) for c, name in then.items()), baseline=UID)
    same = {c: _comparable(c, own).eq_missing(_comparable(name, own, c)) for c, name in then.items()}
    pairs = (
        own.filter(pl.col("timepoint") > 0)
        .join(before, on=SUBJECT)
        .with_columns(agree=pl.sum_horizontal(*(one.cast(pl.Int32) for one in same.values())))
        .with_columns(kept=pl.col("agree") == len(columns))
        .sort("agree", "baseline", descending=[True, False])
        .unique(UID, keep="first", maintain_order=True)
    )
    differing = [pl.when(~one).then(pl.format("{} {}", pl.lit(_title(c)), _text(c))) for c, one in same.items()]
    expected = [pl.when(~one).then(pl.format("{} {}", pl.lit(_title(c)), _text(then[c]))) for c, one in same.items()]
    return pairs.select(
        *KEY,
        "kept",
        "baseline",
        value=pl.concat_str(differing, separator=", ", ignore_nulls=True),
        expected=pl.format("as at baseline: {}", pl.concat_str(expected, separator=", ", ignore_nulls=True)),
    )


def _title(column: str) -> str:
    return column.removesuffix("_mm").replace("_", " ")


def _text(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).fill_null("not recorded")


def _comparable(name: str, series: pl.DataFrame, column: str | None = None) -> pl.Expr:
    number = series.schema[column or name] == pl.Float64
    return pl.col(name).round(2) if number else pl.col(name)


def _deviations(
    judged: pl.DataFrame, limit: str, title: str, expected: pl.Expr, limits: AcquisitionLimits
) -> pl.DataFrame:
    keeping = judged.filter("kept").group_by(PLACE).agg(met_by=pl.col("series_instance_uid").sort().first())
    baseline = pl.col("baseline") if "baseline" in judged.columns else pl.lit(None, dtype=pl.String)
    unknown = pl.col("kept").is_null()
    minor = unknown | pl.col("met_by").is_not_null() | pl.lit(limit in limits.minor)
    elsewhere = pl.when(pl.col("met_by").is_not_null()).then(pl.lit(" Another series of the visit keeps the limit."))
    return (
        judged.filter(~pl.col("kept").fill_null(False))
        .join(keeping, on=PLACE, how="left")
        .with_columns(expected=expected, baseline_series_uid=baseline)
        .select(
            *(name for name in KEY if name != "version"),
            *("value", "expected", "baseline_series_uid", "met_by"),
            scan_id="series_instance_uid",
            charter_version="version",
            limit_name=pl.lit(limit),
            severity=pl.when(minor).then(pl.lit("MINOR")).otherwise(pl.lit("MAJOR")),
            sentence=pl.concat_str(
                pl.format(
                    "Subject {}, {}, {} of {}: {} is {}; charter {} asks for {}.",
                    *("subject_id", "visit", "modality"),
                    pl.col("scan_date").cast(pl.String).fill_null("unknown date"),
                    pl.lit(title),
                    pl.col("value").fill_null("not recorded"),
                    *("version", "expected"),
                ),
                elsewhere,
                ignore_nulls=True,
            ),
        )
    )


def _regions(series: pl.DataFrame, charter: Sequence[Charter]) -> pl.DataFrame:
    """Body regions that no series of the visit covers by Body Part Examined or description."""
    rows = [
        (one.version, scan.modality, visit, list(scan.body_regions))
        for one in charter
        for scan in one.expected
        for visit in scan.visits or (None,)
        if scan.body_regions
    ]
    expected = pl.DataFrame(rows, schema=EXPECTED, orient="row")
    covered = (
        series.with_columns(covered=covered_regions())
        .group_by(*PLACE, "version")
        .agg(
            pl.col("covered").explode().drop_nulls().unique(),
            pl.col("timepoint").first(),
            pl.col("scan_date").min(),
            planned=(pl.col("planned_date").is_not_null() | (pl.col("timepoint") == 0)).any(),
        )
    )
    own_visit = pl.col("named_visit") == pl.col("visit")
    every_visit = pl.col("named_visit").is_null() & pl.col("planned")
    lacking = (
        covered.join(expected, on=["version", "modality"])
        .filter(own_visit.fill_null(False) | every_visit)
        .explode("regions")
        .filter(
            ~pl.col("covered").list.contains(pl.col("regions"))
            & ~pl.col("covered").list.contains("WHOLE BODY").fill_null(False)
        )
        .unique([*PLACE, "version", "regions"], maintain_order=True)
    )
    shown = pl.col("covered").list.sort().list.join(", ").replace("", None)
    return lacking.select(
        *PLACE,
        "timepoint",
        "scan_date",
        scan_id="visit",
        charter_version="version",
        limit_name=pl.lit("body_region"),
        value=shown,
        expected="regions",
        severity=pl.when(shown.is_null()).then(pl.lit("MINOR")).otherwise(pl.lit("MAJOR")),
        sentence=pl.format(
            "Subject {}, {}: no {} series of the {}, which charter {} asks for; named are: {}.",
            *("subject_id", "visit", "modality"),
            pl.col("regions").str.to_lowercase(),
            "version",
            shown.str.to_lowercase().fill_null("no region"),
        ),
    )
