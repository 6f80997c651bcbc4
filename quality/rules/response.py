"""Rules on recorded responses and sums: complete, and in agreement with what the measurements say."""

from __future__ import annotations

from functools import partial

from criteria.tables import BEST_RESPONSE, TIMEPOINT_RESPONSE
from ingestion.tables import MEASUREMENT, RECORDED_RESPONSE, RECORDED_SUM, SUBJECT
from quality.rule import Category, Parameter, Present, Rule, Severity
from quality.rules.structure import coded_rule, key_rules

_response = partial(
    Rule, table=RECORDED_RESPONSE.name, rows="recorded_response", keys=RECORDED_RESPONSE.key, field="response"
)
_agrees = partial(
    _response,
    category=Category.RECONCILIATION,
    needs=(MEASUREMENT.name, TIMEPOINT_RESPONSE.name),
    message="Subject {subject_id}, {evaluator}, {visit}, {criterion}: the {component} response is recorded as "
    "{response}; the measurements give {derived_response} ({clause}: {explanation}). Please confirm the "
    "response or correct the measurements.",
)
_overall = partial(
    Rule,
    table=RECORDED_RESPONSE.name,
    rows="recorded_overall",
    keys=("study_id", "subject_id", "evaluator", "timepoint"),
    category=Category.CONFORMANCE,
    field="overall",
)
_OVERALL = (
    "Subject {subject_id}, {evaluator}, {visit}, {criterion}, recorded target {target}, non-target {nontarget}, new "
    "lesion {new_lesion}: "
)

