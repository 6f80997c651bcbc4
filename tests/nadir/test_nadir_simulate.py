"""`nadir simulate`: a study that a refresh takes without a reject or a finding, and what a user may get wrong."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest

from simulation.faults.catalogue import FAULTS
from tests.nadir.command_line import complaint, nadir

pytestmark = pytest.mark.xdist_group("nadir_simulate")


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a simulated study with scans, refreshed."""
    home = tmp_path_factory.mktemp("home")
    options = ("--subjects", "8", "--seed", "5", "--scans", "1", "--scan-visits", "2")
    said = nadir(home, "simulate", *options, "--out", str(home / "SIM"))
    assert said.code == 0, said
    assert "8 simulated subjects" in said.out
    said = nadir(home, "refresh", "SIM")
    assert said.code == 0, said
    return home


def _sql(home: Path, statement: str) -> pl.DataFrame:
    return pl.read_csv(io.StringIO(nadir(home, "sql", "SIM", statement).out))


def test_a_clean_study_is_taken_whole(simulated: Path) -> None:
    assert _sql(simulated, "SELECT count(*) AS n FROM raw.reject").item() == 0
    findings = _sql(simulated, "SELECT rule_id, message FROM quality.finding")
    assert findings.is_empty(), findings["message"].to_list()
    assert _sql(simulated, "SELECT count(*) AS n FROM quality.outcome WHERE status = 'ERROR'").item() == 0


def test_the_tables_hold_what_was_simulated(simulated: Path) -> None:
    assert _sql(simulated, "SELECT count(*) AS n FROM core.subject").item() == 8
    assert _sql(simulated, "SELECT count(DISTINCT modality) AS n FROM core.series").item() >= 3
    for table in (
        "core.laboratory",
        "core.clinical_status",
        "core.injection",
        "core.pet_lesion",
        "core.sr_measurement",
    ):
        assert _sql(simulated, f"SELECT count(*) AS n FROM {table}").item() > 0, table


def test_uptake_measured_on_the_scans_is_the_true_one(simulated: Path) -> None:
    """SUVmax of nadir's own quantification against what the reader wrote, who is 10 % off at most."""
    statement = """
        SELECT image.lesion_id, image.timepoint, image.suv_max AS image, form.suv_max AS form
        FROM core.pet_lesion AS image
        JOIN core.pet_lesion AS form USING (subject_id, lesion_id, timepoint)
        WHERE image.measured_from = 'SEG' AND form.measured_from = 'FORM' AND form.suv_max > 0
    """
    rows = _sql(simulated, statement)
    assert rows.height >= 2
    assert ((rows["image"] / rows["form"]) - 1).abs().max() < 0.1  # type: ignore[operator]


def test_faults_are_listed(tmp_path: Path) -> None:
    said = nadir(tmp_path, "simulate", "--list-faults")
    assert pl.read_csv(io.StringIO(said.out)).height == len(FAULTS)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "--out is missing"),
        (("--out", "A", "--forms", "paper"), "--forms paper: write one of sdtm, templates, both"),
        (("--out", "A", "--format", "pdf"), "--format pdf: write one of csv, xpt"),
        (("--out", "A", "--faults", "SIX-TARGET"), "unknown fault SIX-TARGET; did you mean SIX-TARGETS?"),
        (("--out", "A", "--classes", "HAPPY=1"), "--classes 'HAPPY=1': write NAME=SHARE"),
        (("--out", "A", "--scans", "many"), "--scans 'many': write a number of subjects, or a share"),
        (("--out", "A", "--subjects", "0"), "subjects: 0 is not between 1 and 99,999"),
        (("--out", "A", "--subjects", "3", "--scans", "7"), "scans: 7 is not between 0 and the number of subjects"),
        (("--out", "."), "exists and is not empty"),
    ],
)
def test_what_is_wrong_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here.txt").write_text("a file")
    assert words in complaint(nadir(tmp_path, "simulate", *options))
    assert not (tmp_path / "A").exists()


def test_shares_of_latent_classes_are_settable(tmp_path: Path) -> None:
    out = tmp_path / "SIM"
    said = nadir(tmp_path, "simulate", "--subjects", "12", "--classes", "STABLE=1,durable=0", "--out", str(out))
    assert said.code == 0
    assert set(pl.read_csv(out / "truth" / "subject.csv")["latent_class"]) == {"STABLE"}
