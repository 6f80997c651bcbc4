"""The page of one criterion, from its declaration."""

from __future__ import annotations

import re
from collections.abc import Iterable
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from criteria.decision import CATEGORIES, Row
from criteria.declaration import (
    Confirmation,
    Immediate,
    Morphologic,
    NewLesions,
    Options,
    SecondLook,
    Unconfirmed,
)
from criteria.measures import Diameters, Increase, Selection
from criteria.rulebook.catalogue import rule_of, sections_of
from criteria.rulebook.options import OPTIONS
from criteria.rulebook.rule import Section
from docs.lesion_table import CAPTION
from docs.markdown import page, table
from docs.worked_example import examples_of

DECISION = ("clause", "target", "non-target", "new lesion", "overall", "meaning")
NEW_LESIONS = {
    NewLesions.PROGRESSION: "an unequivocal new lesion is progression",
    NewLesions.ADDED: "measurable new lesions are added to the sum; a new lesion is no progression by itself",
    NewLesions.SEPARATE: "a new lesion is an unconfirmed progression; measurable ones have a sum of their own",
}


def criterion_page(declared: Morphologic) -> str:
    """What the criterion measures and decides, its options, rules and worked examples."""
    return page(
        f"# {declared.name}",
        f"Source: {declared.source}.",
        "## In short",
        table(("what", "declared"), facts(declared)),
        "## Options",
        "Set in `protocol.yaml` below the criterion; the defaults are those of the rule book.",
        table(("option", "default", "may be", "decides"), options(declared)),
        "## Decision table",
        "The first row that fits decides. `MEASURED` is a new lesion in the sum, `WORSE` one outside of it that has "
        "grown unequivocally.",
        table(DECISION, decisions(declared.table.rows, declared)),
        *_other_tables(declared),
        "## Rules",
        "Those that all criteria share are in the [index](README.md) and in the pages on [endpoints](endpoints.md) and "
        "[review](review.md).",
        *rules(sections_of(declared.name)),
        "## Worked examples",
        CAPTION,
        examples_of(declared.name) or "None yet.",
    )


def facts(declared: Morphologic) -> list[tuple[str, str]]:
    """The declared parameters in words."""
    return [
        ("measured", measured(declared)),
        ("targets", selected(declared.targets)),
        ("measurable new lesions", selected(declared.new_selection)),
        ("partial response", f"sum at least {declared.partial.percent} % below the baseline"),
        ("progression", increased(declared.progression)),
        ("new lesions", NEW_LESIONS[declared.new_lesions]),
        ("progression counts", confirmed(declared.confirmation)),
        ("best response", best(declared)),
        ("after a complete response", relapse(declared)),
        ("endpoints", ", ".join(endpoints(declared))),
        ("printed codes", ", ".join(codes(declared))),
    ]


def measured(declared: Morphologic) -> str:
    """What is added up."""
    if isinstance(declared.measure, Diameters):
        return f"sum of longest diameters, lymph nodes by short axis ({declared.measure.unit})"
    return "sum of products of the two longest perpendicular diameters (mm²)"


def selected(selection: Selection) -> str:
    """Numbers and least sizes of a selection."""
    if selection.total is None:
        numbers = "no limit"
    else:
        parts = [f"{selection.total} in total"]
        if selection.injected is not None:
            parts = [f"{selection.injected} injected and {selection.total} others"]
        if selection.cutaneous is not None:
            parts = [f"{selection.total} of the body and {selection.cutaneous} of the skin"]
        if selection.per_organ is not None:
            parts.append(f"{selection.per_organ} an organ")
        numbers = ", ".join(parts)
    numbers += "; the largest ones" if selection.total is not None else ""
    if not selection.minimum_mm:
        return f"{numbers}; no least size"
    return f"{numbers}; from {selection.minimum_mm} mm, nodes from {selection.minimum_node_mm} mm"


def increased(increase: Increase) -> str:
    """The threshold of progression."""
    of = "any lesion" if increase.of == "any_lesion" else "the sum"
    absolute = f" and {increase.absolute_mm} mm" if increase.absolute_mm else ""
    zero = ", any measurable lesion over a nadir of zero" if increase.after_zero == "measurable" else ""
    least = "more than" if increase.strict else "at least"
    return f"{of} {least} {increase.percent} %{absolute} over the smallest size before{zero}"


