"""`nadir assess`: responses for one table of lesions, without any study."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from criteria.registry import CRITERIA
from tests.nadir.command_line import complaint, nadir

LESIONS = """\
subject_id,timepoint,assessment_date,lesion_id,role,organ,longest_diameter_mm
S-01,0,2024-01-05,T1,TARGET,LIVER,50
S-01,1,2024-03-01,T1,TARGET,LIVER,65
S-01,2,2024-04-05,T1,TARGET,LIVER,30
S-02,0,2024-01-05,T1,TARGET,LUNG,50
S-02,1,2024-03-01,T1,TARGET,LUNG,50
"""
RESPONSES = {
    ("S-01", "RECIST 1.1", 1): "PD",
    ("S-01", "iRECIST", 1): "iUPD",
    ("S-01", "iRECIST", 2): "iPR",
    ("S-02", "RECIST 1.1", 1): "SD",
    ("S-02", "iRECIST", 1): "iSD",
}
BOTH = "RECIST 1.1, iRECIST"


@pytest.fixture
def lesions(tmp_path: Path) -> Path:
    path = tmp_path / "lesions.csv"
    path.write_text(LESIONS)
    return path


def responses(path: Path) -> dict[tuple[str, str, int], str]:
    frame = pl.read_csv(path).select("subject_id", "criterion", "timepoint", "overall_response")
    return {(subject, criterion, timepoint): said for subject, criterion, timepoint, said in frame.iter_rows()}


def test_the_course_is_explained_on_the_terminal(lesions: Path, tmp_path: Path) -> None:
    said = nadir(tmp_path, "assess", str(lesions), "--criteria", "iRECIST")
    text = " ".join(said.out.split())
    assert said.code == 0, said
    for expected in ("S-01 · INVESTIGATOR", "iUPD", "iPR", "65.0 mm", "Best responses"):
        assert expected in text, expected
    assert not any(path.name.startswith(".") for path in tmp_path.iterdir()), "no study is made"


def test_out_writes_time_point_and_best_responses_beside_each_other(lesions: Path, tmp_path: Path) -> None:
    out = tmp_path / "result.csv"
    assert nadir(tmp_path, "assess", str(lesions), "--criteria", BOTH, "--out", str(out)).code == 0
    found = responses(out)
    assert {key: found[key] for key in RESPONSES} == RESPONSES
    best = pl.read_csv(tmp_path / "result_best.csv").filter(pl.col("subject_id") == "S-01")
    assert dict(best.select("criterion", "best_response").iter_rows()) == {"RECIST 1.1": "PD", "iRECIST": "iPR"}


@pytest.mark.parametrize("suffix", ["json", "parquet"])
def test_out_writes_the_format_of_its_suffix(lesions: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"result.{suffix}"
    assert nadir(tmp_path, "assess", str(lesions), "--criteria", BOTH, "--out", str(out)).code == 0
    reader = {"json": pl.read_json, "parquet": pl.read_parquet}[suffix]
    found = reader(out).filter(pl.col("timepoint") > 0).select("subject_id", "criterion", "overall_response")
    assert ("S-01", "RECIST 1.1", "PD") in list(found.iter_rows())
    assert (tmp_path / f"result_best.{suffix}").is_file()


def test_without_criteria_all_of_them_are_shown(lesions: Path, tmp_path: Path) -> None:
    out = tmp_path / "result.csv"
    assert nadir(tmp_path, "assess", str(lesions), "--out", str(out)).code == 0
    assert set(pl.read_csv(out)["criterion"]) == set(CRITERIA)


def test_parquet_gives_what_csv_gives(lesions: Path, tmp_path: Path) -> None:
    parquet, out = tmp_path / "lesions.parquet", tmp_path / "result.csv"
    pl.read_csv(lesions, try_parse_dates=True).write_parquet(parquet)
    assert nadir(tmp_path, "assess", str(parquet), "--criteria", BOTH, "--out", str(out)).code == 0
    found = responses(out)
    assert {key: found[key] for key in RESPONSES} == RESPONSES


def test_excel_gives_what_csv_gives(lesions: Path, tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter", reason="no library that writes Excel files is installed")
    workbook, out = tmp_path / "lesions.xlsx", tmp_path / "result.csv"
    pl.read_csv(lesions, try_parse_dates=True).write_excel(workbook)
    assert nadir(tmp_path, "assess", str(workbook), "--criteria", BOTH, "--out", str(out)).code == 0
    found = responses(out)
    assert {key: found[key] for key in RESPONSES} == RESPONSES


def test_subjects_give_the_reference_date_and_the_start_of_new_therapy(lesions: Path, tmp_path: Path) -> None:
    subjects, out = tmp_path / "subjects.csv", tmp_path / "result.csv"
    subjects.write_text("subject_id,reference_date,new_therapy_date\nS-01,2024-01-10,2024-03-15\nS-02,2024-01-10,\n")
    arguments = ("assess", str(lesions), "--criteria", "iRECIST", "--subjects", str(subjects), "--out", str(out))
    assert nadir(tmp_path, *arguments).code == 0
    found = pl.read_csv(out, try_parse_dates=True).filter(pl.col("subject_id") == "S-01", pl.col("timepoint") == 1)
    assert found["assessment_date"].item() == dt.date(2024, 3, 1)
    assert found["study_day"].item() == 52
    best = pl.read_csv(tmp_path / "result_best.csv").filter(pl.col("subject_id") == "S-01")
    assert best["best_response"].item() == "iUPD", "what comes after a new therapy does not count"


def test_wrong_rows_are_told_one_by_one_and_the_rest_is_judged(tmp_path: Path) -> None:
    lines = LESIONS.splitlines()
    lines[2] = lines[2].replace("2024-03-01", "2031-02-30")
    lines[4] = lines[4].replace(",50", ",-50")
    path, out = tmp_path / "lesions.csv", tmp_path / "result.csv"
    path.write_text("\n".join([*lines, lines[1], "S-03,0,2024-01-05,T1,TARGTE,LIVER,20"]))
    said = nadir(tmp_path, "assess", str(path), "--criteria", BOTH, "--out", str(out))
    assert said.code == 1
    assert "Traceback" not in said.err
    told = said.err.splitlines()
    assert told[0] == "4 rows were not used:"
    for number, parts in {
        3: ("assessment_date = '2031-02-30'",),
        5: ("longest_diameter_mm = '-50'", "cannot be negative; correct the value"),
        7: ("repeats row 2 of lesions.csv; send each row once",),
        8: ("role = 'TARGTE'", "TARGET"),
    }.items():
        (line,) = [line for line in told if f"lesions.csv row {number}: " in line]
        assert all(part in line for part in parts), line
    assert responses(out)["S-01", "RECIST 1.1", 2] == "PR"


@pytest.mark.parametrize(
    ("content", "arguments", "expected"),
    [
        ("", (), "lesions.csv: the file is empty; send the file again"),
        (LESIONS.splitlines()[0] + "\n", (), "lesions.csv: the table has a header but no rows"),
        (
            LESIONS.replace("lesion_id", "lesionid", 1),
            (),
            "required column lesion_id is missing; column lesionid: did you mean lesion_id?",
        ),
        (LESIONS.replace("organ", "role", 1), (), "column 'role' stands more than once in the header"),
        (LESIONS + "S-02,2,2024-05-01,T1,TARGET,LUNG,50,60\n", (), "lesions.csv row 7: 8 fields, the header has 7"),
        (LESIONS, ("--criteria", "iRESIST"), "unknown criterion 'iRESIST'; criteria are: "),
        (LESIONS, ("--out", "result.xpt"), "cannot write .xpt; use .csv, .json, .parquet"),
        (LESIONS, ("--subjects", "absent.csv"), "absent.csv: no such file"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_message(
    tmp_path: Path, content: str, arguments: tuple[str, ...], expected: str
) -> None:
    path = tmp_path / "lesions.csv"
    path.write_text(content)
    assert expected in complaint(nadir(tmp_path, "assess", str(path), *arguments))


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("absent.csv", None, "absent.csv: no such file"),
        ("lesions.docx", b"PK", "cannot read .docx; use .csv, .xlsx or .parquet"),
        ("lesions.xlsx", b"no workbook", "lesions.xlsx: named .xlsx, but no workbook"),
        ("lesions.parquet", b"no parquet", "lesions.parquet: cannot be read as a table"),
        ("lesions.csv", b"PK\x00\x00", "lesions.csv: not a text file"),
    ],
)
def test_a_file_of_another_kind_is_one_message(tmp_path: Path, name: str, content: bytes | None, expected: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert expected in complaint(nadir(tmp_path, "assess", str(path)))
