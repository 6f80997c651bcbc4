"""The pages of the metabolic criteria, from their declarations."""

from __future__ import annotations

from collections.abc import Iterable

from criteria.decision import Row
from criteria.metabolic.declaration import Aggregate, Metabolic, Rise
from criteria.rulebook.catalogue import rule_of, sections_of
from criteria.rulebook.options import OPTIONS
from docs.criteria_index import file_name
from docs.criterion_page import DECISION, rules
from docs.markdown import code, page, table
from docs.pet_example import CAPTION, Example, examples, outcome, worked

ALL = "all"


def metabolic_page(declared: Metabolic) -> str:
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
        "The first row that fits decides. `WORSE`: the new lesions are progression by number and size.",
        table(DECISION, decisions(declared)),
        "## Rules",
        *rules(sections_of(declared.name)),
        "## Worked examples",
        CAPTION,
        *(
            block
            for example in examples()
            if example.under in (ALL, declared.name)
            for block in shown(example, declared)
        ),
    )


def examples_of(name: str) -> Iterable[Example]:
    """The worked examples of a criterion, and those of all."""
    return (example for example in examples() if example.under in (ALL, name))


def metabolic_index(criteria: Iterable[Metabolic]) -> str:
    """The metabolic criteria side by side, and one patient under all of them."""
    criteria = tuple(criteria)
    columns = [dict(facts(declared)) for declared in criteria]
    (everyone,) = (example for example in examples() if example.under == ALL)
    return (
        "\n\n".join(
            (
                "## Criteria on PET",
                table(
                    ("criterion", "source"),
                    ((f"[{declared.name}]({file_name(declared.name)})", declared.source) for declared in criteria),
                ),
                table(
                    ("", *(declared.name for declared in criteria)),
                    ((name, *(column[name] for column in columns)) for name in columns[0]),
                ),
                f"### {everyone.title}",
                f"{everyone.shows}\n\n{CAPTION}",
                code(everyone.lesions),
                table(
                    ("criterion", "response", "clause", "why"),
                    ((declared.name, *outcome(everyone, declared)) for declared in criteria),
                ),
            )
        )
        + "\n"
    )


def facts(declared: Metabolic) -> list[tuple[str, str]]:
    """The declared parameters in words."""
    return [
        ("measured", f"{declared.quantity.printed}: {declared.aggregate.value}"),
        ("targets", selected(declared)),
        ("later scans", declared.follow_up.value if declared.aggregate is Aggregate.SUM else "the same"),
        ("response", responded(declared)),
        ("progression", progressed(declared)),
        ("new lesions", declared.new_lesions.value),
        ("confirmation", confirmed(declared)),
        ("endpoints", "none: it predicts" if declared.predictor else "mPFS, mTTP, mDOR, mTTR"),
    ]


def selected(declared: Metabolic) -> str:
    """Numbers of a selection, and whether lesions must be measurable."""
    if declared.aggregate is Aggregate.RESOLVED:
        return "all lesions of the baseline"
    of = declared.selection
    numbers = "the hottest lesion" if of.total == 1 else f"{of.total} in total, {of.per_organ} an organ"
    return f"{numbers}, measurable by liver or blood pool" if of.measurable else f"{numbers}, no least uptake"


def responded(declared: Metabolic) -> str:
    """The threshold of a partial response."""
    if declared.anatomic:
        return "RECIST 1.1 CR or PR"
    if declared.partial is None:
        return "some lesions of the baseline gone, none new"
    part = declared.partial
    first = declared.first_cycle
    early = f"; {first.fall.percent:g} % or more after {first.cycles} cycle" if first else ""
    least = f" and {part.absolute:g}" if part.absolute else ""
    return f"a fall of {_amount(part.percent, part.inclusive)} %{least}{early}"


def progressed(declared: Metabolic) -> str:
    """The thresholds of progression."""
    parts = []
    if declared.anatomic:
        parts.append("RECIST 1.1 PD; with SD no benefit unless a rise")
    if declared.progression is not None:
        parts.append(_rise(declared.progression))
    if declared.extent_percent is not None:
        parts.append(f"an extent up by more than {declared.extent_percent:g} %")
    if declared.tlg_percent is not None:
        parts.append(f"TLG up by more than {declared.tlg_percent:g} % without a fall")
    if declared.counts is not None:
        rule = declared.counts
        parts.append(
            f"{rule.any_size} new lesions, {rule.middle} above {rule.middle_mm:g} mm or {rule.large} above "
            f"{rule.large_mm:g} mm"
        )
    if declared.others is not None:
        parts.append("another lesion that does the same, or grows on CT")
    return "; ".join(parts)


def _rise(rise: Rise) -> str:
    least = f" and {rise.absolute:g}" if rise.absolute else ""
    return f"a rise of {_amount(rise.percent, rise.inclusive)} %{least}"


def _amount(percent: float, inclusive: bool) -> str:
    return f"{percent:g}" if inclusive else f"more than {percent:g}"


def confirmed(declared: Metabolic) -> str:
    """How a progression is confirmed."""
    if declared.confirm_after_days is not None:
        return f"{declared.confirm_after_days} to {declared.confirm_before_days} days later, or clinically"
    if declared.confirm_by_days is not None:
        return f"advised within {declared.confirm_by_days} days; the category stands"
    return "none"


def options(declared: Metabolic) -> list[tuple[str, str, str, str]]:
    """Every option with its default, its other values and what it decides."""
    return [
        (
            f"`{name}`",
            f"`{default}`",
            " or ".join(f"`{value}`" for value in declared.readings.get(name, ())) or "number",
            OPTIONS[name],
        )
        for name, default in declared.resolved.items()
    ]


def decisions(declared: Metabolic) -> list[tuple[str, ...]]:
    """Rows of the decision table in order of precedence, the overall response in the criterion's codes."""
    return [(*_row(row), _printed(row.overall, declared), rule_of(row.clause).text) for row in declared.table.rows]


def _row(row: Row) -> tuple[str, ...]:
    return (row.clause, *(" / ".join(names) or "any" for names in (row.target, row.nontarget, row.new)))


def _printed(category: str, declared: Metabolic) -> str:
    category = "UPD" if category == "PD" and declared.confirm_after_days is not None else category
    return declared.codes.get(category, category)


def shown(example: Example, declared: Metabolic) -> Iterable[str]:
    """An example and what the engine makes of it."""
    yield f"### {example.title}"
    yield example.shows
    yield code(example.lesions)
    yield worked(example, declared)
