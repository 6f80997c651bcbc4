"""Lesion records per reader and time point (core.measurement) from TR and TU rows."""

from __future__ import annotations

import polars as pl

from criteria.vocabulary import Role, State
from ingestion.forms import codes
from ingestion.forms.dates import completed, full_date
from ingestion.forms.lesion_treatments import with_local_therapy
from ingestion.forms.results import (
    LESION_VISIT,
    NOT_EVALUABLE,
    NOT_PERFORMED,
    NUMBER,
    STAGE,
    TOO_SMALL,
    lesion_results,
    sift_lesions,
)
from ingestion.forms.sifting import (
    ORDER,
    ROW,
    SOURCE_NAME,
    SOURCE_SHA256,
    Check,
    join_rejects,
    merged_source,
    rejects_of,
)
from ingestion.forms.tumours import MERGE, SPLIT, identified_lesions, merged_and_split
from ingestion.reject import Parsed
from ingestion.tables import MEASUREMENT

REJECTED = "RECORD REJECTED"
VALUES = ("mm", "kind")


def measurements(
    rows: pl.DataFrame,
    visits: pl.DataFrame,
    subject_visits: pl.DataFrame,
    *,
    tumours: pl.DataFrame,
    injections: pl.DataFrame,
    local_therapies: pl.DataFrame,
    known_dates: pl.DataFrame,
    study_id: str,
) -> Parsed:
    """`ingestion.tables.MEASUREMENT` and the TR rows that could not be used.

    ``rows`` are lesion rows of TR with evaluator, visit_number and test; ``tumours`` are sifted TU rows,
    ``injections`` and ``local_therapies`` from PR. Every lesion with a row at a visit has a record there: one whose
    rows are rejected is NOT_EVALUABLE. Visits that did not occur give NOT_DONE records for the lesions known before
    (GEN-09).
    """
    placed, unplaced = sift_lesions(rows, identified_lesions(tumours), study_id=study_id)
    results, unusable = lesion_results(placed, study_id=study_id)
    results = completed(results, "TRDTC", known_dates)
    records = _records(placed, results).join(
        merged_and_split(tumours), on=["USUBJID", "evaluator", "lesion_id"], how="left", maintain_order="left"
    )
    numbered = visits.select("timepoint", "visit", "visit_number", USUBJID="subject_id")
    records = (
        _with_state(records)
        .join(numbered, on=["USUBJID", "visit_number"], how="inner", maintain_order="left")
        .join(injections, on=["USUBJID", "lesion_id"], how="left", maintain_order="left")
    )
    seen = _declared(records, study_id)
    frame = pl.concat([seen, missed_lesions(seen, visits, subject_visits)])
    frame = with_local_therapy(frame, local_therapies).sort(MEASUREMENT.key)
    unread = [unplaced, unusable, _without_results(tumours, rows, study_id), _unread_slices(placed, study_id)]
    return Parsed(MEASUREMENT.conform(frame), join_rejects(unread))


def _without_results(tumours: pl.DataFrame, rows: pl.DataFrame, study_id: str) -> pl.DataFrame:
    """Lesions that TU identifies and TR never speaks of: nothing can be made of them, so they are rejected."""
    lonely = tumours.filter(~pl.col("merges") & ~pl.col("indicates")).join(
        rows.select("USUBJID", "evaluator", lesion_id="TRLNKID"), on=["USUBJID", "evaluator", "lesion_id"], how="anti"
    )
    check = Check("TULNKID", pl.lit(True), "the lesion has no result in TR", "send the lesion's TR records")
    return rejects_of(lonely, check, study_id=study_id, stage=STAGE)


def _unread_slices(placed: pl.DataFrame, study_id: str) -> pl.DataFrame:
    """Slice thicknesses that are no length; the records keep what else they say."""
    wrong = pl.col("SLICETHK").is_not_null() & ~(codes.number("SLICETHK") > 0).fill_null(False)
    check = Check("SLICETHK", wrong, "no thickness of slices", "write millimetres")
    return rejects_of(placed.filter(wrong), check, study_id=study_id, stage=STAGE)


