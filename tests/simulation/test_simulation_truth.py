"""Perfect readers reproduce the truth, and the engine finds the latent courses in it."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from criteria.patterns import patterns
from criteria.registry import criterion
from criteria.side_by_side import all_best_responses, all_event_times, all_timepoint_responses
from ingestion.tables import RECORDED_RESPONSE
from simulation.classes import LatentClass
from simulation.records import core_measurement
from simulation.trial import Trial
from simulation.truth import truth_tables

CRITERIA = ("RECIST 1.1", "iRECIST")
KEY = ("subject_id", "timepoint", "place")


def test_perfect_readers_write_what_the_truth_reader_writes(perfect: Trial) -> None:
    told = ("role", "state", "longest_diameter_mm", "perpendicular_mm", "short_axis_mm", "change_from_previous")
    truth = perfect.truth.select(*KEY, *told).sort(KEY)
    for name in perfect.readers:
        own = perfect.measurement.filter(pl.col("evaluator") == name).select(*KEY, *told).sort(KEY)
        assert own.equals(truth), name


def test_derived_sums_are_the_sums_of_the_true_sizes(perfect: Trial) -> None:
    """R11-BL-06, R11-FU-02: true sizes of the targets, 5 mm where too small, 0 where gone or merged."""
    sums = perfect.sum.filter(pl.col("evaluator") == "INVESTIGATOR")
    targets = perfect.measurement.filter((pl.col("evaluator") == "INVESTIGATOR") & (pl.col("role") == "TARGET"))
    expected: dict[tuple[str, int], float] = {}
    node = perfect.lesions.node
    for row in targets.iter_rows(named=True):
        size = perfect.true[row["subject"], row["visit_index"], row["place"]]
        if 0 < size < 5 and not node[row["subject"], row["place"]]:
            size = 5.0
        key = (row["subject_id"], row["timepoint"])
        expected[key] = expected.get(key, 0.0) + size
    assert sums.height > 1000
    for subject, timepoint, total in sums.select("subject_id", "timepoint", "sum_mm").iter_rows():
        assert total == pytest.approx(expected[subject, timepoint], abs=1e-6)


@pytest.fixture(scope="module")
def found(perfect: Trial) -> pl.DataFrame:
    """The patterns that the engine finds in the perfect reads, by subject and latent class."""
    reads = core_measurement([perfect.measurement.filter(pl.col("evaluator") == "INVESTIGATOR")])
    subjects, declared = perfect.core_subject, [criterion(name) for name in CRITERIA]
    responses = all_timepoint_responses(reads, RECORDED_RESPONSE.empty(), subjects, declared)
    best = all_best_responses(responses, subjects, declared)
    times = all_event_times(responses, best, subjects, declared, ("fda",), 56, 7)
    judged = patterns(reads, responses, best, times, subjects, profile="fda")
    return judged.join(perfect.subject.select("subject_id", "latent_class"), on="subject_id")


def _share(found: pl.DataFrame, pattern: str, definition: str, latent: LatentClass, criterion_name: str) -> float:
    rows = found.filter(
        (pl.col("pattern") == pattern)
        & (pl.col("definition") == definition)
        & (pl.col("latent_class") == latent)
        & (pl.col("criterion") == criterion_name)
        & pl.col("present").is_in(["Y", "N"])
    )
    assert rows.height >= 5
    return float((rows["present"] == "Y").mean())  # type: ignore[arg-type]


def test_pseudoprogressors_are_found(found: pl.DataFrame) -> None:
    pseudo, others = LatentClass.PSEUDOPROGRESSOR, (LatentClass.DURABLE, LatentClass.STABLE, LatentClass.PROGRESSOR)
    assert _share(found, "PSEUDOPROGRESSION", "not_confirmed", pseudo, "iRECIST") > 0.85
    assert max(_share(found, "PSEUDOPROGRESSION", "not_confirmed", latent, "iRECIST") for latent in others) < 0.1


def test_hyperprogressors_are_found(found: pl.DataFrame) -> None:
    share = {
        latent: _share(found, "HYPERPROGRESSION", "champiat2017", latent, "RECIST 1.1")
        for latent in (LatentClass.HYPERPROGRESSOR, LatentClass.PROGRESSOR, LatentClass.STABLE)
    }
    assert share[LatentClass.HYPERPROGRESSOR] > 0.9
    assert share[LatentClass.PROGRESSOR] < 0.1
    assert share[LatentClass.STABLE] < 0.05


def test_responders_respond_and_progressors_progress(perfect: Trial) -> None:
    truth = perfect.derived.filter((pl.col("evaluator") == "TRUTH") & (pl.col("criterion") == "RECIST 1.1"))
    seen = truth.group_by("subject_id").agg(
        responds=pl.col("overall_response").is_in(["CR", "PR"]).any(),
        progresses=(pl.col("overall_response") == "PD").any(),
        visits=pl.len(),
    )
    rows = seen.join(perfect.subject.select("subject_id", "latent_class"), on="subject_id")
    followed = rows.filter(pl.col("visits") >= 3)
    by_class = {
        latent: followed.filter(pl.col("latent_class") == latent) for latent in followed["latent_class"].unique()
    }
    assert by_class[LatentClass.DURABLE]["responds"].mean() == 1.0
    assert by_class[LatentClass.RESPONDER]["responds"].mean() > 0.9  # type: ignore[operator]
    assert by_class[LatentClass.PROGRESSOR]["responds"].mean() == 0.0
    assert rows.filter(pl.col("latent_class") == LatentClass.HYPERPROGRESSOR)["progresses"].mean() > 0.95  # type: ignore[operator]


def test_every_table_of_the_truth_has_its_keys(perfect: Trial) -> None:
    tables = truth_tables(perfect)
    assert not tables["size.parquet"].select("subject_id", "place", "timepoint").is_duplicated().any()
    assert not tables["lesion.csv"].select("subject_id", "place").is_duplicated().any()
    assert tables["subject.csv"]["subject_id"].n_unique() == 400
    assert np.isfinite(tables["lesion.csv"]["size"].to_numpy()).all()
