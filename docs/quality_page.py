"""The page of the quality rules: what each checks, with which limits, and an example that passes and one that fails."""

from __future__ import annotations

from collections.abc import Iterable

from docs.markdown import code, page, table
from quality.catalogue import RULES, rules_by_table
from quality.example_tables import example_of
from quality.rule import Rule


def quality_rules() -> str:
    """Every quality rule, by the table to correct."""
    clinical = sum(not rule.blocking for rule in RULES)
    by_table = rules_by_table()
    return page(
        "# Quality rules",
        f"What is checked at every refresh: {len(RULES)} rules, {len(RULES) - clinical} of them structural. A finding "
        "of a structural (blocking) rule keeps the release from being published; every other finding becomes a query, "
        "in the words of the message. `{column}` is filled from the row, `{limit}` from the rule's limits.",
        "A study sets limits and severities, or switches rules off, in the section `quality` of `protocol.yaml`:",
        "```yaml\nquality:\n  rules:\n    SIZE_JUMP: {factor: 4}\n    VISIT_OVERDUE: {severity: ERROR}\n"
        "    SCAN_UNSCHEDULED: {off: true}\n```",
        "The limits that a release was checked with stand in `quality.rule.parameters`. Rules of a study's own are SQL "
        "files: [own_rules.md](own_rules.md). In the examples, columns that are left out have usual values; `-` is no "
        "value; dates that are overdue are seen from the end of 2024.",
        table(("table", "rules"), ((f"[{name}](#{_anchor(name)})", len(rules)) for name, rules in by_table.items())),
        *(block for name, rules in by_table.items() for block in _rules(name, rules)),
    )


def _anchor(name: str) -> str:
    return name.replace(".", "").lower()


def _rules(name: str, rules: Iterable[Rule]) -> Iterable[str]:
    yield f"## {name}"
    for rule in rules:
        yield f"### {rule.id}"
        yield f"{rule.title}. {_kind(rule)}. Source: {rule.source}."
        yield f"> {rule.message}"
        if rule.parameters:
            yield table(
                ("limit", "value", "unit", "meaning"),
                (
                    (f"`{known.name}`", known.shown, known.unit, _meaning(known.meaning, known.of_protocol))
                    for known in rule.parameters
                ),
            )
        if (example := example_of(rule)) is not None:
            yield "<details><summary>examples</summary>\n"
            yield f"Passes:\n\n{code(example.passes)}\n\nFails:\n\n{code(example.fails)}"
            yield "</details>"


def _kind(rule: Rule) -> str:
    words = [rule.category.value.lower(), rule.severity.value]
    return ", ".join([*words, "blocking"] if rule.blocking else words)


def _meaning(meaning: str, of_protocol: str) -> str:
    return f"{meaning}; `{of_protocol}` of the protocol while not set here" if of_protocol else meaning
