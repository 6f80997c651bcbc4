"""Responses as the readers recorded them (core.recorded_response) from RS rows."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from criteria.vocabulary import Component
from ingestion.forms import codes
from ingestion.forms.clinical import is_clinical_test
from ingestion.forms.dates import Imputation, completed, date_checks, full_date
from ingestion.forms.sifting import ORDER, ROW, SOURCE_NAME, Check, join_rejects, merged_source, sift
from ingestion.reject import Parsed
from ingestion.tables import RECORDED_RESPONSE

STAGE = "core.recorded_response"
COMPONENT_AT_VISIT = ("USUBJID", "evaluator", "criterion", "visit_number", "component")
READ_AT_VISIT = COMPONENT_AT_VISIT[:-1]
NEW_LESION_INDICATOR, NEW_LESION_PROGRESSION = "NEWLIND", "NEWLPROG"


def sift_responses(
    rs: pl.DataFrame, *, study_id: str, default_criterion: str, criterion_names: Mapping[str, str]
) -> Parsed:
    """RS rows of tumour responses with criterion and component; other classifications that RS holds are left out.

    RSCAT names the criterion (``default_criterion`` where it is empty; ``criterion_names`` translates foreign names).
    A tumour response under an unknown criterion, and a misspelt response test under a known one, are rejected.
    """
    test = codes.code("RSTESTCD")
    rs = rs.with_columns(
        test=test,
        component=test.replace_strict(codes.COMPONENTS, default=None, return_dtype=pl.String),
        criterion=pl.when(pl.col("RSCAT").is_null())
        .then(pl.lit(default_criterion))
        .otherwise(codes.criterion("RSCAT", criterion_names)),
    )
    other = (pl.col("criterion").is_null() & pl.col("component").is_null()) | is_clinical_test("RS")
    rs = rs.filter(~other & ~pl.col("test").is_in(codes.RESPONSE_TESTS_NOT_READ).fill_null(False))
    checks = (
        Check(
            "RSCAT",
            pl.col("criterion").is_null(),
            "a tumour response under an unknown criterion",
            "name a known criterion, or map the name in the protocol",
            known=tuple(codes.CRITERIA),
        ),
        Check(
            "RSTESTCD",
            pl.col("component").is_null(),
            "unknown response test",
            f"tests that are read: {', '.join(codes.COMPONENTS)}",
            known=tuple(codes.COMPONENTS),
        ),
    )
    return sift(rs, checks, study_id=study_id, stage=STAGE)


def recorded_responses(
    rows: pl.DataFrame,
    visits: pl.DataFrame,
    known_dates: pl.DataFrame,
    *,
    study_id: str,
    pd_impute: Imputation = "first",
    resp_impute: Imputation = "last",
) -> Parsed:
    """`ingestion.tables.RECORDED_RESPONSE` from RS rows with evaluator, visit_number, criterion and component.

    RSSTRESC counts, else RSORRES; NOT DONE without a result is NE, NOT DONE beside another result is rejected.
    NEWLPROG refines NEWLIND of the same visit. Best responses stand at their visit's time point, else at the last one.
    Partial dates of progressions are completed by ``pd_impute``, of other responses by ``resp_impute`` (DT-06).
    """
    rows = _best_at_a_visit(rows, visits)
    dated, misdated = sift(rows, date_checks("RSDTC"), study_id=study_id, stage=STAGE)
    one_date, of_other_date = _one_reading(dated, study_id)
    valued, without_value = _sift_values(one_date, study_id)
    single, conflicting = _sift_conflicts(valued, study_id)
    progression = codes.is_progression("response")
    at_the_end = pl.when(progression).then(pl.lit(pd_impute == "last")).otherwise(pl.lit(resp_impute == "last"))
    located = _at_time_points(completed(single, "RSDTC", known_dates, at_the_end), visits)
    frame = (
        located.sort("_order", *ORDER)
        .group_by("USUBJID", "evaluator", "criterion", "timepoint", "component", maintain_order=True)
        .agg(
            *(pl.col(name).first() for name in ("reader_role", "visit", "response", "date")),
            pl.col("accepted").any(),
            full_date("READDTC").max().alias("read_date"),
            *merged_source(),
        )
    )
    return Parsed(
        RECORDED_RESPONSE.conform(
            frame.select(
                pl.lit(study_id).alias("study_id"),
                pl.col("USUBJID").alias("subject_id"),
                *("evaluator", "reader_role", "accepted", "criterion", "timepoint", "visit"),
                pl.col("date").alias("assessment_date"),
                *("component", "response", "read_date", "source_sha256", "source_name", "source_record"),
            ).sort(RECORDED_RESPONSE.key)
        ),
        join_rejects([misdated, of_other_date, without_value, conflicting]),
    )


def _one_reading(rows: pl.DataFrame, study_id: str) -> Parsed:
    """Two readings under one visit number: where a component has two dates, the first row's reading stays whole."""
    rows = rows.sort(ORDER).with_columns(
        _day=pl.when(pl.col("RSDTC").str.len_chars() >= 10).then(pl.col("RSDTC").str.head(10))
    )
    unit = (*COMPONENT_AT_VISIT, "test")
    rows = rows.with_columns(_first=pl.col("_day").drop_nulls().first().over(unit)).with_columns(
        _doubled=(pl.col("_day") != pl.col("_first")).fill_null(False)
    )
    later = (
        rows.filter("_doubled")
        .select(*READ_AT_VISIT, "_day", pl.col("_first").alias("_kept"))
        .unique([*READ_AT_VISIT, "_day"], keep="first", maintain_order=True)
    )
    rows = rows.join(later, on=[*READ_AT_VISIT, "_day"], how="left", maintain_order="left")
    other = Check(
        "RSDTC",
        pl.col("_kept").is_not_null(),
        pl.format("another reading of this visit is of {}, which is kept", pl.col("_kept")),
        "give the second assessment a visit number of its own, or correct the date",
    )
    return sift(rows, [other], study_id=study_id, stage=STAGE)


