"""The index of the criteria: side by side, and one patient under all of them."""

from __future__ import annotations

from collections.abc import Iterable

from criteria.declaration import Morphologic
from criteria.rulebook.catalogue import common_sections
from docs.criterion_page import facts, rules
from docs.lesion_table import CAPTION, measurements
from docs.markdown import code, page, table
from docs.worked_example import ALL, Example, example_outcome, example_responses, examples

OF_OTHER_PAGES = ("10", "11.1", "12.1")


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
        *rules(section for section in common_sections() if section.number not in OF_OTHER_PAGES),
        "## More pages",
        "- [Endpoints, dates and censoring](endpoints.md) (11)\n"
        "- [Independent review](review.md) (12)\n"
        "- [Atypical patterns](patterns.md) (9)\n"
        "- [Tumour kinetics and hyperprogression](kinetics.md) (10)\n"
        "- [Candidates for intratumoural injection](injection_candidates.md) (7.4)",
    )


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
