"""A study's own rules: SQL files with a header, evaluated like the built-in ones and never able to write anything.

A file of the study's folder ``rules`` begins with comment lines ``-- name: text`` and goes on with one SELECT whose
rows are what is checked, with a boolean column ``ok`` (null: the rule does not apply to the row).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from protocol.nearest import did_you_mean, nearest
from quality.check_views import INPUTS
from quality.rule import Category, Holds, Rule, Severity
from warehouse.closed_query import QueryRefusedError, close_off, in_memory, read

SUFFIX, FOLDER = ".sql", "rules"
REQUIRED = ("id", "title", "table", "keys", "message")
OPTIONAL = ("category", "severity", "field", "source", "needs")
SECONDS, MEMORY, THREADS = 60.0, "2GB", 2

_LINE = re.compile(r"--\s*(?P<name>\w+)\s*:\s*(?P<text>.*?)\s*")
_ID = re.compile(r"[A-Z][A-Z0-9_]{2,63}")


class RuleFileError(ValueError):
    """A rule file that cannot be used; the text says what is wrong and what to write."""


@dataclass(frozen=True, slots=True)
class OwnRule:
    """A rule of the study, its SQL and the file that it stands in; ``problem`` says why it cannot be evaluated."""

    rule: Rule
    file: str
    sql: str = ""
    problem: str | None = None


def rule_files(folder: Path) -> list[Path]:
    """The files of a study's own rules, by name."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def own_rules(folder: Path, built_in: Sequence[Rule]) -> tuple[OwnRule, ...]:
    """The rules of the files in ``folder``, by file name; a file that cannot be used is a rule with a problem."""
    found: list[OwnRule] = []
    for path in rule_files(folder):
        file = f"{FOLDER}/{path.name}"
        try:
            own = _read(path, file)
            _check_id(own.rule.id, built_in, found)
        except (RuleFileError, OSError, UnicodeDecodeError) as error:
            own = OwnRule(_unusable(file), file, problem=f"{file}: {error}")
        found.append(own)
    return tuple(found)


def own_rows(own: OwnRule, tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """The rows that a study's own rule checks, from copies of the tables that it names; raises `RuleFileError`.

    The SQL runs in a database of its own in memory that reaches no file, no network and not the working file.
    """
    with closing(in_memory(MEMORY, THREADS)) as connection:
        for name, frame in tables.items():
            connection.execute(f"create schema if not exists {name.partition('.')[0]}")
            connection.register("given", frame.to_arrow())
            connection.execute(f"create table {name} as select * from given")
            connection.unregister("given")
        close_off(connection)
        try:
            rows = read(connection, own.sql, SECONDS)
        except QueryRefusedError as error:
            raise RuleFileError(f"{own.file}: {error}") from error
    lacking = [name for name in own.rule.columns if name not in rows.columns]
    if lacking:
        raise RuleFileError(
            f"{own.file}: the SELECT gives no column {', '.join(lacking)}; add it, or take it out of the header"
        )
    if rows.schema["ok"] != pl.Boolean:
        raise RuleFileError(
            f"{own.file}: the column ok is {rows.schema['ok']}; make it a comparison (true, false or null)"
        )
    return rows.select(own.rule.columns).sort(own.rule.keys)


def _read(path: Path, file: str) -> OwnRule:
    header, sql = _parts(path.read_text(encoding="utf-8"))
    _check_header(header)
    keys, needs = ("study_id", *_names(header["keys"])), _names(header.get("needs", ""))
    for table in (header["table"], *needs):
        _check_table(table)
    rule = Rule(
        id=header["id"],
        title=header["title"],
        table=header["table"],
        rows=file,
        keys=tuple(dict.fromkeys(keys)),
        category=Category(_one_of("category", header.get("category", "PLAUSIBILITY"), tuple(Category))),
        severity=Severity(_one_of("severity", header.get("severity", "WARN"), tuple(Severity))),
        source=header.get("source", "the study"),
        message=header["message"],
        field=header.get("field"),
        needs=needs,
        expectation=Holds("ok"),
    )
    if not sql.strip():
        raise RuleFileError("there is no SELECT below the header")
    return OwnRule(rule, file, sql)


def _parts(text: str) -> tuple[dict[str, str], str]:
    """The header of a file by name, and what stands below it."""
    header: dict[str, str] = {}
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if line.strip() and not line.lstrip().startswith("--"):
            return header, "\n".join(lines[number:])
        if said := _LINE.fullmatch(line.strip()):
            header[said["name"].lower()] = said["text"]
    return header, ""


def _check_header(header: dict[str, str]) -> None:
    known = (*REQUIRED, *OPTIONAL)
    for name in header:
        if name not in known:
            raise RuleFileError(f"unknown header line {name!r}{did_you_mean(name, known)}; allowed: {', '.join(known)}")
    missing = [name for name in REQUIRED if not header.get(name)]
    if missing:
        raise RuleFileError(f"the header lacks {', '.join(missing)}; write `-- {missing[0]}: ...` at the top")
    if _ID.fullmatch(header["id"]) is None:
        raise RuleFileError(
            f"id {header['id']!r}: use 3 to 64 capital letters, digits and '_', beginning with a letter"
        )


def _check_table(name: str) -> None:
    if name not in INPUTS:
        close = nearest(name, INPUTS)
        hint = f"; did you mean {close}?" if close else ""
        raise RuleFileError(f"table {name!r} is none of the study's tables{hint}")


def _check_id(rule_id: str, built_in: Sequence[Rule], before: Sequence[OwnRule]) -> None:
    if any(rule.id == rule_id for rule in built_in):
        raise RuleFileError(f"id {rule_id} is that of a built-in rule; give it another, or set limits in protocol.yaml")
    for own in before:
        if own.rule.id == rule_id:
            raise RuleFileError(f"id {rule_id} is that of {own.file} already; give it another")


def _one_of(name: str, given: str, allowed: Sequence[str]) -> str:
    if given.upper() not in allowed:
        raise RuleFileError(f"{name} {given!r}: write one of {', '.join(allowed)}")
    return given.upper()


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _unusable(file: str) -> Rule:
    """What stands in the catalogue for a file that cannot be used; its id cannot be that of a rule."""
    return Rule(
        id=file,
        title="Rule file that cannot be used",
        table="quality.rule",
        rows=file,
        keys=(),
        category=Category.CONFORMANCE,
        source="the study",
        message="",
        expectation=Holds("ok"),
    )
