"""The fingerprint changes with what a release depends on, and with nothing else."""

from __future__ import annotations

import polars as pl

from warehouse.fingerprint import input_fingerprint


def landing(*files: tuple[str, str, bool]) -> pl.DataFrame:
    return pl.DataFrame(list(files), schema=["source_name", "sha256", "current"], orient="row")


TWO = landing(("a.csv", "aa", True), ("b.csv", "bb", True))
PRINT = input_fingerprint(TWO, "protocol", "1.0")


def test_the_order_of_rows_and_superseded_files_do_not_matter() -> None:
    assert input_fingerprint(TWO.reverse(), "protocol", "1.0") == PRINT
    assert input_fingerprint(pl.concat([landing(("a.csv", "00", False)), TWO]), "protocol", "1.0") == PRINT


def test_content_name_removal_protocol_and_code_matter() -> None:
    others = [
        input_fingerprint(landing(("a.csv", "aa", True), ("b.csv", "cc", True)), "protocol", "1.0"),
        input_fingerprint(landing(("a.csv", "aa", True), ("c.csv", "bb", True)), "protocol", "1.0"),
        input_fingerprint(landing(("a.csv", "aa", True), ("b.csv", "bb", False)), "protocol", "1.0"),
        input_fingerprint(TWO, "protocol 2", "1.0"),
        input_fingerprint(TWO, "protocol", "1.1"),
        input_fingerprint(TWO, "protocol1", ".0"),
    ]
    assert len({PRINT, *others}) == 7


def test_no_files_at_all_have_a_fingerprint() -> None:
    assert len(input_fingerprint(TWO.filter(False), "", "")) == 64
