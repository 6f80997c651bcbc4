"""What is recorded beside the scans: laboratory results and the clinical status at every assessment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from ingestion.tables import CLINICAL_STATUS, LABORATORY
from simulation.classes import LatentClass
from simulation.population import CLASSES
from simulation.schedule import BASELINE_VISIT
from simulation.trial import Trial

DETERIORATION_DAYS = 14


@dataclass(frozen=True, slots=True)
class LabTest:
    """A laboratory test: median and spread (of the logarithm) in the standard unit, reference range, and its drift."""

    code: str
    name: str
    unit: str
    median: float
    spread: float
    low: float
    high: float
    drift: float = 0.0


LAB_TESTS = (
    LabTest("NEUT", "Neutrophils", "10^9/L", 4.6, 0.30, 1.8, 7.7, 0.15),
    LabTest("LYM", "Lymphocytes", "10^9/L", 1.6, 0.30, 1.0, 4.8, -0.15),
    LabTest("PLAT", "Platelets", "10^9/L", 255, 0.20, 150, 400),
    LabTest("LDH", "Lactate Dehydrogenase", "U/L", 205, 0.25, 120, 246, 0.25),
    LabTest("GLUC", "Glucose", "mmol/L", 5.4, 0.10, 3.9, 6.1),
)
OTHER_CELLS = (0.4, 0.9)


def laboratory(trial: Trial) -> pl.DataFrame:
    """core.laboratory without provenance: the tests at the baseline and every performed assessment.

    Neutrophils and LDH rise, lymphocytes fall with the true burden; leukocytes are neutrophils, lymphocytes and others.
    """
    visits = trial.visit.filter(pl.col("occurred") & (pl.col("timepoint") >= 0))
    subject, index = visits["subject"].to_numpy(), visits["visit_index"].to_numpy()
    burden = trial.true.sum(axis=2)
    growth = np.log(np.maximum(burden, 1) / np.maximum(burden[:, [BASELINE_VISIT]], 1))
    shape = trial.visits.day.shape[1]
    values = {}
    for test in LAB_TESTS:
        own = trial.draws.normal(f"{test.code} subject", 1) * test.spread
        noise = trial.draws.normal(f"{test.code} visit", shape) * 0.08
        values[test.code] = test.median * np.exp(own + noise + test.drift * np.clip(growth, -1.5, 1.5))
    others = trial.draws.uniform("other cells", shape, low=OTHER_CELLS[0], high=OTHER_CELLS[1])
    values["WBC"] = values["NEUT"].round(2) + values["LYM"].round(2) + others
    tests = (*LAB_TESTS, LabTest("WBC", "Leukocytes", "10^9/L", 0, 0, 4.0, 11.0))
    parts = [
        visits.select(
            *("study_id", "subject_id", "visit"),
            test=pl.lit(test.code),
            collection_date="start_date",
            value=pl.Series(values[test.code][subject, index].round(2)),
            unit=pl.lit(test.unit),
            lower_limit=pl.lit(float(test.low)),
            upper_limit=pl.lit(float(test.high)),
        )
        for test in tests
    ]
    rows = pl.concat(parts).with_columns(value_received=pl.col("value").cast(pl.String), unit_received="unit")
    declared = [name for name in LABORATORY.schema if not name.startswith("source_")]
    return rows.select(declared).sort("subject_id", "collection_date", "test", maintain_order=True)


def clinical_status(trial: Trial) -> pl.DataFrame:
    """core.clinical_status without provenance: ECOG and stability at every performed assessment after screening."""
    visits = trial.visit.filter(pl.col("occurred") & (pl.col("timepoint") >= 0))
    subject, day = visits["subject"].to_numpy(), visits["day"].to_numpy()
    first = trial.draws.choice("ecog", (0.55, 0.45))
    latent = trial.people.latent[subject]
    progressed = day >= trial.happened.progression[subject]
    suffers = progressed & (latent != CLASSES.index(LatentClass.PSEUDOPROGRESSOR))
    suffers &= trial.draws.chance("suffers", 0.5)[subject]
    rapid = suffers & (latent == CLASSES.index(LatentClass.HYPERPROGRESSOR))
    stopped = (trial.happened.treatment_end[subject] - day >= 0) & (
        trial.happened.treatment_end[subject] - day <= DETERIORATION_DAYS
    )
    rows = visits.select("study_id", "subject_id", "visit", assessment_date="start_date").with_columns(
        ecog=pl.Series(first[subject] + suffers + rapid).cast(pl.Int32),
        clinically_stable=pl.Series(~suffers),
        new_symptoms=pl.Series(suffers),
        clinical_progression=pl.Series(rapid),
        rapid_deterioration=pl.Series(rapid),
        treatment_stopped=pl.Series(suffers & stopped),
    )
    return rows.select(name for name in CLINICAL_STATUS.schema if not name.startswith("source_"))
