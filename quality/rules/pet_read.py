"""Rules on PET scans and what was read on them: quantified, read, and possible (metabolic rule book section 3)."""

from __future__ import annotations

from functools import partial

from criteria.metabolic.tables import PET_CHECK
from ingestion.pet_tables import PET_LESION, PET_REFERENCE, PET_SCAN
from quality.rule import Category, Parameter, Rule

_scan = partial(Rule, table=PET_SCAN.name, rows="pet_scan", keys=PET_SCAN.key)
_lesion = partial(Rule, table=PET_LESION.name, rows="pet_lesion", keys=PET_LESION.key, category=Category.PLAUSIBILITY)
_check = partial(
    Rule,
    table=PET_SCAN.name,
    rows="pet_check",
    keys=PET_CHECK.key,
    category=Category.COMPLETENESS,
    field="value",
    needs=(PET_CHECK.name,),
)
_SCAN = "Subject {subject_id}, PET of {assessment_date} ({visit}): "
_LESION = "Subject {subject_id}, {evaluator}, PET of {assessment_date} ({visit}), lesion {lesion_id}: "

RULES: tuple[Rule, ...] = (
    _scan(
        id="PET_NOT_QUANTIFIED",
        title="A PET scan gives SUV",
        category=Category.CONFORMANCE,
        source="metabolic G-1 to G-8, 3.2, 3.3",
        message=_SCAN + "no SUV can be computed: {refusal}, {why}. Please send the scan again with complete headers.",
        field="status",
    ),
    _scan(
        id="PET_NOT_READ",
        title="A PET scan is read",
        category=Category.COMPLETENESS,
        source="scans without reads",
        message=_SCAN + "no lesion is read on it. Please submit the read, or record why there is none.",
        field="scan_id",
    ),
    _scan(
        id="PET_INJECTED_AFTER_SCAN",
        title="The tracer is injected before the scan",
        category=Category.TIMING,
        source="metabolic 3.3",
        message=_SCAN + "injected at {injection_datetime}, scanned at {reference_datetime}, uptake {uptake_min} min. "
        "Please check both times.",
        field="injection_datetime",
    ),
    _scan(
        id="PET_AFTER_DEATH",
        title="No PET scan after death",
        category=Category.TIMING,
        source="SDTMIG DM, DTHDTC",
        message=_SCAN + "scanned after the death on {death_date}. Please check both dates.",
        field="assessment_date",
    ),
    _scan(
        id="PET_BODY_IMPLAUSIBLE",
        title="The body has the uptake of a body",
        category=Category.PLAUSIBILITY,
        source="metabolic G-8",
        message=_SCAN + "the median SUV of the body is {body_median_suv}; {lowest} to {highest} are expected. Please "
        "check weight, activity and times of the scan.",
        field="body_median_suv",
        parameters=(
            Parameter(name="lowest", value=0.2, meaning="lowest median SUV of the body"),
            Parameter(name="highest", value=1.5, meaning="highest median SUV of the body"),
        ),
    ),
    _scan(
        id="PET_HEADER_DOUBTFUL",
        title="Header values of a PET scan need no correction",
        category=Category.PLAUSIBILITY,
        source="metabolic G-6, G-7, 3.3",
        message=_SCAN + "values of its header were read in another unit, or contradict each other ({flags}). Please "
        "confirm dose, weight, height and times.",
        field="flags",
    ),
    _check(
        id="PET_GLUCOSE_MISSING",
        title="Serum glucose at the injection is recorded",
        source="metabolic Q-03",
        message="Subject {subject_id}, PET at time point {timepoint}: {message}. Please supply the glucose.",
    ),
    _check(
        id="PET_FASTING_MISSING",
        title="Fasting before the injection is recorded",
        source="metabolic Q-04",
        message="Subject {subject_id}, PET at time point {timepoint}: {message}. Please supply the hours of fasting.",
    ),
    _lesion(
        id="PET_READ_WITHOUT_SCAN",
        title="A PET read has its scan",
        category=Category.COMPLETENESS,
        source="reads without scans",
        message=_LESION + "read, but no PET scan is known at this time point. Please send the scan and its data.",
        field="lesion_id",
    ),
    _lesion(
        id="PET_PEAK_ABOVE_MAX",
        title="SUVpeak is not above SUVmax",
        source="metabolic 3.7, PEAK_GT_MAX",
        message=_LESION + "SUVpeak {suv_peak} exceeds SUVmax {suv_max}. Please check both.",
        field="suv_peak",
    ),
    _lesion(
        id="PET_MEAN_ABOVE_MAX",
        title="SUVmean is not above SUVmax",
        source="metabolic 3.7",
        message=_LESION + "SUVmean {suv_mean} exceeds SUVmax {suv_max}. Please check both.",
        field="suv_mean",
    ),
    _lesion(
        id="PET_GLYCOLYSIS_WRONG",
        title="Total lesion glycolysis is mean uptake times volume",
        category=Category.RECONCILIATION,
        source="metabolic 3.8",
        message=_LESION
        + "TLG {tlg_g} g; SUVmean {suv_mean} times {mtv_ml} ml is {product_g} g. Please check the three.",
        field="tlg_g",
        parameters=(Parameter(name="percent", value=2.0, meaning="tolerance", unit="%"),),
    ),
    _lesion(
        id="PET_SUV_IMPLAUSIBLE",
        title="SUVmax is possible",
        source="metabolic G-8",
        message=_LESION + "SUVmax {suv_max} is above {highest}. Please check the value.",
        field="suv_max",
        parameters=(Parameter(name="highest", value=100.0, meaning="highest possible SUVmax"),),
    ),
    _lesion(
        id="PET_RESOLVED_WITH_UPTAKE",
        title="A resolved lesion has no uptake of its own",
        category=Category.CONFORMANCE,
        source="metabolic section 0",
        message=_LESION + "recorded as resolved with SUVmax {suv_max}. Please correct one.",
        field="suv_max",
    ),
    Rule(
        id="PET_LIVER_IMPLAUSIBLE",
        title="The liver has the uptake of a liver",
        table=PET_REFERENCE.name,
        rows="pet_reference",
        keys=PET_REFERENCE.key,
        category=Category.PLAUSIBILITY,
        source="metabolic G-8",
        message="Subject {subject_id}, {evaluator}, PET of {assessment_date}: the SUVmean of the liver is {suv_mean}; "
        "{lowest} to {highest} are expected. Please check the region, and weight, activity and times of the scan.",
        field="suv_mean",
        parameters=(
            Parameter(name="lowest", value=1.0, meaning="lowest SUVmean of the liver"),
            Parameter(name="highest", value=4.5, meaning="highest SUVmean of the liver"),
        ),
    ),
)
