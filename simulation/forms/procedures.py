"""PR: intratumoural injections, a row for each reader's name of the injected lesion."""

from __future__ import annotations

import numpy as np
import polars as pl

from simulation.forms.tables import Value, dataset, iso, study_day
from simulation.reading import NOTHING
from simulation.records import lesion_ids
from simulation.trial import Trial


def injected_lesion_rows(trial: Trial, readers: tuple[str, ...]) -> pl.DataFrame:
    """Injections with subject_id, reference_date, lesion_id of each reader that follows the lesion, date and volume."""
    given = trial.injected
    parts = []
    for name in readers:
        reader, seen = trial.readers[name], trial.reads[name]
        known = seen.role[given.subject, given.place] != NOTHING
        subject, place = given.subject[known], given.place[known]
        parts.append(
            pl.DataFrame(
                {
                    "subject": subject,
                    "injection": np.nonzero(known)[0],
                    "lesion_id": lesion_ids(reader, seen, subject, place),
                    "_day": given.day[known],
                    "volume": given.delivered_ml[known],
                }
            ).with_columns(evaluator=pl.lit(name))
        )
    about = trial.subject.select("subject", "subject_id", "reference_date")
    return (
        pl.concat(parts)
        .join(about, on="subject", how="left", maintain_order="left")
        .with_columns(date=pl.col("reference_date") + pl.duration(days="_day"))
    )


def pr(trial: Trial) -> pl.DataFrame:
    """PR with PRLNKID; PRSPID says which rows are one injection, its volume stands with the investigator's name."""
    rows = injected_lesion_rows(trial, tuple(trial.readers))
    investigator = pl.col("evaluator") == "INVESTIGATOR"
    columns: dict[str, Value] = {
        "PRSPID": pl.format("INJ{}", pl.col("injection") - pl.col("injection").min().over("subject_id") + 1),
        "PRTRT": "INTRATUMORAL INJECTION",
        "PRLNKID": pl.col("lesion_id"),
        "PRDOSE": pl.when(investigator).then("volume"),
        "PRDOSU": pl.when(investigator).then(pl.lit("mL")),
        "PRSTDTC": iso("date"),
        "PRSTDY": study_day("date"),
    }
    return dataset(trial, "PR", rows, columns, ("injection", "evaluator"))
