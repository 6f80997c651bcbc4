"""The generated pages below docs/ say what the declarations say."""

from __future__ import annotations

from functools import cache

import pytest

from assets.tables import TABLES
from criteria.declaration import Morphologic, Unconfirmed
from criteria.metabolic.declaration import Metabolic
from criteria.metabolic.registry import METABOLIC
from criteria.registry import CRITERIA
from criteria.rulebook.options import OPTIONS
from docs.criteria_index import file_name
from docs.criterion_page import codes, default_reading
from docs.generate import FOLDER, pages, surplus
from docs.worked_example import ALL, examples
from quality.catalogue import RULES
from warehouse.tables import VIEWS

EVERY_CRITERION = pytest.mark.parametrize("declared", CRITERIA.values(), ids=CRITERIA.keys())


@cache
def generated() -> dict[str, str]:
    return dict(pages())


def page_of(declared: Morphologic) -> str:
    return generated()[f"criteria/{file_name(declared.name)}"]


def test_the_pages_are_up_to_date() -> None:
    stale = [
        name
        for name, text in generated().items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text(encoding="utf-8") != text
    ]
    assert stale + [path.name for path in surplus()] == [], "these pages differ from the declarations; run `make docs`"


def test_two_criteria_never_share_a_page() -> None:
    assert len({file_name(name) for name in CRITERIA}) == len(CRITERIA)


@EVERY_CRITERION
def test_a_page_shows_every_option_and_every_clause(declared: Morphologic) -> None:
    text = page_of(declared)
    missing = [name for name in declared.option_names if f"| `{name}` |" not in text]
    missing += [clause for clause in declared.table.clauses if f"| {clause} |" not in text]
    assert missing == []


@EVERY_CRITERION
def test_every_option_says_what_it_decides(declared: Morphologic) -> None:
    assert [name for name in declared.option_names if name not in OPTIONS] == []


@EVERY_CRITERION
def test_every_criterion_has_a_worked_example(declared: Morphologic) -> None:
    assert "### " in page_of(declared).split("## Worked examples")[1]


@EVERY_CRITERION
def test_the_default_of_an_option_gives_the_declaration(declared: Morphologic) -> None:
    defaults = {name: default_reading(declared, name) for name in declared.readings}
    defaults |= {name: setting.default for name, setting in declared.settings.items()}
    assert declared.with_options(defaults) == declared


@EVERY_CRITERION
def test_a_criterion_that_waits_for_confirmation_prints_no_plain_progression(declared: Morphologic) -> None:
    assert ("PD" in codes(declared)) == (
        not isinstance(declared.confirmation, Unconfirmed) and "PD" not in declared.codes
    )


EVERY_METABOLIC = pytest.mark.parametrize("declared", METABOLIC.values(), ids=METABOLIC.keys())


@EVERY_METABOLIC
def test_a_metabolic_page_shows_every_option_clause_and_an_example(declared: Metabolic) -> None:
    text = generated()[f"criteria/{file_name(declared.name)}"]
    missing = [name for name in declared.option_names if f"| `{name}` |" not in text or name not in OPTIONS]
    missing += [clause for clause in declared.table.clauses if f"| {clause} |" not in text]
    assert missing == []
    assert text.split("## Worked examples")[1].count("### ") >= 2


@EVERY_METABOLIC
def test_the_default_of_a_metabolic_option_gives_the_declaration(declared: Metabolic) -> None:
    assert declared.with_options(declared.resolved) == declared


@EVERY_METABOLIC
def test_every_value_of_a_metabolic_option_can_be_chosen_and_is_found_again(declared: Metabolic) -> None:
    for option, values in declared.readings.items():
        for value in values:
            assert declared.with_options({option: value}).resolved[option] == value


def test_examples_name_criteria_of_the_registry() -> None:
    named = {name for example in examples() for run in example.under for name in run}
    assert named <= {*CRITERIA, ALL}


def test_one_patient_is_shown_under_every_criterion() -> None:
    side_by_side = generated()["criteria/README.md"].split("X-1")[1]
    assert [name for name in CRITERIA if f"| {name} |" not in side_by_side] == []


@pytest.mark.parametrize(
    ("example", "sentence"),
    [
        ("recist_1_1.md", "| 113 | 22.8 | SD | NA | N | SD | R11-2.5 row 6 |"),
        ("irecist.md", "| 197 | 121.0 | iUPD | NA | N | iCPD | C-T |"),
        ("irecist.md", "iPFS: event on day 169, 2024-06-17"),
        ("imrecist.md", "Best response **PR** (confirmed SD); imPFS: censored on day 169"),
        ("irrc.md", "Best response **irPD** (confirmed irPD); irPFS: event on day 85"),
        ("itrecist.md", "LOCAL-ONLY RESPONSE"),
        ("percist.md", "hottest lesion SULpeak 5.2 is -35.0 % from 8.0 of 2024-01-01, week 9"),
        ("ipercist.md", "| 85 | 7.0 | PMD | NA | N | CPMD | IP-6 |"),
        ("pecrit.md", "| SD | SD | N | SD_NO_METABOLIC_INCREASE | PC-5 |"),
        ("README.md", "| imPERCIST5 | SMD | IMP-2 | sum of SULpeak 16.3 is -14.21 %"),
        ("who.md", "Best response **PR** (confirmed PR); PFS: event on day 169"),
    ],
)
def test_worked_examples_come_out_as_in_the_rule_book(example: str, sentence: str) -> None:
    assert sentence in generated()[f"criteria/{example}"]


def test_the_data_dictionary_has_every_column_of_every_table_and_view() -> None:
    text = generated()["data_dictionary.md"]
    sections = {block.split("\n", 1)[0]: block for block in text.split("\n## ")[1:]}
    declared = [*TABLES, *(view.table for view in VIEWS)]
    missing = [
        f"{table.name}.{column.name}"
        for table in declared
        for column in table.columns
        if f"| `{column.name}` |" not in sections[table.name]
    ]
    assert missing == []


def test_every_quality_rule_is_listed() -> None:
    text = generated()["quality_rules.md"]
    assert [rule.id for rule in RULES if f"\n### {rule.id}\n" not in text] == []
