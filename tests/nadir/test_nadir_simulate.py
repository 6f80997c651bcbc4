"""`nadir simulate`: a study that a refresh takes without a reject or a finding, and what a user may get wrong."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from simulation.faults.catalogue import FAULTS
from tests.metabolic import oracle
from tests.nadir.command_line import complaint, nadir

ON_PET = ("EORTC", "PERCIST", "PERCIST5", "PERCIMT", "imPERCIST5", "iPERCIST")
READER, DRAWN_BY = "RADIOLOGIST 1", "IMAGING"

pytestmark = pytest.mark.xdist_group("nadir_simulate")


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a simulated study with scans, refreshed."""
    home = tmp_path_factory.mktemp("home")
    options = ("--subjects", "8", "--seed", "5", "--scans", "1", "--scan-visits", "3")
    said = nadir(home, "simulate", *options, "--out", str(home / "SIM"))
    assert said.code == 0, said
    assert "8 simulated subjects" in said.out
    protocol = home / "SIM" / "protocol.yaml"
    text = protocol.read_text().replace("pet: {}", "pet: {undrawn_lesion: RESOLVED}", 1)
    protocol.write_text(
        text.replace("  - iRECIST\n", f"  - iRECIST\n{''.join(f'  - {c}{chr(10)}' for c in ON_PET)}", 1)
    )
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


def _truth(home: Path) -> pl.DataFrame:
    """The planted uptake of the lesions of the subject with scans, by the names of the reader who drew them."""
    folder = home / "SIM" / "truth"
    names = (
        pl.read_parquet(folder / "size.parquet").select("subject_id", "place", lesion_id=READER).unique().drop_nulls()
    )
    sites = pl.read_csv(folder / "lesion.csv").select("subject_id", "place", "organ", "is_node")
    uptake = pl.read_parquet(folder / "uptake.parquet").join(names, on=["subject_id", "place"])
    drawn = _sql(home, f"SELECT DISTINCT subject_id, timepoint FROM core.pet_lesion WHERE evaluator = '{DRAWN_BY}'")
    here = uptake.join(drawn.cast({"timepoint": uptake["timepoint"].dtype}), on=["subject_id", "timepoint"])
    return here.join(sites, on=["subject_id", "place"])


def test_uptake_measured_on_the_scans_is_the_planted_one(simulated: Path) -> None:
    """SUVmax to 0.1 %; volumes of lesions from 20 mm to 15 %, which voxels of 6 x 6 x 5 mm allow; none too many."""
    found = _sql(simulated, f"SELECT * FROM core.pet_lesion WHERE evaluator = '{DRAWN_BY}' AND status = 'PRESENT'")
    truth = _truth(simulated)
    planted = truth.filter(pl.col("suv") > 0).cast({"timepoint": pl.Int64})
    assert set(found["timepoint"]) == {0, 1, 2}
    key = ["subject_id", "timepoint", "lesion_id"]
    assert found.select(key).sort(key).equals(planted.select(key).sort(key))
    both = found.join(planted, on=key)
    assert (both["suv_max"] / both["suv"] - 1).abs().max() < 1e-3  # type: ignore[operator]
    large = both.filter(pl.col("diameter_mm") >= 20)
    assert large.height >= 4
    assert (large["mtv_ml"] / large["volume_ml"] - 1).abs().max() < 0.15  # type: ignore[operator]
    assert (large["suv_peak_right"] / large["suv_peak"] - 1).abs().max() < 0.03  # type: ignore[operator]


def _planted_rows(home: Path, scans: pl.DataFrame) -> list[dict[str, Any]]:
    """What was planted as rows of core.pet_lesion, from the first scan that shows a lesion on."""
    planted = _truth(home).cast({"timepoint": pl.Int64}).join(scans, on="timepoint").sort("timepoint")
    seen = planted.filter(pl.col("suv") > 0).group_by("lesion_id").agg(since=pl.col("timepoint").min())
    return [
        {
            **{name: row[name] for name in ("lesion_id", "timepoint", "assessment_date", "organ", "is_node")},
            "status": "PRESENT" if row["suv"] > 0 else "RESOLVED",
            "suv_max": row["suv"] or None,
            "sul_peak": row["suv_peak"] * row["sul_factor"] or None,
            "functional_diameter_mm": row["diameter_mm"] or None,
            "tlg_g": row["suv"] * row["volume_ml"] or None,
        }
        for row in planted.join(seen, on="lesion_id").filter(pl.col("timepoint") >= pl.col("since")).to_dicts()
    ]


@pytest.mark.parametrize("criterion", ON_PET)
def test_responses_on_the_scans_are_those_of_the_planted_uptake(simulated: Path, criterion: str) -> None:
    """The naive reading of what was planted against the engine on what was measured, at every visit."""
    scans = _sql(
        simulated,
        "SELECT timepoint, assessment_date, sul_factor, cycles_before, sul_mean, sul_sd "
        "FROM core.pet_scan JOIN core.pet_reference USING (subject_id, timepoint, assessment_date) "
        f"WHERE region = 'LIVER' AND evaluator = '{DRAWN_BY}'",
    ).with_columns(pl.col("assessment_date").str.to_date(), region=pl.lit("LIVER"))
    cycles = dict(scans.select("timepoint", "cycles_before").iter_rows())
    expected = oracle.responses(_planted_rows(simulated, scans), criterion, scans.to_dicts(), cycles, {}, [], {})
    found = _sql(
        simulated,
        "SELECT timepoint, overall_response FROM analysis.timepoint_response "
        f"WHERE evaluator = '{DRAWN_BY}' AND criterion = '{criterion}'",
    )
    assert dict(found.iter_rows()) == {at: response for at, (response, _) in expected.items()}
    assert len(expected) == 2


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
