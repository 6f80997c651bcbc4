"""Options of section 14 in protocol.yaml: reachable with their defaults, shared by criteria, named as one profile."""

from __future__ import annotations

from pathlib import Path

import pytest

from criteria.assessment_schedule import PlannedVisit
from criteria.option_profiles import OPTION_PROFILES
from criteria.registry import CRITERIA, criterion
from protocol.load import ProtocolError, parse_protocol
from protocol.model import Protocol

ALL = "criteria: [" + ", ".join(CRITERIA) + "]\n"
REGISTRY = {
    "baseline_max_age_days": ("visits.baseline_max_age_days", 28),
    "pseudoprogression_def": ("patterns", "not_confirmed"),
    "dissociated_def": ("patterns", "bernard_tessier2020"),
    "dissociated_ref": ("patterns", "baseline"),
    "negative_ref_policy": ("patterns", "not_evaluable"),
    "tgr_node_axis": ("patterns", "sa"),
    "pseudo_hpd_ratio": ("patterns", (0.5, 2)),
    "kato_pace": ("patterns", "percent"),
    "lo_russo_requires_pd": ("patterns", True),
    "lo_russo_ecog": ("patterns", "ps_ge2"),
    "durable_alt_ref": ("patterns", "same_treatment"),
    "pd_date_rule": ("dates.pd_date_rule", "by_trigger"),
    "tp_response_date": ("dates.tp_response_date", "last_scan"),
    "gap_max": ("censoring.gap_max", "intervals_and_windows"),
    "adj_vars": ("evaluators.adj_vars", ("BOR", "RSPDT", "PDDT")),
    "adj_unit": ("evaluators.adj_unit", "subject"),
    "agree_choice": ("evaluators.agree_choice", "R1"),
}
OF_CRITERIA = {
    "min_sd_days": ("RECIST 1.1", 42),
    "confirm_min_days": ("RECIST 1.1", 28),
    "confirm_max_days": ("RECIST 1.1", None),
    "max_nr_ne": ("RECIST 1.1", 1),
    "accept_sd_between_pr": ("RECIST 1.1", False),
    "cr_precedes_pd": ("RECIST 1.1", True),
    "zero_nadir_rule": ("RECIST 1.1", "abs5"),
    "tstm_value_mm": ("RECIST 1.1", 5),
    "new_node_rule": ("RECIST 1.1", "ge10_and_plus5"),
    "nl_ne_rule": ("RECIST 1.1", "ne_if_cr"),
    "equivocal_backdate": ("RECIST 1.1", True),
    "unconfirmed_pd_no_followup": ("irRC", "event"),
    "icpd_reference": ("iRECIST", "iupd_first"),
    "early_tol_days": ("iRECIST", 2),
    "late_confirmation": ("iRECIST", "accept_flag"),
    "nl_persist_rule": ("iRECIST", "category_improvement"),
    "open_iupd_at_cutoff": ("iRECIST", "event"),
    "nact_after_iupd": ("iRECIST", "event"),
    "imbor_stop_at_confirmed_pd": ("imRECIST", True),
    "imbor_ignore_between_pd_and_confirmation": ("imRECIST", True),
    "impfs_only_early_followup": ("imRECIST", "event"),
    "cbr_days": ("RECIST 1.1", 168),
    "drr_days": ("RECIST 1.1", 183),
    "drr_onset_months": ("RECIST 1.1", 12),
    "orr_confirmed": ("RECIST 1.1", False),
    "cr_reappearance": ("RECIST 1.1", "pd"),
    "partial_pr_ok": ("RECIST 1.1", False),
    "pr_persistence": ("RECIST 1.1", "literal"),
    "local_therapy_target": ("RECIST 1.1", "ne"),
}

