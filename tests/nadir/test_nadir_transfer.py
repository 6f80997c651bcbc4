"""Transfers as their sender reads of them: the list, one report on the terminal and as files."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from protocol.study import Study
from tests.assets.small_study import COURSES, forms, make_study, put_forms
from tests.nadir.command_line import Said, complaint, nadir

pytestmark = pytest.mark.xdist_group("nadir_transfer")

NEWER = {**COURSES, "S-04": (50, 52, 54, 70), "S-06": (40, 40)}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study after two transfers: the second corrects a size, withdraws a visit, adds a form with two bad cells."""
    home = tmp_path_factory.mktemp("studies")
    study = make_study(home)
    assert nadir(home, "refresh", "SMALL").code == 0
    put_forms(study, {"tr.csv": forms(NEWER)["tr.csv"], "clinical_status.csv": STATUS})
    assert nadir(home, "refresh", "SMALL").code == 0
    return home


STATUS = "subject_id,assessment_date,ecog,clinically_stable\nS-01,2024-03-05,1,Y\nS-02,2024-03-05,two,perhaps\n"


def listed(home: Path) -> pl.DataFrame:
    return pl.read_csv(io.StringIO(nadir(home, "transfer", "SMALL").out))


def test_init_writes_empty_forms(tmp_path: Path) -> None:
    assert "templates/" in nadir(tmp_path, "init", "TRIAL").out
    templates = Study(tmp_path / "TRIAL").templates
    assert (templates / "forms.xlsx").is_file()
    assert (templates / "measurement.csv").read_text().startswith("subject_id,")


def test_the_transfers_are_listed_with_what_they_did(home: Path) -> None:
    first, second = listed(home).to_dicts()
    assert (first["files"], first["inserted"], first["corrected"], first["withdrawn"]) == (7, 0, 0, 0)
    assert (second["files"], second["corrected"], second["withdrawn"], second["rejected"]) == (2, 1, 1, 2)
    assert first["transfer"] < second["transfer"]


def test_the_report_of_the_last_transfer_tells_changes_and_bad_cells(home: Path) -> None:
    said = nadir(home, "transfer", "SMALL", "last")
    text = " ".join(said.out.split())
    assert said.code == 0
    for expected in (
        "forms/clinical_status.csv: clinical_status, 2 rows, 2 count",
        "forms/clinical_status.csv row 3, subject S-02: ecog = 'two': not a whole number; write a whole number",
        "CORRECTED TR S-04 | INVESTIGATOR | | 4 | LDIAM | | T01: TRSTRESN '53' -> '70' (forms/tr.csv row",
        "WITHDRAWN TR S-06 | INVESTIGATOR | | 3 | LDIAM | | T01: was forms/tr.csv row",
    ):
        assert expected in text, expected


def test_an_earlier_transfer_is_asked_for_by_its_name(home: Path) -> None:
    first = listed(home)["transfer"][0]
    said = nadir(home, "transfer", "SMALL", first)
    assert said.code == 0
    assert "forms/dm.csv" in said.out and "forms/clinical_status.csv" not in said.out


@pytest.mark.parametrize("suffix", ["xlsx", "csv", "html"])
def test_the_report_is_written_as_a_file_for_the_sender(home: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"report.{suffix}"
    said = nadir(home, "transfer", "SMALL", "--out", str(out))
    assert said.code == 0, said
    match suffix:
        case "xlsx":
            with CalamineWorkbook.from_path(str(out)) as book:
                assert book.sheet_names == ["Summary", "Files", "Not used", "Reasons", "Changes"]
                assert len(book.get_sheet_by_name("Not used").to_python()) == 3
                kinds = {row[0] for row in book.get_sheet_by_name("Changes").to_python()[1:]}
                assert kinds == {"CORRECTED", "WITHDRAWN"}
        case "csv":
            rows = pl.read_csv(out)
            assert rows["what"].value_counts().sort("what").rows()[:1] == [("CORRECTED", 2)]
            assert set(rows.filter(what="NOT USED")["value"]) == {"two", "perhaps"}
        case _:
            text = out.read_text()
            assert "<td>perhaps</td>" in text and "<script" not in text


def test_what_changed_is_queryable_with_both_sources(home: Path) -> None:
    sql = (
        "SELECT field, old_value, new_value, old_source_name, new_source_name FROM raw.change WHERE kind = 'CORRECTED'"
    )
    rows = pl.read_csv(io.StringIO(nadir(home, "sql", "SMALL", f"{sql} ORDER BY field").out), infer_schema=False).rows()
    assert rows == [
        ("TRSTRESC", "53", "70", "forms/tr.csv", "forms/tr.csv"),
        ("TRSTRESN", "53", "70", "forms/tr.csv", "forms/tr.csv"),
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("transfer", "SMALL", "yesterday"), "no transfer 'yesterday'; transfers: 2"),
        (("transfer", "SMALL", "--out", "report.docx"), "cannot write .docx; use .xlsx, .csv, .html"),
        (("transfer", "SMALL", "--out", "absent/report.csv"), "cannot be written: No such file"),
        (("transfer", "SMALL", "--out", "absent/report.xlsx"), "cannot be written"),
        (("transfer", "ABSENT"), "no study 'ABSENT'"),
    ],
)
def test_a_mistake_is_one_message(home: Path, arguments: tuple[str, ...], message: str) -> None:
    assert message in complaint(nadir(home, *arguments))


def test_a_mapping_that_hits_nothing_is_told_at_the_refresh(tmp_path: Path) -> None:
    mapping = "mappings: [{match: 'lab*.csv', form: LB}]"
    make_study(tmp_path, protocol={"  mappings: []": f"  {mapping}"})
    said: Said = nadir(tmp_path, "refresh", "SMALL")
    assert said.code == 0, said
    assert "1 rows or files could not be used" in " ".join(said.out.split())
    reason = nadir(tmp_path, "sql", "SMALL", "SELECT source_name, value, reason FROM raw.reject").out.splitlines()[1]
    assert reason == "protocol.yaml,lab*.csv,the mapping matches no received file"
