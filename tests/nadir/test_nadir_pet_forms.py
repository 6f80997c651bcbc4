"""PET reads that come in nadir's own forms alone, without an image: responses under every metabolic criterion."""

from __future__ import annotations

import io
import re
from pathlib import Path

import polars as pl
import pytest

from tests.nadir.command_line import nadir

VISITS = {"SCREENING": "2024-01-02", "WEEK 12": "2024-04-01"}
CRITERIA = ("RECIST 1.1", "EORTC", "PERCIST", "PERCIST5", "PECRIT", "PERCIMT", "imPERCIST5", "iPERCIST")
KEY = re.compile(r"(?m)^criteria:.*\n(?:[ #].*\n)*\n")
TARGETS = {"L1": "LUNG", "L2": "LYMPH NODE", "L3": "ADRENAL GLAND"}
SUL_PEAK = {"SCREENING": (8, 6, 5), "WEEK 12": (5.0, 3.9, 3.4)}
SUV_MAX = {"SCREENING": (12, 9, 7.5), "WEEK 12": (7.6, 5.9, 5.1)}
NEW_MM = {"N1": 7, "N2": 8, "N3": 9}


def forms() -> dict[str, list[dict[str, object]]]:
    """The one patient of section 5.7 as rows of the templates."""
    read = {"subject_id": "P1", "evaluator": "READER"}
    at = {
        name: {"timepoint": number, "visit": name, "assessment_date": day}
        for number, (name, day) in enumerate(VISITS.items())
    }
    liver = {"region": "LIVER", "usable": "true", "sul_mean": 1.4, "sul_sd": 0.15}
    person = {"weight_kg": 70, "height_m": 1.75, "radiopharmaceutical": "FDG", "uptake_min": 60}
    lesions = [
        {**read, **at[visit], "lesion_id": name, "organ": organ, "status": "PRESENT", "suv_max": suv, "sul_peak": sul}
        for visit in VISITS
        for (name, organ), suv, sul in zip(TARGETS.items(), SUV_MAX[visit], SUL_PEAK[visit], strict=True)
    ]
    new = {**read, **at["WEEK 12"], "organ": "LIVER", "status": "PRESENT", "suv_max": 2.6, "sul_peak": 2.0}
    size = {**read, "lesion_id": "L1", "role": "TARGET", "organ": "LUNG", "state": "MEASURED"}
    return {
        "subject": [{"subject_id": "P1", "sex": "M", "reference_date": "2024-01-08", "first_dose_date": "2024-01-08"}],
        "pet_scan": [
            {"subject_id": "P1", "scan_id": visit, **at[visit], **person, "cycles_before": cycles}
            | {"therapy_class": "ANTI-PD-1", "injected_activity_mbq": 300, "coverage": "VERTEX_TO_THIGH"}
            for visit, cycles in zip(VISITS, (0, 4), strict=True)
        ],
        "pet_reference": [{**read, **at[visit], **liver} for visit in VISITS],
        "pet_lesion": [*lesions, *({**new, "lesion_id": n, "functional_diameter_mm": mm} for n, mm in NEW_MM.items())],
        "measurement": [
            {**size, **at["SCREENING"], "longest_diameter_mm": 40},
            {**size, **at["WEEK 12"], "longest_diameter_mm": 25},
            {**read, **at["WEEK 12"], "lesion_id": "N1", "role": "NEW", "organ": "LIVER", "state": "UNEQUIVOCAL"},
        ],
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a study made by ``nadir init``, its templates filled, refreshed."""
    home = tmp_path_factory.mktemp("home")
    assert nadir(home, "init", "FORMS").code == 0
    study = home / "FORMS"
    protocol = study / "protocol.yaml"
    protocol.write_text(KEY.sub(f"criteria: [{', '.join(CRITERIA)}]\n\n", protocol.read_text(), count=1))
    for name, rows in forms().items():
        columns = (study / "templates" / f"{name}.csv").read_text().strip().split(",")
        filled = pl.DataFrame([{column: str(row.get(column, "")) for column in columns} for row in rows])
        filled.write_csv(study / "incoming" / "forms" / f"{name}.csv")
    said = nadir(home, "refresh", "FORMS")
    assert said.code == 0, said
    return home


def asked(home: Path, statement: str) -> list[tuple[object, ...]]:
    return pl.read_csv(io.StringIO(nadir(home, "sql", "FORMS", statement).out)).rows()


def test_one_patient_under_all_criteria_5_7(home: Path) -> None:
    assert asked(home, "SELECT count(*) AS n FROM raw.reject") == [(0,)]
    responses = "SELECT criterion, overall_response, clause FROM analysis.timepoint_response ORDER BY criterion"
    assert asked(home, responses) == [
        ("EORTC", "PMD", "EO-7"),
        ("PECRIT", "PD", "PC-4"),
        ("PERCIMT", "SMD", "PI-9"),
        ("PERCIST", "PMD", "PE-10"),
        ("PERCIST5", "PMD", "IMP-11"),
        ("RECIST 1.1", "PD", "R11-NL-01"),
        ("iPERCIST", "UPMD", "IP-3"),
        ("imPERCIST5", "SMD", "IMP-2"),
    ]


def test_changes_flags_and_what_follows_5_7(home: Path) -> None:
    changes = dict(asked(home, "SELECT criterion, round(pct_from_baseline, 1) AS p FROM analysis.timepoint_response"))  # type: ignore[arg-type]
    assert (changes["PERCIST"], changes["imPERCIST5"]) == (-37.5, -14.2)
    flags = "SELECT criterion, flags FROM analysis.timepoint_response WHERE flags IS NOT NULL"
    assert asked(home, flags) == [("PECRIT", "PECRIT_TIMING")]
    best = "SELECT criterion FROM analysis.best_response WHERE best_response LIKE '%PMD' ORDER BY criterion"
    assert asked(home, best) == [("EORTC",), ("PERCIST",), ("PERCIST5",), ("iPERCIST",)]
    events = (
        "SELECT criterion FROM analysis.event_time WHERE endpoint = 'mPFS' AND profile = 'fda' AND event ORDER BY 1"
    )
    assert asked(home, events) == [("EORTC",), ("PERCIST",), ("PERCIST5",), ("iPERCIST",)]


def test_every_check_of_the_scans_is_made_4(home: Path) -> None:
    found = "SELECT check_id, max(result) AS worst FROM analysis.pet_check WHERE result <> 'PASS' GROUP BY 1 ORDER BY 1"
    assert asked(home, found) == [("Q-03", "WARN"), ("Q-04", "WARN")], "glucose and fasting were not recorded"