OWN = {
    "who_pd_basis": ("WHO", "any_lesion", "spd_nadir"),
    "irrc_new_min": ("irRC", "5x5", "seed_10mm_node15"),
    "irrc_new_lesion_is_pd": ("irRC", False, True),
    "irrc_index_min_mm": ("irRC", 5, 10),
    "irrecist_variant": ("irRECIST", "bohnsack2014", "nishino2013"),
    "irrecist_strict_gt20": ("irRECIST", False, True),
    "irrecist_new_lesion_is_pd": ("irRECIST", False, True),
    "icpd_min_days": ("iRECIST", 28, 21),
    "icpd_max_days": ("iRECIST", 56, 84),
    "imrecist_abs5": ("imRECIST", True, False),
    "imrecist_new_lesion_is_pd": ("imRECIST", False, True),
    "itrecist_injected_reference": ("itRECIST", "both", "baseline_nadir"),
    "itrecist_overall_target": ("itRECIST", "combined_sod", "worst_component"),
    "itrecist_max_per_organ": ("itRECIST", 2, None),
    "itrecist_confirm_days": ("itRECIST", (28, 84), (28, 56)),
}
"""Options of one criterion, which change its declaration: default, another value."""


def parsed(text: str) -> Protocol:
    return parse_protocol(text, Path("protocol.yaml"))


def error(text: str) -> str:
    with pytest.raises(ProtocolError) as caught:
        parsed(text)
    return str(caught.value)


@pytest.mark.parametrize("option", REGISTRY)
def test_an_option_of_the_study_has_its_default_and_can_be_set(option: str) -> None:
    place, default = REGISTRY[option]
    found: object = parsed(ALL)
    for name in place.split("."):
        found = getattr(found, name)
    if place == "patterns":
        found = getattr(parsed(ALL).patterns.declared(), option)
    assert found == default


@pytest.mark.parametrize("option", OF_CRITERIA)
def test_an_option_of_the_criteria_has_its_default(option: str) -> None:
    name, default = OF_CRITERIA[option]
    assert getattr(CRITERIA[name].options, option) == default


@pytest.mark.parametrize("option", OWN)
def test_an_option_of_one_criterion_has_its_default_and_can_be_set(option: str) -> None:
    name, default, other = OWN[option]
    declared = CRITERIA[name]
    assert declared.with_options({option: default}) == declared
    assert declared.with_options({option: other}) != declared


def test_every_profile_names_options_that_a_criterion_has() -> None:
    for profile, options in OPTION_PROFILES.items():
        for option, value in options.items():
            takers = [declared for declared in CRITERIA.values() if option in declared.option_names]
            assert takers, (profile, option)
            for declared in takers:
                assert declared.with_options({option: value}) != declared


def test_seed_review_is_one_name_for_its_six_options() -> None:
    of = {choice.name: choice.declared() for choice in parsed(ALL + "criteria_profile: seed_review").criteria}
    assert of["irRC"] == criterion("irRC", irrc_new_min="seed_10mm_node15", irrc_new_lesion_is_pd=True)
    assert of["irRECIST"] == criterion("irRECIST", irrecist_strict_gt20=True, irrecist_new_lesion_is_pd=True)
    assert of["imRECIST"] == criterion("imRECIST", imrecist_abs5=False, imrecist_new_lesion_is_pd=True)
    others = [name for name in CRITERIA if name not in ("irRC", "irRECIST", "imRECIST")]
    assert [of[name] for name in others] == [CRITERIA[name] for name in others]


def test_the_rule_book_is_the_default_profile() -> None:
    assert parsed(ALL).criteria == parsed(ALL + "criteria_profile: rule_book").criteria
    assert [choice.declared() for choice in parsed(ALL).criteria] == list(CRITERIA.values())


def test_the_options_of_a_criterion_win_over_those_of_the_study_and_these_over_the_profile() -> None:
    protocol = parsed(
        "criteria_profile: seed_review\noptions: {imrecist_abs5: true, min_sd_days: 49}\n"
        "criteria: [imRECIST, {name: iRECIST, options: {min_sd_days: 35}}, irRC]"
    )
    im, i, ir = (choice.declared() for choice in protocol.criteria)
    assert im == criterion("imRECIST", imrecist_abs5=True, imrecist_new_lesion_is_pd=True, min_sd_days=49)
    assert (i.options.min_sd_days, ir.options.min_sd_days) == (35, 49)


