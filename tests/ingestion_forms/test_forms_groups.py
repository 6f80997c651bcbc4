"""Subgroups and strata of the protocol from the columns of DM."""

from __future__ import annotations

import polars as pl
import pytest
from pydantic import ValidationError

from ingestion.forms.groups import subject_groups
from ingestion.forms.sifting import PROVENANCE
from protocol.model import Cohorts, Grouping

SEX = Grouping(name="SEX", column="SEX")
AGE = Grouping(name="AGE GROUP", column="age", cuts=(65, 75))


def demographics(*rows: tuple[str, str | None, str | None]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["USUBJID", "SEX", "AGE"], orient="row")
    return frame.with_columns(
        pl.int_range(2, 2 + pl.len()).cast(PROVENANCE["_row"]).alias("_row"),
        pl.lit("dm.csv").alias("_source_name"),
        pl.lit("ab").alias("_source_sha256"),
        pl.lit(None, dtype=pl.String).alias("_sheet"),
    )


def groups_of(rows: pl.DataFrame, *groupings: Grouping) -> list[tuple[str, str, str | None]]:
    frame = subject_groups(rows, groupings, study_id="ST-1").frame
    return frame.select("subject_id", "grouping", "value").rows()


def test_a_column_is_a_grouping() -> None:
    assert groups_of(demographics(("01", "F", "60"), ("02", "M", "70")), SEX) == [
        ("01", "SEX", "F"),
        ("02", "SEX", "M"),
    ]


@pytest.mark.parametrize(
    ("age", "group"), [("64.9", "< 65"), ("65", "65 - < 75"), ("74", "65 - < 75"), ("75", ">= 75"), (None, None)]
)
def test_cuts_are_closed_on_the_left(age: str | None, group: str | None) -> None:
    assert groups_of(demographics(("01", "F", age)), AGE) == [("01", "AGE GROUP", group)]


def test_what_is_no_number_is_a_reject_and_has_no_group() -> None:
    parsed = subject_groups(demographics(("01", "F", "sixty"), ("02", "F", "70")), [AGE], study_id="ST-1")
    assert parsed.frame["value"].to_list() == [None, "65 - < 75"]
    [reject] = parsed.rejects.iter_rows(named=True)
    assert (reject["source_name"], reject["source_record"], reject["field"], reject["value"]) == (
        "dm.csv",
        "2",
        "AGE",
        "sixty",
    )


def test_a_column_that_was_not_received_has_no_groups() -> None:
    assert groups_of(demographics(("01", "F", "60")), Grouping(name="REGION", column="REGION")) == []


def test_cuts_that_do_not_ascend_are_an_error() -> None:
    with pytest.raises(ValidationError, match="must ascend"):
        Grouping(name="AGE GROUP", column="AGE", cuts=(75, 65))


def test_one_name_has_one_meaning() -> None:
    with pytest.raises(ValidationError, match="defined twice"):
        Cohorts(subgroups=(AGE,), strata=(Grouping(name="AGE GROUP", column="AGE", cuts=(70,)),))
    assert Cohorts(subgroups=(SEX, AGE), strata=(SEX,)).groupings == (SEX, AGE)
