"""The simulated imaging study of the demonstration: a small trial with known truth, and what was found of it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from rich.console import Console
from rich.markup import escape

from nadir.published import query, release_of
from nadir.refresh import refresh_study
from nadir.show import show
from protocol.study import Study
from simulation.settings import Settings
from simulation.study import simulate_study

NAME = "SIMULATED"
SETTINGS = Settings(subjects=20, seed=1, study=NAME, pet=0.5, scans=2, scan_visits=2)
TITLE = f"{SETTINGS.subjects} simulated subjects, {SETTINGS.scans} of them with CT, PET, segmentations and reports"
READER = "ACCEPTED READER"
BEST = f"""
    SELECT subject_id,
           any_value(best_response) FILTER (criterion = 'RECIST 1.1') AS recist,
           any_value(best_response) FILTER (criterion = 'iRECIST') AS irecist
    FROM analysis.best_response WHERE origin = 'DERIVED' AND evaluator = '{READER}' GROUP BY subject_id
"""
PATTERNS = f"""
    SELECT subject_id,
           bool_or(pattern = 'PSEUDOPROGRESSION' AND criterion = 'iRECIST') AS pseudoprogression,
           bool_or(pattern = 'HYPERPROGRESSION' AND definition = 'champiat2017') AS hyperprogression,
           bool_or(pattern = 'DISSOCIATED RESPONSE') AS dissociated
    FROM analysis.pattern
    WHERE present = 'Y' AND evaluator = '{READER}' AND (chosen OR definition = 'champiat2017') GROUP BY subject_id
"""
SCANS = """
    SELECT subject_id, visit, uptake_min, round(suv_factor * 1e4, 4) AS suv_factor_e4, status
    FROM core.pet_scan WHERE input_hash IS NOT NULL ORDER BY subject_id, timepoint
"""


def refresh_simulated(home: Path, console: Console) -> None:
    """Simulate the study where it is missing, and refresh it."""
    study = Study(home / NAME)
    if not study.protocol_file.exists():
        simulate_study(SETTINGS, study.path)
    refreshed = refresh_study(study, console)
    said = "published" if refreshed.published else "nothing new, still current:"
    console.print(f"{NAME} ({TITLE}): {said} release [bold]{refreshed.release_id}[/]\n")


def show_simulated(home: Path, console: Console) -> None:
    """What the release says of the subjects of each latent class, and of the PET scans."""
    release = release_of(Study(home / NAME))
    truth = pl.read_csv(home / NAME / "truth" / "subject.csv").select("subject_id", "latent_class")
    found = truth.join(query(release, BEST), on="subject_id", how="left").join(
        query(release, PATTERNS), on="subject_id", how="left"
    )
    table = (
        found.group_by("latent_class")
        .agg(
            pl.len().alias("subjects"),
            _counted("recist"),
            _counted("irecist"),
            *(pl.col(name).sum() for name in ("pseudoprogression", "hyperprogression", "dissociated")),
        )
        .sort("latent_class")
    )
    show(console, table, f"\n{NAME}, read by {READER.lower()}: what was found of each true course")
    show(console, query(release, SCANS), f"\n{NAME}: PET scans quantified from the images")
    console.print(f"The truth of {escape(NAME)} is in {escape(str(home / NAME / 'truth'))}", soft_wrap=True)


def _counted(column: str) -> pl.Expr:
    """Best responses and how often each stands: PD 3, SD 1."""
    counts = pl.col(column).fill_null("MISSING").value_counts(sort=True)
    return (
        pl.concat_str(counts.struct.field(column), counts.struct.field("count").cast(pl.String), separator=" ")
        .str.join(", ")
        .alias(column)
    )
