"""What a series is to a reader: images of the body, or something beside them."""

from __future__ import annotations

from enum import StrEnum

import polars as pl

NO_IMAGE = (
    *("SEG", "SR", "KO", "PR", "REG", "FID", "RWV", "DOC", "SRF", "SMR"),
    *("RTSTRUCT", "RTPLAN", "RTDOSE", "RTRECORD"),
)
PROJECTION_RADIOGRAPHY = ("CR", "DX", "MG", "XA", "RF", "US")
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
MOST_LOCALISER_SLICES = 60
ACROSS = 0.5
_LOCALISER = r"(?i)\b(?:scout|topogram|locali[sz]er|surview|scanogram|3[- ]?plane|survey)\b"
_REPROJECTION = r"(?i)\b(?:mip|minip|reprojection|projection image)\b"
_SCREENSHOT = r"(?i)screen ?(?:save|shot)|dose (?:report|record|info)|patient protocol"
KEY = ("study_id", "series_instance_uid")


class Kind(StrEnum):
    """What a series is; only an IMAGE is read."""

    IMAGE = "IMAGE"
    LOCALISER = "LOCALISER"
    REPROJECTION = "REPROJECTION"
    DERIVED = "DERIVED"
    SCREENSHOT = "SCREENSHOT"
    OBJECT = "OBJECT"


def series_kinds(instances: pl.DataFrame) -> pl.DataFrame:
    """The kind of each series and the reason (study_id, series_instance_uid, kind, kind_reason).

    ``instances`` fits `ingestion.dicom.tables.INSTANCE`, each SOP instance once. By the header: no image (SEG, SR,
    ...), Secondary Capture and screens, the words of Image Type (PS3.3 C.7.6.1.1.2), the second value of a PET Series
    Type (C.8.9.1.1.2), the Series Description; by geometry: one or two coronal or sagittal CT images, or few MR images
    in planes across each other. A series whose instances differ is what most of them are, images first.
    """
    judged = instances.with_columns(_by_header()).with_columns(
        pl.col("judged").struct.field("kind"), pl.col("judged").struct.field("kind_reason")
    )
    counted = (
        judged.group_by(*KEY, "kind")
        .agg(pl.len().alias("number"), pl.col("kind_reason").drop_nulls().first())
        .with_columns(pl.col("number").sum().over(KEY).alias("all"))
        .sort(*KEY, "number", pl.col("kind") == Kind.IMAGE, "kind", descending=[False, False, True, True, False])
    )
    by_header = counted.group_by(KEY, maintain_order=True).agg(
        pl.col("kind").first(),
        pl.col("kind_reason").first(),
        pl.when(pl.len() > 1)
        .then(
            pl.format("{} of {} instances are {}", pl.col("number"), pl.col("all"), pl.col("kind"))
            .slice(1)
            .str.join(", ")
        )
        .otherwise(None)
        .first()
        .alias("others"),
    )
    found = by_header.join(_by_geometry(judged), on=KEY, how="left").with_columns(
        geometry=pl.when(pl.col("kind") == Kind.IMAGE).then(pl.col("geometry"))
    )
    return found.select(
        *KEY,
        pl.when(pl.col("geometry").is_not_null()).then(pl.lit(Kind.LOCALISER)).otherwise("kind").alias("kind"),
        pl.concat_str(pl.coalesce("geometry", "kind_reason"), "others", separator="; ", ignore_nulls=True)
        .replace("", None)
        .alias("kind_reason"),
    )


