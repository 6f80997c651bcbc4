"""Rules on lesion records: what a reader measured, and how it goes on from visit to visit."""

from __future__ import annotations

from functools import partial

from ingestion.tables import MEASUREMENT, SUBJECT
from quality.rule import Between, Category, Parameter, Present, Rule, Severity
from quality.rules.rows import lesion, lesion_record
from quality.rules.structure import coded_rule, key_rules

_structural = partial(
    lesion_record,
    rows=MEASUREMENT.name,
    category=Category.CONFORMANCE,
    severity=Severity.ERROR,
    blocking=True,
    source="declaration of the table",
)

_WHERE = "Subject {subject_id}, {evaluator}, {visit}, lesion {lesion_id}: "

_DIAMETERS = (
    ("longest_diameter_mm", "longest diameter"),
    ("short_axis_mm", "short axis"),
    ("perpendicular_mm", "perpendicular diameter"),
)

RULES: tuple[Rule, ...] = (
    *key_rules(MEASUREMENT),
    *(
        _structural(
            id=f"MEASUREMENT_{column.upper()}_MISSING",
            title=f"{column} is given",
            message=_WHERE + f"no {column} is given. Please supply it.",
            field=column,
            expectation=Present(column),
        )
        for column in ("role", "state")
    ),
    *(coded_rule(MEASUREMENT, column) for column in ("role", "state", "change_from_previous")),
    *(
        _structural(
            id=f"{column.removesuffix('_mm').upper()}_NEGATIVE",
            title=f"The {name} is not negative",
            source="GEN-01",
            message=_WHERE + f"the {name} is {{{column}}} mm. A diameter cannot be negative; please correct it.",
            field=column,
            expectation=Between(column, lowest=0),
        )
        for column, name in _DIAMETERS
    ),
    lesion_record(
        id="MEASUREMENT_SUBJECT_UNKNOWN",
        title="The subject of a lesion record is known",
        category=Category.CONFORMANCE,
        severity=Severity.ERROR,
        blocking=True,
        source="SDTMIG, USUBJID in DM",
        message=_WHERE + "the subject is not among the study's subjects. Please check the subject identifier.",
        field="subject_id",
    ),
    lesion_record(
        id="MEASUREMENT_AFTER_DEATH",
        title="No assessment after death",
        category=Category.TIMING,
        source="SDTMIG DM, DTHDTC",
        message=_WHERE + "assessed on {assessment_date}, after the death on {death_date}. Please check both dates.",
        field="assessment_date",
        needs=(SUBJECT.name,),
    ),
    lesion_record(
        id="MEASUREMENT_DATE_PARTIAL",
        title="The scan date is complete",
        category=Category.COMPLETENESS,
        source="DT-06",
        message=_WHERE + "the scan date {assessment_dtc} is incomplete and was taken as {assessment_date}. Please "
        "supply the complete date.",
        field="assessment_dtc",
    ),
    lesion_record(
        id="TARGET_SIZE_MISSING",
        title="A measured target lesion has its diameter",
        category=Category.COMPLETENESS,
        source="R11-BL-06, R11-FU-05",
        message=_WHERE + "a measured target lesion without its {size_name}. Please supply it, or the reason why it "
        "was not evaluable.",
        field="state",
    ),
    lesion_record(
        id="TARGET_BELOW_10_MM",
        title="A target lesion that is no node is long enough at baseline",
        parameters=(Parameter(name="least_mm", value=10.0, meaning="least longest diameter", unit="mm"),),
        category=Category.CONFORMANCE,
        source="R11-BL-01, R11-BL-08",
        message=_WHERE + "chosen as target at baseline ({state}, longest diameter {longest_diameter_mm} mm); at least "
        "{least_mm} mm are required. Please confirm measurement and role.",
        field="longest_diameter_mm",
    ),
    lesion_record(
        id="TARGET_NODE_BELOW_15_MM",
        title="A target node has a short axis large enough at baseline",
        parameters=(Parameter(name="least_mm", value=15.0, meaning="least short axis", unit="mm"),),
        category=Category.CONFORMANCE,
        source="R11-BL-02, R11-BL-08",
        message=_WHERE
        + "node chosen as target at baseline ({state}, short axis {short_axis_mm} mm); at least {least_mm} mm "
        "are required. Please confirm measurement and role.",
        field="short_axis_mm",
    ),
    lesion_record(
        id="NEW_LESION_AT_BASELINE",
        title="A new lesion is not recorded at baseline",
        category=Category.CONFORMANCE,
        source="R11-NL-01",
        message=_WHERE + "recorded as new at baseline. Please confirm whether it is a target or a non-target lesion.",
        field="role",
    ),
    lesion_record(
        id="SHORT_AXIS_EXCEEDS_LONGEST",
        title="The short axis is not longer than the longest diameter",
        category=Category.PLAUSIBILITY,
        source="WHO-01, R11-BL-02",
        message=_WHERE + "the short axis or perpendicular ({short_axis_mm} / {perpendicular_mm} mm) exceeds the "
        "longest diameter ({longest_diameter_mm} mm). Please check whether they are interchanged.",
        field="longest_diameter_mm",
    ),
    lesion_record(
        id="SIZE_JUMP",
        title="The size does not change manifold between two measurements",
        parameters=(Parameter(name="factor", value=3.0, meaning="largest ratio of two sizes of a lesion in a row"),),
        category=Category.PLAUSIBILITY,
        source="plausibility limit of this catalogue",
        message=_WHERE + "the {size_name} went from {previous_mm} mm on {previous_date} to {measured_mm} mm on "
        "{assessment_date}, more than {factor} times. Please confirm values and units.",
        field="measured_mm",
    ),
    lesion_record(
        id="LESION_REAPPEARS",
        title="A lesion recorded as absent does not come back",
        category=Category.PLAUSIBILITY,
        source="R11-TL-04, R11-NL-06",
        message=_WHERE + "absent at the last assessment, {state} on {assessment_date}. Please confirm that it "
        "reappeared.",
        field="state",
    ),
    lesion(
        id="LESION_ROLE_CHANGES",
        title="A lesion keeps its role",
        category=Category.CONFORMANCE,
        source="morphologic 0.4",
        message="Subject {subject_id}, {evaluator}, lesion {lesion_id}: recorded with the roles {roles}. Please "
        "confirm which one holds.",
        field="roles",
    ),
    lesion(
        id="LESION_ORGAN_CHANGES",
        title="A lesion stays in its organ",
        category=Category.CONFORMANCE,
        source="morphologic 0.4",
        message="Subject {subject_id}, {evaluator}, lesion {lesion_id}: recorded in the organs {organs}. Please "
        "confirm which one holds.",
        field="organs",
    ),
    lesion(
        id="TARGET_WITHOUT_BASELINE",
        title="A target lesion is recorded at baseline",
        category=Category.COMPLETENESS,
        source="R11-BL-06, R11-NL-01",
        message="Subject {subject_id}, {evaluator}, lesion {lesion_id}: a target lesion first recorded on "
        "{first_date}, after the baseline. Please supply its baseline measurement, or record it as new.",
        field="first_date",
    ),
    lesion_record(
        id="TARGET_WITHOUT_RECORD",
        title="A target lesion measured at baseline has a record at every later time point",
        rows="expected_target",
        category=Category.COMPLETENESS,
        source="R11-TL-05, R11-FU-05",
        message=_WHERE + "target lesion ({organ}) measured at baseline without a record at this assessment of "
        "{assessment_date}. Please supply the measurement, or record it as not evaluable.",
        field="lesion_id",
    ),
)
