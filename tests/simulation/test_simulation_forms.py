"""Simulated forms in the default encoding of reads in SDTM: nadir reads back what the readers wrote."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from ingestion.forms.canonical import Forms
from ingestion.pet_tables import PET_LESION, PET_REFERENCE, PET_SCAN
from ingestion.tables import CLINICAL_STATUS, INJECTION, LABORATORY, MEASUREMENT, RECORDED_RESPONSE
from simulation.forms.sdtm import sdtm_datasets
from simulation.forms.templates import template_forms
from simulation.records import PLACE
from simulation.settings import Settings
from simulation.study import simulate_study
from simulation.trial import Trial, simulate
from tests.simulation.receiving import received

SOURCE = ("source_sha256", "source_name", "source_record", "study_id")
TR_ROWS = {
    # role, state: {test: (TRSTRESC, TRSTAT)} of rules/sdtm_encoding: the row says nothing else
    ("TARGET", "MEASURED"): {"LDIAM": "number", "LPERP": "number"},
    ("TARGET", "ABSENT"): {"LDIAM": "0.0", "LPERP": "0.0", "TUMSTATE": "ABSENT"},
    ("TARGET", "TOO_SMALL"): {
        "LDIAM": "TOO SMALL TO MEASURE",
        "LPERP": "TOO SMALL TO MEASURE",
        "TUMSTATE": "PRESENT",
    },
    ("TARGET", "NOT_EVALUABLE"): {"LDIAM": "NOT DONE", "LPERP": "NOT DONE"},
    ("TARGET", "NOT_DONE"): {"LDIAM": "NOT DONE", "LPERP": "NOT DONE"},
    ("NON-TARGET", "ABSENT"): {"TUMSTATE": "ABSENT"},
    ("NON-TARGET", "NOT_DONE"): {"TUMSTATE": "NOT DONE"},
    ("NEW", "NOT_DONE"): {"TUMSTATE": "NOT DONE"},
    ("NEW", "ABSENT"): {"TUMSTATE": "ABSENT"},
}


@pytest.fixture(scope="module")
def large() -> Trial:
    """Enough subjects for every state of a lesion."""
    return simulate(Settings(subjects=400, seed=8))


def test_reading_the_forms_gives_what_the_readers_wrote(clean_forms: tuple[Forms, pl.DataFrame]) -> None:
    trial = simulate(Settings(subjects=100, seed=11))
    tables, rejects = clean_forms
    assert rejects.is_empty(), rejects
    key = list(MEASUREMENT.key[1:])
    own = trial.measurement.drop(PLACE, "study_id").sort(key)
    read = tables.measurement.frame.drop(SOURCE).sort(key)
    for column in own.columns:
        assert own[column].equals(read[column], null_equal=True), column
    key = list(RECORDED_RESPONSE.key[1:])
    recorded = tables.recorded_response.frame.select(*key, "response", "assessment_date").sort(key)
    assert recorded.equals(trial.response.select(*key, "response", "assessment_date").sort(key))
    dates = ("subject_id", "reference_date", "first_dose_date", "death_date", "new_therapy_date", "last_alive_date")
    groups = ("site", "arm", "cohort", "sex", "discontinuation_date", "discontinuation_reason", "end_of_study_reason")
    subjects = tables.subject.frame.select(*dates, *groups).sort("subject_id")
    assert subjects.equals(trial.subject.select(*dates, *groups).sort("subject_id"))


def test_transport_files_say_the_same_as_csv(tmp_path: Path) -> None:
    settings = Settings(subjects=15, seed=2)
    frames = []
    for file_format in ("csv", "xpt"):
        simulate_study(settings, tmp_path / file_format / "SIM", file_format=file_format)  # type: ignore[arg-type]
        tables, rejects = received(tmp_path / file_format / "SIM")
        assert rejects.is_empty()
        frames.append(tables)
    csv, xpt = frames
    for name in ("measurement", "recorded_response", "subject", "visit", "recorded_sum"):
        assert getattr(csv, name).frame.drop(SOURCE).equals(getattr(xpt, name).frame.drop(SOURCE)), name


@pytest.mark.parametrize(("role", "state"), TR_ROWS)
def test_states_are_encoded_as_declared(large: Trial, role: str, state: str) -> None:
    """The table of lesion states of the default SDTM encoding."""
    rows = large.measurement.filter((pl.col("role") == role) & (pl.col("state") == state), pl.col("timepoint") >= 0)
    assert rows.height > 0
    tr = sdtm_datasets(large)["TR"].with_columns(evaluator=pl.coalesce("TREVALID", "TREVAL"))
    for row in rows.head(5).iter_rows(named=True):
        own = tr.filter(
            (pl.col("USUBJID") == row["subject_id"])
            & (pl.col("evaluator") == row["evaluator"])
            & (pl.col("TRLNKID") == row["lesion_id"])
            & (pl.col("VISIT") == row["visit"])
        )
        said = {
            test: "NOT DONE" if status == "NOT DONE" else ("number" if number and number > 0 else word)
            for test, status, number, word in own.select("TRTESTCD", "TRSTAT", "TRSTRESN", "TRSTRESC").iter_rows()
        }
        said.pop("CHGPREV", None)
        assert said == TR_ROWS[role, state]


def test_template_forms_fit_their_declarations(trial: Trial) -> None:
    forms = template_forms(trial, all_tables=True)
    for table in (PET_SCAN, PET_LESION, PET_REFERENCE, LABORATORY, INJECTION, CLINICAL_STATUS, MEASUREMENT):
        form = forms[table.name.partition(".")[2]]
        declared = [name for name in table.schema if name not in SOURCE]
        assert form.columns == declared
        keyed = form.with_columns(study_id=pl.lit("SIM"))
        keyed = keyed.with_columns(pl.int_range(pl.len()).cast(pl.String).alias(name) for name in SOURCE[:3])
        assert table.conform(keyed.select(list(table.schema))).height == form.height > 0


def test_pet_reads_follow_from_the_true_uptake(trial: Trial) -> None:
    """3.7, 3.8: SUVpeak at most SUVmax, TLG = SUVmean x MTV, MTV the sphere's volume; SUL = SUV x LBM / weight."""
    forms = template_forms(trial, all_tables=False)
    lesions = forms["pet_lesion"].filter(pl.col("status") == "PRESENT")
    assert (lesions["suv_peak"] <= lesions["suv_max"]).all()
    assert ((lesions["tlg_g"] - lesions["suv_mean"] * lesions["mtv_ml"]).abs() < 1e-3).all()
    scans = forms["pet_scan"].select("subject_id", "timepoint", "sul_factor")
    joined = lesions.join(scans, on=["subject_id", "timepoint"])
    assert ((joined["sul_max"] - joined["suv_max"] * joined["sul_factor"]).abs() < 1e-3).all()
    assert forms["pet_scan"]["uptake_min"].is_between(50, 70).all()


def test_leukocytes_hold_neutrophils_and_lymphocytes(trial: Trial) -> None:
    wide = template_forms(trial, all_tables=True)["laboratory"].pivot(
        "test", index=["subject_id", "visit"], values="value"
    )
    assert (wide["WBC"] > wide["NEUT"] + wide["LYM"]).all()
    assert wide.height == trial.visit.filter(pl.col("occurred"), pl.col("timepoint") >= 0).height
