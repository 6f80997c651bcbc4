"""The injection log: one row an injection of a lesion (metabolic rule book 8.3)."""

from __future__ import annotations

import polars as pl

from ingestion.tables import INJECTION
from simulation.draws import Integers, worded
from simulation.identity import uid
from simulation.injections import CONCENTRATION, FIRST_CONCENTRATION
from simulation.lesions import LIVER, SKIN
from simulation.records import lesion_ids
from simulation.trial import Trial

AGENT = "TALIMOGENE LAHERPAREPVEC"
GUIDANCE = ("PALPATION", "US", "CT")
MODALITY = ("CALIPER", "US", "CT")


def injection_log(trial: Trial) -> pl.DataFrame:
    """core.injection: what was injected into which lesion of the investigator, with its key images."""
    given = trial.injected
    subject, place = given.subject, given.place
    rows = _dated(trial)
    how = _guidance(trial.lesions.organ[subject, place])
    volume = pl.Series(given.delivered_ml)
    concentration = pl.when(pl.col("visit_number") == 1).then(FIRST_CONCENTRATION).otherwise(CONCENTRATION)
    minute = trial.draws.whole("injection time", 9 * 60, 15 * 60)[subject] + 4 * pl.Series(place).to_numpy()
    frame = rows.with_columns(_minute=pl.Series(minute)).with_columns(
        visit_number=pl.Series(given.visit + 1).cast(pl.Int32),
        injection_datetime=pl.col("date").cast(pl.Datetime("us")) + pl.duration(minutes="_minute"),
        planned_volume_ml=pl.Series(given.planned_ml),
        delivered_volume_ml=volume,
        lesion_diameter_mm=pl.Series(given.diameter_mm),
        is_new_lesion=pl.Series(given.is_new == 1),
        axis=pl.when(pl.Series(trial.lesions.node[subject, place])).then(pl.lit("SHORT")).otherwise(pl.lit("LONGEST")),
        guidance=worded(GUIDANCE, how),
        measured_on=worded(MODALITY, how),
        operator=pl.format("OP-{}", pl.Series(trial.people.site[subject] + 100)),
    )
    images = [
        (key_image(trial, subject_id, lesion_id, number), key_image(trial, subject_id, lesion_id, "BASELINE"))
        for subject_id, lesion_id, number in frame.select("subject_id", "lesion_id", "visit_number").iter_rows()
    ]
    baseline = trial.visit.filter(pl.col("timepoint") == 0).select("subject_id", key_image_baseline_date="start_date")
    frame = frame.join(baseline, on="subject_id", how="left", maintain_order="left").with_columns(
        study_id=pl.lit(trial.settings.study),
        agent=pl.lit(AGENT),
        lot=pl.format("TV{}", pl.col("date").dt.strftime("%y%m")),
        concentration=concentration,
        concentration_unit=pl.lit("PFU/mL"),
        dose=concentration * volume,
        dose_unit=pl.lit("PFU"),
        needle_gauge=pl.lit(22),
        needle_passes=pl.lit(1),
        anaesthesia=pl.lit("LOCAL"),
        adjunct=pl.lit("NONE"),
        contrast_coinjected=pl.lit(False),
        fiducial=pl.lit(False),
        complication=pl.lit("NONE"),
        key_image_uid_pre=pl.Series([pre for pre, _ in images], dtype=pl.String),
        key_image_pre_date="date",
        key_image_uid_baseline=pl.Series([first for _, first in images], dtype=pl.String),
    )
    return frame.select(name for name in INJECTION.schema if name in frame.columns)


def _dated(trial: Trial) -> pl.DataFrame:
    """Injections in order: subject_id, lesion_id of the investigator, date."""
    given, name = trial.injected, "INVESTIGATOR"
    ids = lesion_ids(trial.readers[name], trial.reads[name], given.subject, given.place)
    rows = pl.DataFrame({"subject": given.subject, "lesion_id": ids, "_day": given.day})
    about = trial.subject.select("subject", "subject_id", "reference_date")
    return rows.join(about, on="subject", how="left", maintain_order="left").with_columns(
        date=pl.col("reference_date") + pl.duration(days="_day")
    )


def key_image(trial: Trial, subject_id: str, lesion_id: str, when: object) -> str:
    """SOP Instance UID of a lesion's key image before an injection visit, or at the baseline."""
    return str(uid(trial.settings, "key image", subject_id, lesion_id, when))


def _guidance(organ: Integers) -> Integers:
    return 1 + (organ == LIVER) - (organ == SKIN).astype(int)
