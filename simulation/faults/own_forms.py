"""Faults in nadir's own forms: PET scans and reads, clinical status."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import polars as pl

from simulation.faults.edits import Values, edit, edit_all, planted
from simulation.faults.fault import Catalogue, Picker, Planted, Stage, numbers
from simulation.faults.sheets import Sheets

OWN_FORMS = Catalogue(Stage.FORMS)
Row = dict[str, Any]

FOLLOW_UP, BASELINE = pl.col("timepoint") == 1, pl.col("timepoint") == 0
SCAN = ("subject_id", "timepoint")
PRESENT = (pl.col("status") == "PRESENT") & (pl.col("evaluator") == "RADIOLOGIST 1")


def _pet_rule(matter: str) -> str:
    """The rule on PET scans that finds what breaks a clause."""
    return OTHER_RULES.get(matter) or f"PET_{matter.replace('-', '_')}"


OTHER_RULES = {
    "Q-03, not recorded": "PET_GLUCOSE_MISSING",
    "Q-04, not recorded": "PET_FASTING_MISSING",
    "3.2": "PET_NOT_QUANTIFIED",
    "3.7 PEAK_GT_MAX": "PET_PEAK_ABOVE_MAX",
    "3.7": "PET_MEAN_ABOVE_MAX",
    "3.8": "PET_GLYCOLYSIS_WRONG",
    "G-8": "PET_SUV_IMPLAUSIBLE",
}


def _half_activity(row: Row) -> Row:
    return {"injected_activity_mbq": round(row["injected_activity_mbq"] / 2, 1)}


SCANS: tuple[tuple[str, str, pl.Expr, Values, str], ...] = (
    ("PET-UPTAKE-LONG", "PET 95 minutes after the injection", BASELINE, {"uptake_min": 95.0}, "Q-01"),
    ("PET-UPTAKE-DIFFERS", "Uptake 25 minutes longer than at baseline", FOLLOW_UP, {"uptake_min": 88.0}, "Q-02"),
    ("PET-GLUCOSE-HIGH", "Serum glucose 13.2 mmol/L at the injection", FOLLOW_UP, {"glucose_mmol_l": 13.2}, "Q-03"),
    ("PET-GLUCOSE-MISSING", "No serum glucose", FOLLOW_UP, {"glucose_mmol_l": None}, "Q-03, not recorded"),
    ("PET-FASTING-MISSING", "No hours of fasting", FOLLOW_UP, {"fasting_h": None}, "Q-04, not recorded"),
    ("PET-NOT-FASTING", "An hour after a meal", FOLLOW_UP, {"fasting_h": 1.0}, "Q-04"),
    (
        *("PET-SCANNER-CHANGES", "Another scanner than at baseline", FOLLOW_UP),
        *({"manufacturer_model": "Gemini TF", "station": "PET900"}, "Q-05"),
    ),
    ("PET-RECONSTRUCTION-CHANGES", "Another reconstruction", FOLLOW_UP, {"reconstruction": "FBP"}, "Q-05"),
    ("PET-ACTIVITY-DIFFERS", "Injected activity half of the baseline's", FOLLOW_UP, _half_activity, "Q-06"),
    ("PET-WEIGHT-MISSING", "No body weight", FOLLOW_UP, {"weight_kg": None}, "Q-14"),
    ("PET-LBM-FORMULA-CHANGES", "Another lean body mass formula", FOLLOW_UP, {"lbm_formula": "JAMES128"}, "Q-17"),
    ("PET-THERAPY-NOT-GIVEN", "Immunotherapy and cycles not recorded", FOLLOW_UP, {"therapy_class": None}, "Q-18"),
    ("PET-COVERAGE-LIMITED", "An organ with a lesion outside of the field", FOLLOW_UP, {"coverage": "LIMITED"}, "Q-13"),
    ("PET-NOT-QUANTITATIVE", "Units that give no SUV", FOLLOW_UP, {"units": "PROPCNTS"}, "3.2"),
)
REFUSED = (
    ("PET-WEIGHT-IN-GRAMS", "Body weight in grams", {"weight_kg": 76_600.0}, "larger than 500 kg"),
    ("PET-HEIGHT-IN-CM", "Body height in centimetres", {"height_m": 171.0}, "larger than 2.8 m"),
)
for name, title, wrong, words in REFUSED:
    edit(OWN_FORMS, name, title, sheet="pet_scan", where=FOLLOW_UP, values=wrong, matter="G-6", rejected=words)
for name, title, where, values, matter in SCANS:
    edit(OWN_FORMS, name, title, sheet="pet_scan", where=where, values=values, matter=matter, rule=_pet_rule(matter))

edit(
    OWN_FORMS,
    "PET-BASELINE-OLD",
    "A baseline PET 50 days before the first dose",
    sheet="pet_scan",
    where=BASELINE,
    values=lambda row: {"assessment_date": row["assessment_date"] - timedelta(days=45)},
    matter="Q-16",
    rule=_pet_rule("Q-16"),
)
edit(
    OWN_FORMS,
    "PET-INJECTED-AFTER-SCAN",
    "FDG injected after the scan",
    sheet="pet_scan",
    where=FOLLOW_UP,
    values=lambda row: {
        "injection_datetime": row["reference_datetime"],
        "reference_datetime": row["injection_datetime"],
    },
    matter="3.3",
    rule="PET_INJECTED_AFTER_SCAN",
)
edit_all(
    OWN_FORMS,
    "PET-NOT-READ",
    "A PET scan without reads",
    sheet="pet_lesion",
    where=FOLLOW_UP,
    same=SCAN,
    values={},
    matter="scans without reads",
    rule="PET_NOT_READ",
)
edit_all(
    OWN_FORMS,
    "PET-READ-WITHOUT-SCAN",
    "PET reads without the scan",
    sheet="pet_scan",
    where=pl.col("timepoint") == 2,
    same=SCAN,
    values={},
    matter="reads without scans",
    rule="PET_READ_WITHOUT_SCAN",
)
edit_all(
    OWN_FORMS,
    "LIVER-UPTAKE-CHANGES",
    "Liver uptake half as high again as at baseline",
    sheet="pet_reference",
    where=FOLLOW_UP & (pl.col("region") == "LIVER"),
    same=(*SCAN, "region"),
    values=lambda row: {"sul_mean": round(row["sul_mean"] * 1.5, 3), "suv_mean": round(row["suv_mean"] * 1.5, 3)},
    matter="Q-07",
    rule=_pet_rule("Q-07"),
)


@OWN_FORMS.add(
    "LIVER-DISEASED-BLOOD-POOL-CHANGES",
    "A diseased liver and a blood pool half as high again as at baseline",
    matter="Q-08",
    rule=_pet_rule("Q-08"),
)
def _(sheets: Sheets, pick: Picker) -> Iterable[Planted]:
    row = pick.first(sheets.rows("pet_reference", FOLLOW_UP, pl.col("region") == "BLOOD_POOL"))
    own = pl.col("subject_id") == row["subject_id"]
    sheets.change(
        "pet_reference", numbers(sheets.rows("pet_reference", own, pl.col("region") == "LIVER")), usable=False
    )
    pool = sheets.rows("pet_reference", own, FOLLOW_UP, pl.col("region") == "BLOOD_POOL")
    higher = {name: pl.col(name) * 1.5 for name in ("suv_mean", "sul_mean", "suv_max")}
    sheets.change("pet_reference", numbers(pool), **higher)
    yield planted("pet_reference", row, "sul_mean", "half as high again")


edit_all(
    OWN_FORMS,
    "LIVER-WITHOUT-UPTAKE",
    "A liver with a tenth of its uptake",
    sheet="pet_reference",
    where=BASELINE & (pl.col("region") == "LIVER"),
    same=(*SCAN, "region"),
    values=lambda row: {name: round(row[name] / 10, 3) for name in ("suv_mean", "sul_mean", "suv_sd", "sul_sd")},
    matter="G-8",
    rule="PET_LIVER_IMPLAUSIBLE",
)
edit_all(
    OWN_FORMS,
    "LIVER-NOISY",
    "A coefficient of variation of a third in the liver",
    sheet="pet_reference",
    where=BASELINE & (pl.col("region") == "LIVER"),
    same=(*SCAN, "region"),
    values=lambda row: {"suv_sd": round(row["suv_mean"] / 3, 3), "sul_sd": round(row["sul_mean"] / 3, 3)},
    matter="Q-15",
    rule=_pet_rule("Q-15"),
)


def _times(field: str, of: str, factor: float) -> Callable[[Row], Row]:
    return lambda row: {field: round(row[of] * factor, 3)}


LESIONS: tuple[tuple[str, str, Values, str], ...] = (
    ("PET-PEAK-ABOVE-MAX", "A peak above the maximum", _times("suv_peak", "suv_max", 1.4), "3.7 PEAK_GT_MAX"),
    ("PET-MEAN-ABOVE-MAX", "A mean above the maximum", _times("suv_mean", "suv_max", 1.6), "3.7"),
    ("PET-GLYCOLYSIS-WRONG", "TLG that is not mean times volume", _times("tlg_g", "tlg_g", 2.0), "3.8"),
    ("PET-SUV-IMPLAUSIBLE", "An SUV a hundred times too high", _times("suv_max", "suv_max", 100.0), "G-8"),
)
for name, title, values, matter in LESIONS:
    large = PRESENT & BASELINE & (pl.col("mtv_ml") > 2)
    edit(OWN_FORMS, name, title, sheet="pet_lesion", where=large, values=values, matter=matter, rule=_pet_rule(matter))
edit(
    OWN_FORMS,
    "PET-RESOLVED-WITH-UPTAKE",
    "A resolved lesion with an SUV",
    sheet="pet_lesion",
    where=PRESENT & FOLLOW_UP,
    values={"status": "RESOLVED"},
    matter="vanished lesions, section 0",
    rule="PET_RESOLVED_WITH_UPTAKE",
)
edit(
    OWN_FORMS,
    "PET-STATUS-UNKNOWN",
    "A status that is no code",
    sheet="pet_lesion",
    where=PRESENT & FOLLOW_UP,
    values={"status": "GONE"},
    matter="codes of core.pet_lesion",
    rejected="unknown code",
)
edit(
    OWN_FORMS,
    "ECOG-OUT-OF-RANGE",
    "A performance status of 7",
    sheet="clinical_status",
    where=pl.col("visit") == "WEEK 8",
    values={"ecog": 7},
    matter="ECOG 0 to 5",
    rule="ECOG_OUT_OF_RANGE",
)
edit(
    OWN_FORMS,
    "STABLE-YET-DETERIORATING",
    "Clinically stable with rapid deterioration",
    sheet="clinical_status",
    where=(pl.col("visit") == "WEEK 8") & pl.col("clinically_stable"),
    values={"rapid_deterioration": True},
    matter="IR-07, IRC-12",
    rule="STABLE_YET_DETERIORATING",
)
