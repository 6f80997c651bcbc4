"""Comparisons of uptake with a tolerance, and change in percent (metabolic rule book section 0)."""

from __future__ import annotations

import polars as pl

from criteria.metabolic.declaration import Fall, Rise


def at_least(value: pl.Expr, limit: float | pl.Expr, eps: float) -> pl.Expr:
    """value >= limit, up to the relative tolerance."""
    return value >= _lowered(limit, -eps)


def above(value: pl.Expr, limit: float | pl.Expr, eps: float) -> pl.Expr:
    """value > limit by more than the relative tolerance."""
    return value > _lowered(limit, eps)


def _lowered(limit: float | pl.Expr, eps: float) -> pl.Expr:
    threshold = limit if isinstance(limit, pl.Expr) else pl.lit(float(limit))
    return threshold + eps * pl.max_horizontal(pl.lit(1.0), threshold.abs())


def percent(reference: pl.Expr, value: pl.Expr) -> pl.Expr:
    """Change of the value in percent of the reference; null when the reference is not above zero."""
    return pl.when(reference > 0).then(100 * (value - reference) / reference)


def rises(reference: pl.Expr, value: pl.Expr, rise: Rise, eps: float) -> pl.Expr:
    """Whether the value has risen over the reference by the threshold; over zero the absolute part alone decides."""
    exceeds = at_least if rise.inclusive else above
    by = value - reference
    relative = exceeds(percent(reference, value), rise.percent, eps)
    absolute = exceeds(by, rise.absolute, eps) if rise.absolute else by > 0
    from_zero = exceeds(by, rise.absolute, eps) if rise.absolute else above(by, 0.0, eps)
    return pl.when(reference > 0).then(relative & absolute).otherwise(from_zero)


def falls(reference: pl.Expr, value: pl.Expr, fall: Fall, eps: float) -> pl.Expr:
    """Whether the value has fallen below the reference by the threshold."""
    exceeds = at_least if fall.inclusive else above
    relative = exceeds(-percent(reference, value), fall.percent, eps)
    return relative & exceeds(reference - value, fall.absolute, eps) if fall.absolute else relative
