"""Units of measure and the factors between them."""

from __future__ import annotations

from collections.abc import Mapping

Factors = Mapping[str, float]

MM_PER: Factors = {"mm": 1, "cm": 10, "m": 1000, "inch": 25.4}
BY_QUANTITY: tuple[Factors, ...] = (
    MM_PER,
    {"ml": 1, "cm3": 1, "l": 1000},
    {"mg": 0.001, "g": 1, "kg": 1000},
    {"s": 1, "min": 60, "h": 3600},
    {"MBq": 1, "mCi": 37},
)


def factor_between(received: str, own: str | None) -> float | None:
    """By what a number in the received unit is multiplied to be in the own unit; None when they are not alike."""
    for factors in BY_QUANTITY:
        if own is not None and received in factors and own in factors:
            return factors[received] / factors[own]
    return None
