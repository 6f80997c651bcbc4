"""TU and TR: the readers' lesions in the default encoding of reads in SDTM."""

from __future__ import annotations

import numpy as np
import polars as pl

from criteria.vocabulary import Role, State
from simulation.forms.tables import Value, dataset, evaluator_columns, iso, study_day, with_reference
from simulation.lesions import PLACES
from simulation.trial import Trial

UNSEEN = (State.NOT_EVALUABLE.value, State.NOT_DONE.value)
STATE_WORDS = {
    State.ABSENT.value: "ABSENT",
    State.TOO_SMALL.value: "PRESENT",
    State.PRESENT.value: "PRESENT",
    State.EQUIVOCAL.value: "EQUIVOCAL",
    State.UNEQUIVOCAL.value: "UNEQUIVOCAL",
    State.UNEQUIVOCAL_PROGRESSION.value: "UNEQUIVOCAL PROGRESSION",
    State.MERGED.value: "MERGED",
    State.SPLIT.value: "SPLIT",
}
DIAMETERS = {
    "LDIAM": ("Longest Diameter", "longest_diameter_mm"),
    "LPERP": ("Longest Perpendicular", "perpendicular_mm"),
}
TESTS = {**{code: name for code, (name, _) in DIAMETERS.items()}, "TUMSTATE": "Tumor State"}
TESTS |= {"CHGPREV": "Change From Previous", "SUMDIAM": "Sum of Diameter"}


def tr(trial: Trial) -> pl.DataFrame:
    """TR: diameters, states and changes of each lesion, and the recorded sums."""
    rows = trial.measurement
    results = pl.concat([*(_diameter(rows, code) for code in DIAMETERS), _state(rows), _change(rows), _sums(trial)])
    numbered = trial.visit.select("subject_id", "timepoint", "visit_number", "planned_day")
    results = with_reference(results, trial).join(
        numbered, on=["subject_id", "timepoint"], how="left", maintain_order="left"
    )
    text = pl.when(pl.col("number").is_not_null()).then(pl.col("number").round(1).cast(pl.String)).otherwise("word")
    is_number = pl.col("number").is_not_null()
    columns: dict[str, Value] = {
        "TRGRPID": pl.col("role"),
        "TRLNKGRP": pl.when(pl.col("timepoint") >= 0).then(pl.format("A{}", pl.col("timepoint") + 1)),
        "TRLNKID": pl.col("lesion_id"),
        "TRTESTCD": pl.col("test"),
        "TRTEST": pl.col("test").replace_strict(TESTS),
        "TRORRES": text,
        "TRORRESU": pl.when(is_number).then(pl.lit("mm")),
        "TRSTRESC": text,
        "TRSTRESN": pl.col("number").round(1),
        "TRSTRESU": pl.when(is_number).then(pl.lit("mm")),
        "TRSTAT": pl.when("not_done").then(pl.lit("NOT DONE")),
        "TRREASND": pl.when("not_done").then("not_done_reason"),
        "TRMETHOD": pl.col("method"),
        **evaluator_columns("TR"),
        "VISITNUM": pl.col("visit_number"),
        "VISIT": pl.col("visit"),
        "VISITDY": pl.col("planned_day"),
        "TRDTC": iso("assessment_date"),
        "TRDY": study_day("assessment_date"),
    }
    return dataset(trial, "TR", results, columns, ("evaluator", "visit_number", "role", "lesion_id", "order"))