RULES: tuple[Rule, ...] = (
    *key_rules(RECORDED_RESPONSE),
    coded_rule(RECORDED_RESPONSE, "component"),
    _response(
        id="RESPONSE_MISSING",
        title="A recorded response has a value",
        rows=RECORDED_RESPONSE.name,
        category=Category.COMPLETENESS,
        source="morphologic 13.1, RSSTRESC",
        message="Subject {subject_id}, {evaluator}, {visit}, {criterion}: the {component} response is empty. Please "
        "supply it, or NE.",
        expectation=Present("response"),
    ),
    _response(
        id="RESPONSE_SUBJECT_UNKNOWN",
        title="The subject of a recorded response is known",
        category=Category.CONFORMANCE,
        severity=Severity.ERROR,
        blocking=True,
        source="SDTMIG, USUBJID in DM",
        message="The subject {subject_id} of a response by {evaluator} at {visit} is not among the study's subjects. "
        "Please check the subject identifier.",
        field="subject_id",
    ),
    _response(
        id="RESPONSE_AFTER_DEATH",
        title="No response after death",
        category=Category.TIMING,
        source="SDTMIG DM, DTHDTC",
        message="Subject {subject_id}, {evaluator}, {visit}: a {component} response is dated {assessment_date}, after "
        "the death on {death_date}. Please check both dates.",
        field="assessment_date",
        needs=(SUBJECT.name,),
    ),
    _response(
        id="RESPONSE_WITHOUT_MEASUREMENTS",
        title="A recorded overall response has assessed lesions behind it",
        category=Category.COMPLETENESS,
        source="morphologic 13.1, TR and RS linked by TRLNKGRP = RSLNKGRP",
        message="Subject {subject_id}, {evaluator}, {visit}: the overall response {response} ({criterion}) is "
        "recorded, but no lesion is assessed at this time point. Please supply the lesion records.",
        needs=(MEASUREMENT.name,),
    ),
    *(
        _agrees(id=id, title=title, source=source)
        for id, title, source in (
            ("PROGRESSION_NOT_DERIVED", "A recorded progression follows from the measurements", "R11 2.5, IR-02"),
            ("PROGRESSION_NOT_RECORDED", "A progression that the measurements show is recorded", "R11 2.5, IR-02"),
            ("RESPONSE_NOT_DERIVED", "A recorded CR or PR follows from the measurements", "R11 2.5"),
            ("RESPONSE_NOT_RECORDED", "A CR or PR that the measurements show is recorded", "R11 2.5"),
            ("NEW_LESION_NOT_AS_DERIVED", "The recorded new lesion is among the lesion records", "R11-NL-01, NEWLIND"),
        )
    ),
    _response(
        id="BEST_RESPONSE_NOT_AS_DERIVED",
        title="The recorded best response follows from the time points",
        category=Category.RECONCILIATION,
        source="R11-BOR-02, R11-BOR-03",
        message="Subject {subject_id}, {evaluator}, {criterion}: the best response is recorded as {response}; derived "
        "are {best_response}, and with confirmation {confirmed_best_response} ({clause}: {explanation}). Please "
        "confirm the best response.",
        needs=(BEST_RESPONSE.name,),
    ),
    _response(
        id="RESPONSE_DATE_DIFFERS",
        title="A response is dated by its scans",
        category=Category.RECONCILIATION,
        source="DT-01, scan dates against form dates",
        message="Subject {subject_id}, {evaluator}, {visit}, {criterion}: the {component} response is dated "
        "{assessment_date}, the scans are of {first_scan} to {last_scan}. Please check the dates.",
        field="assessment_date",
        needs=(MEASUREMENT.name,),
        parameters=(Parameter(name="most_days", value=14, meaning="days between response and scan", unit="d"),),
    ),
    _response(
        id="RESPONSE_OF_OTHER_CRITERION",
        title="A response by RECIST 1.1 is in its own codes",
        category=Category.CONFORMANCE,
        source="morphologic 13.1, RSCAT and RSSTRESC",
        message="Subject {subject_id}, {evaluator}, {visit}: the {component} response {response} is recorded under "
        "{criterion}, which has no such response. Please check the criterion.",
    ),
    *(
        _overall(id=id, title=title, source=source, message=message + " Please correct one.")
        for id, title, source, message in (
            (
                "COMPONENT_PROGRESSION_NOT_OVERALL",
                "Progression of a component is overall progression",
                "R11 2.5, rows 8 to 10",
                _OVERALL + "a component is progressive, or a lesion new, yet the overall response is {overall}.",
            ),
            (
                "OVERALL_PROGRESSION_WITHOUT_COMPONENT",
                "Overall progression has a progressive component or a new lesion",
                "R11 2.5, rows 1 to 7",
                _OVERALL + "the overall response is PD, yet no component is.",
            ),
            (
                "COMPLETE_RESPONSE_WITH_RESIDUE",
                "An overall complete response has no component with disease",
                "R11 2.5, rows 1 to 4",
                _OVERALL + "the overall response is CR, yet a component is not.",
            ),
        )
    ),
    _agrees(
        id="OVERALL_RESPONSE_NOT_AS_DERIVED",
        title="The recorded overall response is the derived one, where both see progression, response or neither",
        source="R11 2.5, overall timepoint response",
    ),
    _agrees(
        id="TARGET_RESPONSE_NOT_AS_DERIVED",
        title="The recorded target response follows from the measurements",
        source="R11-TL-01 to R11-TL-07",
    ),
    _agrees(
        id="NON_TARGET_RESPONSE_NOT_AS_DERIVED",
        title="The recorded non-target response follows from the lesion states",
        source="R11-NT-01 to R11-NT-04",
    ),
    Rule(
        id="SUM_NOT_AS_COMPUTED",
        title="The recorded sum is that of the target lesions, to 0.5 mm where all sums of the reader are whole",
        parameters=(Parameter(name="tolerance_mm", value=0.05, meaning="difference of the two", unit="mm"),),
        table=RECORDED_SUM.name,
        rows="recorded_sum",
        keys=RECORDED_SUM.key,
        category=Category.RECONCILIATION,
        source="R11-BL-06, R11-FU-02",
        message="Subject {subject_id}, {evaluator}, {visit} ({assessment_date}): the recorded sum is {sum_mm} mm, the "
        "{targets} target lesions add up to {computed_mm} mm.{remark} Please check the sum and the diameters.",
        field="sum_mm",
        needs=(MEASUREMENT.name,),
    ),
    *(
        Rule(
            id=f"CHANGE_FROM_{since.upper()}_NOT_AS_DERIVED",
            title=f"The recorded change of the sum from the {since} is the derived one",
            table=RECORDED_SUM.name,
            rows="recorded_sum",
            keys=RECORDED_SUM.key,
            category=Category.RECONCILIATION,
            source="R11-TL-03, R11-TL-06, PCBSD and PCNSD",
            message=f"Subject {{subject_id}}, {{evaluator}}, {{visit}}: the change from the {since} is recorded as "
            f"{{pct_from_{since}}} %; the measurements give {{derived_from_{since}}} %. Please check the sum and the "
            "change.",
            field=f"pct_from_{since}",
            needs=(MEASUREMENT.name, TIMEPOINT_RESPONSE.name),
            parameters=(Parameter(name="points", value=0.6, meaning="difference of the percentages", unit="%"),),
        )
        for since in ("baseline", "nadir")
    ),
)
