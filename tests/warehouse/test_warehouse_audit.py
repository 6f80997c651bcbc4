"""The audit chain: appended only, and whatever is changed afterwards shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest

from warehouse.audit import FIRST_PREVIOUS_HASH, Event, check_chain, event_hash, record, seal, verify
from warehouse.errors import WarehouseError
from warehouse.store import Warehouse

MOMENT = datetime(2024, 3, 4, 6, 0, 0, 250, tzinfo=UTC)


def events(count: int) -> list[Event]:
    return [
        Event(
            at=MOMENT + timedelta(minutes=number),
            actor="data.manager",
            system="nadir 0.1.0",
            object=f"quality.query/{number}",
            field="status",
            old="open",
            new="answered",
            reason="site replied",
        )
        for number in range(count)
    ]


def test_an_untouched_chain_is_sound() -> None:
    chain = seal(events(5))
    assert check_chain(chain) == []
    assert chain["sequence"].to_list() == [1, 2, 3, 4, 5]
    assert chain["previous_hash"].to_list() == [FIRST_PREVIOUS_HASH, *chain["hash"].to_list()[:-1]]


def test_a_chain_goes_on_where_it_ended() -> None:
    first = seal(events(5)[:2])
    rest = seal(events(5)[2:], after=2, previous_hash=first["hash"][-1])
    assert pl.concat([first, rest]).equals(seal(events(5)))


@pytest.mark.parametrize("field", ["actor", "system", "object", "field", "old", "new", "reason", "run_id"])
def test_a_changed_field_shows(field: str) -> None:
    tampered = seal(events(4)).with_columns(
        pl.when(pl.col("sequence") == 3).then(pl.lit("changed")).otherwise(field).alias(field)
    )
    assert check_chain(tampered) == ["audit event 3: was changed after it was written"]


def test_a_changed_moment_shows() -> None:
    moved = pl.col("at") + pl.when(pl.col("sequence") == 2).then(timedelta(microseconds=1)).otherwise(timedelta(0))
    assert check_chain(seal(events(3)).with_columns(moved)) == ["audit event 2: was changed after it was written"]


def test_a_resealed_event_breaks_the_next_link() -> None:
    chain = seal(events(3)).rows(named=True)
    chain[1]["new"] = "closed"
    event = Event(**{name: chain[1][name] for name in Event.__dataclass_fields__})
    chain[1]["hash"] = event_hash(2, event, chain[1]["previous_hash"])
    tampered = pl.DataFrame(chain, schema=seal([]).schema)
    assert check_chain(tampered) == ["audit event 3: does not follow from the event before it"]


def test_a_removed_event_shows() -> None:
    assert check_chain(seal(events(4)).filter(pl.col("sequence") != 2)) == [
        "audit event 3: event 2 is missing or doubled"
    ]


def test_fields_cannot_flow_into_each_other() -> None:
    one = Event(MOMENT, "a", "s", "o", old="x", new="yz")
    two = Event(MOMENT, "a", "s", "o", old="xy", new="z")
    three = Event(MOMENT, "a", "s", "o", new="null")
    hashes = {event_hash(1, event, FIRST_PREVIOUS_HASH) for event in (one, two, three, Event(MOMENT, "a", "s", "o"))}
    assert len(hashes) == 4


def test_the_hash_does_not_depend_on_the_clock_it_was_told_in() -> None:
    tokyo = Event(MOMENT.astimezone(timezone(timedelta(hours=9))), "a", "s", "o")
    assert event_hash(1, tokyo, FIRST_PREVIOUS_HASH) == event_hash(1, Event(MOMENT, "a", "s", "o"), FIRST_PREVIOUS_HASH)


def test_the_chain_survives_the_warehouse_and_grows(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    for count in (2, 3):
        with Warehouse(path, [], study_id="demo") as warehouse:
            warehouse.create()
            assert record(warehouse, events(count)) == count
    with Warehouse(path, [], study_id="demo") as warehouse:
        assert verify(warehouse) == []
        assert warehouse.frame("audit.event").height == 5
        warehouse.connection.execute("UPDATE audit.event SET reason = 'other' WHERE sequence = 4")
        assert verify(warehouse) == ["audit event 4: was changed after it was written"]


def test_the_chain_cannot_be_replaced(warehouse: Warehouse) -> None:
    with pytest.raises(WarehouseError, match="append-only"):
        warehouse.put("audit.event", seal(events(1)))
    with pytest.raises(WarehouseError, match="append-only"):
        warehouse.put_where("audit.event", seal(events(1)), "actor", "data.manager")


def test_a_moment_without_time_zone_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(WarehouseError, match="no time zone"):
        record(warehouse, [Event(MOMENT.replace(tzinfo=None), "a", "s", "o")])
