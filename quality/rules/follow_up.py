"""Rules on how lesions are followed: eligible targets, lesions that vanish, join or are left out, copied sizes."""

from __future__ import annotations

from functools import partial

from quality.rule import Category, Parameter, Rule
from quality.rules.rows import assessment, lesion, lesion_record

_expected = partial(lesion_record, rows="expected_lesion", category=Category.COMPLETENESS, field="lesion_id")
_WHERE = "Subject {subject_id}, {evaluator}, {visit}, lesion {lesion_id}: "
_OF_LESION = "Subject {subject_id}, {evaluator}, lesion {lesion_id}: "

RULES: tuple[Rule, ...] = (
    lesion_record(
        id="TARGET_BELOW_TWICE_SLICE",
        title="A target lesion is at least twice as long as a slice of more than 5 mm",
        category=Category.CONFORMANCE,
        source="R11-BL-01",
        message=_WHERE + "chosen as target with {longest_diameter_mm} mm on slices of {slice_thickness_mm} mm; twice "
        "the slice is required. Please confirm measurement and role.",
        field="longest_diameter_mm",
    ),
    lesion_record(
        id="TARGET_NOT_MEASURABLE",
        title="A target lesion is measurable",
        category=Category.CONFORMANCE,
        source="R11-BL-04",
        message=_WHERE + "chosen as target although the reader calls it not measurable. Please confirm its role.",
        field="measurable",
    ),
    lesion_record(
        id="TARGET_IN_TREATED_FIELD",
        title="A target lesion was not treated locally before the baseline",
        category=Category.CONFORMANCE,
        source="R11-BL-05",
        message=_WHERE + "chosen as target although it was treated locally before the baseline. Please confirm that it "
        "has progressed since, or choose another target.",
        field="prior_local_therapy",
    ),
    lesion_record(
        id="TREATED_TARGET_MEASURED",
        title="A target lesion is not measured after a local therapy of its own",
        category=Category.CONFORMANCE,
        source="R11-FU-06",
        message=_WHERE + "measured on {assessment_date} although it was treated locally before ({local_therapy}). "
        "Please confirm, or record it as not evaluable.",
        field="local_therapy",
    ),
    lesion_record(
        id="NON_TARGET_NODE_NORMAL",
        title="A non-target node is enlarged at baseline",
        category=Category.CONFORMANCE,
        source="R11-BL-02",
        message=_WHERE + "a node of {short_axis_mm} mm short axis recorded as non-target; below {least_mm} mm it is "
        "normal. Please confirm the measurement, or withdraw the lesion.",
        field="short_axis_mm",
        parameters=(Parameter(name="least_mm", value=10.0, meaning="least short axis", unit="mm"),),
    ),
    lesion_record(
        id="NEW_NODE_NORMAL",
        title="A new node called unequivocal is enlarged",
        category=Category.PLAUSIBILITY,
        source="R11-NL-03",
        message=_WHERE + "called an unequivocal new lesion, a node of {short_axis_mm} mm short axis; at least "
        "{least_mm} mm are required. Please confirm that it is new disease.",
        field="short_axis_mm",
        parameters=(Parameter(name="least_mm", value=10.0, meaning="least short axis", unit="mm"),),
    ),
    lesion_record(
        id="ABSENT_WITH_SIZE",
        title="An absent lesion has no size",
        category=Category.CONFORMANCE,
        source="R11-FU-03",
        message=_WHERE + "recorded as absent with a longest diameter of {longest_diameter_mm} mm. Please correct one.",
        field="longest_diameter_mm",
    ),
    lesion_record(
        id="TOO_SMALL_YET_MEASURED",
        title="A lesion that is too small to measure has no measurable size",
        category=Category.CONFORMANCE,
        source="R11-FU-02",
        message=_WHERE + "recorded as too small to measure with a {size_name} of {size_mm} mm. Please correct one.",
        field="size_mm",
        parameters=(Parameter(name="least_mm", value=10.0, meaning="size that can be measured", unit="mm"),),
    ),
    lesion_record(
        id="REASON_MISSING",
        title="A lesion that was not assessed has a reason",
        category=Category.COMPLETENESS,
        source="morphologic 13.1, --REASND",
        message=_WHERE + "{state} without a reason. Please supply it.",
        field="state",
    ),
    lesion(
        id="ORGAN_MISSING",
        title="A lesion has an organ",
        category=Category.COMPLETENESS,
        source="R11-BL-03, TULOC",
        message=_OF_LESION + "no organ is recorded. Please supply it.",
        field="lesion_id",
    ),
    lesion_record(
        id="PERPENDICULAR_MISSING",
        title="A reader who measures two diameters measures both of every target",
        category=Category.COMPLETENESS,
        source="WHO-01",
        message=_WHERE + "longest diameter {longest_diameter_mm} mm without its perpendicular. Please supply it.",
        field="longest_diameter_mm",
    ),
    lesion_record(
        id="JOINED_LESION_UNKNOWN",
        title="The lesion that one merged into, or split from, is recorded",
        category=Category.CONFORMANCE,
        source="R11-FU-04",
        message=_WHERE + "{state} with lesion {other_lesion_id}, which this reader does not follow. Please check the "
        "identifier.",
        field="other_lesion_id",
    ),
    lesion_record(
        id="LESION_VANISHES",
        title="A large lesion is not absent at the next assessment",
        category=Category.PLAUSIBILITY,
        source="R11-FU-03",
        message=_WHERE + "absent on {assessment_date}, after a {size_name} of {previous_mm} mm on {previous_date}. "
        "Please confirm that it is gone.",
        field="state",
        parameters=(Parameter(name="least_mm", value=25.0, meaning="size at the assessment before", unit="mm"),),
    ),
    lesion_record(
        id="PROGRESSION_YET_SMALLER",
        title="A lesion in unequivocal progression has not become smaller",
        category=Category.PLAUSIBILITY,
        source="R11-NT-03",
        message=_WHERE + "unequivocal progression, and {change_from_previous} since the assessment before. Please "
        "confirm both.",
        field="change_from_previous",
    ),
    _expected(
        id="NON_TARGET_WITHOUT_RECORD",
        title="A non-target lesion has a record at every later time point",
        source="R11-NT-04",
        message=_WHERE + "non-target lesion ({organ}) of the baseline without a record at this assessment of "
        "{assessment_date}. Please supply it, or record it as not evaluable.",
    ),
    _expected(
        id="NEW_LESION_WITHOUT_RECORD",
        title="A new lesion has a record at every later time point",
        source="IR-03, R11-NL-02",
        message=_WHERE + "new lesion ({organ}) seen before, without a record at this assessment of {assessment_date}. "
        "Please supply it, or record it as absent.",
    ),
    lesion(
        id="NON_TARGET_WITHOUT_BASELINE",
        title="A non-target lesion is recorded at baseline",
        category=Category.COMPLETENESS,
        source="R11-NL-01",
        message=_OF_LESION + "a non-target lesion first recorded on {first_date}, after the baseline. Please supply "
        "its baseline record, or record it as new.",
        field="first_date",
    ),
    lesion(
        id="LESION_NODE_CHANGES",
        title="A lesion is a node always or never",
        category=Category.CONFORMANCE,
        source="R11-BL-02, TULOC",
        message=_OF_LESION + "recorded as a lymph node at some time points and not at others ({organs}). Please "
        "confirm which holds.",
        field="organs",
    ),
    lesion(
        id="NEW_LESION_STAYS_EQUIVOCAL",
        title="An equivocal new lesion is settled",
        category=Category.COMPLETENESS,
        source="R11-NL-02",
        message=_OF_LESION + "called equivocal {times_equivocal} times. Please decide whether it is new disease.",
        field="times_equivocal",
        parameters=(Parameter(name="most", value=2, meaning="assessments at which it may be equivocal"),),
    ),
    assessment(
        id="METHOD_CHANGES",
        title="Lesions are followed by the method of their first record",
        category=Category.CONFORMANCE,
        source="E09 4.1, same method",
        message="Subject {subject_id}, {evaluator}, {visit}: lesions {changed_lesions} were measured by {methods_now}, "
        "before by {methods_before}. Please confirm the method.",
        field="methods_now",
    ),
    assessment(
        id="COPIED_FORWARD",
        title="Target lesions are measured anew at every assessment",
        category=Category.PLAUSIBILITY,
        source="plausibility limit of this catalogue",
        message="Subject {subject_id}, {evaluator}, {visit}: all {equal_targets} target lesions have exactly the sizes "
        "of the assessment before. Please confirm that they were measured again.",
        field="equal_targets",
        parameters=(Parameter(name="targets", value=3, meaning="least measured targets to judge by"),),
    ),
)
