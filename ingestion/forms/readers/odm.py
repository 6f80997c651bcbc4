"""CDISC ODM 1.3.2 clinical data: every item group becomes a table, read as a stream.

Entities, DTDs and the network are off; a file that declares a DTD is refused. TransactionType (of the item, else of the
nearest group around it) says what a row does to the records received before: ``marks`` of `Records`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from lxml import etree

from ingestion.forms.readers.records import (
    ROW_TYPE,
    Problem,
    Records,
    UnreadableFileError,
    cleaned,
    positions,
    table_of,
)
from ingestion.forms.sifting import ROW
from ingestion.forms.transactions import IDENTITY, PATCH, REASON, REMOVE, TRANSACTION, UPDATE, UPSERT

SUFFIXES = (".xml", ".odm")
AGAIN = "export the clinical data again as ODM 1.3.2"
ROWS_AT_ONCE = 20_000
MARKS = (TRANSACTION, IDENTITY, PATCH, REASON)
READ = ("ODM", "ItemGroupDef", "ItemDef", "SubjectData", "StudyEventData", "FormData", "ItemGroupData")
LEVELS = ("SubjectData", "StudyEventData", "FormData", "ItemGroupData")
TRANSACTIONS = {"Remove": REMOVE, "Update": UPDATE, "Upsert": UPSERT, "Insert": None, "Context": UPSERT}
KEYS = {
    "SubjectData": ("SubjectKey",),
    "StudyEventData": ("StudyEventOID", "StudyEventRepeatKey"),
    "FormData": ("FormOID", "FormRepeatKey"),
    "ItemGroupData": ("ItemGroupOID", "ItemGroupRepeatKey"),
}
PLACE = ("SUBJECTKEY", "STUDYEVENTOID", "STUDYEVENTREPEATKEY", "FORMOID", "FORMREPEATKEY", "ITEMGROUPREPEATKEY")
"""Columns that every table has beside its items: where in the study the item group stands."""

Cells = dict[str, str]
Marks = tuple[str | None, str, str | None, str | None]
"""The values of `MARKS` for one row."""


@dataclass(slots=True)
class _Group:
    """One item group's rows: cells by column, what each row does, and the columns in the order of their coming."""

    columns: dict[str, None] = field(default_factory=dict)
    rows: list[tuple[int, Cells, Marks]] = field(default_factory=list)
    tables: list[pl.DataFrame] = field(default_factory=list)

    def flush(self) -> None:
        if not self.rows:
            return
        data: dict[str, Any] = {name: [cells.get(name) for _, cells, _ in self.rows] for name in self.columns}
        table = cleaned(pl.DataFrame(data, schema=dict.fromkeys(self.columns, pl.String)))
        marks = [
            pl.Series(name, [row[2][place] for row in self.rows], dtype=pl.String) for place, name in enumerate(MARKS)
        ]
        self.tables.append(table.with_columns(*marks, pl.Series(ROW, [row[0] for row in self.rows], dtype=ROW_TYPE)))
        self.rows.clear()


@dataclass(slots=True)
class _Metadata:
    """Names that the study's definitions give to item groups and items."""

    groups: dict[str, str] = field(default_factory=dict)
    items: dict[str, str] = field(default_factory=dict)


def read_odm(path: Path) -> list[Records]:
    """The tables of an ODM file, one an ItemGroupOID, rows numbered by their ItemGroupData element in the file.

    A column is named by the item's SASFieldName, else its Name where that is one word, else the last part of its OID;
    a table by its group's Domain or SASDatasetName, else the last part of its OID. Raises `UnreadableFileError`.
    """
    metadata = _Metadata()
    groups: dict[str, _Group] = {}
    problems: list[Problem] = []
    try:
        for number, oid, cells, marks in _item_groups(path, metadata, problems):
            group = groups.setdefault(oid, _Group(columns=dict.fromkeys(PLACE)))
            group.columns.update(dict.fromkeys(cells))
            group.rows.append((number, cells, marks))
            if len(group.rows) == ROWS_AT_ONCE:
                group.flush()
    except (etree.XMLSyntaxError, etree.LxmlError, UnicodeDecodeError) as error:
        raise UnreadableFileError(f"not readable as ODM: {error}", AGAIN) from error
    if not groups and not problems:
        raise UnreadableFileError("no clinical data in the file", AGAIN)
    tables = [_records(oid, group, metadata) for oid, group in groups.items()]
    return tables if not problems else [*tables, Records([], table_of([], [], 0), problems=problems)]


def _records(oid: str, group: _Group, metadata: _Metadata) -> Records:
    group.flush()
    names = list(group.columns)
    table = pl.concat(group.tables, how="diagonal").select(*names, *MARKS, ROW)
    return Records(
        header=names,
        table=table.rename(dict(zip(names, positions(len(names)), strict=True))),
        name=metadata.groups.get(oid, _last_part(oid)),
        sheet=oid,
        marks=MARKS,
    )