def _records(placed: pl.DataFrame, results: pl.DataFrame) -> pl.DataFrame:
    """One row per lesion and visit: what was received (also rejected rows), and what of it is usable."""
    received = (
        placed.sort(ORDER)
        .group_by(LESION_VISIT, maintain_order=True)
        .agg(
            *(pl.col(name).first() for name in ("role", "is_node", "organ", "reader_role", "injection_planned")),
            *(pl.col(name).first() for name in ("measurable", "prior_local_therapy")),
            pl.col("accepted").any(),
            _method().alias("method"),
            (codes.code("INDISTFL") == "Y").drop_nulls().any().alias("indistinct_before"),
            pl.coalesce(codes.number("SLICETHK"), "tu_slices").drop_nulls().first().alias("slice_thickness_mm"),
            full_date("READDTC").max().alias("read_date"),
            pl.col("TRDTC").drop_nulls().first().alias("received_dtc"),
            pl.coalesce("TRREASND", "TRREASNE").drop_nulls().first().alias("reason"),
            pl.col("test").is_in(codes.STATE_TESTS).any().alias("received_state"),
            *((pl.col("test") == test).any().alias(f"received_{test}") for test in codes.DIAMETERS),
            *merged_source(),
        )
    )
    is_state = pl.col("test").is_in(codes.STATE_TESTS)
    said_state = (
        pl.when(pl.col("kind") == NOT_PERFORMED)
        .then(pl.lit(State.NOT_DONE.value))
        .when(pl.col("kind") == NOT_EVALUABLE)
        .then(pl.lit(State.NOT_EVALUABLE.value))
        .otherwise("state")
    )
    used = (
        results.sort(ORDER)
        .group_by(LESION_VISIT, maintain_order=True)
        .agg(
            *merged_source(),
            *(
                pl.col(value).filter(pl.col("test") == test).first().alias(f"{value}_{test}")
                for test in codes.DIAMETERS
                for value in VALUES
            ),
            said_state.filter(is_state).first().alias("stated"),
            pl.coalesce(
                pl.col("change").filter(pl.col("test") == codes.CHANGE_TEST).first(),
                pl.col("change").filter(is_state).first(),
            ).alias("change_from_previous"),
            pl.col("date").min().alias("assessment_date"),
            pl.col("TRDTC").drop_nulls().first().alias("assessment_dtc"),
        )
    )
    records = received.join(used, on=LESION_VISIT, how="left", maintain_order="left", suffix="_used")
    names = ("source_sha256", "source_name", "source_record")
    return records.with_columns(pl.coalesce(f"{name}_used", name).alias(name) for name in names)


def _method() -> pl.Expr:
    """The method that showed the lesion; of several the first that is no PET, since that confirms it (R11-NL-04)."""
    method = pl.coalesce("TRMETHOD", "tu_method").drop_nulls()
    anatomical = method.filter(~method.str.contains(r"(?i)\bPET\b"))
    return pl.coalesce(anatomical.first(), method.first())


def _with_state(records: pl.DataFrame) -> pl.DataFrame:
    """Adds sizes (longest, perpendicular, short axis) and the state, by the role the reader gave the lesion."""
    only_diameter = pl.col("received_DIAMETER") & ~pl.col("received_LDIAM") & ~pl.col("received_LPERP")
    node = pl.col("is_node")
    absent_by_longest = node & ~pl.col("received_LPERP") & (pl.col("mm_LDIAM") == 0)
    records = records.with_columns(
        longest_diameter_mm=pl.when(only_diameter & ~node).then("mm_DIAMETER").otherwise("mm_LDIAM"),
        perpendicular_mm=pl.col("mm_LPERP"),
        short_axis_mm=pl.when(node & only_diameter)
        .then("mm_DIAMETER")
        .when(absent_by_longest)
        .then(0.0)
        .when(node)
        .then("mm_LPERP"),
        _kind=pl.when(only_diameter)
        .then("kind_DIAMETER")
        .when(node & ~absent_by_longest)
        .then("kind_LPERP")
        .otherwise("kind_LDIAM"),
    )
    size = pl.when(node).then("short_axis_mm").otherwise("longest_diameter_mm")
    sized = pl.when(pl.col("_kind") == NUMBER).then(
        pl.when(size == 0).then(pl.lit(State.ABSENT.value)).otherwise(pl.lit(State.MEASURED.value))
    )
    by_kind = {TOO_SMALL: State.TOO_SMALL, NOT_PERFORMED: State.NOT_DONE, NOT_EVALUABLE: State.NOT_EVALUABLE}
    records = records.with_columns(
        sized=pl.coalesce(
            sized, pl.col("_kind").replace_strict({k: v.value for k, v in by_kind.items()}, default=None)
        ),
        received_size=pl.any_horizontal(f"received_{test}" for test in codes.DIAMETERS),
        any_size=pl.any_horizontal(pl.col(f"mm_{test}") > 0 for test in codes.DIAMETERS).fill_null(False),
    )
    state = (
        pl.when(pl.col("role") == Role.TARGET)
        .then(_target_state())
        .when(pl.col("role") == Role.NON_TARGET)
        .then(_nontarget_state())
        .otherwise(_new_state())
    )
    return _with_merges(records.with_columns(state=state))


