"""The pages of atypical patterns (9), of kinetics and hyperprogression (10) and of injection candidates (7.4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, get_type_hints

import polars as pl
import yaml

from criteria import dissociated, durable, hyperprogression, pseudoprogression
from criteria.injection_candidates import FACTORS, FEATURES, injection_candidates
from criteria.pattern_options import PatternOptions
from criteria.patterns import patterns
from criteria.registry import CRITERIA
from criteria.rulebook.catalogue import SECTIONS
from criteria.rulebook.options import PATTERN_OPTIONS
from criteria.side_by_side import all_best_responses, all_event_times, all_timepoint_responses
from docs.criterion_page import allowed, rules
from docs.lesion_table import CAPTION, DAY_1, measurements
from docs.markdown import code, page, table
from ingestion.tables import RECORDED_RESPONSE, SUBJECT

FOLDER = Path(__file__).parent / "examples" / "patterns"
OF_PATTERNS = ("pseudoprogression_def", "dissociated", "durable_alt_ref")
INJECTED_LESIONS = """\
lesion     | BL | d57 | d113
T01 skin   | 24 | 24  | 31
T02 liver  | 60 | 58  | 57
T03 node   | 16 | 14  | 12
NEW01 lung | -  | -   | 14
"""
FINDINGS: dict[str, dict[str, bool]] = {
    "T01": {"visible": True, "necrotic": False, "viable": True, "near_vessels": False, "critical_path": False},
    "T02": {"visible": True, "necrotic": True, "near_vessels": True, "vascular": True},
    "T03": {"visible": True, "necrotic": False},
    "NEW01": {"visible": True, "critical_path": True},
}


def patterns_page() -> str:
    """Pseudoprogression, dissociated response and durable response, definition by definition."""
    shift = {None: "at any time", True: "up to day 84", False: "after day 84"}
    return page(
        "# Atypical patterns of response",
        "Every definition is judged for every course, into `analysis.pattern`; `chosen` marks the one that the "
        "protocol reports. A definition whose data are missing is NOT_EVALUABLE, never N. New anticancer therapy "
        "before the pattern is decided excludes it.",
        "## Pseudoprogression (9.1)",
        "A progression that the next evaluable assessment, 28 days on or more, does not show. It is *early* when it "
        f"begins within {pseudoprogression.EARLY_DAYS} days of the start.",
        table(
            ("definition", "criteria", "progression of", "which", "begins", "then", "source"),
            (
                (
                    f"`{one.key}`",
                    ", ".join(one.criteria),
                    "the targets" if one.category == "target" else "any category",
                    "the first" if one.first_only else "each until one is confirmed",
                    shift[one.early],
                    "CR or PR later" if one.then_response else "no progression",
                    one.source,
                )
                for one in pseudoprogression.DEFINITIONS
            ),
        ),
        "## Dissociated response (9.2)",
        "Lesions that shrink beside lesions that grow, at one time point. A decrease is more than 30 %, an increase "
        "more than 20 % of the lesion (`dissociated_inclusive`: 30 % and 20 % are enough).",
        table(
            ("definition", "new lesion is growth", "reports", "threshold", "source"),
            (
                (f"`{one.key}`", "yes" if one.new_counts else "no", one.unit, one.threshold, one.source)
                for one in dissociated.DEFINITIONS
            ),
        ),
        "## Durable response (11.2)",
        f"`{durable.DEFINITION}`: a progression-free survival of more than {durable.MEDIANS} medians of the cohort "
        f"({durable.SOURCE}). Not evaluable where the median is not reached, or where a censored time has not passed "
        "three of them yet.",
        "## Options",
        "Set in `protocol.yaml` below `patterns`.",
        _options(lambda name: name.startswith(OF_PATTERNS)),
        "## Worked examples",
        CAPTION,
        *_examples("patterns"),
    )


def kinetics_page() -> str:
    """Tumour kinetics and every definition of hyperprogression."""
    [section] = [section for section in SECTIONS if section.number == "10"]
    definitions = (*hyperprogression.DEFINITIONS, hyperprogression.LATER_RESPONSE)
    return page(
        "# Tumour kinetics and hyperprogression",
        "Growth before and under treatment is in `analysis.tumour_kinetics`, the definitions in `analysis.pattern`.",
        "## Quantities (10)",
        *rules([section]),
        "## Definitions",
        "All facts of a definition must hold. One that is not known makes it NOT_EVALUABLE; where the last column says "
        "so, one that does not hold is enough to deny it.",
        table(
            ("definition", "pattern", "all of", "reports", "against", "denied by one fact", "source"),
            (
                (
                    f"`{one.key}`",
                    one.pattern.lower(),
                    ", ".join(hyperprogression.FACTS[fact] for fact in one.all_of),
                    one.unit,
                    one.threshold,
                    "yes" if one.decided_by_one else "no",
                    one.source,
                )
                for one in definitions
            ),
        ),
        "A reference growth of 0 or less has no ratio (`negative_ref_policy`), but a difference. A sum of 0 mm at "
        "either end has no growth rate (`tgr_floor_mm`). Without a scan before the baseline only the definitions on "
        "treatment alone can be evaluated. Treatment lasted less than two months when it ended before 60.875 days.",
        "## Options",
        "Set in `protocol.yaml` below `patterns`.",
        _options(lambda name: not name.startswith(OF_PATTERNS)),
        "## Worked examples",
        f"{CAPTION} Columns left of BL are scans before the baseline.",
        *_examples("kinetics"),
    )


def injection_page() -> str:
    """The factors by which lesions are scored for intratumoural injection, and an example."""
    reads = measurements(INJECTED_LESIONS)
    found = pl.DataFrame([{"subject_id": "1", "lesion_id": lesion} | facts for lesion, facts in FINDINGS.items()])
    candidates, factors = injection_candidates(reads, features=found)
    known = factors.filter(pl.col("finding").is_not_null() & (pl.col("part") != "PROTOCOL"))
    columns = ("lesion_id", "organ", "size_mm", "admissible", "feasibility", "benefit", "score", "explanation")
    return page(
        "# Candidates for intratumoural injection (7.4)",
        "The lesions of each course at its last scan, in `analysis.injection_candidate`, with what each factor "
        "contributed in `analysis.injection_factor`. It is information for the people who choose and never a decision. "
        "The hard rules say whether a lesion is admissible; the score orders what is known, from -1 to 1 a factor, and "
        "what is not known adds nothing. High vascularity counts twice: as activity, and as a risk.",
        "## Factors",
        table(
            ("number", "factor", "counts for"),
            ((factor.number, factor.name, factor.part.lower()) for factor in FACTORS),
        ),
        "## What can be known beside the measurements",
        table(("finding", "meaning"), ((f"`{name}`", meaning) for name, meaning in FEATURES.items())),
        "## Worked example",
        CAPTION,
        code(INJECTED_LESIONS),
        "Known besides: "
        + "; ".join(
            f"{lesion} " + ", ".join(f"{name} {'yes' if fact else 'no'}" for name, fact in facts.items())
            for lesion, facts in FINDINGS.items()
        )
        + ".",
        table(columns, candidates.select(columns).rows()),
        table(
            ("lesion", "factor", "counts for", "finding", "contribution"),
            known.select("lesion_id", "factor", pl.col("part").str.to_lowercase(), "finding", "contribution").rows(),
        ),
    )


def _options(chosen: Any) -> str:
    hints = get_type_hints(PatternOptions)
    return table(
        ("option", "default", "may be", "decides"),
        (
            (f"`{name}`", f"`{getattr(PatternOptions(), name)}`", allowed(hints[name]), PATTERN_OPTIONS[name])
            for name in PatternOptions.__dataclass_fields__
            if chosen(name)
        ),
    )


@dataclass(frozen=True, slots=True)
class Example:
    """A lesion table on a page, the patterns that it shows, and the day on which treatment stopped, if it did."""

    name: str
    title: str
    shows: str
    page: str
    patterns: tuple[str, ...]
    stopped: int | None
    lesions: str


def pattern_examples() -> tuple[Example, ...]:
    """The examples of ``docs/examples/patterns``, in the order of their file names."""
    found = []
    for path in sorted(FOLDER.glob("*.txt")):
        head, _, lesions = path.read_text(encoding="utf-8").partition("\n---\n")
        said = yaml.safe_load(head)
        shows = (said["title"], said["shows"], said["page"], tuple(said["patterns"]), said.get("stopped"))
        found.append(Example(path.stem, *shows, lesions))
    return tuple(found)


def _examples(of_page: str) -> Iterable[str]:
    judged = _judged(tuple(example for example in pattern_examples() if example.page == of_page))
    order = {key: place for place, key in enumerate(_keys())}
    columns = ("definition", "present", "onset_date", "value", "value_unit", "explanation")
    for example in pattern_examples():
        if example.page != of_page:
            continue
        found = judged.filter((pl.col("subject_id") == example.name) & pl.col("pattern").is_in(example.patterns)).sort(
            pl.col("definition").replace_strict(order, default=len(order), return_dtype=pl.Int32)
        )
        yield f"### {example.title}"
        yield example.shows
        yield code(example.lesions)
        yield table(("definition", "present", "onset", "value", "of", "why"), found.select(columns).rows())


def _judged(examples: Sequence[Example]) -> pl.DataFrame:
    """What every definition makes of the examples, under RECIST 1.1, irRC and without responses."""
    reads = pl.concat(
        measurements(example.lesions).with_columns(subject_id=pl.lit(example.name)) for example in examples
    )
    people = [
        {"study_id": "EXAMPLE", "subject_id": example.name, "reference_date": DAY_1}
        | {"discontinuation_date": example.stopped and DAY_1 + timedelta(days=example.stopped - 1)}
        | {"last_alive_date": reads["assessment_date"].max()}
        for example in examples
    ]
    columns = {name: [person.get(name) for person in people] for name in SUBJECT.schema}
    subjects = pl.DataFrame(columns, schema=SUBJECT.schema)
    criteria = [CRITERIA["RECIST 1.1"], CRITERIA["irRC"]]
    responses = all_timepoint_responses(reads, RECORDED_RESPONSE.empty(), subjects, criteria)
    best = all_best_responses(responses, subjects, criteria)
    times = all_event_times(responses, best, subjects, criteria, ["fda"], 56, 7)
    return patterns(reads, responses, best, times, subjects)


def _keys() -> list[str]:
    modules = (pseudoprogression.DEFINITIONS, dissociated.DEFINITIONS, hyperprogression.DEFINITIONS)
    return [one.key for definitions in modules for one in definitions]  # type: ignore[attr-defined]
