"""Files as received: CSV and SAS transport become text frames of one domain, or rejects that say what to do."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import polars as pl
import pyreadstat
import pytest

from ingestion.forms.received import read_forms
from ingestion.forms.transfers import gather
from ingestion.reject import Source

TR = "USUBJID,TRLNKID,TRTESTCD,TRSTRESN,VISITNUM,TRDTC\n"
ROW = "S1,T01,LDIAM,12,1,2024-01-01\n"


def only(rejects):
    assert rejects.height == 1
    return rejects.row(0, named=True)


def test_columns_are_upper_case_text_and_empty_is_null(write):
    form = write("usubjid,trlnkid,TRTESTCD,TRSTRESN,VISITNUM,TRDTC,TRSTAT\n S1 ,T01,LDIAM,12.50,1,2024-01-01,\n")
    row = form.frame.row(0, named=True)
    assert (row["USUBJID"], row["TRSTRESN"], row["TRSTAT"]) == ("S1", "12.50", None)
    assert form.domain == "TR"
    assert form.rejects.is_empty() and form.remarks == ()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiter_is_found(write, delimiter):
    form = write((TR + ROW).replace(",", delimiter))
    assert form.frame["TRSTRESN"].to_list() == ["12"]


def test_quoted_fields_keep_delimiters_quotes_and_line_breaks(write):
    text = (
        TR.replace("\n", ",TRREASND\n")
        + 'S1,T01,LDIAM,,1,2024-01-01,"blurred, ""left"" lobe\nand more"\n'
        + ("S1,T02,LDIAM,1,1,2024-01-01,\n")
    )
    form = write(text)
    assert form.frame["TRREASND"][0] == 'blurred, "left" lobe\nand more'
    assert form.frame["_row"].to_list() == [2, 3]


def test_byte_order_mark_is_no_part_of_the_first_column(write):
    assert write(b"\xef\xbb\xbf" + (TR + ROW).encode()).frame["USUBJID"].to_list() == ["S1"]


@pytest.mark.parametrize(
    ("content", "encoding", "text"),
    [(b"M\xfcnchen \x96", "cp1252", "München –"), (b"M\xfc\x81", "latin-1", "Mü\x81")],
)
def test_other_encodings_are_read_with_a_remark(write, content, encoding, text):
    form = write(TR.encode().replace(b"\n", b",TRREASND\n") + b"S1,T01,LDIAM,12,1,2024-01-01," + content + b"\n")
    assert form.frame["TRREASND"].to_list() == [text]
    assert form.remarks == (f"not UTF-8; read as {encoding}",)


def test_a_line_with_too_many_or_too_few_fields_is_rejected_and_the_others_stay(write):
    form = write(TR + ROW + "S1,T01,LPERP,12,5,1,2024-01-01\n" + "S1,T02,LD\n" + ROW)
    assert form.frame["_row"].to_list() == [2, 5]
    assert form.rejects["source_record"].to_list() == ["3", "4"]
    assert form.rejects["reason"].to_list() == ["7 fields, the header has 6", "3 fields, the header has 6"]


def test_blank_lines_and_trailing_delimiters_do_no_harm(write):
    form = write(TR.strip() + ",,\n\n" + ROW.strip() + ",,\n\n")
    assert form.frame.height == 1 and form.rejects.is_empty()


@pytest.mark.parametrize(
    ("content", "name", "reason", "remedy"),
    [
        ("", "tr.csv", "the file is empty", "send the file again"),
        (TR, "tr.csv", "header but no rows", "with its rows"),
        (b"\x00\x01\x02", "tr.csv", "not a text file", "send CSV"),
        (b"PK\x03\x04rest", "tr.xlsx", "not a readable workbook", "save it again"),
        (b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!", "tr.xpt", "not a readable SAS transport file", "export"),
        ("USUBJID,AETERM\nS1,x\n", "ae.csv", "unknown domain AE", "DM, TU, TR"),
        ("DOMAIN,USUBJID,AETERM\nAE,S1,x\n", "tr.csv", "unknown domain AE", "DM, TU, TR"),
        ("USUBJID,USUBJID\nS1,S1\n", "dm.csv", "USUBJID stands twice", "keep one"),
        (
            TR.replace("TRTESTCD", "TRTESTC") + ROW,
            "tr.csv",
            "column TRTESTCD is missing",
            "column TRTESTC: did you mean TRTESTCD?",
        ),
        (
            TR.replace(",TRDTC", "").strip() + "\nS1,T01,LDIAM,12,1\n",
            "tr.csv",
            "column TRDTC is missing",
            "add column TRDTC",
        ),
    ],
)
def test_a_file_that_cannot_be_used_says_why_and_what_to_do(write, content, name, reason, remedy):
    form = write(content, name)
    assert form.domain is None and form.frame.is_empty()
    reject = only(form.rejects)
    assert reason in reject["reason"] and remedy in reject["remedy"]
    assert (reject["source_name"], reject["source_sha256"], reject["source_record"]) == (name, "sha", None)


def test_a_missing_column_is_named_as_the_field(write):
    assert only(write(TR.replace("VISITNUM", "VISITNO") + ROW).rejects)["field"] == "VISITNUM"


def test_a_file_that_is_not_there_is_a_reject(tmp_path):
    assert "cannot be opened" in only(read_forms(tmp_path / "tr.csv", Source("tr.csv", "sha"))[0].rejects)["reason"]


@pytest.mark.parametrize(
    ("header", "name", "domain"),
    [
        ("DOMAIN,USUBJID\nDM,S1\n", "subjects.csv", "DM"),
        ("USUBJID,ARM\nS1,A\n", "dm_2024.csv", "DM"),
        ("USUBJID,QNAM,QVAL\nS1,RANDDTC,2024-01-01\n", "suppdm.csv", "SUPPDM"),
        ("RDOMAIN,USUBJID,QNAM,QVAL\nTU,S1,INJFL,Y\n", "qualifiers.csv", "SUPPTU"),
    ],
)
def test_domain_is_told_by_its_column_else_by_the_file_name(write, header, name, domain):
    assert write(header, name).domain == domain


def test_a_row_of_another_domain_is_rejected(write):
    form = write("DOMAIN,USUBJID\nDM,S1\nDM,S2\nTR,S3\n", "dm.csv")
    assert form.frame["USUBJID"].to_list() == ["S1", "S2"]
    assert only(form.rejects)["value"] == "TR"


def test_files_of_a_domain_are_stacked_and_repeated_records_are_rejected(write):
    first = write(TR + ROW, "tr_a.csv")
    second = write(TR.strip() + ",TRMETHOD\n" + ROW.strip() + ",\n" + "S2,T01,LDIAM,9,1,2024-01-01,MRI\n", "tr_b.csv")
    received, rejects = gather("STUDY", [first, second])
    assert received["TR"].select("USUBJID", "TRMETHOD").rows() == [("S1", None), ("S2", "MRI")]
    reject = only(rejects)
    assert (reject["source_name"], reject["source_record"], reject["study_id"]) == ("tr_b.csv", "2", "STUDY")


def test_sas_transport_gives_the_same_rows_as_csv(write, tmp_path):
    text = (
        "USUBJID,TRLNKID,TRTESTCD,TRSTRESN,VISITNUM,TRDTC,TRSTAT\n"
        "S1,T01,LDIAM,22.8,9.2,2024-01-01,\nS1,T02,LDIAM,,1,2024-01-01,NOT DONE\nS1,T03,LDIAM,0.1,1,2024-01,\n"
    )
    table = write(text).frame
    numbers = table.drop("_row", "_source_name", "_source_sha256", "_sheet").with_columns(
        pl.col("TRSTRESN", "VISITNUM").cast(pl.Float64)
    )
    path = tmp_path / "x.xpt"
    pyreadstat.write_xport(numbers.to_pandas(), str(path), table_name="TR", file_format_version=5)
    (form,) = read_forms(path, Source("x.xpt", "sha"))
    assert form.domain == "TR"
    assert form.frame["_row"].to_list() == [1, 2, 3]
    provenance = ["_row", "_source_name"]
    assert form.frame.drop(provenance).equals(table.drop(provenance).select(form.frame.drop(provenance).columns))


def test_sas_transport_dates_become_iso_text(tmp_path):
    path = tmp_path / "dm.xpt"
    data = pd.DataFrame(
        {"USUBJID": ["S1", "S2"], "RFSTDTC": [dt.date(2024, 2, 29), None], "DTHDTC": [23374.0, float("nan")]}
    )
    formats = {"RFSTDTC": "DATE9."}
    pyreadstat.write_xport(data, str(path), table_name="DM", file_format_version=5, variable_format=formats)
    frame = read_forms(path, Source("dm.xpt", "sha"))[0].frame
    assert frame["RFSTDTC"].to_list() == ["2024-02-29", None]
    assert frame["DTHDTC"].to_list() == ["2023-12-30", None]
