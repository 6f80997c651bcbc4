"""How PET is quantified: the options of the metabolic rule book (sections 3 and 11) that concern quantities."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Literal

LbmFormula = Literal["JANMAHASATIAN", "JAMES128", "JAMES120"]
ReferenceTimeRule = Literal["SERIES", "GE_PRIVATE", "BACKCALC_IF_PROVEN", "EARLIEST_ACQ"]
MtvMethod = Literal["MTV_41", "MTV_42", "MTV_F25", "MTV_F40", "MTV_PL", "MTV_L2", "MASK"]
DiameterMethod = Literal["READER_MM", "MTV41_MAX_FERET", "MTV50_MAX_FERET", "EQUIV_SPHERE"]


def _natures() -> dict[str, str]:
    return {
        "IRAE": r"\b(ir-?ae|thyroiditis|colitis|pneumonitis|sarcoid)",
        "INFECTION": r"\b(infect|abscess|inflamm)",
        "TREATMENT_EFFECT": r"\b(treatment effect|radiation|post-?op)",
        "PHYSIOLOGIC": r"\bphysiolog",
    }


@dataclass(frozen=True, slots=True)
class PetOptions:
    """Named readings of the open points, with the rule book's defaults.

    ``spacing_tolerance`` is the deviation of a slice distance from the median, as a fraction, that is taken for
    uniform (G-4); up to ``spacing_limit`` the scan is quantified under the flag SPACING_VARIES, since scanners round
    positions where bed positions overlap (2.4 % in the reference scan STS_001). ``mtv_connected`` says which volumes
    are cut to what hangs together with the hottest voxel: those of relative thresholds (3.8 asks it of these alone),
    all, or none. ``max_uptake_h`` and ``tref_warn_s``
    bound injection and reference time (3.3). Names of regions are regular expressions, without regard to case, over
    label and tracking id; ``natures`` gives the nature of a lesion whose name matches, TUMOUR otherwise.
    Distances are millimetres, volumes millilitres; ``reference_contained`` is the share of a reference sphere that
    must lie in the region that was drawn (3.6). ``fractional_segment`` is the least share of a fractional segment.
    ``undrawn_lesion`` says what a lesion is that its reader drew before and does not draw on a scan that the reader
    drew on: not measured, or RESOLVED, since a segmentation has no word for a lesion that is gone.
    ``harmonised_scanners`` are the Device Serial Numbers, else Station Names, of scanners that are harmonised, e.g.
    by EARL (Q-05).
    ``radiomics`` asks for IBSI features by mirp (RA-1 to RA-4): on voxels of ``rad_voxel_mm``, in bins of
    ``rad_bin_width`` g/ml (FBS) or in ``rad_bins`` bins (FBN); texture of lesions from ``rad_min_voxels`` voxels and
    ``rad_min_ml`` on.
    """

    lbm: LbmFormula = "JANMAHASATIAN"
    sul_missing_height: Literal["NE", "USE_SUVBW_FLAGGED"] = "NE"
    sex_other: Literal["AVERAGE", "NE"] = "AVERAGE"
    tref_order: tuple[ReferenceTimeRule, ...] = ("SERIES", "GE_PRIVATE", "BACKCALC_IF_PROVEN", "EARLIEST_ACQ")
    tref_warn_s: float = 95.0
    max_uptake_h: float = 6.0
    spacing_tolerance: float = 0.01
    spacing_limit: float = 0.05
    peak_kernel: Literal["FRACTIONAL", "CENTRE"] = "FRACTIONAL"
    peak_search: Literal["GLOBAL", "LOCAL"] = "GLOBAL"
    peak_contain: Literal["IMAGE", "MASK"] = "IMAGE"
    mtv_method: MtvMethod = "MTV_41"
    mtv_connected: Literal["RELATIVE", "ALL", "NONE"] = "RELATIVE"
    mtv_connectivity: Literal[6, 18, 26] = 26
    mtv_min_ml: float = 0.0
    tlg_basis: Literal["SUV", "SUL"] = "SUV"
    percist_liver_formula: Literal["A", "B"] = "A"
    percimt_diameter: DiameterMethod = "READER_MM"
    ref_sd_ddof: Literal[0, 1] = 1
    liver_sphere_mm: float = 30.0
    spleen_sphere_mm: float = 30.0
    marrow_sphere_mm: float = 15.0
    blood_pool_diameter_mm: float = 10.0
    blood_pool_length_mm: float = 20.0
    reference_contained: float = 0.8
    reference_from_baseline: bool = True
    fractional_segment: float = 0.5
    undrawn_lesion: Literal["NE", "RESOLVED"] = "NE"
    harmonised_scanners: tuple[str, ...] = ()
    liver_names: str = r"\bliver\b|\bREF-?L\b"
    blood_pool_names: str = r"\baort|\bblood[ _-]?pool\b|\bmediastinal blood|\bREF-?B\b"
    spleen_names: str = r"\bspleen\b|\bREF-?S\b"
    marrow_names: str = r"\bmarrow\b|\bvertebra|\bL[1-5]\b|\bREF-?M\b"
    ignored_names: str = r"^(left |right )?(body|external|skin|brain|heart|myocardium|bladder|kidneys?|lungs?|couch)$"
    natures: dict[str, str] = field(default_factory=_natures)
    radiomics: bool = False
    rad_voxel_mm: float = 2.0
    rad_discretisation: Literal["FBS", "FBN"] = "FBS"
    rad_bin_width: float = 0.25
    rad_bins: int = 64
    rad_min_voxels: int = 64
    rad_min_ml: float = 10.0

    def settings(self) -> dict[str, object]:
        """The options as plain values, for the settings stored beside every quantity."""
        return asdict(self)


DEFAULT = PetOptions()
