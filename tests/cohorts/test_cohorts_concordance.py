"""Concordance of criteria and agreement of readers on the best response."""

from __future__ import annotations

import warnings
from itertools import product

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cohorts.concordance import criteria_concordance, reader_agreement
from cohorts.tables import CRITERIA_CONCORDANCE, READER_AGREEMENT
from criteria.tables import BEST_RESPONSE


def responses(text: str, origin: str = "DERIVED") -> pl.DataFrame:
    """Best responses of a table: header 'evaluator/criterion ...', one line per subject, - = null, . = no row."""
    header, *lines = [line.split() for line in text.strip().splitlines()]
    rows = [
        ("ST-1", f"{number:02}", *read.replace("_", " ").split("/"), origin, None if code == "-" else code)
        for number, line in enumerate(lines)
        for read, code in zip(header, line, strict=True)
        if code != "."
    ]
    names = ("study_id", "subject_id", "evaluator", "criterion", "origin", "best_response")
    return BEST_RESPONSE.conform(pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row"))


def test_concordance_counts_pairs_of_responses_in_both_directions() -> None:
    table = criteria_concordance(
        responses("""
            R1/RECIST_1.1  R1/iRECIST
            PD             iPR
            PD             iPR
            SD             iSD
        """)
    )
    columns = ("criterion", "other_criterion", "best_response", "other_best_response", "subjects")
    assert table.select(columns).rows() == [
        ("RECIST 1.1", "iRECIST", "PD", "iPR", 2),
        ("RECIST 1.1", "iRECIST", "SD", "iSD", 1),
        ("iRECIST", "RECIST 1.1", "iPR", "PD", 2),
        ("iRECIST", "RECIST 1.1", "iSD", "SD", 1),
    ]


def test_concordance_compares_within_one_evaluator_and_origin_only() -> None:
    derived = responses("R1/WHO R2/iRECIST\nPD iPR")
    recorded = responses("R1/iRECIST\niPR", origin="RECORDED")
    assert criteria_concordance(pl.concat([derived, recorded])).is_empty()


def test_missing_response_is_a_row_of_its_own_in_the_concordance() -> None:
    table = criteria_concordance(responses("R1/WHO R1/iRECIST\n- iPR"))
    assert table["best_response"].to_list() == ["MISSING", "iPR"]


def test_every_ordered_pair_of_criteria_has_all_common_subjects() -> None:
    table = criteria_concordance(responses("R1/A R1/B R1/C\nCR PR SD\nPD PD .\nSD SD SD"))
    subjects = table.group_by("criterion", "other_criterion").agg(pl.col("subjects").sum())
    found = {(one, other): count for one, other, count in subjects.iter_rows()}
    assert found == {
        pair: 3 if set(pair) == {"A", "B"} else 2 for pair in product("ABC", repeat=2) if pair[0] != pair[1]
    }


def test_kappa_is_agreement_beyond_chance() -> None:
    """Observed 3/4; by chance 1/2 * 1/4 + 1/2 * 3/4 = 1/2; kappa 1/2."""
    [pair] = reader_agreement(
        responses("""
            R1/WHO  R2/WHO
            PR      PR
            PR      PD
            PD      PD
            PD      PD
        """)
    ).to_dicts()
    assert (pair["evaluator"], pair["other_evaluator"]) == ("R1", "R2")
    assert (pair["subjects"], pair["agreed"]) == (4, 3)
    assert pair["kappa"] == pytest.approx(0.5)


def test_full_agreement_on_two_responses_is_kappa_one_and_full_disagreement_is_negative() -> None:
    assert reader_agreement(responses("R1/WHO R2/WHO\nPR PR\nPD PD"))["kappa"].to_list() == [pytest.approx(1)]
    assert reader_agreement(responses("R1/WHO R2/WHO\nPR PD\nPD PR"))["kappa"].to_list() == [pytest.approx(-1)]


def test_kappa_is_null_when_both_used_one_and_the_same_response() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        [pair] = reader_agreement(responses("R1/WHO R2/WHO\nPD PD\nPD PD")).to_dicts()
    assert (pair["subjects"], pair["agreed"], pair["kappa"]) == (2, 2, None)


def test_one_subject_read_differently_has_kappa_zero() -> None:
    [pair] = reader_agreement(responses("R1/WHO R2/WHO\nPR PD")).to_dicts()
    assert (pair["agreed"], pair["kappa"]) == (0, 0.0)


def test_each_pair_of_readers_appears_once_per_criterion() -> None:
    table = reader_agreement(responses("R3/A R1/A R2/A R1/B R2/B\nPR PR PD PR PD\nPD PD PD PD PD"))
    assert table.select("criterion", "evaluator", "other_evaluator").rows() == [
        ("A", "R1", "R2"),
        ("A", "R1", "R3"),
        ("A", "R2", "R3"),
        ("B", "R1", "R2"),
    ]


def test_subjects_that_one_reader_did_not_assess_do_not_count() -> None:
    [pair] = reader_agreement(responses("R1/A R2/A\nPR PR\nPD -\nMISSING MISSING\nPR .")).to_dicts()
    assert pair["subjects"] == 1


def test_readers_are_compared_on_the_same_origin() -> None:
    mixed = pl.concat([responses("R1/A\nPR"), responses("R2/A\nPR", origin="RECORDED")])
    assert reader_agreement(mixed).is_empty()


def test_empty_input_gives_empty_tables() -> None:
    assert_frame_equal(criteria_concordance(BEST_RESPONSE.empty()), CRITERIA_CONCORDANCE.empty())
    assert_frame_equal(reader_agreement(BEST_RESPONSE.empty()), READER_AGREEMENT.empty())
