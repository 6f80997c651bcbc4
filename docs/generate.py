"""The generated pages below ``docs/``; ``python -m docs.generate`` writes them anew."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from criteria.metabolic.registry import METABOLIC
from criteria.registry import CRITERIA
from docs.criteria_index import file_name, index
from docs.criterion_page import criterion_page
from docs.endpoint_page import endpoints_page
from docs.metabolic_page import metabolic_index, metabolic_page
from docs.pattern_pages import injection_page, kinetics_page, patterns_page
from docs.pet_page import pet_page
from docs.quality_page import quality_rules
from docs.reference_pages import data_dictionary
from docs.review_page import review_page

FOLDER = Path(__file__).parent


@cache
def pages() -> Mapping[str, str]:
    """Text of every generated page by its path below ``docs/``."""
    return {
        "criteria/README.md": index(CRITERIA.values()) + "\n" + metabolic_index(METABOLIC.values()),
        **{f"criteria/{file_name(name)}": criterion_page(declared) for name, declared in CRITERIA.items()},
        **{f"criteria/{file_name(name)}": metabolic_page(declared) for name, declared in METABOLIC.items()},
        "criteria/patterns.md": patterns_page(),
        "criteria/kinetics.md": kinetics_page(),
        "criteria/endpoints.md": endpoints_page(),
        "criteria/review.md": review_page(),
        "criteria/injection_candidates.md": injection_page(),
        "data_dictionary.md": data_dictionary(),
        "pet.md": pet_page(),
        "quality_rules.md": quality_rules(),
    }


def write() -> list[Path]:
    """Write the pages; returns those whose text changed, and removes pages of criteria that are no more."""
    written = []
    for name, text in pages().items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written.append(path)
    for path in surplus():
        path.unlink()
        written.append(path)
    return written


def surplus() -> list[Path]:
    """Pages below ``docs/criteria`` that no criterion has."""
    known = pages()
    return [path for path in sorted((FOLDER / "criteria").glob("*.md")) if f"criteria/{path.name}" not in known]


if __name__ == "__main__":
    for changed in write():
        print(changed.relative_to(FOLDER.parent))
