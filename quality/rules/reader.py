"""Rules on readers: two central reads, their order, and one accepted reader (morphologic rule book section 12)."""

from __future__ import annotations

from functools import partial

from ingestion.tables import RECORDED_RESPONSE
from quality.rule import Category, Rule
from quality.rules.rows import assessment, lesion_record

_subject = partial(Rule, table=RECORDED_RESPONSE.name, rows="central_reader", keys=("study_id", "subject_id"))

RULES: tuple[Rule, ...] = (
    assessment(
        id="SECOND_READ_MISSING",
        title="Every central reader of a subject read the time point",
        category=Category.COMPLETENESS,
        source="BR-01",
        message="Subject {subject_id}, {visit} of {last_scan}: read by {central_names} alone; other central readers of "
        "the subject have no read. Please supply it.",
        field="central_names",
    ),
    assessment(
        id="READS_OUT_OF_ORDER",
        title="Time points are read in their order",
        category=Category.TIMING,
        source="BR-01, sequential lock",
        message="Subject {subject_id}, {evaluator}, {visit}: read on {read_date}, before the read of an earlier time "
        "point on {previous_read}. Please confirm the dates of reading.",
        field="read_date",
    ),
    lesion_record(
        id="READ_BEFORE_SCAN",
        title="A scan is read on its day or later",
        category=Category.TIMING,
        source="BR-01, READDTC",
        message="Subject {subject_id}, {evaluator}, {visit}, lesion {lesion_id}: read on {read_date}, before the scan "
        "of {assessment_date}. Please check both dates.",
        field="read_date",
    ),
    Rule(
        id="ADJUDICATED_BEFORE_READS",
        title="The adjudication follows the reads",
        table=RECORDED_RESPONSE.name,
        rows="adjudication",
        keys=("study_id", "subject_id", "timepoint"),
        category=Category.TIMING,
        source="BR-03",
        message="Subject {subject_id}, {visit}: adjudicated on {adjudicated_on}, before the last central read of "
        "{last_read}. Please check the dates of reading.",
        field="adjudicated_on",
    ),
    _subject(
        id="SEVERAL_READERS_ACCEPTED",
        title="One central reader is accepted at a time point",
        category=Category.CONFORMANCE,
        source="BR-03, RSACPTFL",
        message="Subject {subject_id}: several central readers are marked as accepted for the same time point "
        "({accepted_names}). Please mark one.",
        field="accepted_names",
    ),
    _subject(
        id="NO_READER_ACCEPTED",
        title="A subject read twice has an accepted central reader, where the study marks them",
        category=Category.COMPLETENESS,
        source="BR-04, RSACPTFL",
        message="Subject {subject_id}: none of the central readers ({names}) is marked as accepted. Please supply the "
        "mark, or the adjudication.",
        field="names",
    ),
)
