"""The forms of a study through all its transfers: what counts now, what each transfer brought and changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import polars as pl

from ingestion.change_table import CHANGE, TRANSFER
from ingestion.forms.corrections import changes, sift_repeats, standing_rows
from ingestion.forms.mapping_use import unused_mappings
from ingestion.forms.received import DEFAULT, STAGE, Received, read_forms
from ingestion.forms.sifting import PROVENANCE, SHEET, SOURCE_NAME, SOURCE_SHA256, join_rejects
from ingestion.forms.transactions import REASON
from ingestion.reject import Source
from ingestion.tables import REJECT
from protocol.forms import Forms


class Transferred(NamedTuple):
    """What all transfers come to: one frame per form, the rejects, the changes and the transfers (change_table)."""

    frames: dict[str, pl.DataFrame]
    rejects: pl.DataFrame
    changes: pl.DataFrame
    transfers: pl.DataFrame


class Event(NamedTuple):
    """A file that came at a moment under a name, or, without content, went."""

    moment: datetime
    name: str
    sha256: str | None
    path: Path | None


@dataclass(frozen=True, slots=True)
class _Delivery:
    """The forms of one content of a file, and the number and moment of the transfer that brought it."""

    number: int
    moment: datetime
    source: Source
    forms: tuple[Received, ...]


def gather(study_id: str, forms: Sequence[Received]) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """All forms of one transfer: one frame per form, and the rejects.

    Tables of one form are stacked (a column that a file lacks is null there). A record that repeats another one in
    all its columns is rejected, wherever it stands.
    """
    parts: dict[str, list[tuple[int, pl.DataFrame]]] = {}
    for form in forms:
        if form.domain is not None:
            parts.setdefault(form.domain, []).append((0, form.frame))
    rejects = [form.rejects.with_columns(study_id=pl.lit(study_id)) for form in forms]
    frames = {}
    for name, received in parts.items():
        rows, more = standing_rows(name, received, study_id=study_id, stage=STAGE)
        frames[name], repeated = _settled(name, rows, study_id)
        rejects += [more, repeated]
    return frames, join_rejects(REJECT.conform(part) for part in rejects)


def transferred(study_id: str, events: Iterable[Event], forms: Forms = DEFAULT) -> Transferred:
    """The forms after all events, in the order of their moments (`events_of`).

    A file with the name of an earlier one replaces it wholly (``forms.transfers`` cumulative), or adds to and corrects
    it (incremental); a file with a new name always adds and corrects. Of each record the latest transfer counts. A file
    that went takes its rows with it. Files of one moment are one transfer: none of them corrects another.
    """
    present: dict[str, list[_Delivery]] = {}
    states: dict[str, pl.DataFrame] = {}
    delivered: list[_Delivery] = []
    changed = [CHANGE.empty()]
    rejects: dict[str, pl.DataFrame] = {}
    for number, (moment, group) in enumerate(groupby(events, key=lambda event: event.moment)):
        touched: set[str] = set()
        for event in group:
            touched |= _forms_of(present.get(event.name, []))
            if event.sha256 is None or event.path is None:
                present.pop(event.name, None)
                continue
            source = Source(event.name, event.sha256)
            read = read_forms(event.path, source, study_id=study_id, forms=forms)
            delivery = _Delivery(number, moment, source, read)
            earlier = present.get(event.name, []) if forms.transfers == "incremental" else []
            present[event.name] = [*(item for item in earlier if item.source != source), delivery]
            delivered.append(delivery)
            touched |= _forms_of([delivery])
        for form in sorted(touched):
            parts = [
                (delivery.number, received.frame)
                for deliveries in present.values()
                for delivery in deliveries
                for received in delivery.forms
                if received.domain == form
            ]
            before = states.pop(form, None)
            states[form], rejects[form] = (
                standing_rows(form, parts, study_id=study_id, stage=STAGE) if parts else (_no_rows(), REJECT.empty())
            )
            if before is not None:
                changed.append(changes(form, before, states[form], study_id=study_id, moment=moment))
    read_now = [received for deliveries in present.values() for delivery in deliveries for received in delivery.forms]
    found = [received.rejects.with_columns(study_id=pl.lit(study_id)) for received in read_now]
    found += [*rejects.values(), unused_mappings(study_id, forms, read_now)]
    frames = {}
    for form, rows in states.items():
        if not rows.is_empty() or any(received.domain == form for received in read_now):
            frames[form], repeated = _settled(form, rows, study_id)
            found.append(repeated)
    all_changes = pl.concat(changed)
    return Transferred(
        frames,
        join_rejects(REJECT.conform(part) for part in found),
        all_changes,
        _transfers(study_id, delivered, frames, all_changes),
    )


def events_of(folder: Path, manifest: pl.DataFrame) -> list[Event]:
    """What came and went, from the manifest (landing.file) of the files to read; ``folder`` is the study's."""
    columns = ("source_name", "sha256", "landed_path", "landed_at", "changed_at")
    came: list[Event] = []
    went: set[tuple[datetime, str]] = set()
    for name, sha256, path, landed_at, changed_at in manifest.select(columns).iter_rows():
        moments = [landed_at, *(changed_at or [])]
        came += [Event(moment, name, sha256, folder / path) for moment in moments[::2]]
        went |= {(moment, name) for moment in moments[1::2]}
    gone = went - {(event.moment, event.name) for event in came}
    events = [*came, *(Event(moment, name, None, None) for moment, name in gone)]
    return sorted(events, key=lambda event: (event.moment, event.name))


