"""Rules on visits and assessments: what is missing, early, late or out of order."""

from __future__ import annotations

from functools import partial

from criteria.tables import BEST_RESPONSE, TIMEPOINT_RESPONSE
from ingestion.tables import MEASUREMENT, RECORDED_RESPONSE, SUBJECT, VISIT
from quality.rule import Category, Parameter, Rule, Severity
from quality.rules.rows import assessment
from quality.tables import VISIT_WINDOW

_visit = partial(Rule, table=VISIT.name, rows="visit", keys=VISIT.key, needs=(MEASUREMENT.name,))
_course = partial(Rule, table=MEASUREMENT.name, rows="course", keys=("study_id", "subject_id", "evaluator"))
_planned = partial(
    Rule,
    table=VISIT.name,
    rows="planned_visit",
    keys=("study_id", "subject_id", "visit"),
    category=Category.COMPLETENESS,
    field="visit",
    needs=(SUBJECT.name, VISIT_WINDOW.name),
)
_followed = partial(
    Rule,
    table=MEASUREMENT.name,
    rows="confirmation",
    keys=("study_id", "subject_id", "evaluator"),
    category=Category.TIMING,
    needs=(BEST_RESPONSE.name, SUBJECT.name),
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
    assessment(
        id="BASELINE_TOO_OLD",
        title="The baseline is not too long before the reference date",
        parameters=(
            Parameter(
                name="most_days",
                value=28,
                meaning="largest age of the earliest baseline scan",
                unit="d",
                of_protocol="visits.baseline_max_age_days",
            ),
        ),
        category=Category.TIMING,
        source="GEN-03, R11-BL-08",
        message="Subject {subject_id}, {evaluator}: the earliest baseline scan of {first_scan} lies "
        "{days_before_reference} days before the reference date {reference_date}; {most_days} are allowed. Please "
        "check the scan date.",
        field="first_scan",
        needs=(SUBJECT.name,),
    ),
    assessment(
        id="BASELINE_AFTER_FIRST_DOSE",
        title="The baseline is not after the first dose",
        category=Category.TIMING,
        source="GEN-03",
        message="Subject {subject_id}, {evaluator}: the baseline scan of {last_scan} lies after the first dose "
        "(first dose {first_dose_date}, reference date {reference_date}). Please check both dates.",
        field="last_scan",
        needs=(SUBJECT.name,),
    ),
    assessment(
        id="BASELINE_MORE_THAN_5_TARGETS",
        title="At most five target lesions",
        parameters=(Parameter(name="most", value=5, meaning="target lesions of a reader at baseline"),),
        category=Category.CONFORMANCE,
        source="R11-BL-03, R11-BL-08",
        message="Subject {subject_id}, {evaluator}: {targets} target lesions were chosen at baseline; at most {most} "
        "are allowed. Please confirm the selection.",
        field="targets",
    ),
    assessment(
        id="BASELINE_MORE_THAN_2_TARGETS_IN_ORGAN",
        title="At most two target lesions per organ; all nodes, and paired organs, count as one",
        parameters=(Parameter(name="most", value=2, meaning="target lesions of a reader in one organ"),),
        category=Category.CONFORMANCE,
        source="R11-BL-03, R11-BL-08",
        message="Subject {subject_id}, {evaluator}: more than {most} target lesions in one organ at baseline: "
        "{crowded_organs}. Please confirm the selection.",
        field="crowded_organs",
    ),
    assessment(
        id="ASSESSMENT_OUT_OF_ORDER",
        title="Time points follow each other in date",
        category=Category.TIMING,
        source="GEN-07",
        message="Subject {subject_id}, {evaluator}: time point {timepoint} ({visit}) starts on {first_scan}, not "
        "after the previous time point's last scan of {previous_scan}. Please check the scan dates.",
        field="first_scan",
    ),
    assessment(
        id="ASSESSMENT_OUTSIDE_WINDOW",
        title="The assessment lies within its visit window",
        category=Category.TIMING,
        source="visit windows of the protocol",
        message="Subject {subject_id}, {evaluator}: {visit} was scanned from {first_scan} to {last_scan}; its window "
        "is {window_start} to {window_end}. Please confirm the dates or record the deviation.",
        field="last_scan",
        needs=(SUBJECT.name, VISIT_WINDOW.name),
    ),
    _visit(
        id="VISIT_DATE_DIFFERS",
        title="The date of a visit is that of its scans",
        category=Category.RECONCILIATION,
        source="scan dates against form dates",
        message="Subject {subject_id}, {visit}: dated {dated}, its scans are of {first_scan} to {last_scan}. "
        "Please check the dates.",
        field="dated",
        parameters=(Parameter(name="most_days", value=7, meaning="days between visit and scan", unit="d"),),
    ),
    _visit(
        id="VISIT_AFTER_DEATH",
        title="No visit after death",
        category=Category.TIMING,
        source="SDTMIG DM, DTHDTC",
        message="Subject {subject_id}, {visit}: dated {start_date}, after the death on {death_date}. Please check both "
        "dates.",
        field="start_date",
        needs=(SUBJECT.name,),
    ),
    _planned(
        id="VISIT_NOT_RECORDED",
        title="A planned assessment before the last one is recorded, as performed or not",
        source="visit windows of the protocol, GEN-09",
        message="Subject {subject_id}: nothing is recorded for {visit}, planned for {planned_date} ({window_start} to "
        "{window_end}). Please supply the assessment, or record that it was not done.",
    ),
    _planned(
        id="VISIT_OVERDUE",
        title="A planned assessment whose window has passed is recorded",
        source="visit windows of the protocol",
        message="Subject {subject_id}: {visit} was due by {window_end}; the last assessment received is of "
        "{last_date}. Please submit it, or record that it was not done.",
        parameters=(
            Parameter(name="grace_days", value=28, meaning="days from the end of the window until asked", unit="d"),
        ),
    ),
    assessment(
        id="ASSESSMENT_AFTER_END_OF_STUDY",
        title="No assessment after the end of study participation",
        category=Category.TIMING,
        source="SDTMIG DS",
        message="Subject {subject_id}, {evaluator}: {visit} was scanned on {last_scan}, after the end of participation "
        "on {end_of_study_date}. Please check both dates.",
        field="last_scan",
        needs=(SUBJECT.name,),
    ),
    _course(
        id="CONFIRMATION_SCAN_EARLY",
        rows="timepoint_response",
        keys=("study_id", "subject_id", "evaluator", "timepoint"),
        category=Category.TIMING,
        needs=(TIMEPOINT_RESPONSE.name,),
        title="No scan lies before the confirmation window of a progression",
        source="IR-04, IR-05",
        message="Subject {subject_id}, {evaluator}: {visit} of {assessment_date} is too early to confirm the "
        "progression by {early_for} and is disregarded. Please confirm the date and the reason of the scan.",
        field="early_for",
    ),
    _followed(
        id="CONFIRMATION_SCAN_LATE",
        title="The scan after a progression lies within the confirmation window",
        source="IR-04, IR-06",
        message="Subject {subject_id}, {evaluator}: the progression of {progression_date} by {criteria} was followed "
        "by a scan on {next_date}, more than {most_days} days later. Please confirm the date, or record the deviation.",
        field="next_date",
        parameters=(
            Parameter(name="most_days", value=70, meaning="8 weeks of the criteria and the visit windows", unit="d"),
        ),
    ),
    _followed(
        id="CONFIRMATION_SCAN_MISSING",
        title="A progression that is to be confirmed is followed by a scan",
        source="IR-04",
        message="Subject {subject_id}, {evaluator}: the progression of {progression_date} by {criteria} should have "
        "been followed by a scan until {confirm_by}. Please submit the assessment, or record why it was not done.",
        field="progression_date",
        parameters=(Parameter(name="most_days", value=84, meaning="days within which a scan is to follow", unit="d"),),
    ),
    assessment(
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