def shown_frames(instances: pl.DataFrame) -> frozenset[str]:
    """The contents (SHA-256) that stand for their series: the middle image of each, and every Secondary Capture."""
    images = instances.filter(pl.col("pixel_data") & ~pl.col("modality").is_in(NO_IMAGE).fill_null(False))
    middle = (
        images.sort("instance_number", "source_name")
        .group_by(KEY, maintain_order=True)
        .agg(pl.col("sha256").get(pl.len() // 2))
    )
    captured = images.filter(pl.col("sop_class_uid").str.starts_with(SECONDARY_CAPTURE).fill_null(False))
    return frozenset(middle["sha256"]) | frozenset(captured["sha256"])


def _by_header() -> pl.Expr:
    image_type = pl.col("image_type").str.to_uppercase().fill_null("")
    words = pl.concat_str(pl.lit("\\"), image_type, pl.lit("\\"))
    description = pl.col("series_description").fill_null("")
    shown_type = pl.format("Image Type {}", "image_type")
    shown_description = pl.format("Series Description {}", "series_description")
    reprojection = pl.col("series_type").fill_null("").str.to_uppercase().str.ends_with("REPROJECTION")
    for_display = (pl.col("lossy_image_compression") == "01") | pl.col("modality").is_in(PROJECTION_RADIOGRAPHY)
    as_read = for_display.fill_null(False) & image_type.str.contains(r"^DERIVED\\PRIMARY(?:\\|$)")
    decided: list[tuple[pl.Expr, Kind, pl.Expr]] = [
        (pl.col("modality").is_in(NO_IMAGE).fill_null(False), Kind.OBJECT, pl.format("Modality {}", "modality")),
        (pl.col("rows").is_null() & ~pl.col("pixel_data"), Kind.OBJECT, pl.lit("no image in the files")),
        (
            pl.col("sop_class_uid").str.starts_with(SECONDARY_CAPTURE).fill_null(False)
            | (pl.col("modality") == "SC").fill_null(False),
            Kind.SCREENSHOT,
            pl.lit("Secondary Capture"),
        ),
        (image_type.str.contains(_SCREENSHOT), Kind.SCREENSHOT, shown_type),
        (description.str.contains(_SCREENSHOT), Kind.SCREENSHOT, shown_description),
        (words.str.contains(r"\\(?:LOCALIZER|SCOUT|TOPOGRAM)\\"), Kind.LOCALISER, shown_type),
        (description.str.contains(_LOCALISER), Kind.LOCALISER, shown_description),
        (reprojection, Kind.REPROJECTION, pl.format("Series Type {}", "series_type")),
        (
            words.str.contains(r"\\(?:MIP|MINIP|REPROJECTION|PROJECTION IMAGE|MAXIMUM INTENSITY PROJECTION)\\"),
            Kind.REPROJECTION,
            shown_type,
        ),
        (description.str.contains(_REPROJECTION), Kind.REPROJECTION, shown_description),
        (image_type.str.starts_with("DERIVED") & ~as_read, Kind.DERIVED, shown_type),
    ]
    none = pl.lit(None, dtype=pl.String)
    judged = pl.struct(kind=pl.lit(Kind.IMAGE.value), kind_reason=none)
    for holds, kind, reason in reversed(decided):
        judged = pl.when(holds).then(pl.struct(kind=pl.lit(kind.value), kind_reason=reason)).otherwise(judged)
    return judged.alias("judged")


def _by_geometry(instances: pl.DataFrame) -> pl.DataFrame:
    """Series that lie as a localiser does: ``geometry`` says how."""
    parts = pl.col("image_orientation").str.split("\\")
    cosines = [parts.list.get(number, null_on_oob=True).cast(pl.Float64, strict=False) for number in range(6)]
    a, b, c, d, e, f = cosines
    normals = instances.filter(parts.list.len() == 6).with_columns(
        x=(b * f - c * e).abs(), y=(c * d - a * f).abs(), z=(a * e - b * d).abs()
    )
    spread = pl.max_horizontal(pl.col(axis).max() - pl.col(axis).min() for axis in "xyz")
    frames = pl.col("number_of_frames").fill_null(1).sum()
    modality = pl.col("modality").first()
    return (
        normals.group_by(KEY)
        .agg(
            pl.when((modality == "CT") & (frames <= 2) & (pl.col("z").max() < ACROSS))
            .then(pl.format("{} coronal or sagittal CT image(s) alone", frames))
            .when((modality == "MR") & (frames <= MOST_LOCALISER_SLICES) & (spread > ACROSS))
            .then(pl.format("{} MR images in planes across each other", frames))
            .alias("geometry")
        )
        .filter(pl.col("geometry").is_not_null())
    )
