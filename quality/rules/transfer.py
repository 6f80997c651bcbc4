"""Rules on transfers: rows that were refused, files that came twice, results that a later transfer changed."""

from __future__ import annotations

from functools import partial

from ingestion.change_table import CHANGE
from ingestion.tables import LANDING_EVENT, LANDING_FILE
from quality.rule import Category, Rule

_change = partial(
    Rule,
    table=CHANGE.name,
    rows="change",
    keys=("study_id", "form", "record_key", "field", "transfer_at"),
    category=Category.RECONCILIATION,
)

RULES: tuple[Rule, ...] = (
    Rule(
        id="ROW_REFUSED",
        title="Every row and file that came can be used",
        table=LANDING_FILE.name,
        rows="reject",
        keys=("study_id", "stage", "source_name", "source_record", "field"),
        category=Category.CONFORMANCE,
        source="encoding of the forms",
        message="{place}: {reason}; it is not used. Please {remedy}.",
        field="value",
        shows=("subject_id",),
    ),
    Rule(
        id="FILE_SENT_TWICE",
        title="A file comes once",
        table=LANDING_EVENT.name,
        rows="landing_event",
        keys=("study_id", *LANDING_EVENT.key),
        category=Category.CONFORMANCE,
        source="duplicate transfers",
        message="{source_name} has the content of {other_name}, which came before. Please withdraw one of them, or "
        "send the file that was meant.",
        field="other_name",
    ),
    _change(
        id="READ_CORRECTED",
        title="A read is not changed after it was sent",
        source="BR-01, superseded transfers",
        message="Subject {subject_id}, {form} record {record_key}: {field} was {old_value} and is {new_value} since "
        "{new_source_name} ({reason}). Please confirm the correction and its reason.",
        field="new_value",
    ),
    _change(
        id="RECORD_WITHDRAWN",
        title="A record is not withdrawn after it was sent",
        source="superseded transfers",
        message="Subject {subject_id}: {form} record {record_key} of {old_source_name} is not sent any more. Please "
        "confirm that it is withdrawn.",
        field="record_key",
    ),
)
