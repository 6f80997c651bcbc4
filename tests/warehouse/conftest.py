"""A small warehouse with a few rows in every kind of table."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from criteria.table import Column, Table
from criteria.tables import BEST_RESPONSE, EVENT_TIME, TIMEPOINT_RESPONSE
from ingestion.tables import LANDING_FILE, MEASUREMENT, SUBJECT
from warehouse.store import Warehouse

STUDY = "demo"
COURSE = {"study_id": STUDY, "subject_id": "S1", "evaluator": "INVESTIGATOR", "origin": "DERIVED"}


@pytest.fixture
def every_type() -> Table:
    """A declared table with a column of every type that can be kept."""
    types: dict[str, pl.DataType | type[pl.DataType]] = {
        "text": pl.String,
        "code": pl.Enum(["A", "B"]),
        "flag": pl.Boolean,
        "small": pl.Int8,
        "int16": pl.Int16,
        "int32": pl.Int32,
        "int64": pl.Int64,
        "uint64": pl.UInt64,
        "float32": pl.Float32,
        "float64": pl.Float64,
        "amount": pl.Decimal(12, 3),
        "day": pl.Date,
        "clock": pl.Time,
        "moment": pl.Datetime("us", "UTC"),
        "local": pl.Datetime("us"),
        "millis": pl.Datetime("ms"),
        "nanos": pl.Datetime("ns"),
        "numbers": pl.List(pl.Int32),
        "words": pl.List(pl.String),
        "days": pl.List(pl.Date),
        "nested": pl.List(pl.List(pl.Float64)),
        "bytes": pl.Binary,
    }
    columns = (Column("row", pl.Int64, "row"), *(Column(name, dtype, f"the {name}") for name, dtype in types.items()))
    return Table(name="core.every_type", meaning="It's every type", columns=columns, key=("row",))


@pytest.fixture(scope="session")
def tables() -> tuple[Table, ...]:
    return (LANDING_FILE, SUBJECT, MEASUREMENT, TIMEPOINT_RESPONSE, BEST_RESPONSE, EVENT_TIME)


@pytest.fixture
def warehouse(tmp_path: Path, tables: tuple[Table, ...]) -> Iterator[Warehouse]:
    with Warehouse(tmp_path / "work" / "warehouse.duckdb", tables, study_id=STUDY) as opened:
        opened.create()
        yield opened


@pytest.fixture
def filled(warehouse: Warehouse, fill: Callable[[Warehouse], None]) -> Warehouse:
    """A warehouse with one subject's course."""
    fill(warehouse)
    return warehouse


@pytest.fixture(scope="session")
def fill() -> Callable[[Warehouse], None]:
    return put_one_course


def put_one_course(warehouse: Warehouse) -> None:
    """Subject S1 with two targets (a lung lesion, a node), two assessments and a progression under iRECIST."""
    warehouse.put(
        "core.subject",
        pl.DataFrame([{"study_id": STUDY, "subject_id": "S1", "reference_date": date(2024, 1, 1)}]),
    )
    lesions = [
        ("T1", False, 0, date(2023, 12, 20), 30.0),
        ("T1", False, 1, date(2024, 2, 26), 20.0),
        ("T1", False, 2, date(2024, 4, 22), 25.0),
        ("T2", True, 0, date(2023, 12, 20), 20.0),
        ("T2", True, 1, date(2024, 2, 26), None),
        ("T2", True, 2, date(2024, 4, 22), 21.0),
    ]
    warehouse.put(
        "core.measurement",
        pl.DataFrame(
            [
                {
                    "study_id": STUDY,
                    "subject_id": "S1",
                    "evaluator": "INVESTIGATOR",
                    "timepoint": timepoint,
                    "assessment_date": day,
                    "lesion_id": lesion,
                    "role": "TARGET",
                    "organ": "LYMPH NODE" if node else "LUNG",
                    "is_node": node,
                    "state": "MEASURED" if size is not None else "NOT_EVALUABLE",
                    "longest_diameter_mm": None if node else size,
                    "short_axis_mm": size if node else None,
                }
                for lesion, node, timepoint, day, size in lesions
            ]
        ),
    )
    warehouse.put(
        "analysis.timepoint_response",
        pl.DataFrame(
            [
                COURSE
                | {
                    "criterion": criterion,
                    "timepoint": timepoint,
                    "assessment_date": day,
                    "target_sum": total,
                    "baseline_sum": 50.0,
                    "nadir_sum": nadir,
                    "target_response": response,
                    "overall_response": response,
                    "clause": "X-1",
                }
                for criterion, timepoint, day, total, nadir, response in [
                    ("RECIST 1.1", 1, date(2024, 2, 26), None, 50.0, "NE"),
                    ("RECIST 1.1", 2, date(2024, 4, 22), 46.0, 50.0, "PD"),
                    ("iRECIST", 1, date(2024, 2, 26), None, 50.0, "iUPD"),
                    ("iRECIST", 2, date(2024, 4, 22), 46.0, 50.0, "NON-iCR/NON-iUPD"),
                    ("imRECIST", 2, date(2024, 4, 22), 46.0, 50.0, "SD"),
                ]
            ]
        ),
    )
    warehouse.put(
        "analysis.best_response",
        pl.DataFrame(
            [
                COURSE
                | {
                    "criterion": criterion,
                    "best_response": best,
                    "best_response_date": date(2024, 2, 26),
                    "confirmed_best_response": "NE",
                    "progression_date": progressed,
                }
                for criterion, best, progressed in [
                    ("RECIST 1.1", "PR", date(2024, 4, 22)),
                    ("iRECIST", "iPR", date(2024, 2, 26)),
                    ("imRECIST", "SD", None),
                ]
            ]
        ),
    )
    warehouse.put(
        "analysis.event_time",
        pl.DataFrame(
            [
                COURSE
                | {
                    "criterion": criterion,
                    "endpoint": endpoint,
                    "profile": "fda",
                    "start_date": date(2024, 1, 1),
                    "end_date": date(2024, 4, 22),
                    "days": 113,
                    "event": reason == "Disease progression",
                    "reason": reason,
                    "source_table": "analysis.timepoint_response",
                }
                for criterion, endpoint, reason in [
                    ("RECIST 1.1", "PFS", "Disease progression"),
                    ("RECIST 1.1", "OS", "Alive"),
                    ("iRECIST", "iPFS", "New anticancer therapy"),
                    ("iRECIST", "iDOR", "Lost to follow-up"),
                    ("imRECIST", "imTTR", "No baseline assessment"),
                    ("imRECIST", "OS", "Alive"),
                ]
            ]
        ),
    )
    warehouse.put(
        "landing.file",
        pl.DataFrame(
            [
                {"study_id": STUDY, "source_name": "tr.csv", "sha256": "b" * 64, "size": 7, "current": True},
                {"study_id": STUDY, "source_name": "tr.csv", "sha256": "a" * 64, "size": 6, "current": False},
            ]
        ).with_columns(landed_at=pl.lit(datetime(2024, 3, 4, tzinfo=UTC))),
    )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mounts a tmpfs of the given size; skips without the right to."""
    mounted: list[Path] = []

    def mount(size: str) -> Path:
        path = tmp_path / "small"
        path.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)]
        if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("mounting a tmpfs needs root")
        mounted.append(path)
        return path

    yield mount
    for path in mounted:
        subprocess.run(["umount", "-l", str(path)], check=True)
