"""Files in their sender's own words, put into the default encoding by the protocol's mapping."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingestion.forms.canonical import canonical
from ingestion.forms.mapping_use import unused_mappings
from ingestion.forms.received import Received, read_forms
from ingestion.forms.transfers import gather
from ingestion.reject import Source
from protocol.forms import Forms

Read = Callable[..., tuple[Received, ...]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads one file under the mappings given as they stand in protocol.yaml."""

    def read_mapped(content: str | bytes, name: str, *mappings: dict[str, Any]) -> tuple[Received, ...]:
        path = tmp_path / Path(name).name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_forms(path, Source(name, "sha"), study_id="S", forms=Forms(mappings=mappings))

    return read_mapped


GERMAN = "Patient;Läsion;Größe in cm;Datum;Visite\nS1;T01;2,25;05.03.2024;1\nS1;T02;1,0;5.3.2024;1\n"
MAPPING = {
    "match": "laesionen*.csv",
    "form": "TR",
    "encoding": "windows-1252",
    "decimal": "comma",
    "dates": "day_first",
    "columns": {
        "Patient": "USUBJID",
        "LÄSION": "TRLNKID",
        "Größe in  cm": "TRSTRESN",
        "Datum": "TRDTC",
        "Visite": "VISITNUM",
    },
    "constants": {"TRTESTCD": "LDIAM", "TRGRPID": "TARGET"},
    "units": {"TRSTRESN": "cm"},
}


def test_names_numbers_dates_units_and_constants_are_put_into_the_default_encoding(read: Read) -> None:
    (form,) = read(GERMAN.encode("cp1252"), "forms/Laesionen 2024.csv", MAPPING)
    assert form.domain == "TR"
    assert form.frame.select("USUBJID", "TRLNKID", "TRSTRESN", "TRSTRESU", "TRDTC", "TRTESTCD").rows() == [
        ("S1", "T01", "2.25", "cm", "2024-03-05", "LDIAM"),
        ("S1", "T02", "1.0", "cm", "2024-03-05", "LDIAM"),
    ]
    frames, _ = gather("S", [form])
    assert canonical("S", frames).measurement.frame["longest_diameter_mm"].to_list() == [22.5, 10.0]


def test_a_template_is_converted_to_the_units_of_its_table(read: Read) -> None:
    mapping = {
        "form": "measurement",
        "columns": {"size": "longest_diameter_mm"},
        "units": {"longest_diameter_mm": "inch"},
    }
    header = "subject_id,timepoint,assessment_date,lesion_id,role,size\n"
    text = header + "S1,0,2024-03-05,T1,TARGET,1.1\nS1,0,2024-03-05,T2,TARGET,x\n"
    (form,) = read(text, "sizes.csv", mapping)
    assert form.frame["longest_diameter_mm"].to_list() == ["27.94", "x"]


def test_a_unit_of_another_kind_is_told_and_no_number_goes_through(read: Read) -> None:
    text = "subject_id,timepoint,sum_mm\nS1,0,50\n"
    (form,) = read(text, "recorded_sum.csv", {"units": {"sum_mm": "kg"}})
    assert form.frame.is_empty()
    assert form.rejects["reason"].to_list() == ["the protocol declares kg, which is no unit of sum_mm (mm)"]


@pytest.mark.parametrize(
    ("formats", "written", "read_as"),
    [
        ("day_first", "05.03.2024", "2024-03-05"),
        ("day_first", "5/3/2024 14:30", "2024-03-05T14:30"),
        ("day_first", "31.02.2024", "31.02.2024"),
        ("day_first", "03.2024", "2024-03"),
        ("day_first", "13.2024", "13.2024"),
        ("month_first", "03/05/2024", "2024-03-05"),
        ("month_first", "13/05/2024", "13/05/2024"),
        (["%d%b%Y"], "05MAR2024", "2024-03-05"),
        (["%d%b%Y", "%d-%b-%y"], "05-Mar-24", "2024-03-05"),
        (["%d%b%Y %H:%M"], "05MAR2024 14:30", "2024-03-05T14:30:00"),
        ("day_first", "2024-03-05", "2024-03-05"),
    ],
)
def test_dates_are_read_as_the_protocol_says_and_others_stay(
    read: Read, formats: str | list[str], written: str, read_as: str
) -> None:
    (form,) = read(f"USUBJID,RFSTDTC\nS1,{written}\n", "dm.csv", {"dates": formats})
    assert form.frame["RFSTDTC"].to_list() == [read_as]


