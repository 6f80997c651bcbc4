"""Why a scan or a region was not quantified, and what a value is to be read with: codes and their meanings."""

from __future__ import annotations

from enum import StrEnum

QUANTIFIED = "QUANTIFIED"


class Refusal(StrEnum):
    """Codes of the gate (G-1 to G-8), of the unit and decay branches and of masks; each ends a computation."""

    meaning: str

    def __new__(cls, code: str, meaning: str) -> Refusal:
        """A code with its meaning."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    NOT_PET = "NOT_PET", "not a PET image: SOP class or modality (G-1)"
    NOT_READABLE = "NOT_READABLE", "an instance is damaged or truncated, or its pixels cannot be decoded"
    NOT_QUANTITATIVE = "NOT_QUANTITATIVE", "not corrected for attenuation, or for decay while it claims to be (G-2)"
    MIXED_SERIES = "MIXED_SERIES", "the slices differ in what must be equal: units, dose, weight, size, ... (G-4)"
    SPACING_NOT_UNIFORM = (
        "SPACING_NOT_UNIFORM",
        "slice distances vary by more than spacing_limit: slices are missing (G-4)",
    )
    DUPLICATE_POSITION = "DUPLICATE_POSITION", "two slices at one position: dynamic, gated or doubled data (G-4)"
    GEOMETRY_MISSING = (
        "GEOMETRY_MISSING",
        "position, orientation or pixel spacing is missing, or slices are not parallel",
    )
    INTERCEPT_NOT_ZERO = "INTERCEPT_NOT_ZERO", "Rescale Intercept is not 0 (G-5)"
    RESCALE_MISSING = "RESCALE_MISSING", "Rescale Slope is missing or not positive (G-5)"
    WEIGHT_MISSING = "WEIGHT_MISSING", "Patient's Weight is missing or zero (G-6)"
    HEIGHT_MISSING = (
        "HEIGHT_MISSING",
        "the voxels hold SUV by another size than weight, and Patient's Size or Sex is missing",
    )
    DOSE_MISSING = "DOSE_MISSING", "Radionuclide Total Dose is missing or zero (G-7)"
    HALF_LIFE_MISSING = "HALF_LIFE_MISSING", "Radionuclide Half Life is missing or zero"
    UNITS_UNSUPPORTED = "UNITS_UNSUPPORTED", "Units or SUV Type from which no SUV follows: PROPCNTS, PROPCPS, ... (3.2)"
    CNTS_NO_FACTOR = "CNTS_NO_FACTOR", "counts without a usable Philips factor (7053,1000) or (7053,1009) (3.2)"
    DECAY_CORRECTION_MISSING = "DECAY_CORRECTION_MISSING", "Decay Correction is missing or unknown; never assumed (3.3)"
    INJECTION_TIME_MISSING = "INJECTION_TIME_MISSING", "no time of administration (3.3)"
    INJECTION_TIME_IMPLAUSIBLE = (
        "INJECTION_TIME_IMPLAUSIBLE",
        "every time of administration lies after the scan or more than max_uptake_h before it (3.3)",
    )
    REFERENCE_TIME_MISSING = "REFERENCE_TIME_MISSING", "no time that the decay correction could refer to (3.3)"
    FRAME_DURATION_MISSING = (
        "FRAME_DURATION_MISSING",
        "Actual Frame Duration is missing where decay is not corrected (3.3)",
    )
    REGION_NOT_MAPPED = "REGION_NOT_MAPPED", "a segmentation's frames or contours lie on no slice of the PET series"
    REGION_GRID_DIFFERS = "REGION_GRID_DIFFERS", "a segmentation was drawn on another grid than the PET series"
    REGION_EMPTY = "REGION_EMPTY", "a region without a voxel"


class Flag(StrEnum):
    """Reservations: the value stands, and is to be read with this in mind."""

    meaning: str

    def __new__(cls, code: str, meaning: str) -> Flag:
        """A code with its meaning."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    NOT_FDG = "NOT_FDG", "not F-18 FDG by radiopharmaceutical, nuclide and half-life: no FDG criterion applies (G-3)"
    SPACING_VARIES = "SPACING_VARIES", "slice distances vary by more than spacing_tolerance, within spacing_limit (G-4)"
    WEIGHT_IN_GRAMS = "WEIGHT_IN_GRAMS", "weight of 1000 or more was taken for grams (G-6)"
    SIZE_IN_CM = "SIZE_IN_CM", "size above 3 was taken for centimetres (G-6)"
    DOSE_IN_MBQ = "DOSE_IN_MBQ", "a dose below 1e5 was taken for MBq (G-7)"
    HEIGHT_MISSING = "SUL_NO_HEIGHT", "no SUL: Patient's Size is missing (3.5)"
    SEX_MISSING = "SUL_NO_SEX", "no SUL: sex is other or missing, and sex_other is NE (3.5)"
    SEX_AVERAGED = "SEX_AVERAGED", "sex other or missing: lean body mass is the mean of both formulae (3.5)"
    SUL_FROM_SUVBW = "SUL_FROM_SUVBW", "size is missing and sul_missing_height is USE_SUVBW_FLAGGED: SUL is SUVbw (3.5)"
    JAMES_OUT_OF_RANGE = "JAMES_OUT_OF_RANGE", "the weight is past the maximum of the James formula (3.5)"
    RP_DATETIME_DATE_MISMATCH = (
        "RP_DATETIME_DATE_MISMATCH",
        "the administration DateTime was not plausible, its time was (3.3)",
    )
    MIDNIGHT_CROSSED = "MIDNIGHT_CROSSED", "the administration time is of the day before the scan (3.3)"
    TREF_CONFLICT = "TREF_CONFLICT", "candidates of the reference time differ by more than tref_warn_s (3.3)"
    TREF_FALLBACK_ACQ = (
        "TREF_FALLBACK_ACQ",
        "reference time is the earliest acquisition, for want of a better one (3.3)",
    )
    DECAY_FACTOR_INCONSISTENT = "DECAY_FACTOR_INCONSISTENT", "Decay Factor fits neither convention within 0.5 % (3.3)"
    PHILIPS_FACTORS_DISAGREE = "PHILIPS_FACTORS_DISAGREE", "the two Philips factors differ by more than 1 % (3.2)"
    BODY_MEDIAN_IMPLAUSIBLE = (
        "BODY_MEDIAN_IMPLAUSIBLE",
        "median SUV of the body outside 0.2 to 1.5: manual review (G-8)",
    )
    LIVER_IMPLAUSIBLE = "LIVER_IMPLAUSIBLE", "liver SUVbw mean outside 1.0 to 4.5: manual review (G-8)"
    MAXIMUM_IMPLAUSIBLE = "MAXIMUM_IMPLAUSIBLE", "a lesion's SUVmax above 100: manual review (G-8)"
    PEAK_INVALID = "PEAK_INVALID", "no peak: it is not positive, below the mean or above 1.05 x the maximum (3.7)"
    PEAK_GT_MAX = "PEAK_GT_MAX", "the peak sphere reaches into a hotter neighbour: reader's check (3.7)"
    PEAK_NOT_CONTAINED = "PEAK_NOT_CONTAINED", "no 1 ml sphere lies where peak_contain asks (3.7)"
    BELOW_PEAK_VOLUME = "BELOW_PEAK_VOLUME", "the peak sphere of 1 ml has no room in the region (3.7)"
    POSITION_MATCHED = "POSITION_MATCHED", "frames or contours were matched to slices by position, not by instance"
    REGIONS_LEFT_OUT = "REGIONS_LEFT_OUT", "parts of the region lie on no slice of the PET series"
    CENTRE_FROM_BASELINE = "CENTRE_FROM_BASELINE", "the reference region stands where the baseline's stood (3.6)"
    CENTRE_OTHER_FRAME = "CENTRE_OTHER_FRAME", "the baseline's centre is in another frame of reference: check its place"
    REFERENCE_NOT_CONTAINED = "REFERENCE_NOT_CONTAINED", "less of the sphere than asked lies in the drawn region (3.6)"
    REFERENCE_OUT_OF_IMAGE = "REFERENCE_OUT_OF_IMAGE", "the reference region leaves the image (3.6)"
    MARROW_FEWER_VERTEBRAE = "MARROW_FEWER_VERTEBRAE", "fewer than four vertebrae were given (3.6)"
    LIVER_MISSING = "LIVER_MISSING", "no liver reference: MTV_PL and MTV_L2 cannot be computed (3.8)"
    REPORTED_PEAK_INVALID = (
        "REPORTED_PEAK_INVALID",
        "a reported peak is not positive, below the mean or above 1.05 x the maximum: it is not taken (3.7, 3.11)",
    )
    TLG_INCONSISTENT = "TLG_INCONSISTENT", "a reported TLG is off mean x volume by more than 0.5 % (3.11)"
    REPORTED_DIFFERS = (
        "REPORTED_DIFFERS",
        "a value of the structured report differs from the recomputed one by more than 1 %",
    )


class NotQuantifiedError(ValueError):
    """A scan or region from which no quantity follows: its code, and the values that it rests on."""

    def __init__(self, code: Refusal, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code, self.reason = code, reason


def joined(flags: list[Flag] | tuple[Flag, ...]) -> str | None:
    """Flags as stored: each once, in their declared order, separated by commas; null without any."""
    present = set(flags)
    return ",".join(flag for flag in Flag if flag in present) or None
