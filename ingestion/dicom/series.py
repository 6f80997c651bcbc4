"""`core.instance` to `core.series`."""

from __future__ import annotations

import polars as pl

from ingestion.dicom.series_kind import series_kinds
from ingestion.dicom.tables import AGREED, INSTANCE, SERIES

SAME_PLACE_MM = 0.01
PARALLEL = 1e-3
UNIFORM = 0.01
KEY = ["study_id", "series_instance_uid"]
_COSINES = [f"cosine_{number}" for number in range(6)]


def series(instances: pl.DataFrame) -> pl.DataFrame:
    """One row per DICOM series (`SERIES`) with what an imaging charter checks (spacing by rule G-4).

    ``instances`` fits `INSTANCE`; files without a Series Instance UID belong to none. A SOP instance that came in
    several files counts once, with the file of the first name.
    """
    files = instances.filter(pl.col("series_instance_uid").is_not_null()).sort("source_name")
    once = files.unique([*KEY, "sop_instance_uid"], keep="first", maintain_order=True)
    described = (
        files.group_by(KEY)
        .agg(_counts())
        .join(once.group_by(KEY).agg(*_dates(), *_agreement()), on=KEY)
        .join(_conflicts(files), on=KEY, how="left")
        .join(_stack(once), on=KEY, how="left")
        .join(series_kinds(once), on=KEY, how="left")
        .with_columns(
            pl.col("conflicting_instances").fill_null(0),
            interslice_gap_mm=(pl.col("slice_spacing_mm") - pl.col("slice_thickness_mm")).round(4),
            scan_date=pl.coalesce("acquisition_date", "series_date", "content_date", "study_date"),
        )
        .drop("acquisition_date", "content_date")
    )
    return SERIES.conform(described.sort(KEY))


def _counts() -> list[pl.Expr]:
    image_without_pixels = pl.col("rows").is_not_null() & ~pl.col("pixel_data")
    return [
        pl.len().alias("files"),
        pl.col("sop_instance_uid").n_unique().alias("instances"),
        image_without_pixels.sum().alias("instances_without_pixels"),
        pl.col("size").sum().alias("total_bytes"),
        pl.col("remarks").count().alias("files_with_remarks"),
    ]


def _conflicts(files: pl.DataFrame) -> pl.DataFrame:
    contents = files.group_by(*KEY, "sop_instance_uid").agg(pl.col("sha256").n_unique())
    return contents.group_by(KEY).agg((pl.col("sha256") > 1).sum().alias("conflicting_instances"))


def _dates() -> list[pl.Expr]:
    acquired = pl.col("acquisition_date").dt.combine(pl.col("acquisition_time"))
    return [
        pl.col("study_date", "study_time", "series_date", "series_time", "acquisition_date", "content_date").min(),
        acquired.min().alias("first_acquisition"),
        acquired.max().alias("last_acquisition"),
        pl.col("number_of_frames").filter(pl.col("pixel_data")).sum().alias("frames"),
    ]


def _agreement() -> list[pl.Expr]:
    """The columns in which instances should agree, and the names of those in which they do not."""
    names = [column.name for column in AGREED]
    differs = [pl.when(pl.col(name).n_unique() > 1).then(pl.lit(name)) for name in names]
    subject = pl.coalesce("clinical_trial_subject_id", "patient_id")
    return [
        *(_joined(pl.col(c.name)) if c.dtype == pl.String else _extreme(c.name, c.dtype) for c in AGREED),
        _joined(subject).alias("subject_label"),
        _joined(pl.col("referenced_series_uids").str.split("\\").explode()).alias("referenced_series_uids"),
        pl.concat_str(differs, separator=", ", ignore_nulls=True).replace("", None).alias("varying"),
    ]


def _joined(text: pl.Expr) -> pl.Expr:
    return text.drop_nulls().unique().sort().str.join("\\").replace("", None)


def _extreme(name: str, dtype: object) -> pl.Expr:
    temporal = dtype in (INSTANCE.schema["injection_datetime"], pl.Time)
    return pl.col(name).min() if temporal else pl.col(name).max()


def _stack(once: pl.DataFrame) -> pl.DataFrame:
    """Positions and distances of the slices of each series whose slices have an orientation."""
    parts = pl.col("image_orientation").str.split("\\")
    cosines = once.filter(parts.list.len() == 6).with_columns(
        parts.list.get(number).cast(pl.Float64, strict=False).alias(name) for number, name in enumerate(_COSINES)
    )
    spread = pl.max_horizontal((pl.col(name).max() - pl.col(name).min()) for name in _COSINES)
    orientation = cosines.group_by(KEY).agg(
        (spread <= PARALLEL).alias("uniform_orientation"), *(pl.col(name).mean() for name in _COSINES)
    )
    parallel = once.join(orientation.filter("uniform_orientation"), on=KEY)
    slices = (
        parallel.select(*KEY, pl.coalesce(_frame_places(), pl.concat_list(_place())).alias("place"))
        .explode("place")
        .drop_nulls("place")
        .sort(*KEY, "place")
        .with_columns(step=pl.col("place").diff().over(KEY))
    )
    return orientation.select(*KEY, "uniform_orientation").join(_spacing(slices), on=KEY, how="left")


def _frame_places() -> pl.Expr:
    return pl.col("frame_positions").str.split("\\").cast(pl.List(pl.Float64))


def _place() -> pl.Expr:
    """Position of a slice along the mean normal of its series (PS3.3 C.7.6.2.1.1)."""
    a, b, c, d, e, f = (pl.col(name) for name in _COSINES)
    normal = (b * f - c * e, c * d - a * f, a * e - b * d)
    length = (normal[0] ** 2 + normal[1] ** 2 + normal[2] ** 2).sqrt()
    position = (pl.col("position_x_mm"), pl.col("position_y_mm"), pl.col("position_z_mm"))
    along = position[0] * normal[0] + position[1] * normal[1] + position[2] * normal[2]
    return pl.when(length > 0.5).then(along / length)


def _spacing(slices: pl.DataFrame) -> pl.DataFrame:
    apart = pl.col("step").filter(pl.col("step") >= SAME_PLACE_MM)
    slots = (pl.col("step") / pl.col("step").filter(pl.col("step") >= SAME_PLACE_MM).median()).round()
    return slices.group_by(KEY).agg(
        (apart.len() + 1).alias("positions"),
        (pl.len() - apart.len() - 1).alias("duplicate_positions"),
        apart.median().alias("slice_spacing_mm"),
        apart.min().alias("smallest_spacing_mm"),
        apart.max().alias("largest_spacing_mm"),
        (
            pl.max_horizontal(apart.max() - apart.median(), apart.median() - apart.min()) <= UNIFORM * apart.median()
        ).alias("uniform_spacing"),
        (slots - 1).filter(slots > 1).sum().cast(pl.Int64).alias("missing_slices"),
        (pl.col("place").max() - pl.col("place").min()).alias("coverage_mm"),
    )
