"""What a measurement of a report measures, and its value in nadir's unit."""

from __future__ import annotations

from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

LENGTH = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "um": 0.001}
AREA = {"mm2": 1.0, "cm2": 100.0}
VOLUME = {"ml": 1.0, "mL": 1.0, "cm3": 1.0, "mm3": 0.001, "l": 1000.0, "L": 1000.0, "dm3": 1000.0}

QUANTITIES: tuple[tuple[str, dict[str, float] | None, str | None, tuple[Code, ...]], ...] = (
    ("LONG_AXIS", LENGTH, "mm", (codes.SCT.LongAxis, codes.SCT.MajorAxis)),
    ("SHORT_AXIS", LENGTH, "mm", (codes.SCT.ShortAxis, codes.SCT.MinorAxis, codes.SCT.PerpendicularAxis)),
    (
        "LENGTH",
        LENGTH,
        "mm",
        (codes.SCT.Length, codes.SCT.Diameter, codes.DCM.LineSegmentLength, codes.DCM.Distance),
    ),
    ("AREA", AREA, "mm2", (codes.SCT.Area, codes.SCT.AreaOfDefinedRegion)),
    (
        "VOLUME",
        VOLUME,
        "ml",
        (
            *(codes.SCT.Volume, codes.DCM.MetabolicVolume, codes.IBSI.VolumeOfMesh),
            *(codes.IBSI.VolumeFromVoxelSummation, codes.DCM.VolumeEstimatedFromThreeOrMoreNonCoplanar2DRegions),
        ),
    ),
    ("SUVBW", None, None, (codes.DCM.Suvbw,)),
    ("SUV", None, None, (codes.DCM.StandardizedUptakeValue,)),
    ("SUVLBM", None, None, (codes.DCM.Suvlbm, codes.DCM.SuvlbmJames128, codes.DCM.SuvlbmJanma)),
    ("SUVBSA", None, None, (codes.DCM.Suvbsa,)),
    ("SUVIBW", None, None, (codes.DCM.Suvibw,)),
    ("TLG", {"g": 1.0}, "g", (codes.DCM.TotalLesionGlycolysis,)),
    ("SAM", {"g": 1.0}, "g", (codes.DCM.StandardizedAddedMetabolicActivity,)),
)
NAMES = tuple(name for name, _, _, _ in QUANTITIES)
NEVER_NEGATIVE = NAMES

DERIVATIONS: tuple[tuple[str, tuple[Code, ...]], ...] = (
    ("MEAN", (codes.SCT.Mean,)),
    ("MAXIMUM", (codes.SCT.Maximum,)),
    ("MINIMUM", (codes.SCT.Minimum,)),
    ("MEDIAN", (codes.SCT.Median,)),
    ("SD", (codes.SCT.StandardDeviation,)),
    ("PEAK", (codes.DCM.PeakValueWithinROI,)),
)


def quantity(name: Code) -> str | None:
    """The quantity of a concept name, null for one that nadir does not use."""
    return next((quantity for quantity, _, _, known in QUANTITIES if any(name == code for code in known)), None)


def derivation(code: Code) -> str | None:
    """The derivation of a code, null for one that nadir does not use."""
    return next((derivation for derivation, known in DERIVATIONS if any(code == one for one in known)), None)


def in_unit(quantity: str, value: float, unit: str | None) -> tuple[float, str | None]:
    """The value in the unit of its quantity; raises `ValueError` for a unit that the quantity cannot have."""
    _, factors, own, _ = QUANTITIES[NAMES.index(quantity)]
    if factors is None:
        return value, unit
    if unit not in factors:
        raise ValueError(f"has the unit {unit or '(none)'}; {', '.join(sorted(factors))} are understood")
    return round(value * factors[unit], 6), own
