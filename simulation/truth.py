"""What was simulated: the truth behind the forms and scans, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import polars as pl

from criteria.vocabulary import State
from simulation.growth import true_sizes
from simulation.lesions import FRAGMENT, MIMIC, ORGANS
from simulation.pet import peak_suv, pet_of
from simulation.records import PLACE
from simulation.responses import recorded_sums
from simulation.trial import TRUTH, Trial

INTRODUCTION = """\
# The truth behind a simulated trial

Everything here is synthetic. Keys: `subject_id` as in the forms; `place` numbers the lesions of a subject, the same for
all readers. Sizes are mm (of nodes the short axis), days count from the randomisation (0), rates are per day. A size is
`size` times `exp(-shrink t) + exp(grow t) - 1 + swell ((t / peak) exp(1 - t / peak))^3`.

"""
MEANINGS = {
    "subject.csv": "latent class, arm, site, demography and the true dates; true_progression_date is the first "
    "assessment at which the true burden had progressed",
    "lesion.csv": "every lesion and the parameters of its growth",
    "size.parquet": "true size of every lesion at every assessment, to 0.1 mm; 0 = gone or merged; and the lesion's "
    "identifier of each reader",
    "uptake.parquet": "true SUVbw, SUVpeak (g/ml), diameter (mm) and volume (ml) of every lesion at every PET scan; "
    "0 = no uptake",
    "measurement.parquet": "what a reader without any error writes down (evaluator TRUTH), as core.measurement",
    "response.parquet": "the responses that follow from that, and from the readers' measurements "
    "(analysis.timepoint_response)",
    "sum.csv": "the sums of diameters of the reader without error",
    "accepted.csv": "the accepted central reader of each subject, and whether the two had to be adjudicated",
    "faults.csv": "the planted faults: which rule should find each (expects FINDING), or by which words a row "
    "is refused (expects REJECT); the record is the row's number in its file, empty where the row was taken out",
    "settings.json": "the settings of the simulation",
}


def readme(files: Iterable[str]) -> str:
    """What the files of truth/ hold."""
    return INTRODUCTION + "".join(f"- `{name}`: {MEANINGS[name]}\n" for name in files)


def lesion_truth(trial: Trial) -> pl.DataFrame:
    """One row a lesion: where it is and the parameters of its growth."""
    growing = trial.lesions
    subject, place = np.nonzero(growing.present)
    at = (subject, place)
    kind = np.where(place == MIMIC, "BENIGN", np.where(place == FRAGMENT, "FRAGMENT", "TUMOUR"))
    frame = pl.DataFrame(
        {
            "subject": subject,
            "place": place,
            "kind": pl.Series(kind, dtype=pl.String),
            "organ": pl.Series(np.array(ORGANS)[growing.organ[at]], dtype=pl.String),
            "is_node": growing.node[at],
            "is_new": growing.is_new[at],
            "is_transient": growing.transient[at],
            "appears_day": np.where(growing.is_new[at], growing.appears[at], np.nan),
            **{
                name: getattr(growing, name)[at]
                for name in ("size", "shrink", "grow", "before", "swell", "peak", "suv")
            },
            "partner": growing.partner[at],
            "joins_day": growing.joins[at],
            "injected_from_day": trial.injected.since[at],
        }
    )
    finite = ("appears_day", "joins_day", "injected_from_day")
    return _named(trial, frame).with_columns(
        pl.when(pl.col("partner") >= 0).then("partner").alias("partner"),
        *(pl.when(pl.col(name).is_finite() & (pl.col(name) < 1e5)).then(name).alias(name) for name in finite),
    )


def size_truth(trial: Trial) -> pl.DataFrame:
    """True size of every lesion at every assessment, with the lesion's identifier of each reader."""
    shown = trial.visits.exists[:, :, None] & trial.lesions.present[:, None, :]
    subject, index, place = np.nonzero(shown)
    at = (subject, index, place)
    frame = pl.DataFrame(
        {
            "subject": subject,
            "visit_index": index,
            "place": place,
            "day": trial.visits.day[subject, index],
            "size_mm": true_sizes(trial.lesions, trial.visits.day)[at],
            "merged": trial.joined[at],
        }
    )
    visits = trial.visit.select("subject", "visit_index", "timepoint", "visit", "occurred")
    frame = frame.join(visits, on=["subject", "visit_index"], how="left", maintain_order="left")
    names = pl.concat([trial.measurement, trial.truth]).select("subject", "place", "evaluator", "lesion_id").unique()
    wide = names.pivot("evaluator", index=["subject", "place"], values="lesion_id", sort_columns=True)
    return _named(trial, frame.join(wide, on=["subject", "place"], how="left", maintain_order="left")).drop(
        "visit_index"
    )


def uptake_truth(trial: Trial) -> pl.DataFrame:
    """True uptake of every lesion at every PET scan, uniform in a sphere of the lesion's size."""
    pet = pet_of(trial)
    subject, index, place = np.nonzero(pet.has[:, :, None] & trial.lesions.present[:, None, :])
    at = (subject, index, place)
    size, suv = true_sizes(trial.lesions, trial.visits.day)[at], pet.suv[at]
    seen = suv > 0
    frame = pl.DataFrame(
        {
            "subject": subject,
            "visit_index": index,
            "place": place,
            "suv": suv,
            "suv_peak": np.where(seen, peak_suv(suv, size), 0.0),
            "diameter_mm": np.where(seen, size, 0.0),
            "volume_ml": np.where(seen, np.pi / 6 * size**3 / 1000, 0.0),
        }
    )
    visits = trial.visit.select("subject", "visit_index", "timepoint", "visit")
    return _named(trial, frame.join(visits, on=["subject", "visit_index"], how="left", maintain_order="left")).drop(
        "visit_index"
    )


def truth_tables(trial: Trial) -> Mapping[str, pl.DataFrame]:
    """All tables of the truth by file name."""
    perfect = trial.truth.filter(pl.col("state") != State.NOT_DONE)
    return {
        "subject.csv": trial.subject.drop("subject"),
        "lesion.csv": lesion_truth(trial),
        "size.parquet": size_truth(trial),
        "uptake.parquet": uptake_truth(trial),
        "measurement.parquet": perfect.drop(PLACE),
        "response.parquet": trial.derived,
        "sum.csv": recorded_sums(trial.derived.filter(pl.col("evaluator") == TRUTH)).select(
            "subject_id", "timepoint", "sum_mm"
        ),
        "accepted.csv": trial.accepted,
    }


def _named(trial: Trial, frame: pl.DataFrame) -> pl.DataFrame:
    names = trial.subject.select("subject", "subject_id")
    joined = frame.join(names, on="subject", how="left", maintain_order="left")
    return joined.select("subject_id", pl.all().exclude("subject", "subject_id"))


def write_table(frame: pl.DataFrame, path: Path) -> None:
    """A table as CSV or Parquet, by its suffix."""
    if path.suffix == ".csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path, compression="zstd", statistics=False)
