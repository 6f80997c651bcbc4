"""Rules on subjects: the dates that responses and endpoints hang on."""

from __future__ import annotations

from functools import partial

from ingestion.tables import MEASUREMENT, SUBJECT
from quality.rule import Category, Rule
from quality.rules.structure import key_rules

_subject = partial(Rule, table=SUBJECT.name, rows="subject", keys=SUBJECT.key)

RULES: tuple[Rule, ...] = (
    *key_rules(SUBJECT),
    _subject(
        id="REFERENCE_DATE_MISSING",
        title="A subject with assessments after baseline has a reference date",
        category=Category.COMPLETENESS,
        source="GEN-03, GEN-06",
        message="Subject {subject_id} has tumour assessments after baseline, but neither a randomisation date nor a "
        "first dose date. Please supply it.",
        field="reference_date",
        needs=(MEASUREMENT.name,),
    ),
    _subject(
        id="ALIVE_AFTER_DEATH",
        title="Last known alive is not after death",
        category=Category.TIMING,
        source="SDTMIG DM, DS",
        message="Subject {subject_id} is recorded as alive on {last_alive_date}, after the death on {death_date}. "
        "Please check both dates.",
        field="last_alive_date",
    ),
    _subject(
        id="NEW_THERAPY_BEFORE_FIRST_DOSE",
        title="New anticancer therapy does not start before the first dose",
        category=Category.TIMING,
        source="GEN-08",
        message="Subject {subject_id}: new anticancer therapy starts on {new_therapy_date}, before the first dose on "
        "{first_dose_date}. Please check whether it is a prior therapy.",
        field="new_therapy_date",
    ),
    _subject(
        id="DOSED_BEFORE_RANDOMISATION",
        title="The first dose is not before randomisation",
        category=Category.TIMING,
        source="GEN-03",
        message="Subject {subject_id}: the first dose on {first_dose_date} lies before the randomisation on "
        "{randomisation_date}. Please check both dates.",
        field="first_dose_date",
    ),
    _subject(
        id="BASELINE_DATE_DIFFERS_BY_READER",
        title="All readers have the same baseline date",
        table=MEASUREMENT.name,
        category=Category.RECONCILIATION,
        source="GEN-03",
        message="Subject {subject_id}: the readers date the baseline differently: {baseline_by_reader}. Please "
        "confirm which scan is the baseline.",
        field="baseline_by_reader",
    ),
)
