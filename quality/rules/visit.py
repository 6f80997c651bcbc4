"""Rules on visits and assessments: what is missing, early, late or out of order."""

from __future__ import annotations

from functools import partial

from ingestion.tables import MEASUREMENT, RECORDED_RESPONSE, SUBJECT, VISIT
from quality.rule import Category, Rule, Severity
from quality.tables import VISIT_WINDOW

_visit = partial(Rule, table=VISIT.name, rows="visit", keys=VISIT.key, needs=(MEASUREMENT.name,))
_course = partial(Rule, table=MEASUREMENT.name, rows="course", keys=("study_id", "subject_id", "evaluator"))
_assessment = partial(
    Rule, table=MEASUREMENT.name, rows="assessment", keys=("study_id", "subject_id", "evaluator", "timepoint")
)

RULES: tuple[Rule, ...] = (
    _visit(
        id="VISIT_WITHOUT_READS",
        title="A visit that took place has been read",
        category=Category.COMPLETENESS,
        source="GEN-09",
        message="Subject {subject_id}, visit {visit} of {start_date}: no reader has assessed a lesion. Please submit "
        "the assessment, or record that it was not done.",
        field="visit",
    ),
    _visit(
        id="VISIT_NOT_DONE_BUT_READ",
        title="A visit that did not take place has no assessed lesions",
        category=Category.RECONCILIATION,
        source="GEN-09",
        message="Subject {subject_id}, visit {visit}: recorded as not performed, yet {measured_lesions} lesion "
        "records are assessed. Please check the visit status.",
        field="visit",
    ),
    _course(
        id="EVALUATOR_CODED",
        title="An evaluator is named, in one spelling",
        category=Category.CONFORMANCE,
        severity=Severity.ERROR,
        blocking=True,
        source="morphologic 13.1, --EVAL and --EVALID",
        message="Subject {subject_id}: the evaluator is blank or written in several ways in this study "
        "({spellings}), which splits one reader's course. Please use one spelling.",
        field="evaluator",
    ),
    _course(
        id="BASELINE_MISSING",
        title="Assessments after baseline have a baseline",
        category=Category.COMPLETENESS,
        source="GEN-03",
        message="Subject {subject_id}: {evaluator} assessed time point {first_timepoint} on {first_date}, but no "
        "baseline. Please supply the baseline read.",
        field="first_timepoint",
    ),
    _assessment(
        id="BASELINE_TOO_OLD",
        title="The baseline is at most 28 days before the reference date",
        category=Category.TIMING,
        source="GEN-03, R11-BL-08",
        message="Subject {subject_id}, {evaluator}: the earliest baseline scan of {first_scan} lies "
        "{days_before_reference} days before the reference date {reference_date}; 28 are allowed. Please check the "
        "scan date.",
        field="first_scan",
        needs=(SUBJECT.name,),
    ),
    _assessment(
        id="BASELINE_AFTER_FIRST_DOSE",
        title="The baseline is not after the first dose",
        category=Category.TIMING,
        source="GEN-03",
        message="Subject {subject_id}, {evaluator}: the baseline scan of {last_scan} lies after the first dose "
        "(first dose {first_dose_date}, reference date {reference_date}). Please check both dates.",
        field="last_scan",
        needs=(SUBJECT.name,),
    ),
    _assessment(
        id="BASELINE_MORE_THAN_5_TARGETS",
        title="At most five target lesions",
        category=Category.CONFORMANCE,
        source="R11-BL-03, R11-BL-08",
        message="Subject {subject_id}, {evaluator}: {targets} target lesions were chosen at baseline; at most five "
        "are allowed. Please confirm the selection.",
        field="targets",
    ),
    _assessment(
        id="BASELINE_MORE_THAN_2_TARGETS_IN_ORGAN",
        title="At most two target lesions per organ; all nodes, and paired organs, count as one",
        category=Category.CONFORMANCE,
        source="R11-BL-03, R11-BL-08",
        message="Subject {subject_id}, {evaluator}: more than two target lesions in one organ at baseline: "
        "{crowded_organs}. Please confirm the selection.",
        field="crowded_organs",
    ),
    _assessment(
        id="ASSESSMENT_OUT_OF_ORDER",
        title="Time points follow each other in date",
        category=Category.TIMING,
        source="GEN-07",
        message="Subject {subject_id}, {evaluator}: time point {timepoint} ({visit}) starts on {first_scan}, not "
        "after the previous time point's last scan of {previous_scan}. Please check the scan dates.",
        field="first_scan",
    ),
    _assessment(
        id="ASSESSMENT_OUTSIDE_WINDOW",
        title="The assessment lies within its visit window",
        category=Category.TIMING,
        source="visit windows of the protocol",
        message="Subject {subject_id}, {evaluator}: {visit} was scanned from {first_scan} to {last_scan}; its window "
        "is {window_start} to {window_end}. Please confirm the dates or record the deviation.",
        field="last_scan",
        needs=(SUBJECT.name, VISIT_WINDOW.name),
    ),
    _assessment(
        id="MEASUREMENTS_WITHOUT_RESPONSE",
        title="An assessed time point has a recorded overall response",
        table=RECORDED_RESPONSE.name,
        category=Category.COMPLETENESS,
        source="morphologic 13.1, OVRLRESP",
        message="Subject {subject_id}, {evaluator}: {lesions} lesions are assessed at {visit} ({last_scan}), but no "
        "overall response is recorded. Please supply it.",
        field="visit",
        needs=(MEASUREMENT.name,),
    ),
)
