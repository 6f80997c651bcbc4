"""Whether the protocol's mappings hit anything: what matches no file and no column is told like a reject."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ingestion.forms.received import STAGE, Received
from ingestion.tables import REJECT
from protocol.forms import Forms

PROTOCOL = "protocol.yaml"


def unused_mappings(study_id: str, forms: Forms, received: Sequence[Received]) -> pl.DataFrame:
    """One reject per mapping that matches no received table, and per foreign column that none of its tables has."""
    rows: list[tuple[str, str, str, str]] = []
    for number, mapping in enumerate(forms.mappings):
        if mapping.ignore:
            continue
        key = f"forms.mappings entry {number + 1}"
        matched = [form for form in received if form.mapping == number]
        if not matched:
            pattern = mapping.match if mapping.sheet == "*" else f"{mapping.match}, sheet {mapping.sheet}"
            reason = "the mapping matches no received file"
            rows.append((f"{key}.match", pattern, reason, "correct the pattern, or remove the mapping"))
            continue
        found = {" ".join(name.upper().split()) for form in matched for name in form.mapped}
        rows += [
            (
                f"{key}.columns",
                name,
                "the column is in none of the files that the mapping matches",
                "correct the name, or remove the line",
            )
            for name in mapping.columns
            if " ".join(name.upper().split()) not in found
        ]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(("field", "value", "reason", "remedy"), pl.String), orient="row")
    return REJECT.conform(
        frame.with_columns(study_id=pl.lit(study_id), stage=pl.lit(STAGE), source_name=pl.lit(PROTOCOL))
    )
