"""The way of a study through the command line: init, refresh, sql, explain, releases, verify."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from protocol.study import Study
from tests.assets.small_study import BEST, put_forms
from tests.nadir.command_line import Said, complaint, ended, nadir, start

pytestmark = pytest.mark.xdist_group("nadir_study")

BEST_SQL = """SELECT subject_id, best_response FROM analysis.best_response
              WHERE criterion = 'iRECIST' AND evaluator = 'INVESTIGATOR' AND origin = 'DERIVED' ORDER BY 1"""


def test_init_makes_a_study_that_can_be_refreshed_at_once(tmp_path: Path) -> None:
    said = nadir(tmp_path / "studies", "init", "TRIAL-1")
    assert said.code == 0
    assert "nadir refresh TRIAL-1" in said.out
    study = Study(tmp_path / "studies" / "TRIAL-1")
    assert study.protocol.criteria
    assert (study.incoming / "forms").is_dir()


def test_init_never_touches_a_study_that_is_there(tmp_path: Path) -> None:
    nadir(tmp_path, "init", "A")
    (tmp_path / "A" / "protocol.yaml").write_text("criteria: [iRECIST]\n")
    assert "study 'A' exists already" in complaint(nadir(tmp_path, "init", "A"))
    assert (tmp_path / "A" / "protocol.yaml").read_text() == "criteria: [iRECIST]\n"


def test_refresh_says_what_it_published(first_refresh: Said, small: Study) -> None:
    current = (small.releases / "current").resolve().name
    assert f"Published release {current} of SMALL" in first_refresh.out


def test_refresh_with_nothing_new_says_so_and_publishes_nothing(small: Study, home: Path) -> None:
    before = sorted(path.name for path in small.releases.iterdir())
    said = nadir(home, "refresh", "SMALL")
    assert said.code == 0
    assert "Nothing new" in said.out
    assert sorted(path.name for path in small.releases.iterdir()) == before


def test_sql_writes_csv_into_a_pipe(small: Study, home: Path) -> None:
    said = nadir(home, "sql", "SMALL", BEST_SQL)
    assert dict(pl.read_csv(io.StringIO(said.out)).iter_rows()) == BEST["iRECIST"]


@pytest.mark.parametrize("suffix", ["csv", "json", "parquet"])
def test_sql_writes_a_file_in_the_format_of_its_suffix(small: Study, home: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"best.{suffix}"
    said = nadir(home, "sql", "SMALL", BEST_SQL, "--out", str(out))
    assert said.code == 0
    assert "6 rows" in said.out
    reader = {"csv": pl.read_csv, "json": pl.read_json, "parquet": pl.read_parquet}[suffix]
    assert dict(reader(out).iter_rows()) == BEST["iRECIST"]


def test_sql_reads_an_earlier_release_by_its_id(small: Study, home: Path) -> None:
    current = (small.releases / "current").resolve().name
    said = nadir(home, "sql", "SMALL", "SELECT count(*) AS n FROM core.subject", "--release", current)
    assert said.out == "n\n6\n"


def test_releases_lists_the_current_one_and_its_file(small: Study, home: Path) -> None:
    (row,) = pl.read_csv(io.StringIO(nadir(home, "releases", "SMALL").out)).to_dicts()
    assert row["current"] == "*"
    assert row["inputs"] == 7
    assert Path(row["database"]).is_file()


def test_verify_finds_a_release_as_it_was_published(small: Study, home: Path) -> None:
    said = nadir(home, "verify", "SMALL")
    assert said.code == 0
    assert "1 releases of SMALL are as they were published" in said.out


def test_verify_names_an_altered_file(small: Study, home: Path) -> None:
    manifest = small.releases.joinpath("current").resolve() / "manifest.json"
    text, mode = manifest.read_text(), manifest.stat().st_mode
    manifest.chmod(0o644)
    manifest.write_text(text + " ")
    try:
        assert "manifest.json was altered" in complaint(nadir(home, "verify", "SMALL"))
    finally:
        manifest.write_text(text)
        manifest.chmod(mode)


def test_explain_shows_both_criteria_with_rule_and_numbers(small: Study, home: Path) -> None:
    said = nadir(home, "explain", "S-05", "--evaluator", "INVESTIGATOR")
    text = " ".join(said.out.split())
    assert said.code == 0
    for expected in ("RECIST 1.1", "iRECIST", "iUPD", "PD", "65.0 mm", "+30.0 %", "iPR"):
        assert expected in text, expected
    assert "RADIOLOGIST 1" not in text


def test_two_studies_that_know_a_subject_are_told_apart(small: Study, home: Path, tmp_path: Path) -> None:
    twin = tmp_path / "studies"
    twin.mkdir()
    for name in ("ONE", "TWO"):
        (twin / name).symlink_to(small.path)
    said = complaint(nadir(twin, "explain", "S-01"))
    assert "give --study, one of ONE, TWO" in said
    assert nadir(twin, "explain", "S-01", "--study", "TWO").code == 0


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("refresh", "ABSENT"), "no study 'ABSENT'"),
        (("sql", "ABSENT", "SELECT 1"), "studies: SMALL"),
        (("refresh", "../SMALL"), "no study '../SMALL'"),
        (("init", "A/B"), "'A/B' cannot be a study's name: use up to 64 letters, digits"),
        (("init", ""), "cannot be a study's name"),
        (("sql", "SMALL", "SELECT nothing FROM core.subject"), '"nothing" not found'),
        (("sql", "SMALL", "SELECT * FROM core.absent"), "Table with name absent does not exist"),
        (("sql", "SMALL", "SELEC 1"), "syntax error"),
        (("sql", "SMALL", "DELETE FROM core.subject"), "read-only"),
        (("sql", "SMALL", "CREATE TABLE core.mine (n INT)"), "read-only"),
        (("sql", "SMALL", "SELECT 1", "--release", "20200101T000000Z"), "no release '20200101T000000Z'; releases: 2"),
        (("sql", "SMALL", "SELECT 1", "--out", "table.docx"), "cannot write .docx; use .csv, .json, .parquet"),
        (
            ("sql", "SMALL", "SELECT 1", "--out", "absent/table.csv"),
            "absent/table.csv: cannot be written: No such file",
        ),
        (("sql", "SMALL", "SELECT 1", "--unblinded"), "has no release yet"),
        (("explain", "S-77"), "has published a subject 'S-77'"),
        (("explain", "S-01", "--evaluator", "NOBODY"), "by 'NOBODY'; evaluators: INVESTIGATOR, RADIOLOGIST 1"),
        (("releases", "ABSENT"), "no study 'ABSENT'"),
        (("verify", "ABSENT"), "no study 'ABSENT'"),
    ],
)
def test_a_mistake_is_one_message_that_says_what_is_there(
    small: Study, home: Path, arguments: tuple[str, ...], expected: str
) -> None:
    assert expected in complaint(nadir(home, *arguments))


def test_a_query_can_neither_write_to_a_release_nor_beside_it(small: Study, home: Path) -> None:
    hashes = (small.releases / "current" / "SHA256SUMS").read_text()
    nadir(home, "sql", "SMALL", "UPDATE core.subject SET arm = 'X'")
    assert nadir(home, "verify", "SMALL").code == 0
    assert (small.releases / "current" / "SHA256SUMS").read_text() == hashes


def test_the_program_itself_answers_in_a_process_of_its_own(small: Study, home: Path) -> None:
    program = Path(sys.executable).with_name("nadir")
    if not program.exists():
        pytest.skip("nadir is not installed beside this Python")
    ran = subprocess.run([program, "--help"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0
    for command in ("init", "refresh", "assess", "sql", "releases", "verify", "explain", "dev", "demo"):
        assert command in ran.stdout
    assert ended(start(home, "sql", "SMALL", "SELECT 40 + 2 AS n")) == Said(0, "n\n42\n", "")


def test_a_form_that_cannot_be_used_is_told_and_in_the_rejects(tmp_path: Path) -> None:
    from tests.assets.small_study import forms, make_study

    study = make_study(tmp_path)
    good = forms()
    tr = good["tr.csv"].splitlines()
    tr[1] = tr[1].replace(",50,50,mm", ",-50,-50,mm")
    tr[6] = tr[6].replace("2024-03-06", "2031-02-30")
    tr.append("TR,S-99,T01,LDIAM,20,20,mm,INVESTIGATOR,,1,SCREENING,2024-01-05")
    bad = {
        "tr.csv": "\n".join([*tr, ""]),
        "ds.csv": "",
        "ex.csv": good["ex.csv"].replace("EXSTDTC", "EXSTDTCC", 1),
    }
    put_forms(study, bad)
    said = nadir(tmp_path, "refresh", "SMALL")
    assert said.code == 0, said
    assert "nadir transfer SMALL last" in " ".join(said.out.split())
    query = "SELECT source_name, source_record, field, value, reason, remedy FROM raw.reject ORDER BY 1, 2"
    out = tmp_path / "rejects.json"
    nadir(tmp_path, "sql", "SMALL", query, "--out", str(out))
    rejects = json.loads(out.read_text())
    assert all(reject["remedy"] for reject in rejects)
    told = {(r["source_name"], r["source_record"], r["field"], r["value"]) for r in rejects}
    assert told >= {
        ("forms/ds.csv", None, None, None),
        ("forms/ex.csv", None, "EXSTDTC", None),
        ("forms/tr.csv", "2", "TRSTRESN", "-50"),
        ("forms/tr.csv", "7", "TRDTC", "2031-02-30"),
        ("forms/tr.csv", str(len(tr)), "USUBJID", "S-99"),
    }, rejects
    kept = nadir(tmp_path, "sql", "SMALL", "SELECT count(DISTINCT subject_id) AS n FROM analysis.best_response")
    assert kept.out == "n\n6\n"
