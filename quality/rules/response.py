"""Rules on recorded responses and sums: complete, and in agreement with what the measurements say."""

from __future__ import annotations

from functools import partial

from criteria.tables import TIMEPOINT_RESPONSE
from ingestion.tables import MEASUREMENT, RECORDED_RESPONSE, RECORDED_SUM, SUBJECT
from quality.rule import Category, Present, Rule, Severity
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
    _agrees(
        id="OVERALL_RESPONSE_NOT_AS_DERIVED",
        title="The recorded overall response follows from the measurements",
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
        title="The recorded sum of diameters is the sum of the target lesions (tolerance 0.05 mm)",
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
)
