"""protocol.yaml: its documented defaults, and errors that name the key, the value and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from criteria.registry import CRITERIA
from protocol.load import ProtocolError, load_protocol, parse_protocol
from protocol.model import CensoringProfile, Protocol
from protocol.study import StudyError, init_study, list_studies, open_study
from protocol.template import PROTOCOL_TEMPLATE

FILE = Path("TRIAL") / "protocol.yaml"
SHORTEST = "criteria: [RECIST 1.1]\n"


def parsed(text: str) -> Protocol:
    return parse_protocol(text, FILE)


def error(text: str) -> str:
    with pytest.raises(ProtocolError) as caught:
        parsed(text)
    return str(caught.value)


DEFAULTS = [
    ("title", ""),
    ("visits.interval_days", 56),
    ("visits.window_days", 7),
    ("visits.baseline", ()),
    ("visits.baseline_max_age_days", 28),
    ("visits.schedule", ()),
    ("evaluators.default_criterion", "RECIST 1.1"),
    ("evaluators.primary", None),
    ("evaluators.adjudication", "none"),
    ("evaluators.accepted_name", "ACCEPTED READER"),
    ("censoring.profiles", (CensoringProfile(name="fda"), CensoringProfile(name="ema_itt"))),
    ("cohorts.column", None),
    ("cohorts.reference_arm", None),
    ("data_cutoff", None),
    ("blinding.blinded", False),
]


@pytest.mark.parametrize(("key", "value"), DEFAULTS)
def test_a_key_that_is_left_out_has_its_documented_default(key: str, value: object) -> None:
    found: object = parsed(SHORTEST)
    for name in key.split("."):
        found = getattr(found, name)
    assert found == value


def test_the_default_profiles_are_fda_and_ema_itt() -> None:
    assert parsed(SHORTEST).censoring == parsed(SHORTEST + "censoring: {profiles: [fda, ema_itt]}\n").censoring


def test_the_template_says_the_defaults_in_every_key_but_criteria() -> None:
    template = parsed(PROTOCOL_TEMPLATE.format(name="TRIAL")).model_dump(exclude={"criteria"})
    assert template == parsed(SHORTEST).model_dump(exclude={"criteria"})


def test_the_template_shows_every_key_that_there_is() -> None:
    given = yaml.safe_load(PROTOCOL_TEMPLATE.format(name="TRIAL"))
    assert set(given) == set(Protocol.model_fields)
    for section in ("visits", "evaluators", "censoring", "cohorts", "blinding", "imaging"):
        annotation = Protocol.model_fields[section].annotation
        assert set(given[section]) == set(annotation.model_fields), section


def test_the_template_asks_for_criteria_without_options() -> None:
    choices = parsed(PROTOCOL_TEMPLATE.format(name="TRIAL")).criteria
    assert {choice.name for choice in choices} <= set(CRITERIA)
    assert {"RECIST 1.1", "iRECIST", "imRECIST"} <= {choice.name for choice in choices}
    assert all(choice.options == {} for choice in choices)


def test_a_scheduled_visit_has_a_week_of_window_to_both_sides_by_default() -> None:
    (visit,) = parsed(SHORTEST + "visits: {schedule: [{visit: WEEK 8, day: 57}]}\n").visits.schedule
    assert (visit.before, visit.after) == (7, 7)


def test_a_date_may_stand_with_or_without_quotes() -> None:
    assert (
        parsed(SHORTEST + "data_cutoff: 2025-06-30\n").data_cutoff
        == parsed(SHORTEST + 'data_cutoff: "2025-06-30"\n').data_cutoff
        is not None
    )


def test_an_option_changes_the_criterion_that_it_stands_with() -> None:
    (choice,) = parsed("criteria:\n  - {name: iRECIST, options: {late_confirmation: reject}}\n").criteria
    assert choice.declared() != CRITERIA["iRECIST"]
    assert choice.declared().name == "iRECIST"


WRONG = [
    ("criteria: [RECIST 2.0]", ["criteria entry 1.name = 'RECIST 2.0'", "unknown criterion", "allowed: ", "iRECIST"]),
    ("criteria: [iRECIST, iRECIST]", ["criterion 'iRECIST' is listed more than once"]),
    ("criteria: []", ["criteria", "at least 1"]),
    ("title: x", ["criteria: this key is required"]),
    (SHORTEST + "visit: {}", ["visit: unknown key (did you mean 'visits'?)", "allowed: blinding, "]),
    (
        SHORTEST + "visits: {windowdays: 7}",
        ["visits.windowdays: unknown key (did you mean 'window_days'?)", "interval_days, schedule, window_days"],
    ),
    (
        SHORTEST + "visits: {schedule: [{visit: W8, days: 57}]}",
        ["visits.schedule entry 1.days: unknown key (did you mean 'day'?); allowed: after, before, day, visit"],
    ),
    (SHORTEST + "visits: {schedule: [{visit: W8, day: 57}, {visit: W8, day: 64}]}", ["visit 'W8' is scheduled more"]),
    (SHORTEST + "visits: {window_days: -1}", ["visits.window_days = -1", "greater than or equal to 0"]),
    (SHORTEST + "visits: {interval_days: eight weeks}", ["visits.interval_days = 'eight weeks'", "integer"]),
    (
        SHORTEST + "evaluators: {adjudication: visit}",
        ["evaluators.adjudication = 'visit'", "'none', 'subject' or 'timepoint'"],
    ),
    (SHORTEST + "evaluators: {default_criterion: RECIST}", ["evaluators.default_criterion = 'RECIST'", "RECIST 1.1"]),
    (
        SHORTEST + "censoring: {profiles: [nmpa]}",
        ["censoring.profiles entry 1 = 'nmpa'", "allowed: fda, "],
    ),
    (SHORTEST + "censoring: {profiles: []}", ["censoring.profiles", "at least 1"]),
    (SHORTEST + "data_cutoff: 2031-02-30", ["data_cutoff = '2031-02-30'", "date"]),
    (SHORTEST + "blinding: {blinded: perhaps}", ["blinding.blinded = 'perhaps'", "boolean"]),
    (
        "criteria: [{name: iRECIST, options: {late_confirmation: perhaps}}]",
        ["criteria entry 1", "late_confirmation", "'perhaps'"],
    ),
    ("criteria: [{name: iRECIST, options: {no_such: 1}}]", ["criteria entry 1", "no_such"]),
    ("criteria: [iRECIST\ntitle: x", ["line 2", "not valid YAML"]),
    ("- iRECIST", ["expected keys such as `criteria:`, found list"]),
    ("", ["expected keys such as `criteria:`, found NoneType"]),
]


@pytest.mark.parametrize(("text", "expected"), WRONG, ids=[(text.splitlines() or ["empty"])[-1] for text, _ in WRONG])
def test_an_error_names_the_file_the_key_the_value_and_what_is_allowed(text: str, expected: list[str]) -> None:
    said = error(text)
    for part in (str(FILE), *expected):
        assert part in said, said


def test_every_problem_is_told_at_once_on_a_line_of_its_own() -> None:
    said = error("criteria: [RECIST 2.0]\ntitel: x\nvisits: {window_days: -1}\n").splitlines()
    assert [line.split(": ", 2)[1].split(" ")[0] for line in said] == ["visits.window_days", "criteria", "titel"]


def test_a_missing_protocol_says_what_writes_one(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="there is no protocol; `nadir init` writes one"):
        load_protocol(tmp_path / "protocol.yaml")


def test_a_protocol_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "protocol.yaml"
    path.write_bytes(b"\xff\xfe\x00criteria")
    with pytest.raises(ProtocolError, match="cannot be read as UTF-8 text"):
        load_protocol(path)


@pytest.mark.parametrize("name", ["A/B", "..", ".hidden", "-option", "", "a" * 65, "two words"])
def test_a_study_cannot_have_a_name_that_is_no_plain_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(StudyError, match="cannot be a study's name: use up to 64 letters"):
        init_study(tmp_path, name)
    with pytest.raises(StudyError, match="no study"):
        open_study(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_studies_are_the_folders_with_a_protocol(tmp_path: Path) -> None:
    for name in ("B", "A"):
        init_study(tmp_path, name)
    (tmp_path / "notes").mkdir()
    assert [study.name for study in list_studies(tmp_path)] == ["A", "B"]
    with pytest.raises(StudyError, match="studies: A, B"):
        open_study(tmp_path, "C")
    assert list_studies(tmp_path / "absent") == []