def test_dates_reach_every_criterion() -> None:
    protocol = parsed(ALL + "dates: {pd_date_rule: last_scan_in_tp, tp_response_date: first_scan}")
    for choice in protocol.criteria:
        options = choice.declared().options
        assert (options.pd_date_rule, options.tp_response_date) == ("last_scan_in_tp", "first_scan")


def test_a_number_in_quotes_is_a_number() -> None:
    [choice] = parsed('criteria: [{name: iRECIST, options: {min_sd_days: "49"}}]').criteria
    assert choice.declared().options.min_sd_days == 49


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("criteria_profile: seed_revue", ["criteria_profile = 'seed_revue'", "allowed: rule_book, seed_review"]),
        ("options: {min_sd_day: 4}", ["unknown option 'min_sd_day'", "did you mean 'min_sd_days'?"]),
        ("options: {zzz: 4}", ["unknown option 'zzz'", "options: ", "min_sd_days"]),
        ("options: {min_sd_days: six weeks}", ["option min_sd_days", "integer", "'six weeks'"]),
        ("options: {irrecist_variant: xyz}", ["irrecist_variant cannot be 'xyz'", "'bohnsack2014', 'nishino2013'"]),
        ("options: {irrecist_variant: [1]}", ["irrecist_variant cannot be [1]"]),
        ("options: 5", ["options = 5", "dictionary"]),
        ("dates: {pd_date_rule: first}", ["dates.pd_date_rule = 'first'", "'earliest_scan_in_tp'"]),
        ("dates: {pd_impute: mid}", ["dates.pd_impute = 'mid'", "'first' or 'last'"]),
        ("censoring: {gap_max: 126}", ["censoring.gap_max = 126", "'missed_windows'"]),
        ("cohorts: {orr_population: all}", ["cohorts.orr_population = 'all'", "'itt', 'treated' or 'measurable'"]),
        ("visits: {interval_changes: [{from_day: 5, from_dy: 5, interval_days: 3}]}", ["did you mean 'from_day'?"]),
        (
            "visits: {interval_changes: [{from_day: 5, interval_days: 3}, {from_day: 5, interval_days: 9}]}",
            ["study day 5 more than once"],
        ),
    ],
)
def test_a_wrong_option_is_named_with_what_is_allowed(text: str, said: list[str]) -> None:
    found = error(ALL + text)
    assert len(found.splitlines()) == 1
    for part in said:
        assert part in found


def test_the_schedule_of_the_protocol_goes_before_the_days_in_the_data() -> None:
    planned = (PlannedVisit(50),)
    text = "visits: {interval_days: 42, interval_changes: [{from_day: 337, interval_days: 84}], schedule: [%s]}"
    own = parsed(ALL + text % "{visit: BASELINE, day: -3}, {visit: W8, day: 57, before: 3}").visits.declared(planned)
    assert own.visits == (PlannedVisit(57, 3, 7),)
    assert (own.interval_days, own.changes) == (42, ((337, 84),))
    assert parsed(ALL + text % "").visits.declared(planned).visits == planned


def test_gap_max_and_clinical_events_hold_for_every_profile_that_does_not_say_otherwise() -> None:
    text = (
        "censoring: {gap_max: missed_windows, clinical_pd_is_event: true, profiles: [fda, "
        "{name: own, based_on: ema_itt, gap_max: intervals, clinical: ignore, discontinuation: censor, "
        "progression_date: scheduled_visit}]}"
    )
    fda, own = parsed(ALL + text).censoring.declared()
    assert (fda.gap_max, fda.clinical) == ("missed_windows", "event")
    assert (own.gap_max, own.clinical) == ("intervals", "ignore")
    assert (own.discontinuation, own.progression_date) == ("censor", "scheduled_visit")
