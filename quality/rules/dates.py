"""Rules on the dates of subjects and their treatment that contradict each other, and codes that subjects need."""

from __future__ import annotations

from functools import partial

from ingestion.tables import CLINICAL_STATUS, SUBJECT, THERAPY
from quality.rule import Category, Parameter, Rule

_subject = partial(Rule, table=SUBJECT.name, rows="subject", keys=SUBJECT.key, category=Category.TIMING)
_therapy = partial(
    Rule, table=THERAPY.name, rows="therapy", keys=THERAPY.key, category=Category.TIMING, field="start_date"
)
_status = partial(Rule, table=CLINICAL_STATUS.name, rows="clinical_status", keys=CLINICAL_STATUS.key)
_DEATH = "SDTMIG DM, DTHDTC"
_CHECK = " Please check both dates."

RULES: tuple[Rule, ...] = (
    _subject(
        id="DEATH_BEFORE_REFERENCE",
        title="Death is not before the reference date",
        source=_DEATH,
        message="Subject {subject_id}: the death on {death_date} lies before the reference date {reference_date}."
        + _CHECK,
        field="death_date",
    ),
    _subject(
        id="DEATH_DATE_MISSING",
        title="A subject whose participation ended by death has a date of death",
        category=Category.COMPLETENESS,
        source=_DEATH,
        message="Subject {subject_id}: participation ended by death on {end_of_study_date}, but no date of death is "
        "recorded. Please supply it.",
        field="end_of_study_reason",
    ),
    _subject(
        id="DEATH_DATES_DIFFER",
        title="Demographics and disposition date the death alike",
        category=Category.RECONCILIATION,
        source="DTHDTC against DS",
        message="Subject {subject_id}: the death is dated {death_date} in demographics and {end_of_study_date} in "
        "disposition." + _CHECK,
        field="death_date",
    ),
    _subject(
        id="DISCONTINUED_BEFORE_FIRST_DOSE",
        title="The treatment does not end before it begins",
        source="SDTMIG DS",
        message="Subject {subject_id}: treatment ended on {discontinuation_date}, before the first dose on "
        "{first_dose_date}." + _CHECK,
        field="discontinuation_date",
    ),
    _subject(
        id="DISCONTINUED_AFTER_DEATH",
        title="The treatment does not end after death",
        source=_DEATH,
        message="Subject {subject_id}: treatment ended on {discontinuation_date}, after the death on {death_date}."
        + _CHECK,
        field="discontinuation_date",
    ),
    _subject(
        id="DISCONTINUATION_REASON_MISSING",
        title="The end of treatment has a reason",
        category=Category.COMPLETENESS,
        source="SDTMIG DS, DSDECOD",
        message="Subject {subject_id}: treatment ended on {discontinuation_date} without a reason. Please supply it.",
        field="discontinuation_date",
    ),
    _subject(
        id="NEW_THERAPY_AFTER_DEATH",
        title="The first new anticancer therapy is not after death",
        source=_DEATH,
        message="Subject {subject_id}: new anticancer therapy starts on {new_therapy_date}, after the death on "
        "{death_date}." + _CHECK,
        field="new_therapy_date",
    ),
    _subject(
        id="FIRST_DOSE_DIFFERS",
        title="The first dose of demographics is the first dose given",
        category=Category.RECONCILIATION,
        source="RFXSTDTC, RFSTDTC against EX",
        message="Subject {subject_id}: the first dose is dated {first_dose_date} in demographics, the first dose given "
        "is of {first_treatment}." + _CHECK,
        field="first_dose_date",
        needs=(THERAPY.name,),
    ),
    _subject(
        id="SEX_NOT_CODED",
        title="Sex is one of its codes",
        category=Category.CONFORMANCE,
        source="CDISC codelist C66731, SUL 3.5",
        message="Subject {subject_id}: the sex {sex} is none of F, M, U, UNDIFFERENTIATED. Please correct it.",
        field="sex",
    ),
    _subject(
        id="SITE_MISSING",
        title="A subject has a site",
        category=Category.COMPLETENESS,
        source="SDTMIG DM, SITEID",
        message="Subject {subject_id} has no site. Please supply it.",
        field="site",
    ),
    _subject(
        id="SUBJECT_WITHOUT_READS",
        title="A treated subject has assessments",
        category=Category.COMPLETENESS,
        source="GEN-03, GEN-09",
        message="Subject {subject_id}: first dose on {first_dose_date}, and no tumour assessment was received. Please "
        "submit the reads.",
        field="first_dose_date",
        parameters=(Parameter(name="most_days", value=84, meaning="days from the first dose until asked", unit="d"),),
    ),
    _therapy(
        id="THERAPY_ENDS_BEFORE_START",
        title="A therapy does not end before it starts",
        source="EXSTDTC, EXENDTC; CMSTDTC, CMENDTC",
        message="Subject {subject_id}: {therapy} starts on {start_date} and ends on {end_date}." + _CHECK,
    ),
    _therapy(
        id="DOSE_AFTER_DEATH",
        title="No dose of the study treatment after death",
        source=_DEATH,
        message="Subject {subject_id}: {therapy} was given on {start_date}, after the death on {death_date}." + _CHECK,
    ),
    _therapy(
        id="THERAPY_AFTER_DEATH",
        title="No new anticancer therapy after death",
        source=_DEATH,
        message="Subject {subject_id}: {therapy} starts on {start_date}, after the death on {death_date}." + _CHECK,
    ),
    _therapy(
        id="DOSE_AFTER_DISCONTINUATION",
        title="No dose after the permanent end of treatment",
        source="EX against DS",
        message="Subject {subject_id}: {therapy} was given on {start_date}, after the end of treatment on "
        "{discontinuation_date}." + _CHECK,
    ),
    _status(
        id="ECOG_OUT_OF_RANGE",
        title="The performance status lies between 0 and 5",
        category=Category.CONFORMANCE,
        source="ECOG",
        message="Subject {subject_id}, {visit} of {assessment_date}: the ECOG performance status is {ecog}; 0 to 5 are "
        "possible. Please correct it.",
        field="ecog",
    ),
    _status(
        id="STABLE_YET_DETERIORATING",
        title="A subject who deteriorates is not called clinically stable",
        category=Category.PLAUSIBILITY,
        source="IR-07, IRC-12",
        message="Subject {subject_id}, {visit} of {assessment_date}: clinically stable, yet rapid deterioration or "
        "clinical progression is recorded. Please confirm which holds.",
        field="clinically_stable",
    ),
    _status(
        id="CLINICAL_STATUS_AFTER_DEATH",
        title="No clinical assessment after death",
        category=Category.TIMING,
        source=_DEATH,
        message="Subject {subject_id}, {visit}: assessed on {assessment_date}, after the death on {death_date}."
        + _CHECK,
        field="assessment_date",
    ),
)