def _forms_of(deliveries: Iterable[_Delivery]) -> set[str]:
    return {form.domain for delivery in deliveries for form in delivery.forms if form.domain is not None}


def _no_rows() -> pl.DataFrame:
    return pl.DataFrame(schema={**PROVENANCE, REASON: pl.String})


def _settled(form: str, rows: pl.DataFrame, study_id: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows without repeats and without the columns that only corrections need."""
    kept, rejects = sift_repeats(form, rows, study_id=study_id, stage=STAGE)
    return kept.drop(REASON), rejects


def _transfers(
    study_id: str, delivered: Sequence[_Delivery], frames: Mapping[str, pl.DataFrame], changed: pl.DataFrame
) -> pl.DataFrame:
    """`ingestion.change_table.TRANSFER`: one row per table of every file that came."""
    return TRANSFER.conform(
        pl.DataFrame(
            list(_rows(study_id, delivered, _in_use(frames), _counts(changed))),
            schema=TRANSFER.schema,
            orient="row",
        )
    )


def _rows(
    study_id: str,
    delivered: Sequence[_Delivery],
    in_use: Mapping[tuple[str, ...], int],
    counts: Mapping[tuple[object, ...], int],
) -> Iterator[tuple[object, ...]]:
    for delivery in delivered:
        name, sha256 = delivery.source.name, delivery.source.sha256
        for number, form in enumerate(delivery.forms, start=1):
            told = form.domain or ""
            did = [
                counts.get((delivery.moment, told, kind, name), 0) for kind in ("INSERTED", "CORRECTED", "WITHDRAWN")
            ]
            yield (
                *(study_id, delivery.moment, name, sha256, number, form.sheet, form.domain, form.records),
                in_use.get((told, name, sha256, form.sheet or ""), 0),
                form.rejects.height,
                *did,
                "; ".join(form.remarks) or None,
            )


def _in_use(frames: Mapping[str, pl.DataFrame]) -> dict[tuple[str, ...], int]:
    """How many rows of each form, file and sheet count now."""
    found: dict[tuple[str, ...], int] = {}
    for form, rows in frames.items():
        by_source = rows.group_by(SOURCE_NAME, SOURCE_SHA256, pl.col(SHEET).fill_null("")).len()
        found |= {(form, name, sha256, sheet): count for name, sha256, sheet, count in by_source.iter_rows()}
    return found


def _counts(changed: pl.DataFrame) -> dict[tuple[object, ...], int]:
    """How many records of each form a file inserted, corrected or withdrew at each moment."""
    by_file = changed.group_by(
        "transfer_at", "form", "kind", pl.coalesce("new_source_name", "old_source_name").alias("name")
    ).agg(pl.col("record_key").n_unique())
    return {tuple(row[:4]): row[4] for row in by_file.iter_rows()}
