"""Queries by the command line: listed, sent to sites, answered, taken back in, acted on. One study, one refresh."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from nadir.query_files import write_by_site, write_sheet
from protocol.study import Study
from quality.operations import operations_of
from tests.nadir.command_line import Said, complaint, nadir

pytestmark = pytest.mark.xdist_group("nadir_study")

KINDS = "CORRECTED,CONFIRMED,UNAVAILABLE,OTHER"


@pytest.fixture
def asked(small: Study, tmp_path: Path) -> Path:
    """A home of its own with the refreshed study; what is done to its queries is seen by this test alone."""
    shutil.copytree(small.path, tmp_path / "studies" / "SMALL", symlinks=True)
    return tmp_path / "studies"


def listed(home: Path, *filters: str) -> list[dict[str, object]]:
    said = nadir(home, "queries", "SMALL", "--json", *filters)
    assert said.code == 0, said
    found: list[dict[str, object]] = json.loads(said.out)
    return found


def said(answer: Said) -> str:
    return " ".join((answer.out + answer.err).split())


def exported(home: Path, name: str, *filters: str) -> Path:
    out = home.parent / name
    assert nadir(home, "queries", "export", "SMALL", "--out", str(out), *filters).code == 0
    return out


def cells(path: Path) -> list[list[object]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Queries").to_python()


def filled(path: Path, *answers: dict[str, str]) -> Path:
    """The exported list with answers in its first rows, written by another hand."""
    header, *rows = cells(path)
    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet = workbook.add_worksheet("Queries")
        sheet.write_row(0, 0, header)
        for number, row in enumerate(rows):
            given = answers[number] if number < len(answers) else {}
            values = [given.get(str(name), value) for name, value in zip(header, row, strict=True)]
            sheet.write_row(number + 1, 0, values)
    return path


def test_the_list_shows_open_queries_on_a_terminal_as_json_and_in_files(asked: Path, tmp_path: Path) -> None:
    csv = pl.read_csv(io.StringIO(nadir(asked, "queries", "SMALL").out))
    found = listed(asked)
    assert csv["query"].to_list() == [row["query"] for row in found]
    assert {row["status"] for row in found} == {"OPEN"}
    assert found[0]["message"]
    out = tmp_path / "queries.csv"
    assert nadir(asked, "queries", "list", "SMALL", "--out", str(out)).code == 0
    assert pl.read_csv(out).height == len(found)


@pytest.mark.parametrize(
    ("filters", "keeps"),
    [
        (("--subject", "S-02"), lambda row: row["subject_id"] == "S-02"),
        (("--subject", "S-02,S-03"), lambda row: row["subject_id"] in ("S-02", "S-03")),
        (("--rule", "MEASUREMENTS_WITHOUT_RESPONSE"), lambda row: row["rule_id"] == "MEASUREMENTS_WITHOUT_RESPONSE"),
        (("--site", "999"), lambda row: False),
        (("--severity", "error"), lambda row: row["severity"] == "ERROR"),
        (("--owner", "Grace"), lambda row: False),
        (("--status", "answered,closed"), lambda row: False),
        (("--older-than", "0"), lambda row: int(row["age_days"]) > 0),
        (("--status", "all"), lambda row: True),
    ],
)
def test_filters_choose(asked: Path, filters: tuple[str, ...], keeps: object) -> None:
    everything = listed(asked, "--status", "all")
    assert listed(asked, *filters) == [row for row in everything if keeps(row)]  # type: ignore[operator]


def test_people_act_on_a_query_and_its_history_tells_so(asked: Path) -> None:
    first, second, *_ = listed(asked)
    name = str(first["query"])
    for command, *rest in (
        ("assign", "Grace"),
        ("comment", "called the site"),
        ("answer", "measured again", "--kind", "confirmed", "--by", "Dr Lee"),
        ("close", "as it is"),
        ("reopen",),
    ):
        done = nadir(asked, "queries", command, "SMALL", name, *rest)
        assert done.code == 0, done
    assert f"{name} of SMALL is REOPENED" in said(done)
    (row,) = listed(asked, "--owner", "Grace")
    assert (row["status"], row["answer"], row["answer_kind"]) == ("REOPENED", "measured again", "CONFIRMED")
    assert str(row["answered_by"]).startswith("Dr Lee (entered by ")
    told = nadir(asked, "queries", "show", "SMALL", name[:12]).out
    events = ("OPENED by the data", "ASSIGN", "COMMENT", "ANSWER by Dr Lee", "CLOSE", "REOPEN")
    lines = [line.split(" UTC ")[1] for line in told.splitlines() if " UTC " in line]
    assert [line.startswith(event) for line, event in zip(lines, events, strict=True)] == [True] * len(events)
    assert [row["status"] for row in listed(asked) if row["query"] == second["query"]] == ["OPEN"]


def test_a_workbook_goes_to_the_site_and_its_answers_come_back_once(asked: Path) -> None:
    out = exported(asked, "site.xlsx")
    before = listed(asked)
    header, *rows = cells(out)
    assert len(rows) == len(before)
    assert header[-3:] == ["answer", "answer_kind", "answered_by"]
    assert not {"arm", "therapy", "agent"} & set(header)
    filled(out, {"answer": "there is none", "answer_kind": "unavailable", "answered_by": "Dr Lee"}, {"answer": "yes"})
    assert "2 answers taken, 0 known already" in said(nadir(asked, "queries", "import", "SMALL", str(out)))
    count = operations_of(Study(asked / "SMALL")).action_count("SMALL")
    assert "0 answers taken, 2 known already" in said(nadir(asked, "queries", "import", "SMALL", str(out)))
    assert operations_of(Study(asked / "SMALL")).action_count("SMALL") == count
    answered = {row["query"]: row for row in listed(asked, "--status", "answered")}
    assert set(answered) == {row[0] for row in rows[:2]}
    first = answered[rows[0][0]]
    assert (first["answer"], first["answer_kind"]) == ("there is none", "UNAVAILABLE")
    assert str(first["answered_by"]).startswith("Dr Lee (imported by ")
    assert answered[rows[1][0]]["answer_kind"] == "OTHER"
    assert len(cells(exported(asked, "rest.xlsx"))) == len(before) - 2 + 1, "an answered query is not asked again"


def test_the_workbook_is_ready_to_be_worked_with(asked: Path) -> None:
    import zipfile

    with zipfile.ZipFile(exported(asked, "site.xlsx")) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert 'state="frozen"' in sheet
    assert "<autoFilter" in sheet
    assert f'"{KINDS}"' in sheet.replace("&quot;", '"')
    assert "customWidth" in sheet


def test_a_csv_goes_and_comes_as_well(asked: Path) -> None:
    out = exported(asked, "site.csv", "--subject", "S-02")
    frame = pl.read_csv(out, infer_schema=False)
    first = pl.int_range(pl.len()) == 0
    frame.with_columns(answer=pl.when(first).then(pl.lit('no, "as read"; äöü'))).write_csv(out, separator=";")
    assert "1 answers taken" in said(nadir(asked, "queries", "import", "SMALL", str(out)))
    assert [row["answer"] for row in listed(asked, "--status", "answered")] == ['no, "as read"; äöü']


def test_wrong_rows_are_told_and_the_others_taken(asked: Path) -> None:
    out = exported(asked, "site.xlsx")
    nadir(asked, "queries", "close", "SMALL", str(cells(out)[5][0]), "fine")
    filled(
        out,
        {"answer": "right"},
        {"answer": "right", "answer_kind": "MAYBE"},
        {"answer_kind": "CONFIRMED"},
        {"query": "Q-0000000000000000", "answer": "right"},
        {"answer": "late"},
        {"answer": "right", "asked_at": "20200101T000000Z"},
        {"query": "", "answer": "right"},
        {"answer": "right", "answered_by": "x" * 100},
        {"query": str(cells(out)[1][0]), "answer": "wrong"},
    )
    answer = nadir(asked, "queries", "import", "SMALL", str(out))
    assert answer.code == 1
    assert "1 answers taken" in said(answer)
    for expected in (
        "8 rows were not used",
        "site.xlsx row 3: answer_kind = 'MAYBE': not a kind of answer; choose one of CORRECTED, CONFIRMED",
        "row 4: answer = None: a kind of answer without an answer; write the answer",
        "row 5: query = 'Q-0000000000000000': the study has no such query; see that the list was made for this study",
        "row 6: query = 'Q-",
        "the query was closed by",
        "row 7: asked_at = '20200101T000000Z': the query was asked again at",
        "row 8: query = None: the name of the query is missing",
        "row 9: answered_by = ",
        "row 10: answer = 'wrong': the query has another answer in row 2",
    ):
        assert expected in said(answer), expected
    assert [row["answer"] for row in listed(asked, "--status", "answered")] == ["right"]


def test_one_list_a_site(asked: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sites"
    answer = nadir(asked, "queries", "export", "SMALL", "--by-site", str(folder), "--format", "csv")
    assert "in 1 lists" in said(answer)
    assert [path.name for path in folder.iterdir()] == ["SMALL_101.csv"]
    frame = pl.DataFrame({"query": ["Q-1", "Q-2", "Q-3"], "site": ["A/1", None, "B"], "answer_kind": [None] * 3})
    written = write_by_site(frame, tmp_path / "more", "ST", ".xlsx")
    assert sorted(path.name for path in written) == ["ST_A_1.xlsx", "ST_B.xlsx", "ST_no_site.xlsx"]
    assert [row[0] for row in cells(tmp_path / "more" / "ST_B.xlsx")] == ["query", "Q-3"]


def test_a_text_that_looks_like_a_formula_stays_a_text(tmp_path: Path) -> None:
    texts = ["=1+1", "@SUM(A1)", "+49 30", "-5.2", "-x"]
    frame = pl.DataFrame({"query": texts, "answer_kind": [None] * 5})
    write_sheet(frame, tmp_path / "q.csv")
    found = pl.read_csv(tmp_path / "q.csv", infer_schema=False)["query"].to_list()
    assert found == ["'=1+1", "'@SUM(A1)", "+49 30", "-5.2", "'-x"]
    write_sheet(frame, tmp_path / "q.xlsx")
    assert [row[0] for row in cells(tmp_path / "q.xlsx")[1:]] == texts


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("ABSENT",), "no study 'ABSENT'"),
        (("SMALL", "--status", "opne"), "--status OPNE: write one of OPEN, ANSWERED, CLOSED, REOPENED, RESOLVED, ALL"),
        (("SMALL", "--severity", "fatal"), "--severity FATAL: write one of ERROR, WARN"),
        (("SMALL", "--out", "list.docx"), "cannot write .docx"),
        (("export", "SMALL"), "give either --out FILE.xlsx (or .csv), or --by-site FOLDER"),
        (("export", "SMALL", "--out", "list.pdf"), "cannot write .pdf; use .xlsx, .csv"),
        (("export", "SMALL", "--by-site", "x", "--format", "pdf"), "--format pdf: write one of xlsx, csv"),
        (("import", "SMALL", "absent.xlsx"), "absent.xlsx: no such file"),
        (("import", "SMALL", "letter.docx"), "cannot write .docx; use .xlsx, .csv"),
        (("answer", "SMALL", "Q-ffff000000000000", "yes"), "no query 'Q-ffff000000000000' in study SMALL"),
        (("answer", "SMALL", "Q-", "yes"), "no query 'Q-'"),
        (("close", "SMALL", "FIRST", " "), "CLOSE: write a text"),
        (("reopen", "SMALL", "FIRST"), "is OPEN: it is open already"),
        (("answer", "SMALL", "FIRST", "yes", "--kind", "sure"), "--kind SURE: write one of CORRECTED, CONFIRMED"),
    ],
)
def test_a_mistake_is_one_message(asked: Path, arguments: tuple[str, ...], expected: str) -> None:
    first = str(listed(asked)[0]["query"])
    said = nadir(asked, "queries", *(first if word == "FIRST" else word for word in arguments))
    assert expected in complaint(said)


def test_a_file_that_is_no_list_is_told(asked: Path, tmp_path: Path) -> None:
    other, empty, broken = (tmp_path / name for name in ("other.csv", "empty.csv", "broken.xlsx"))
    other.write_text("subject,text\nS-01,hello\n")
    empty.write_text("")
    broken.write_bytes(b"PK\x03\x04 no workbook")
    for path, expected in (
        (other, "no table with the columns query and answer"),
        (empty, "the file is empty"),
        (broken, "not a readable workbook"),
    ):
        assert expected in complaint(nadir(asked, "queries", "import", "SMALL", str(path)))


def test_a_row_with_too_many_cells_is_told(asked: Path) -> None:
    out = exported(asked, "site.csv", "--subject", "S-02")
    lines = out.read_text(encoding="utf-8-sig").splitlines()
    out.write_text("\n".join([lines[0], lines[1] + ",more", ""]))
    answer = nadir(asked, "queries", "import", "SMALL", str(out))
    assert answer.code == 1
    assert "site.csv row 2: the row has another number of cells than the header" in said(answer)
