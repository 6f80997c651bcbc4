"""Every rule of the rule book by its id, and every clause that a response can print."""

from __future__ import annotations

from types import MappingProxyType

from criteria.rulebook import (
    burden,
    endpoints,
    general,
    irecist,
    itrecist,
    kinetics,
    metabolic,
    pet,
    quantities,
    recist_1_1,
    who,
)
from criteria.rulebook.rule import EVERY, Rule, Section

MODULES = (general, who, recist_1_1, burden, irecist, itrecist, kinetics, endpoints, metabolic, pet, quantities)

SECTIONS: tuple[Section, ...] = tuple(section for module in MODULES for section in module.SECTIONS)
RULES = MappingProxyType({rule.id: rule for section in SECTIONS for rule in section.rules})
"""Rules by id; ids are the requirements that tests are named after."""

TABLE_ROWS = MappingProxyType({row.id: row for module in (who, recist_1_1, burden, metabolic) for row in module.ROWS})
"""Rows of the decision tables that are no rules of their own, by the clause they print."""

ENDPOINTS: tuple[Rule, ...] = endpoints.ENDPOINTS


class UnknownClauseError(ValueError):
    """A clause that is neither a rule nor a row of a decision table."""


def rule_of(clause: str) -> Rule:
    """The rule, or the row of a decision table, that a clause names."""
    found = RULES.get(clause) or TABLE_ROWS.get(clause)
    if found is None:
        raise UnknownClauseError(f"clause {clause!r} is not in the rule book")
    return found


def sections_of(criterion: str) -> tuple[Section, ...]:
    """The sections whose rules hold for a criterion and not for all, in the rule book's order."""
    return tuple(section for section in SECTIONS if criterion in section.criteria)


def common_sections() -> tuple[Section, ...]:
    """The sections whose rules hold for every criterion."""
    return tuple(section for section in SECTIONS if section.criteria == EVERY)
