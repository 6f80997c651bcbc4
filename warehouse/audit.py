"""The audit chain: every event is sealed by a hash over itself and the event before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import polars as pl

from warehouse.errors import WarehouseError
from warehouse.store import Warehouse
from warehouse.tables import EVENT

FIRST_PREVIOUS_HASH = "0" * 64


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that somebody did; ``at`` carries its time zone."""

    at: datetime
    actor: str
    system: str
    object: str
    field: str | None = None
    old: str | None = None
    new: str | None = None
    reason: str | None = None
    run_id: str | None = None


def event_hash(sequence: int, event: Event, previous_hash: str) -> str:
    """SHA-256 over the previous hash, the place in the chain and the fields of the event, written as JSON."""
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    text = json.dumps([previous_hash, sequence, {**asdict(event), "at": at}], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def seal(events: Sequence[Event], *, after: int = 0, previous_hash: str = FIRST_PREVIOUS_HASH) -> pl.DataFrame:
    """The events as rows of `warehouse.tables.EVENT` that continue the chain behind number ``after``."""
    rows = []
    for sequence, event in enumerate(events, start=after + 1):
        sealed = event_hash(sequence, event, previous_hash)
        rows.append({"sequence": sequence, **asdict(event), "previous_hash": previous_hash, "hash": sealed})
        previous_hash = sealed
    return EVENT.conform(pl.DataFrame(rows, schema=EVENT.schema))


def record(warehouse: Warehouse, events: Sequence[Event]) -> int:
    """Append events to the chain of the warehouse; returns their number."""
    naive = [event for event in events if event.at.tzinfo is None]
    if naive:
        raise WarehouseError(f"{EVENT.name}: the moment {naive[0].at.isoformat()} has no time zone")
    last = warehouse.query("SELECT sequence, hash FROM audit.event ORDER BY sequence DESC LIMIT 1").rows()
    after, previous_hash = last[0] if last else (0, FIRST_PREVIOUS_HASH)
    return warehouse.append(EVENT.name, seal(events, after=after, previous_hash=previous_hash))


def check_chain(events: pl.DataFrame) -> list[str]:
    """What is wrong with a chain of `warehouse.tables.EVENT` rows: gaps, broken links, changed rows; empty = sound.

    Rows cut off at the end leave a sound chain: compare the last number and hash with a release's manifest.
    """
    problems: list[str] = []
    previous_hash = FIRST_PREVIOUS_HASH
    fields = list(Event.__dataclass_fields__)
    for expected, row in enumerate(events.sort("sequence").iter_rows(named=True), start=1):
        where = f"audit event {row['sequence']}"
        if row["sequence"] != expected:
            return [*problems, f"{where}: event {expected} is missing or doubled"]
        if row["previous_hash"] != previous_hash:
            problems.append(f"{where}: does not follow from the event before it")
        if row["hash"] != event_hash(expected, Event(**{name: row[name] for name in fields}), row["previous_hash"]):
            problems.append(f"{where}: was changed after it was written")
        previous_hash = row["hash"]
    return problems


def verify(warehouse: Warehouse) -> list[str]:
    """What is wrong with the audit chain of the warehouse; empty = sound."""
    return check_chain(warehouse.frame(EVENT.name))
