"""From the rule book to the engine and the tests, and back."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from criteria.decision import CATEGORIES, NEW_LESION, DecisionTable
from criteria.declaration import Morphologic
from criteria.metabolic.registry import METABOLIC as METABOLIC_CRITERIA
from criteria.registry import CRITERIA
from criteria.rulebook.catalogue import RULES, SECTIONS, TABLE_ROWS, UnknownClauseError, rule_of, sections_of
from criteria.unconfirmed import CONFIRMATIONS

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
NUMBERED = r"(?:GEN|WHO|R11[-_](?:BL|FU|TL|NT|NL|BOR)|IRC|IM|IR|IT|KIN|DT|BR|CR)[-_]\d\d(?!\d)"
METABOLIC = r"(?:EO|PE|PC|PI|IMP|IP|CH|PT|LG|IRAE|HI|HL)[-_]\d{1,2}(?!\d)|Q[-_]\d\d(?!\d)"
QUANTITIES = r"(?:G[-_][1-8]|REF[-_][LBSM]|MTV[-_](?:41|42|F25|F40|PL|L2)|PM[-_][1-7]|RA[-_][1-5])(?![A-Za-z0-9]|\.\d)"
LETTERED = r"C[-_](?:T|NT|NLT|NLNT|NLN|X)(?![A-Za-z0-9])"
ID = re.compile(f"(?<![A-Za-z0-9-])(?:{NUMBERED}|{METABOLIC}|{QUANTITIES}|{LETTERED})")
"""An id as texts print it (R11-TL-03) and as the names of tests do (R11_TL_03)."""

UNTESTED: dict[str, str] = {}
"""Rules without a test, each with the reason; the list may get shorter, never longer."""


def sources(folder: str, pattern: str = "*.py") -> Iterator[Path]:
    yield from sorted((ROOT / folder).rglob(pattern))


def ids_of(text: str) -> set[str]:
    return {found.replace("_", "-") for found in ID.findall(text)}


@cache
def named_by_tests() -> set[str]:
    return {
        name
        for path in sources("tests", "test_*.py")
        if HERE not in path.parents
        for name in ids_of(path.read_text("utf-8"))
    }


def decision_tables() -> Iterator[DecisionTable]:
    yield from (declared.table for declared in METABOLIC_CRITERIA.values())
    for declared in CRITERIA.values():
        yield declared.table
        for values in declared.readings.values():
            yield from (fields["table"] for fields in values.values() if "table" in fields)


def test_every_rule_is_named_by_a_test() -> None:
    assert sorted(set(RULES) - named_by_tests() - set(UNTESTED)) == [], "name them in a test"


def test_the_list_of_rules_without_a_test_does_not_outlive_its_reasons() -> None:
    assert sorted(name for name in UNTESTED if name in named_by_tests() or name not in RULES) == [], (
        "take them off UNTESTED"
    )


@pytest.mark.parametrize("folder", ["criteria", "cohorts", "ingestion", "pet", "protocol", "quality", "tests"])
def test_every_rule_that_sources_and_tests_name_is_in_the_rule_book(folder: str) -> None:
    unknown = {
        (str(path.relative_to(ROOT)), name)
        for path in sources(folder)
        for name in ids_of(path.read_text("utf-8")) - set(RULES)
    }
    assert unknown == set()


def test_every_row_of_a_decision_table_prints_a_clause_of_the_rule_book() -> None:
    clauses = {clause for decision in decision_tables() for clause in decision.clauses}
    assert sorted(clauses - set(RULES) - set(TABLE_ROWS)) == []
    assert sorted(set(TABLE_ROWS) - clauses) == [], "rows that no decision table has"


def test_every_clause_that_the_engine_prints_is_in_the_rule_book() -> None:
    constants = {
        node.value
        for path in sources("criteria")
        if "rulebook" not in path.parts
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    printed = {*filter(ID.fullmatch, constants), *CONFIRMATIONS}
    assert {"R11-TL-03", "R11-NL-02", "CR-01", "IR-05", "GEN-09", "C-T"} <= printed
    assert sorted(printed - set(RULES)) == []


@pytest.mark.parametrize("declared", CRITERIA.values(), ids=CRITERIA.keys())
def test_every_row_of_a_decision_table_decides_something(declared: Morphologic) -> None:
    shape = (len(CATEGORIES), len(CATEGORIES), len(NEW_LESION))
    target, nontarget, new = np.indices(shape, dtype=np.int8)
    reached = set(declared.table.overall(target, nontarget, new)[1].ravel())
    assert [row for number, row in enumerate(declared.table.rows) if number not in reached] == []


def test_ids_are_unique_and_sentences_are_sentences() -> None:
    every = [rule for section in SECTIONS for rule in section.rules]
    assert len(every) == len(RULES)
    assert [rule.id for rule in every if not ID.fullmatch(rule.id)] == []
    assert [rule.id for rule in (*every, *TABLE_ROWS.values()) if not rule.text.endswith(".") or not rule.source] == []


@pytest.mark.parametrize("name", [*CRITERIA, *METABOLIC_CRITERIA])
def test_every_criterion_has_rules_of_its_own(name: str) -> None:
    assert sections_of(name)


def test_a_clause_is_resolved_to_its_rule() -> None:
    assert rule_of("R11-2.5 row 5").source == "Eisenhauer 2009"
    assert "5 mm" in rule_of("C-T").text
    with pytest.raises(UnknownClauseError, match="row 99"):
        rule_of("R11-2.5 row 99")