def _is(column: str, *states: State) -> pl.Expr:
    return pl.col(column).is_in([state.value for state in states]).fill_null(False)


def _state(state: State) -> pl.Expr:
    return pl.lit(state.value)


def _target_state() -> pl.Expr:
    """The size decides; without one only absent, too small, not evaluable and not done stand by themselves."""
    return (
        pl.when(_is("stated", State.MERGED))
        .then("stated")
        .when(_is("stated", State.SPLIT) & _is("sized", State.MEASURED))
        .then("stated")
        .when(pl.col("sized").is_not_null())
        .then("sized")
        .when(pl.col("received_size"))
        .then(_state(State.NOT_EVALUABLE))
        .when(_is("stated", State.ABSENT, State.TOO_SMALL, State.NOT_DONE))
        .then("stated")
        .otherwise(_state(State.NOT_EVALUABLE))
    )


def _nontarget_state() -> pl.Expr:
    """The reader's word decides (R11-NT-03); UNEQUIVOCAL of a non-target is its unequivocal progression."""
    return (
        pl.when(_is("stated", State.UNEQUIVOCAL))
        .then(_state(State.UNEQUIVOCAL_PROGRESSION))
        .when(_is("stated", State.EQUIVOCAL))
        .then(_state(State.PRESENT))
        .when(pl.col("stated").is_not_null())
        .then("stated")
        .when(pl.col("received_state"))
        .then(_state(State.NOT_EVALUABLE))
        .when(_is("sized", State.MEASURED, State.TOO_SMALL) | (pl.col("sized").is_null() & pl.col("any_size")))
        .then(_state(State.PRESENT))
        .when(pl.col("sized").is_not_null())
        .then("sized")
        .when(~pl.col("received_size") & pl.col("change_from_previous").is_not_null())
        .then(_state(State.PRESENT))
        .otherwise(_state(State.NOT_EVALUABLE))
    )


def _new_state() -> pl.Expr:
    """The reader's word on a new lesion stays also when it has a size; PRESENT with a size is measured."""
    return (
        pl.when(pl.col("stated").is_not_null() & ~_is("stated", State.PRESENT))
        .then("stated")
        .when(_is("sized", State.MEASURED, State.TOO_SMALL))
        .then("sized")
        .when(pl.col("any_size"))
        .then(_state(State.MEASURED))
        .when(_is("stated", State.PRESENT))
        .then("stated")
        .when(pl.col("received_state"))
        .then(_state(State.NOT_EVALUABLE))
        .otherwise(pl.coalesce("sized", _state(State.NOT_EVALUABLE)))
    )


def _with_merges(records: pl.DataFrame) -> pl.DataFrame:
    """A lesion merged into another one (TU) has no size of its own and is not absent; a fragment is SPLIT."""
    since = pl.col("since") <= pl.col("visit_number")
    merged = since & (pl.col("event") == MERGE) & ~pl.col("any_size") & ~_is("state", State.NOT_DONE)
    split = since & (pl.col("event") == SPLIT) & _is("state", State.MEASURED)
    state = (
        pl.when(merged.fill_null(False))
        .then(_state(State.MERGED))
        .when(split.fill_null(False))
        .then(_state(State.SPLIT))
        .otherwise("state")
    )
    records = records.with_columns(state=state)
    return records.with_columns(other_lesion_id=pl.when(_is("state", State.MERGED, State.SPLIT)).then("other"))


