"""What each format says of its own: typed cells, sheets, encodings, cut-off files, entities, transactions."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from pathlib import Path

import odmlib.odm_1_3_2.model as odm
import polars as pl
import pytest
import xlsxwriter

from ingestion.forms.readers import delimited, encoding
from ingestion.forms.readers.formats import read
from ingestion.forms.readers.records import ReadOptions, Records, UnreadableFileError, plain_number
from ingestion.forms.received import Received, read_forms
from ingestion.forms.recognition import KNOWN_COLUMNS
from ingestion.forms.transfers import gather
from ingestion.reject import Source
from tests.ingestion_forms.written import write_json, write_xpt

HEADER = ["USUBJID", "TRLNKID", "TRTESTCD", "TRSTRESN", "VISITNUM", "TRDTC"]


def forms_of(path: Path) -> tuple[Received, ...]:
    return read_forms(path, Source(path.name, "sha"))


def records_of(path: Path, **options: str) -> Records:
    (records,) = read(path, path.name, ReadOptions(known_columns=KNOWN_COLUMNS, **options))
    return records


def book(path: Path, **sheets: list[list[object]]) -> Path:
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as workbook:
        moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, dt.datetime):
                        sheet.write_datetime(row, column, cell, moment)
                    elif cell is not None:
                        sheet.write(row, column, cell)
    return path


def test_typed_cells_of_a_workbook_become_plain_text(tmp_path: Path) -> None:
    rows = [
        HEADER,
        ["S1", "T01", "LDIAM", 0.1 + 0.2, 1, dt.date(2024, 2, 29)],
        ["S1", "T02", "LDIAM", 12.0, 2.5, dt.datetime(2024, 2, 29, 14, 30)],  # noqa: DTZ001
        ["S1", "T03", "LDIAM", True, 1, "2024-03"],
    ]
    (form,) = forms_of(book(tmp_path / "tr.xlsx", Tabelle1=rows))
    assert form.domain == "TR"
    assert form.frame["TRSTRESN"].to_list() == ["0.3", "12", "Y"]
    assert form.frame["VISITNUM"].to_list() == ["1", "2.5", "1"]
    assert form.frame["TRDTC"].to_list() == ["2024-02-29", "2024-02-29T14:30", "2024-03"]


def test_every_sheet_is_a_form_and_a_row_names_its_sheet(tmp_path: Path) -> None:
    tr = [["Tumour results, export of today"], [], HEADER, ["S1", "T01", "LDIAM", "12,", 1, "2024-01-01"]]
    dm = [["USUBJID", "ARM"], ["S1", "A"], [None, None], ["S2", "B"]]
    path = book(tmp_path / "transfer.xlsx", TR=tr, DM=dm, Notes=[["nothing of a form"], ["at all"]], Empty=[])
    found = {form.sheet: form for form in forms_of(path)}
    assert {sheet: form.domain for sheet, form in found.items()} == {"TR": "TR", "DM": "DM", "Notes": None}
    assert found["TR"].remarks == ("header in row 3",)
    frames, rejects = gather("S", list(found.values()))
    assert frames["DM"].select("USUBJID", "_row").rows() == [("S1", 2), ("S2", 4)]
    assert "unknown domain" in rejects["reason"].item() and "sheet Notes" in rejects["reason"].item()


def test_cells_beyond_the_header_are_told_with_sheet_and_row(tmp_path: Path) -> None:
    rows = [["USUBJID", "ARM"], ["S1", "A"], ["S2", "B", "stray"]]
    (form,) = forms_of(book(tmp_path / "dm.xlsx", DM=rows))
    assert form.frame["USUBJID"].to_list() == ["S1"]
    assert form.rejects.select("source_record", "value").rows() == [("DM!3", "S2,B,stray")]
    assert form.records == 2


def test_a_hidden_sheet_is_not_read(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "dm.xlsx")) as workbook:
        for name in ("DM", "words"):
            workbook.add_worksheet(name).write_column(0, 0, ["USUBJID", "S1"])
        workbook.get_worksheet_by_name("words").hide()
    assert [form.sheet for form in forms_of(tmp_path / "dm.xlsx")] == ["DM"]


def test_a_stray_cell_at_the_end_of_a_sheet_does_not_fill_the_memory(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "dm.xlsx")) as workbook:
        sheet = workbook.add_worksheet("DM")
        sheet.write_column(0, 0, ["USUBJID", "S1"])
        sheet.write(1_048_575, 16_383, "stray")
    (form,) = forms_of(tmp_path / "dm.xlsx")
    assert "a sheet spans 1,048,576 rows and 16,384 columns" in form.rejects["reason"].item()


@pytest.mark.parametrize(
    ("number", "text"),
    [(22.8, "22.8"), (0.1 + 0.2, "0.3"), (1e-5, "0.00001"), (123456789012.0, "123456789012"), (-0.5, "-0.5"), (3, "3")],
)
def test_numbers_are_written_without_noise(number: float, text: str) -> None:
    assert plain_number(number) == text


TEXT = "USUBJID;ARM\nS1;Größe\n"


@pytest.mark.parametrize(
    ("name", "mark"),
    [("utf-8", b""), ("utf-8-sig", b""), ("utf-16", b""), ("utf-16-le", b""), ("utf-16-be", b""), ("cp1252", b"")],
)
def test_encodings_are_found_out_over_the_whole_file(tmp_path: Path, name: str, mark: bytes) -> None:
    path = tmp_path / "dm.csv"
    path.write_bytes(mark + TEXT.encode(name))
    assert forms_of(path)[0].frame["ARM"].to_list() == ["Größe"]


def test_a_declared_encoding_that_is_not_the_files_is_told(tmp_path: Path) -> None:
    path = tmp_path / "dm.csv"
    path.write_bytes(TEXT.encode("cp1252"))
    assert records_of(path, encoding="cp1252").table["1"].to_list() == ["Größe"]
    with pytest.raises(UnreadableFileError, match="not in the encoding utf-8"):
        records_of(path, encoding="utf-8")


@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_blocks_give_the_same_records_as_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quoted: bool, end: str
) -> None:
    lines = ["A,B,C"]
    for number in range(60):
        cell = f'"x,{number}{end}y"' if quoted and number % 7 == 3 else f"x{number}"
        lines.append(f"{number},{cell},")
        if number % 11 == 5:
            lines.append("")
        if number % 13 == 6:
            lines.append(f"{number},ragged")
    path = tmp_path / "dm.csv"
    path.write_text(end.join([*lines, ""]), newline="")
    whole = records_of(path)
    monkeypatch.setattr(encoding, "BLOCK", 37)
    monkeypatch.setattr(delimited, "RECORDS_AT_ONCE", 4)
    blocks = records_of(path)
    assert blocks.table.equals(whole.table)
    assert blocks.ragged == whole.ragged
    assert whole.table.height == 60 and len(whole.ragged) == 5
    assert whole.table["0"].to_list() == [str(number) for number in range(60)]


def test_dataset_json_keeps_the_digits_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "lb.json"
    columns = [
        {"itemOID": "IT.A", "name": name, "label": name, "dataType": "string"} for name in ("USUBJID", "LBSTRESN")
    ]
    rows = '[["S1", 0.10], ["S2", 1e3], ["S3", null], ["S4", true]]'
    path.write_text(f'{{"name": "LB", "columns": {json.dumps(columns)}, "records": 4, "rows": {rows}}}')
    assert records_of(path).table["1"].to_list() == ["0.10", "1e3", None, "Y"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            '{"name": "DM", "records": 3, "columns": [{"name": "USUBJID"}], "rows": [["S1"]]}',
            "says 3 records and holds 1",
        ),
        ('{"name": "DM", "columns": [{"name": "USUBJID"}], "rows": [["S1"]', "end of the file"),
        ('{"name": "DM", "rows": [["S1"]]}', "no columns"),
        ('{"name": "DM", "columns": [{"name": "USUBJID"}], "rows": ["S1"]}', "a row that is no array"),
        ("[1, 2]", "expected '{'"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "not readable as Dataset-JSON"),
        ("", "end of the file"),
    ],
)
def test_a_dataset_json_file_that_is_cut_off_or_no_data_set_says_so(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "dm.json"
    path.write_text(content)
    assert reason in forms_of(path)[0].rejects["reason"].item()


def test_a_row_of_another_width_is_ragged_in_dataset_json(tmp_path: Path) -> None:
    path = tmp_path / "dm.ndjson"
    about = {"name": "DM", "columns": [{"name": "USUBJID"}, {"name": "ARM"}]}
    path.write_text("\n".join(map(json.dumps, (about, ["S1", "A"], ["S2"], ["S3", "B"]))))
    (form,) = forms_of(path)
    assert form.frame.select("USUBJID", "_row").rows() == [("S1", 1), ("S3", 3)]
    assert form.rejects.select("source_record", "value").rows() == [("2", "S2")]


def test_a_compressed_file_that_is_cut_off_says_so(tmp_path: Path) -> None:
    path = tmp_path / "dm.dsjc"
    whole = zlib.compress(b'{"name": "DM", "columns": [{"name": "USUBJID"}]}\n["S1"]\n')
    path.write_bytes(whole[:-4])
    assert forms_of(path)[0].domain is None
    path.write_bytes(whole)
    assert forms_of(path)[0].frame["USUBJID"].to_list() == ["S1"]


def test_every_member_of_a_transport_file_is_read(tmp_path: Path) -> None:
    parts = {}
    for name, column in (("DM", "ARM"), ("SV", "VISIT")):
        frame = pl.DataFrame({"USUBJID": ["S1", "S2"], column: ["A", "B"], "VISITNUM": ["1", "2"]})
        write_xpt(frame, tmp_path / "part.xpt", name)
        parts[name] = (tmp_path / "part.xpt").read_bytes()
    member = parts["SV"].index(b"HEADER RECORD*******MEMBER")
    path = tmp_path / "all.xpt"
    path.write_bytes(parts["DM"] + parts["SV"][member:])
    found = {form.domain: form for form in forms_of(path)}
    assert {name: form.frame.height for name, form in found.items()} == {"DM": 2, "SV": 2}
    assert found["SV"].frame["VISIT"].to_list() == ["A", "B"]
    assert found["SV"].sheet == "SV"


def odm_file(path: Path, groups: list[dict[str, object]], subject: str = "S1", **about: str) -> Path:
    """Item groups of one subject: items by column, TransactionType as `type`, repeat key as `key`, and a `reason`."""
    root = odm.ODM(
        FileOID="F",
        FileType="Transactional",
        ODMVersion="1.3.2",
        CreationDateTime="2024-03-04T06:00:00",
        Granularity="AllClinicalData",
    )
    form = odm.FormData(FormOID="F.TR")
    for number, group in enumerate(groups, start=1):
        given = {name: value for name, value in group.items() if name not in ("type", "key", "reason")}
        data = odm.ItemGroupData(ItemGroupOID="IG.TR", ItemGroupRepeatKey=str(group.get("key", number)))
        if "type" in group:
            data.TransactionType = group["type"]
        if "reason" in group:
            record = odm.AuditRecord(UserRef=odm.UserRef(UserOID="U"), LocationRef=odm.LocationRef(LocationOID="L"))
            record.DateTimeStamp = odm.DateTimeStamp(_content="2024-03-04T06:00:00")
            record.ReasonForChange = odm.ReasonForChange(_content=group["reason"])
            data.AuditRecord = record
        for name, value in given.items():
            item = odm.ItemData(ItemOID=f"IT.TR.{name}")
            item.Value, null = (str(value), False) if value is not None else ("", True)
            if null:
                item.IsNull = "Yes"
            data.ItemData.append(item)
        form.ItemGroupData.append(data)
    event = odm.StudyEventData(StudyEventOID="SE.1", StudyEventRepeatKey="1", FormData=[form])
    subject_data = odm.SubjectData(SubjectKey=subject, StudyEventData=[event], **about)
    root.ClinicalData = [odm.ClinicalData(StudyOID="S", MetaDataVersionOID="V", SubjectData=[subject_data])]
    root.write_xml(str(path))
    return path


FULL = {"TRLNKID": "T01", "TRTESTCD": "LDIAM", "TRSTRESN": "12", "VISITNUM": "1", "TRDTC": "2024-01-01"}


def test_odm_item_groups_are_rows_of_a_form(tmp_path: Path) -> None:
    (form,) = forms_of(odm_file(tmp_path / "odm.xml", [FULL, {**FULL, "TRTESTCD": "LPERP", "TRSTRESN": None}]))
    assert form.domain == "TR"
    assert form.frame.select("USUBJID", "TRTESTCD", "TRSTRESN", "_row").rows() == [
        ("S1", "LDIAM", "12", 1),
        ("S1", "LPERP", None, 2),
    ]
    assert form.frame.select("STUDYEVENTOID", "FORMOID", "_sheet").unique().rows() == [("SE.1", "F.TR", "IG.TR")]


def test_odm_names_come_from_the_definitions_in_the_file(tmp_path: Path) -> None:
    path = odm_file(tmp_path / "odm.xml", [FULL])
    text = path.read_text()
    for name in FULL:
        text = text.replace(f"IT.TR.{name}", f"I_{name}_77")
    definitions = "".join(f'<ItemDef OID="I_{name}_77" Name="a name" SASFieldName="{name}"/>' for name in FULL)
    group = '<ItemGroupDef OID="G1" Name="Tumour results" Repeating="Yes" Domain="TR"/>'
    study = f'<Study OID="S"><MetaDataVersion OID="V" Name="V">{group}{definitions}</MetaDataVersion></Study>'
    path.write_text(text.replace("IG.TR", "G1").replace("<ClinicalData", f"{study}<ClinicalData"))
    (form,) = forms_of(path)
    assert form.domain == "TR"
    assert form.frame.select(*FULL).row(0) == tuple(FULL.values())


def test_odm_updates_and_removals_are_folded_in_their_order(tmp_path: Path) -> None:
    groups = [
        {**FULL, "key": 1, "type": "Insert"},
        {**FULL, "key": 2, "type": "Insert", "TRTESTCD": "LPERP"},
        {"key": 1, "type": "Update", "TRSTRESN": "15", "reason": "typing error"},
        {"key": 2, "type": "Remove"},
        {"key": 9, "type": "Update", "TRSTRESN": "1"},
    ]
    frames, rejects = gather("S", forms_of(odm_file(tmp_path / "odm.xml", groups)))
    assert frames["TR"].select("USUBJID", "TRTESTCD", "TRSTRESN", "_row").rows() == [("S1", "LDIAM", "15", 3)]
    assert rejects.select("source_record", "reason").rows() == [
        ("IG.TR!5", "an update of a record that was never received")
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: text.replace("<ODM ", '<!DOCTYPE ODM [<!ENTITY a "b">]>\n<ODM ', 1), "declares a DTD"),
        (lambda text: text[: len(text) // 2], "not readable as ODM"),
        (lambda text: "<html><body/></html>", "an XML file of another kind (<html>)"),
        (lambda text: text[: text.index("<ClinicalData")] + "</ODM>", "no clinical data"),
    ],
)
def test_an_odm_file_that_cannot_be_used_says_why(tmp_path: Path, change, reason: str) -> None:
    path = odm_file(tmp_path / "odm.xml", [FULL])
    text = path.read_text()
    path.write_text(change(text if text.startswith("<ODM") else text[text.index("<ODM") :]))
    assert reason in forms_of(path)[0].rejects["reason"].item()


def test_entities_are_never_expanded(tmp_path: Path) -> None:
    path = odm_file(tmp_path / "odm.xml", [FULL])
    text = path.read_text()
    text = text[text.index("<ODM") :]
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    path.write_text(f'<!DOCTYPE ODM [<!ENTITY e0 "ha">{bomb}]>\n' + text.replace('Value="12"', 'Value="&e11;"'))
    assert forms_of(path)[0].domain is None


def test_a_removed_subject_without_its_item_groups_is_told(tmp_path: Path) -> None:
    (form,) = forms_of(odm_file(tmp_path / "odm.xml", [], TransactionType="Remove"))
    assert form.rejects["reason"].to_list() == ["a removed SubjectData without its item groups"]
    assert form.rejects["value"].to_list() == ["Remove of S1"]


def test_a_file_whose_suffix_promises_another_format_says_so(tmp_path: Path) -> None:
    for name, reason in (
        ("dm.xlsx", "no workbook"),
        ("dm.xpt", "not a SAS version 5"),
        ("dm.xml", "not readable as ODM"),
    ):
        path = tmp_path / name
        path.write_text("USUBJID,ARM\nS1,A\n")
        assert reason in forms_of(path)[0].rejects["reason"].item()


def test_a_dataset_json_table_is_recognised_by_its_name(tmp_path: Path) -> None:
    write_json(pl.DataFrame({"USUBJID": ["S1"], "ARM": ["A"]}), tmp_path / "export_17.json", "DM")
    assert forms_of(tmp_path / "export_17.json")[0].domain == "DM"