def tu(trial: Trial) -> pl.DataFrame:
    """TU: each reader's lesions as identified, and which merged or split."""
    rows = trial.measurement.filter(pl.col("timepoint") >= 0).sort("subject", "evaluator", "place", "timepoint")
    lesion = ("subject_id", "evaluator", "lesion_id")
    first = rows.group_by(lesion, maintain_order=True).first().with_columns(test=pl.lit("TUMIDENT"), word="role")
    events = (
        rows.filter(pl.col("other_lesion_id").is_not_null())
        .group_by(lesion, maintain_order=True)
        .first()
        .with_columns(
            test=pl.when(pl.col("state") == State.MERGED).then(pl.lit("TUMERGE")).otherwise(pl.lit("TUSPLIT")),
            word="other_lesion_id",
        )
    )
    numbered = trial.visit.select("subject_id", "timepoint", "visit_number", "planned_day")
    identified = with_reference(pl.concat([first, events]), trial).join(
        numbered, on=["subject_id", "timepoint"], how="left", maintain_order="left"
    )
    sides = trial.lesions.left
    side = pl.Series(sides[identified["subject"].to_numpy(), np.minimum(identified["place"].to_numpy(), PLACES - 1)])
    paired = pl.col("organ").is_in(["LUNG", "ADRENAL GLAND", "PLEURA"])
    names = {"TUMIDENT": "Tumor Identification", "TUMERGE": "Tumor Merged", "TUSPLIT": "Tumor Split"}
    columns: dict[str, Value] = {
        "TULNKID": pl.col("lesion_id"),
        "TUTESTCD": pl.col("test"),
        "TUTEST": pl.col("test").replace_strict(names),
        "TUORRES": pl.col("word"),
        "TUSTRESC": pl.col("word"),
        "TULOC": pl.col("organ"),
        "TULAT": pl.when(paired & pl.col("left")).then(pl.lit("LEFT")).when(paired).then(pl.lit("RIGHT")),
        "TUMETHOD": pl.col("method"),
        **evaluator_columns("TU"),
        "VISITNUM": pl.col("visit_number"),
        "VISIT": pl.col("visit"),
        "VISITDY": pl.col("planned_day"),
        "TUDTC": iso("assessment_date"),
        "TUDY": study_day("assessment_date"),
    }
    return dataset(trial, "TU", identified.with_columns(left=side), columns, ("evaluator", "test", "role", "lesion_id"))


COMMON = (
    *("subject_id", "evaluator", "reader_role", "accepted", "timepoint", "visit", "assessment_date", "lesion_id"),
    *("role", "method", "not_done_reason"),
)


def _rows(rows: pl.DataFrame, test: str, order: int, number: pl.Expr, word: pl.Expr, not_done: pl.Expr) -> pl.DataFrame:
    return rows.select(
        *COMMON,
        test=pl.lit(test),
        order=pl.lit(order),
        number=number.cast(pl.Float64),
        word=word.cast(pl.String),
        not_done=not_done,
    )


def _diameter(rows: pl.DataFrame, test: str) -> pl.DataFrame:
    """Diameters of targets at every record, of other lesions where they have a size or are too small for one."""
    column = DIAMETERS[test][1]
    target, small = pl.col("role") == Role.TARGET, pl.col("state") == State.TOO_SMALL
    unseen = pl.col("state").is_in(UNSEEN)
    wanted = pl.col(column).is_not_null() | small | (target & unseen)
    word = pl.when(small).then(pl.lit("TOO SMALL TO MEASURE"))
    return _rows(rows.filter(wanted), test, list(DIAMETERS).index(test), pl.col(column), word, unseen)


def _state(rows: pl.DataFrame) -> pl.DataFrame:
    """States; a measured target has none, a target without a scan says so by its diameters."""
    target, unseen = pl.col("role") == Role.TARGET, pl.col("state").is_in(UNSEEN)
    wanted = ~(target & (unseen | pl.col("state").is_in([State.MEASURED.value])))
    word = pl.col("state").replace_strict(STATE_WORDS, default="PRESENT", return_dtype=pl.String)
    return _rows(rows.filter(wanted), "TUMSTATE", 2, pl.lit(None), pl.when(~unseen).then(word), unseen)


def _change(rows: pl.DataFrame) -> pl.DataFrame:
    told = rows.filter(pl.col("change_from_previous").is_not_null())
    return _rows(told, "CHGPREV", 3, pl.lit(None), pl.col("change_from_previous"), pl.lit(False))


def _sums(trial: Trial) -> pl.DataFrame:
    """Recorded sums, dated by the last scan of the targets."""
    targets = trial.measurement.filter(pl.col("role") == Role.TARGET)
    key = ("subject_id", "evaluator", "timepoint")
    about = targets.group_by(key, maintain_order=True).agg(
        *(pl.col(name).first() for name in ("reader_role", "accepted", "visit", "method")),
        pl.col("assessment_date").max(),
    )
    rows = trial.sum.select(*key, "sum_mm").join(about, on=key, how="left", maintain_order="left")
    rows = rows.with_columns(
        lesion_id=pl.lit(None, pl.String), role=pl.lit("TARGET"), not_done_reason=pl.lit(None, pl.String)
    )
    return _rows(rows, "SUMDIAM", 4, pl.col("sum_mm"), pl.lit(None), pl.lit(False))
