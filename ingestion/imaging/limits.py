"""The limits of an imaging charter, each as what a series has and whether that keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from protocol.imaging import AcquisitionLimits, Range

LOSSY_SYNTAXES = (
    *("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81"),
    *("1.2.840.10008.1.2.4.203", "1.2.840.10008.1.2.4.112"),
)
MBQ_BELOW = 1e5
MOST_UPTAKE_MIN = 360
SCANNER = ("manufacturer", "manufacturer_model", "device_serial_number")
RECONSTRUCTION = (
    *("convolution_kernel", "reconstruction_method", "slice_thickness_mm", "slice_spacing_mm"),
    *("row_spacing_mm", "column_spacing_mm"),
)
SAME = {"same_scanner": SCANNER, "same_software": ("software_versions",), "same_reconstruction": RECONSTRUCTION}


@dataclass(frozen=True, slots=True)
class Judged:
    """One limit: what the series has in words, whether it keeps the limit (null: cannot be told), and what is asked."""

    limit: str
    title: str
    value: pl.Expr
    kept: pl.Expr
    expected: str


def judged_limits(limits: AcquisitionLimits) -> Iterator[Judged]:
    """The limits that are given, over columns of core.series; those against the baseline apart (`SAME`)."""
    numbers = (
        ("slice_thickness_mm", "slice thickness", pl.col("slice_thickness_mm"), "mm", limits.slice_thickness_mm),
        ("gap_mm", "gap between slices", pl.col("interslice_gap_mm"), "mm", limits.gap_mm),
        (
            "reconstruction_interval_mm",
            "reconstruction interval",
            pl.col("slice_spacing_mm"),
            "mm",
            limits.reconstruction_interval_mm,
        ),
        ("missing_slices", "number of missing slices", pl.col("missing_slices"), "", limits.missing_slices),
        ("coverage_mm", "coverage", pl.col("coverage_mm"), "mm", limits.coverage_mm),
        ("kvp", "tube voltage", pl.col("kvp"), "kV", limits.kvp),
        ("uptake_min", "uptake time", uptake_minutes(), "min", limits.uptake_min),
        ("dose_mbq", "administered activity", dose_mbq(), "MBq", limits.dose_mbq),
    )
    for limit, title, number, unit, allowed in numbers:
        if allowed is not None:
            yield _number(limit, title, number.cast(pl.Float64), unit, allowed)
    if limits.kernels:
        own = pl.col("convolution_kernel").str.to_uppercase().str.split("\\")
        known = [kernel.strip().upper() for kernel in limits.kernels]
        kept = own.list.eval(pl.element().str.strip_chars().is_in(known)).list.any()
        yield Judged("kernels", "kernel", pl.col("convolution_kernel"), kept, f"one of {', '.join(limits.kernels)}")
    yield from _contrast(limits)
    if limits.lossless:
        lossy = (pl.col("lossy_image_compression").str.contains("01")).fill_null(False) | pl.col(
            "transfer_syntax_uid"
        ).str.split("\\").list.eval(pl.element().is_in(LOSSY_SYNTAXES)).list.any().fill_null(False)
        value = pl.when(lossy).then(pl.lit("lossy")).otherwise(pl.lit("lossless"))
        yield Judged("lossless", "image compression", value, ~lossy, "lossless")


def _number(limit: str, title: str, number: pl.Expr, unit: str, allowed: Range) -> Judged:
    low, high = allowed.min, allowed.max
    kept = pl.lit(True)
    if low is not None:
        kept = kept & (number >= low - 1e-6)
    if high is not None:
        kept = kept & (number <= high + 1e-6)
    shown = pl.concat_str(_shown(number), pl.lit(f" {unit}".rstrip()))
    return Judged(limit, title, shown, kept, _range(low, high, unit))


def _shown(number: pl.Expr) -> pl.Expr:
    return number.round(3).cast(pl.String).str.replace(r"\.0+$", "")


def _range(low: float | None, high: float | None, unit: str) -> str:
    if low is not None and high is not None:
        return f"{low:g} to {high:g} {unit}".rstrip()
    return (f"at least {low:g}" if high is None else f"at most {high:g}") + f" {unit}".rstrip()


def _contrast(limits: AcquisitionLimits) -> Iterator[Judged]:
    described = pl.concat_str(
        "series_description", "protocol_name", "study_description", separator=" / ", ignore_nulls=True
    )
    for limit, title, text, pattern in (
        ("contrast_agent", "contrast agent", pl.col("contrast_agent"), limits.contrast_agent),
        ("contrast_route", "contrast route", pl.col("contrast_route"), limits.contrast_route),
        ("contrast_phase", "contrast phase", described, limits.contrast_phase),
    ):
        if pattern is not None:
            yield Judged(limit, title, text, text.fill_null("").str.contains(pattern), f"as {pattern}")


def uptake_minutes() -> pl.Expr:
    """Minutes from the injection to the first acquisition, by the time of day (metabolic rule book 3.3).

    De-identification can shift the injection's date alone, so a date that puts it after the scan or more than six
    hours before it is not believed.
    """
    start = pl.min_horizontal(
        "first_acquisition", pl.coalesce("series_date", "scan_date").dt.combine(pl.col("series_time"))
    )
    dated = (start - pl.col("injection_datetime")).dt.total_seconds() / 60
    time = pl.coalesce(pl.col("injection_datetime").dt.time(), "injection_time")
    by_clock = ((start - start.dt.date().dt.combine(time)).dt.total_seconds() / 60) % 1440
    return pl.when(dated.is_between(0, MOST_UPTAKE_MIN)).then(dated).otherwise(by_clock)


def dose_mbq() -> pl.Expr:
    """The administered activity; a value below 1e5 was recorded in MBq (metabolic rule book G-7)."""
    dose = pl.col("radionuclide_total_dose_bq")
    return pl.when(dose < MBQ_BELOW).then(dose).otherwise(dose / 1e6)
