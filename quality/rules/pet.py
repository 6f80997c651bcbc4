"""Rules on PET scans: the quality checks Q-01 to Q-18, of which a FAIL is a finding (metabolic rule book section 4)."""

from __future__ import annotations

from criteria.metabolic.tables import PET_CHECK
from ingestion.pet_tables import PET_REPORT, PET_SCAN
from quality.rule import Category, Rule

TITLES = {
    "Q-01": ("Uptake time is 60 ± 15 min", Category.PLAUSIBILITY),
    "Q-02": ("Uptake time agrees with the baseline scan", Category.PLAUSIBILITY),
    "Q-03": ("Serum glucose is below 200 mg/dL", Category.PLAUSIBILITY),
    "Q-04": ("The subject has fasted for 4 h", Category.PLAUSIBILITY),
    "Q-05": ("Scanner and reconstruction are those of the baseline scan", Category.CONFORMANCE),
    "Q-06": ("Injected activity is within 20 % of the baseline scan", Category.PLAUSIBILITY),
    "Q-07": ("Liver uptake agrees with the baseline scan", Category.PLAUSIBILITY),
    "Q-08": ("Blood pool uptake agrees with the baseline scan", Category.PLAUSIBILITY),
    "Q-09": ("At least 10 days after chemotherapy", Category.TIMING),
    "Q-10": ("At least 8 weeks after radiotherapy", Category.TIMING),
    "Q-11": ("More than 14 days after a growth factor", Category.TIMING),
    "Q-12": ("At least 6 weeks after surgery", Category.TIMING),
    "Q-13": ("The field covers every organ with a lesion", Category.COMPLETENESS),
    "Q-14": ("Weight and height are known", Category.COMPLETENESS),
    "Q-15": ("Noise of the liver is at most 25 %", Category.PLAUSIBILITY),
    "Q-16": ("The baseline scan is at most 42 days before the first dose", Category.TIMING),
    "Q-17": ("Lean body mass formula and settings are the same at all scans", Category.CONFORMANCE),
    "Q-18": ("Kind of immunotherapy and number of cycles are recorded", Category.COMPLETENESS),
}

CHECKS = tuple(
    Rule(
        id=f"PET_{check.replace('-', '_')}",
        title=title,
        table=PET_SCAN.name,
        rows="pet_check",
        keys=PET_CHECK.key,
        category=category,
        source=f"metabolic {check}",
        message="Subject {subject_id}, PET at time point {timepoint} ({evaluator}): {message}. Please check the scan, "
        "or record the deviation.",
        field="value",
        needs=(PET_CHECK.name,),
    )
    for check, (title, category) in TITLES.items()
)

REPORTS = (
    Rule(
        id="PET_REPORT_DIFFERS",
        title="Values of structured reports are those measured from the region",
        table=PET_REPORT.name,
        rows="pet_report",
        keys=PET_REPORT.key,
        category=Category.RECONCILIATION,
        source="metabolic 3.11",
        message="Subject {subject_id}, {evaluator}, PET at time point {timepoint}, lesion {lesion_id}: the report "
        "{sop_instance_uid} has {field} {reported}, from the region it is {recomputed}. Please correct the report, or "
        "send the region that it rests on.",
        field="reported",
    ),
)

RULES: tuple[Rule, ...] = (*CHECKS, *REPORTS)