def confirmed(confirmation: Confirmation) -> str:
    """When a progression counts."""
    match confirmation:
        case Immediate():
            return "when it is first seen"
        case SecondLook():
            by = f", flagged after {confirmation.by_days} days" if confirmation.by_days is not None else ""
            nadir = "; compared with the nadir before it" if confirmation.keeps_nadir else ""
            return f"unless a later look, at least {confirmation.after_days} days on{by}, shows none{nadir}"
        case Unconfirmed():
            return (
                f"once confirmed {confirmation.after_days} to {confirmation.by_days} days later: another "
                f"{confirmation.growth_mm} mm, any further growth outside the sums, or a further lesion"
            )


def best(declared: Morphologic) -> str:
    """What the best response asks for."""
    what = "confirmed CR and PR only" if declared.response_needs_confirmation else "CR and PR without confirmation"
    return f"{what}; stable disease from {declared.options.min_sd_days} days after the start"


def relapse(declared: Morphologic) -> str:
    """What a lesion that returns means."""
    return "any visible disease is progression" if declared.cr_reappearance_is_pd else "the sum decides as before"


def endpoints(declared: Morphologic) -> tuple[str, ...]:
    """The names of the criterion's endpoints."""
    named = declared.endpoints
    return (
        named.progression_free_survival,
        named.time_to_progression,
        named.duration_of_response,
        named.time_to_response,
    )


def codes(declared: Morphologic) -> list[str]:
    """The codes that the criterion prints."""
    reached = {printed(row.overall, declared) for row in declared.table.rows}
    if isinstance(declared.confirmation, Unconfirmed):
        reached.add(declared.codes["CPD"])
    return [code for code in dict.fromkeys(printed(name, declared) for name in CATEGORIES) if code in reached]


def printed(category: str, declared: Morphologic) -> str:
    """The criterion's code of an overall category; a progression that must be confirmed is not confirmed yet."""
    unconfirmed = category == "PD" and isinstance(declared.confirmation, Unconfirmed)
    category = "UPD" if unconfirmed else category
    return declared.codes.get(category, category)


def options(declared: Morphologic) -> list[tuple[str, str, str, str]]:
    """Every option with its default, its other values and what it decides."""
    hints = get_type_hints(Options)
    read = [
        (name, default_reading(declared, name), " or ".join(f"`{value}`" for value in values))
        for name, values in declared.readings.items()
    ]
    read += [
        (name, setting.default, re.sub(r"\b(True|False|None)\b", r"`\1`", setting.takes))
        for name, setting in declared.settings.items()
    ]
    general = [(name, getattr(declared.options, name), allowed(hints[name])) for name in Options.__dataclass_fields__]
    return [(f"`{name}`", f"`{default}`", may_be, OPTIONS.get(name, "")) for name, default, may_be in (*read, *general)]


def default_reading(declared: Morphologic, option: str) -> Any:
    """The value of an option whose fields are those of the declaration as it stands."""
    for value, fields in declared.readings[option].items():
        if all(getattr(declared, name) == field for name, field in fields.items()):
            return value
    raise ValueError(f"{declared.name}: no value of {option} gives the declaration")


def allowed(hint: Any) -> str:
    """The permitted values of an option in words."""
    if get_origin(hint) is Literal:
        return " or ".join(f"`{value}`" for value in get_args(hint))
    if get_origin(hint) is UnionType:
        return " or ".join(allowed(part) for part in get_args(hint))
    return {int: "whole number", bool: "`True` or `False`", NoneType: "`None`"}.get(hint, str(hint))


def decisions(rows: Iterable[Row], declared: Morphologic) -> list[tuple[str, ...]]:
    """Rows of a decision table in order of precedence, the overall response in the criterion's codes."""
    return [
        (
            row.clause,
            *(" / ".join(names) or "any" for names in (row.target, row.nontarget, row.new)),
            printed(row.overall, declared),
            rule_of(row.clause).text,
        )
        for row in rows
    ]


def rules(sections: Iterable[Section]) -> Iterable[str]:
    """The rules of the sections, each under its heading."""
    for section in sections:
        yield f"### {section.number} {section.title}"
        yield table(("rule", "source", "says"), ((rule.id, rule.source, rule.text) for rule in section.rules))


def _other_tables(declared: Morphologic) -> Iterable[str]:
    """The rows by which an option changes the decision table."""
    for option, values in declared.readings.items():
        for value, fields in values.items():
            other = fields.get("table")
            if other is None or other is declared.table:
                continue
            before = [row for row in other.rows if row not in declared.table.rows]
            without = [f"`{row.clause}`" for row in declared.table.rows if row not in other.rows]
            if before:
                yield f"With `{option}` = `{value}` these rows come first:"
                yield table(DECISION, decisions(before, declared))
            if without:
                yield f"With `{option}` = `{value}` these rows are left out: {', '.join(without)}."