def test_a_point_where_the_comma_is_declared_is_a_reject(read: Read) -> None:
    header = "USUBJID;TRLNKID;TRTESTCD;TRSTRESN;VISITNUM;TRDTC\n"
    text = header + "S1;T1;LDIAM;12.500;1;2024-01-01\nS1;T2;LDIAM;12,5;1;2024-01-01\n"
    (form,) = read(text, "tr.csv", {"decimal": "comma"})
    assert form.frame["TRSTRESN"].to_list() == ["12.5"]
    assert form.rejects.select("source_record", "field", "value").rows() == [("2", "TRSTRESN", "12.500")]


def test_codes_are_translated_whatever_their_case(read: Read) -> None:
    header = "USUBJID,RSTESTCD,RSSTRESC,VISITNUM,RSDTC\n"
    text = header + "S1,overall,part. response,1,2024-01-01\nS2,OVRLRESP,PD,1,2024-01-01\n"
    codes = {"RSTESTCD": {"Overall": "OVRLRESP"}, "RSSTRESC": {"Part. Response": "PR"}}
    (form,) = read(text, "rs.csv", {"codes": codes})
    assert form.frame.select("RSTESTCD", "RSSTRESC").rows() == [("OVRLRESP", "PR"), ("OVRLRESP", "PD")]


def test_rows_marked_as_deleted_withdraw_their_record(read: Read) -> None:
    mapping = {"deleted": {"column": "STATUS", "values": ["deleted", 0]}}
    text = "USUBJID,ARM,STATUS\nS1,A,\nS2,B,Deleted\nS3,C,0\n"
    frames, rejects = gather("S", read(text, "dm.csv", mapping))
    assert frames["DM"]["USUBJID"].to_list() == ["S1"]
    assert rejects.is_empty()


def test_the_first_mapping_that_matches_counts_and_files_can_be_ignored(read: Read) -> None:
    mappings = (
        {"match": "ae*.csv", "ignore": True},
        {"match": "*.csv", "form": "DM"},
        {"match": "x.csv", "form": "TR"},
    )
    assert read("USUBJID,AETERM\nS1,pain\n", "ae.csv", *mappings) == ()
    assert read("USUBJID,ARM\nS1,A\n", "x.csv", *mappings)[0].domain == "DM"


def test_a_mapping_that_hits_nothing_is_told(read: Read) -> None:
    mappings = (
        {"match": "tumour*.csv", "form": "TR"},
        {"match": "dm.csv", "columns": {"Patient": "USUBJID", "Gruppe": "ARM"}},
        {"match": "ae.csv", "ignore": True},
    )
    received = read("patient,SEX\nS1,F\n", "dm.csv", *mappings)
    told = unused_mappings("S", Forms(mappings=mappings), received)
    assert told.select("source_name", "field", "value", "reason").rows() == [
        ("protocol.yaml", "forms.mappings entry 1.match", "tumour*.csv", "the mapping matches no received file"),
        (
            "protocol.yaml",
            "forms.mappings entry 2.columns",
            "Gruppe",
            "the column is in none of the files that the mapping matches",
        ),
    ]


def test_a_sheet_is_mapped_by_its_name(tmp_path: Path) -> None:
    from tests.ingestion_forms.test_forms_formats import book

    path = book(tmp_path / "transfer.xlsx", Patienten=[["Nr", "Arm"], ["S1", "A"]], Rest=[["x"], ["y"]])
    mappings = (
        {"match": "transfer.xlsx", "sheet": "Pat*", "form": "DM", "columns": {"Nr": "USUBJID"}},
        {"match": "transfer.xlsx", "sheet": "Rest", "ignore": True},
    )
    (form,) = read_forms(path, Source("transfer.xlsx", "sha"), forms=Forms(mappings=mappings))
    assert (form.domain, form.frame["USUBJID"].to_list()) == ("DM", ["S1"])


def test_odm_places_become_columns_by_mapping(tmp_path: Path) -> None:
    from tests.ingestion_forms.test_forms_formats import FULL, odm_file

    items = {name: value for name, value in FULL.items() if name != "VISITNUM"}
    path = odm_file(tmp_path / "odm.xml", [items])
    mapping = {"sheet": "IG.TR", "columns": {"STUDYEVENTREPEATKEY": "VISITNUM", "STUDYEVENTOID": "VISIT"}}
    (form,) = read_forms(path, Source("odm.xml", "sha"), forms=Forms(mappings=(mapping,)))
    assert form.frame.select("VISITNUM", "VISIT").rows() == [("1", "SE.1")]


def test_two_columns_that_become_one_are_told(read: Read) -> None:
    (form,) = read("USUBJID,Patient,ARM\nS1,S1,A\n", "dm.csv", {"columns": {"Patient": "USUBJID"}})
    assert form.rejects["reason"].to_list() == ["column USUBJID stands twice in the header"]
    assert isinstance(form.frame, pl.DataFrame) and form.frame.is_empty()