def _item_groups(path: Path, metadata: _Metadata, problems: list[Problem]) -> Iterator[tuple[int, str, Cells, Marks]]:
    """The item groups of a file in document order: number, OID, cells by column, and marks."""
    with path.open("rb") as file:
        events = etree.iterparse(
            file,
            events=("start", "end"),
            tag=[f"{{*}}{name}" for name in READ],
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        around: dict[str, dict[str, str]] = {}
        before: dict[str, int] = {}
        number = 0
        for event, element in events:
            tag = _local(element)
            if event == "start":
                if tag == "ODM" and element.getroottree().docinfo.internalDTD is not None:
                    raise UnreadableFileError("the file declares a DTD", "export it without DOCTYPE and entities")
                if tag in LEVELS:
                    around[tag], before[tag] = dict(element.attrib), number
            elif tag in ("ItemGroupDef", "ItemDef"):
                _define(element, tag, metadata)
                element.clear()
            elif tag == "ItemGroupData":
                number += 1
                cells, marks = _row(element, around, metadata)
                yield number, around[tag].get("ItemGroupOID", ""), cells, marks
                _forget(element)
            elif tag in LEVELS:
                if around[tag].get("TransactionType") == "Remove" and before[tag] == number:
                    problems.append(_removed_without_groups(around, tag))
                del around[tag]
                _forget(element)
        if _local(events.root) != "ODM":
            raise UnreadableFileError(f"an XML file of another kind (<{_local(events.root)}>)", "send ODM 1.3.2")


def _local(element: Any) -> str:
    return str(element.tag).rsplit("}", maxsplit=1)[-1]


def _removed_without_groups(around: dict[str, dict[str, str]], level: str) -> Problem:
    levels = LEVELS[: LEVELS.index(level) + 1]
    place = "/".join(around[name].get(KEYS[name][0], "") for name in levels if name in around)
    return Problem(
        field="TransactionType",
        value=f"Remove of {place}",
        reason=f"a removed {level} without its item groups",
        remedy="send the item groups that are removed with TransactionType Remove",
    )


def _define(element: Any, tag: str, metadata: _Metadata) -> None:
    oid, name = element.get("OID"), element.get("Name") or ""
    if tag == "ItemDef":
        chosen = element.get("SASFieldName") or element.get("SDSVarName") or (name if name.isidentifier() else "")
    else:
        chosen = element.get("Domain") or element.get("SASDatasetName") or ""
    if oid and chosen:
        (metadata.items if tag == "ItemDef" else metadata.groups)[oid] = chosen


def _row(element: Any, around: dict[str, dict[str, str]], metadata: _Metadata) -> tuple[Cells, Marks]:
    place = [around.get(level, {}).get(key) or "" for level in LEVELS for key in KEYS[level]]
    cells = dict(zip(PLACE, [*place[:5], place[6]], strict=True))
    transaction = _transaction(around, "ItemGroupData")
    given, reason = [], None
    for item in element:
        tag = _local(item)
        if tag.startswith("ItemData"):
            column = _column(item.get("ItemOID") or "", metadata)
            given.append(column)
            cells[column] = _value(item, tag)
            if item.get("TransactionType") in ("Update", "Remove", "Upsert") and transaction is None:
                transaction = UPDATE
            reason = _reason(item) or reason
        elif tag == "AuditRecord":
            reason = _reason(element) or reason
    patch = "\t".join(given) if transaction in (UPDATE, UPSERT) else None
    return cells, (transaction, "\t".join(place), patch, reason)


def _transaction(around: dict[str, dict[str, str]], level: str) -> str | None:
    """What the nearest element with a TransactionType says; null for a whole row (Insert, or none)."""
    for name in reversed(LEVELS[: LEVELS.index(level) + 1]):
        said = around.get(name, {}).get("TransactionType")
        if said in TRANSACTIONS:
            return TRANSACTIONS[said]
    return None


def _column(oid: str, metadata: _Metadata) -> str:
    return metadata.items.get(oid, _last_part(oid))


def _last_part(oid: str) -> str:
    return oid.rsplit(".", maxsplit=1)[-1]


def _value(item: Any, tag: str) -> str:
    if item.get("IsNull") == "Yes" or item.get("TransactionType") == "Remove":
        return ""
    if tag == "ItemData":
        return item.get("Value") or ""
    return (item.text or "").strip()


def _reason(element: Any) -> str | None:
    for child in element.iter("{*}ReasonForChange"):
        return (child.text or "").strip() or None
    return None


def _forget(element: Any) -> None:
    """Free an element and what stands before it."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]