def _sift_values(rows: pl.DataFrame, study_id: str) -> Parsed:
    not_done = codes.not_done("RS")
    word = pl.coalesce(codes.code("RSSTRESC"), codes.code("RSORRES"))
    rows = rows.with_columns(_word=pl.when(not_done).then(word.fill_null("NE")).otherwise(word), _not_done=not_done)
    rows = rows.with_columns(
        response=pl.when(pl.col("test") == NEW_LESION_INDICATOR)
        .then(codes.translated("_word", codes.NEW_LESION_INDICATOR))
        .when(pl.col("test") == NEW_LESION_PROGRESSION)
        .then(codes.translated("_word", codes.NEW_LESION_PROGRESSION))
        .otherwise(codes.translated("_word", {response: response for response in codes.RESPONSES}))
    )
    standard = pl.col("RSSTRESC").is_not_null()
    new_lesion = pl.col("component") == Component.NEW_LESION
    unknown = pl.col("response").is_null()
    checks = (
        Check(
            "RSSTAT",
            codes.code("RSSTAT") != codes.NOT_DONE,
            "unknown status",
            "write NOT DONE, or leave RSSTAT empty",
            known=(codes.NOT_DONE,),
        ),
        Check("RSSTRESC", pl.col("_word").is_null(), "no response", "give the response, or RSSTAT = NOT DONE"),
        Check(
            "RSSTAT",
            pl.col("_not_done") & ~pl.col("_word").is_in([*codes.NOT_EVALUABLE, codes.NOT_DONE]),
            pl.format("NOT DONE, yet there is a response: {}", pl.col("_word")),
            "remove the status or the response",
        ),
        *(
            Check(field, here & unknown & kind, "unknown response", remedy, known)
            for field, here in (("RSSTRESC", standard), ("RSORRES", ~standard))
            for kind, remedy, known in (
                (new_lesion & (pl.col("test") == NEW_LESION_INDICATOR), "write Y or N", ("Y", "N")),
                (
                    new_lesion,
                    "write UNEQUIVOCAL or EQUIVOCAL",
                    tuple(codes.NEW_LESION_PROGRESSION),
                ),
                (~new_lesion, "write a response of the criterion, e.g. CR, PR, SD, PD, NE", codes.RESPONSES),
            )
        ),
    )
    return sift(rows, checks, study_id=study_id, stage=STAGE)


def _sift_conflicts(rows: pl.DataFrame, study_id: str) -> Parsed:
    """A component twice at one visit: the first row stays. NEWLPROG beside a NEWLIND that agrees with it refines it."""
    rows = rows.with_columns(_order=(pl.col("test") != NEW_LESION_PROGRESSION).cast(pl.Int8)).sort("_order", *ORDER)
    first = pl.col("response").first().over(COMPONENT_AT_VISIT)
    later = ~pl.struct(COMPONENT_AT_VISIT).is_first_distinct()
    where = pl.format(
        "row {} of {}",
        pl.col(ROW).first().over(COMPONENT_AT_VISIT),
        pl.col(SOURCE_NAME).first().over(COMPONENT_AT_VISIT),
    )
    refined = (pl.col("test") == NEW_LESION_INDICATOR) & (
        (pl.col("test").first().over(COMPONENT_AT_VISIT) == NEW_LESION_PROGRESSION)
        & ((first == pl.col("response")) | (first == "EQUIVOCAL"))
        & pl.struct(*COMPONENT_AT_VISIT, "test").is_first_distinct()
    )
    rows = rows.with_columns(_first=first, _later=later & ~refined, _where=where)
    checks = (
        Check(
            "",
            pl.col("_later") & (pl.col("response") == pl.col("_first")),
            pl.format("repeats {}", pl.col("_where")),
            "send each record once",
        ),
        Check(
            "RSSTRESC",
            pl.col("_later"),
            pl.format("contradicts {}, which says {} and is kept", pl.col("_where"), pl.col("_first")),
            "send one response per component and visit; correct the wrong one",
        ),
    )
    return sift(rows, checks, study_id=study_id, stage=STAGE)


def _best_at_a_visit(rows: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    """Best responses outside the assessment visits belong to the subject's last one."""
    numbered = visits.select("visit_number", USUBJID="subject_id", at_visit=pl.lit(True))
    last = visits.sort("timepoint").group_by(USUBJID="subject_id").agg(last_visit=pl.col("visit_number").last())
    best = pl.col("component") == Component.BEST
    return (
        rows.join(numbered, on=["USUBJID", "visit_number"], how="left", maintain_order="left")
        .join(last, on="USUBJID", how="left", maintain_order="left")
        .with_columns(
            visit_number=pl.when(best & pl.col("at_visit").is_null()).then("last_visit").otherwise("visit_number")
        )
        .drop("at_visit", "last_visit")
    )


def _at_time_points(rows: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    """Rows with the time point and name of their visit; a best response of a subject without visits stands at 0."""
    numbered = visits.select("timepoint", "visit", "visit_number", USUBJID="subject_id")
    best = pl.col("component") == Component.BEST
    return rows.join(numbered, on=["USUBJID", "visit_number"], how="left", maintain_order="left").with_columns(
        timepoint=pl.when(best).then(pl.col("timepoint").fill_null(0)).otherwise("timepoint"),
        visit=pl.coalesce("visit", "VISIT"),
    )