def _declared(records: pl.DataFrame, study_id: str) -> pl.DataFrame:
    """The columns of core.measurement."""
    without_value = _is("state", State.NOT_EVALUABLE, State.NOT_DONE)
    by_date = pl.col("assessment_date") > pl.col("first_injection")
    planned = pl.col("injection_planned") & (pl.col("timepoint") > 0) & pl.col("first_injection").is_null()
    return MEASUREMENT.conform(
        records.select(
            pl.lit(study_id).alias("study_id"),
            pl.col("USUBJID").alias("subject_id"),
            *("evaluator", "reader_role", "accepted", "timepoint", "visit", "assessment_date"),
            pl.coalesce("assessment_dtc", "received_dtc").alias("assessment_dtc"),
            *("lesion_id", "role", "organ", "is_node"),
            (by_date.fill_null(False) | planned).alias("injected"),
            *("measurable", "prior_local_therapy", "state"),
            *("longest_diameter_mm", "short_axis_mm", "perpendicular_mm"),
            pl.when("indistinct_before").then(pl.lit(True)).alias("indistinct_before"),
            *("change_from_previous", "other_lesion_id", "method"),
            pl.when(pl.col("slice_thickness_mm") > 0).then("slice_thickness_mm").alias("slice_thickness_mm"),
            pl.when(without_value).then(pl.coalesce("reason", pl.lit(REJECTED))).alias("not_done_reason"),
            "read_date",
            *("source_sha256", "source_name", "source_record"),
        )
    )


def missed_lesions(seen: pl.DataFrame, visits: pl.DataFrame, subject_visits: pl.DataFrame) -> pl.DataFrame:
    """NOT_DONE records at visits that did not occur, for every lesion each evaluator knew by then."""
    recorded = subject_visits.filter((codes.code("SVOCCUR") == "N").fill_null(False)).sort(ORDER)
    recorded = recorded.unique(["USUBJID", "visit_number"], keep="first", maintain_order=True)
    reason = pl.coalesce("SVREASOC", "SVREASND", pl.lit(codes.SCAN_NOT_PERFORMED))
    missed = visits.join(
        recorded.select(
            "visit_number",
            "SVSTDTC",
            subject_id="USUBJID",
            not_done_reason=reason,
            source_sha256=SOURCE_SHA256,
            source_name=SOURCE_NAME,
            source_record=pl.col(ROW).cast(pl.String),
        ),
        on=["subject_id", "visit_number"],
        suffix="_sv",
    ).select(
        *("subject_id", "timepoint", "visit", "not_done_reason"),
        pl.col("start_date").alias("assessment_date"),
        pl.col("SVSTDTC").alias("assessment_dtc"),
        pl.col("source_sha256_sv").alias("source_sha256"),
        pl.col("source_name_sv").alias("source_name"),
        pl.col("source_record_sv").alias("source_record"),
    )
    known = (
        seen.filter(pl.col("timepoint") >= 0)
        .sort("timepoint")
        .group_by("study_id", "subject_id", "evaluator", "lesion_id", maintain_order=True)
        .agg(
            pl.col("timepoint").first().alias("known_from"),
            *(pl.col(name).first() for name in ("reader_role", "role", "organ", "is_node")),
            *(pl.col(name).first() for name in ("measurable", "prior_local_therapy")),
            pl.col("accepted").any(),
        )
    )
    read = seen.select("subject_id", "evaluator", "timepoint").unique()
    unread = (
        known.join(missed, on="subject_id")
        .filter(pl.col("known_from") < pl.col("timepoint"))
        .join(read, on=["subject_id", "evaluator", "timepoint"], how="anti")
    )
    before = seen.select("subject_id", "evaluator", "lesion_id", "timepoint", "injected").sort("timepoint")
    unread = unread.sort("timepoint").join_asof(
        before, on="timepoint", by=["subject_id", "evaluator", "lesion_id"], strategy="backward", check_sortedness=False
    )
    return MEASUREMENT.conform(unread.drop("known_from").with_columns(state=_state(State.NOT_DONE)))
