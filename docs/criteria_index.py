"""The index of the criteria: side by side, and one patient under all of them."""

from __future__ import annotations

from collections.abc import Iterable

from criteria.censoring import PROFILES, Profile
from criteria.declaration import Morphologic
from criteria.rulebook.catalogue import ENDPOINTS, common_sections
from docs.criterion_page import facts, rules
from docs.lesion_table import CAPTION, measurements
from docs.markdown import code, page, table
from docs.worked_example import ALL, Example, example_outcome, example_responses, examples


def file_name(criterion: str) -> str:
    """The file of a criterion's page."""
    return criterion.lower().replace(" ", "_").replace(".", "_") + ".md"


def index(criteria: Iterable[Morphologic]) -> str:
    """The index of the criteria on lesion sizes (rule book section 8)."""
    criteria = tuple(criteria)
    columns = [dict(facts(declared)) for declared in criteria]
    everyone = [example for example in examples() if any(ALL in run for run in example.under)]
    return page(
        "# The criteria",
        "Each criterion is one declaration over one engine; these pages are written from the declarations.",
        table(
            ("criterion", "source", "endpoints"),
            (
                (f"[{declared.name}]({file_name(declared.name)})", declared.source, column["endpoints"])
                for declared, column in zip(criteria, columns, strict=True)
            ),
        ),
        "## Side by side",
        table(
            ("", *(declared.name for declared in criteria)),
            ((name, *(column[name] for column in columns)) for name in columns[0]),
        ),
        *(block for example in everyone for block in _side_by_side(example, criteria)),
        "## Rules of every criterion",
        *rules(common_sections()),
        "## Endpoints",
        "PFS, TTP, DOR and TTR carry the criterion's prefix where it has one.",
        table(("endpoint", "source", "means"), ((rule.id, rule.source, rule.text) for rule in ENDPOINTS)),
        "## Censoring profiles",
        "What ends a time to event, and what ends it without one; the earliest censoring that applies wins.",
        table(("profile", "source", "events", "censored for"), map(_profile, PROFILES.values())),
    )


def _profile(profile: Profile) -> tuple[str, str, str, str]:
    events = "; ".join(event.reason for event in profile.events)
    censorings = "; ".join(censoring.reason for censoring in profile.censorings)
    return f"`{profile.name}`", profile.source, events, censorings


def _side_by_side(example: Example, criteria: tuple[Morphologic, ...]) -> Iterable[str]:
    reads = measurements(example.lesions)
    yield f"## {example.title}"
    yield f"{example.shows}\n\n{CAPTION}"
    yield code(example.lesions)
    responses = [example_responses(reads, declared) for declared in criteria]
    days = responses[0]["study_day"].to_list()
    yield table(
        ("criterion", *(f"day {day}" for day in days), "outcome"),
        (
            (declared.name, *found["overall_response"].to_list(), example_outcome(reads, found, declared))
            for declared, found in zip(criteria, responses, strict=True)
        ),
    )
