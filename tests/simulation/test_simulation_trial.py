"""The simulated trial: the same for the same seed, subject by subject, with the stated shares and growth."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from simulation.classes import LatentClass
from simulation.draws import Draws, chosen
from simulation.growth import true_sizes
from simulation.lesions import BASELINE, FRAGMENT, MIMIC
from simulation.population import CLASSES, population
from simulation.settings import Settings, SettingsError
from simulation.study import simulate_study
from simulation.trial import Trial, simulate

SEEN_MM = 5


def test_a_row_of_draws_belongs_to_a_subject_and_a_purpose() -> None:
    few, many = Draws(1, 3), Draws(1, 50)
    assert np.array_equal(few.uniform("a", 4), many.uniform("a", 4)[:3])
    assert np.array_equal(few.normal("a", 4), many.normal("a", 4)[:3])
    assert not np.array_equal(few.uniform("a", 4), few.uniform("b", 4))
    assert not np.array_equal(few.uniform("a", 4), Draws(2, 3).uniform("a", 4))


def test_choices_follow_their_weights() -> None:
    picked = chosen(np.array([0.0, 0.24, 0.26, 0.99]), np.array([1.0, 3.0]))
    assert picked.tolist() == [0, 0, 1, 1]


def test_a_subject_does_not_depend_on_how_many_there_are() -> None:
    few, many = simulate(Settings(subjects=12, seed=9)), simulate(Settings(subjects=40, seed=9))
    ids = few.subject["subject_id"].to_list()
    assert few.subject.equals(many.subject.head(12))
    for name in ("measurement", "response", "visit", "accepted"):
        own = getattr(many, name).filter(pl.col("subject_id").is_in(ids))
        keys = [key for key in ("subject_id", "evaluator", "timepoint", "lesion_id") if key in own.columns]
        keys += [key for key in ("criterion", "component") if key in own.columns]
        assert getattr(few, name).sort(keys).equals(own.sort(keys)), name


@pytest.mark.parametrize("file_format", ["csv", "xpt"])
def test_the_same_settings_write_the_same_bytes(tmp_path: Path, file_format: str) -> None:
    first, second = tmp_path / "a" / "SIM", tmp_path / "b" / "SIM"
    for folder in (first, second):
        simulate_study(Settings(subjects=8, seed=4), folder, forms="both", file_format=file_format)  # type: ignore[arg-type]
    files = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert len(files) > 30
    for file in files:
        assert (first / file).read_bytes() == (second / file).read_bytes(), file


def test_latent_classes_have_the_stated_shares() -> None:
    settings = Settings(subjects=20_000, seed=2)
    people = population(settings, Draws(2, 20_000))
    for number, arm in enumerate(settings.arms):
        of_arm = people.latent[people.arm == number]
        for latent, share in arm.classes.items():
            found = np.mean(of_arm == CLASSES.index(latent))
            assert abs(found - share) < 4 * math.sqrt(share * (1 - share) / len(of_arm)), latent


def test_true_sizes_follow_the_growth_model(trial: Trial) -> None:
    """The vectorised model against the formula of `simulation.classes`, lesion by lesion."""
    growing = trial.lesions
    checked = 0
    for subject, visit, place in np.argwhere(trial.visits.exists[:, :, None] & growing.present[:, None, :]):
        day = trial.visits.day[subject, visit]
        size = growing.size[subject, place]
        if place >= BASELINE or growing.partner[subject].max() >= 0 or size > 80:
            continue
        t, u = max(day, 0.0), max(day, 0.0) / growing.peak[subject, place]
        factor = math.exp(-growing.shrink[subject, place] * t) + math.exp(growing.grow[subject, place] * t) - 1
        factor += growing.swell[subject, place] * (u * math.exp(1 - u)) ** 3
        factor *= math.exp(growing.before[subject, place] * min(day, 0.0))
        normal = 6.0 if growing.node[subject, place] else 0.0
        expected = normal + (size - normal) * factor
        if expected < 3.2 or expected > 118:
            continue
        assert trial.true[subject, visit, place] == pytest.approx(expected, abs=0.06)
        checked += 1
    assert checked > 3000


def test_a_lesion_that_is_gone_stays_gone(trial: Trial) -> None:
    size, exists = trial.true, trial.visits.exists[:, :, None]
    gone = np.logical_or.accumulate((size == 0) & exists & (trial.visits.day[:, :, None] > 0), axis=1)
    baseline = np.arange(size.shape[2]) < BASELINE
    back = gone[:, :-1] & (size[:, 1:] > 0) & exists[:, 1:] & baseline
    assert not back.any()


def test_new_lesions_of_pseudoprogressors_vanish(perfect: Trial) -> None:
    growing = perfect.lesions
    transient = growing.transient & growing.present
    transient[:, MIMIC] = False
    late = np.full((400, 1), 400.0)
    assert transient.any()
    assert (true_sizes(growing, np.column_stack([late - 300, late]))[:, 1][transient] == 0).all()


def test_merges_and_splits_happen_now_and_then() -> None:
    trial = simulate(Settings(subjects=600, seed=1))
    states = trial.measurement.group_by("state").agg(pl.col("subject_id").n_unique())
    found = dict(states.iter_rows())
    assert found["MERGED"] >= 3
    assert found["SPLIT"] >= 3
    assert trial.lesions.present[:, FRAGMENT].mean() < 0.1


def test_readers_disagree_and_are_adjudicated(trial: Trial) -> None:
    share = trial.accepted["adjudicated"].mean()
    assert isinstance(share, float)
    assert 0.05 < share < 0.5
    first = trial.measurement.filter(pl.col("timepoint") == 0, pl.col("role") == "TARGET")
    chosen_by = (
        first.group_by("subject_id", "evaluator")
        .agg(pl.col("place").sort())
        .pivot("evaluator", index="subject_id", values="place")
    )
    assert (chosen_by["RADIOLOGIST 1"] != chosen_by["RADIOLOGIST 2"]).mean() > 0.05  # type: ignore[operator]


def test_nothing_happens_after_death_or_the_cutoff(trial: Trial) -> None:
    last = trial.measurement.group_by("subject_id").agg(pl.col("assessment_date").max())
    joined = trial.subject.join(last, on="subject_id")
    assert joined.filter(pl.col("assessment_date") > pl.col("death_date")).is_empty()
    assert joined.filter(pl.col("assessment_date") > trial.settings.data_cutoff).is_empty()
    assert joined.filter(pl.col("new_therapy_date") > pl.col("death_date")).is_empty()
    assert trial.subject["death_date"].null_count() < trial.settings.subjects


def test_survival_follows_the_latent_class() -> None:
    people = simulate(Settings(subjects=700, seed=6, lost=0.0)).subject
    deaths = people.group_by("latent_class").agg(pl.col("death_date").is_not_null().mean())
    share = dict(deaths.iter_rows())
    assert share[LatentClass.HYPERPROGRESSOR] > share[LatentClass.PROGRESSOR] > share[LatentClass.STABLE]
    assert share[LatentClass.STABLE] > share[LatentClass.DURABLE]


@pytest.mark.parametrize(
    ("values", "named"),
    [({"subjects": 0}, "subjects"), ({"subjects": 5, "scans": 6}, "scans"), ({"subjects": 5, "missed": 1.5}, "missed")],
)
def test_impossible_settings_are_named(values: dict[str, float], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        Settings(**values)  # type: ignore[arg-type]
