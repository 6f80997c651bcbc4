"""nadir's own forms: read by the declarations of their tables, every bad cell told, mixed with SDTM in one study."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from criteria.registry import CRITERIA
from ingestion.forms import codes
from ingestion.forms.canonical import Forms, canonical
from ingestion.forms.received import read_forms
from ingestion.forms.recognition import form_named
from ingestion.forms.templates.blank import WORKBOOK, write_templates
from ingestion.forms.templates.cells import plain_word
from ingestion.forms.templates.declared import DECLARED, TEMPLATES
from ingestion.forms.transfers import gather
from ingestion.reject import Source
from protocol import form_names

Study = Callable[..., Forms]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Writes files and reads them as the forms of a study."""

    def read(options: dict[str, Any] | None = None, **files: str) -> Forms:
        received = []
        for name, text in files.items():
            path = tmp_path / f"{name}.csv"
            path.write_text(text)
            received.extend(read_forms(path, Source(path.name, f"sha of {name}")))
        frames, rejects = gather("S", received)
        assert rejects.is_empty(), rejects
        return canonical("S", frames, **(options or {}))

    return read


SUBJECT = "subject_id,reference_date,arm,sex\nS1,2024-01-10,A,F\nS2,2024-01-11,B,M\n"
LESIONS = "subject_id,timepoint,assessment_date,lesion_id,role,organ,longest_diameter_mm,short_axis_mm\n"


def test_the_forms_are_declared_once() -> None:
    assert tuple(TEMPLATES) == form_names.TEMPLATES
    for template in DECLARED:
        columns = {column.name for column in template.columns}
        assert {*template.required, *template.identity, *template.defaults, *template.names} <= columns
        in_key = {name for name in template.table.key if name in columns}
        assert in_key - set(template.defaults) - {"criterion"} <= set(template.required), template.name


@pytest.mark.parametrize("template", DECLARED, ids=lambda template: template.name)
def test_the_words_of_a_column_can_be_told_apart(template) -> None:
    for column in template.columns:
        words = template.words(column)
        plain = {plain_word(word): meaning for word, meaning in words.items()}
        assert all(plain[plain_word(word)] == meaning for word, meaning in words.items()), column.name


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("measurement.csv", "measurement"),
        ("forms/Measurements_site-101.xlsx", "measurement"),
        ("core.pet_lesion.csv", "pet_lesion"),
        ("recorded_response", "recorded_response"),
        ("visit", "visit"),
        ("visitors.csv", None),
        ("tr_2024-03.csv", "TR"),
        ("SUPPPR.xpt", "SUPPPR"),
        ("lesions.csv", None),
    ],
)
def test_a_form_is_known_by_the_name_of_its_file_or_sheet(name: str, form: str | None) -> None:
    assert form_named(name) == form


def test_a_study_of_templates_alone(study: Study) -> None:
    forms = study(
        subject=SUBJECT,
        measurement=LESIONS
        + "S1,0,2024-01-05,T1,target,Liver,50,\nS1,1,2024-03-04,T1,TARGET,Liver,30.5,\n"
        + "S2,0,2024-01-08,N1,new,lymph node,,12\n",
        recorded_response="subject_id,timepoint,assessment_date,response\nS1,1,2024-03-04,pr\n",
        therapy="subject_id,category,therapy,start_date\n"
        "S1,study treatment,X,2024-01-10\nS1,anti-cancer therapy,Y,2024-06-01\n",
        visit="subject_id,timepoint,visit,occurred,start_date\nS1,2,WEEK 16,n,2024-05-01\n",
    )
    assert forms.rejects.is_empty(), forms.rejects
    rows = forms.measurement.frame
    assert rows.select("subject_id", "timepoint", "role", "state", "is_node", "longest_diameter_mm").rows() == [
        ("S1", 0, "TARGET", "MEASURED", False, 50.0),
        ("S1", 1, "TARGET", "MEASURED", False, 30.5),
        ("S1", 2, "TARGET", "NOT_DONE", False, None),
        ("S2", 0, "NEW", "MEASURED", True, None),
    ]
    assert rows["source_record"].to_list() == ["2", "3", "2", "4"]
    assert forms.visit.frame.select("subject_id", "timepoint", "visit", "occurred").rows() == [
        ("S1", 0, "0", True),
        ("S1", 1, "1", True),
        ("S1", 2, "WEEK 16", False),
        ("S2", 0, "0", True),
    ]
    response = forms.recorded_response.frame.row(0, named=True)
    assert (response["criterion"], response["component"], response["response"]) == ("RECIST 1.1", "OVERALL", "PR")
    subject = forms.subject.frame.row(0, named=True)
    assert (subject["reference_date"], subject["new_therapy_date"]) == (dt.date(2024, 1, 10), dt.date(2024, 6, 1))
    assert subject["last_alive_date"] == dt.date(2024, 6, 1)
    assert (subject["randomisation_date"], subject["first_dose_date"]) == (None, None)


def test_templates_and_sdtm_stand_side_by_side(study: Study) -> None:
    forms = study(
        dm="USUBJID,RFSTDTC,ARM\nS1,2024-01-10,A\n",
        tr="USUBJID,TRLNKID,TRGRPID,TRTESTCD,TRSTRESN,TRSTRESU,VISITNUM,TRDTC\nS1,T1,TARGET,LDIAM,50,mm,1,2024-01-05\n",
        subject="subject_id,reference_date,death_date\nS2,2024-01-11,2024-12-01\nS1,,2024-11-01\n",
        measurement=LESIONS + "S2,0,2024-01-08,T1,TARGET,Liver,20,\nS1,0,2024-01-05,T1,TARGET,Liver,55,\n",
        injection="subject_id,lesion_id,injection_datetime\nS1,T1,2024-01-02\n",
    )
    assert forms.measurement.frame.select("subject_id", "longest_diameter_mm", "injected").rows() == [
        ("S1", 50.0, True),
        ("S2", 20.0, False),
    ]
    (reject,) = forms.rejects.to_dicts()
    assert (reject["source_name"], reject["source_record"]) == ("measurement.csv", "3")
    assert reject["reason"] == "row 2 of tr.csv has the same key and is kept"
    subjects = {row["subject_id"]: row for row in forms.subject.frame.to_dicts()}
    assert subjects["S1"]["reference_date"] == dt.date(2024, 1, 10)
    assert subjects["S1"]["death_date"] == dt.date(2024, 11, 1)
    assert (subjects["S1"]["arm"], subjects["S2"]["reference_date"]) == ("A", dt.date(2024, 1, 11))


BAD_CELLS = [
    ("measurement", {"timepoint": "one"}, "timepoint", "not a whole number", "0 (baseline)"),
    ("measurement", {"timepoint": "1.5"}, "timepoint", "not a whole number", ""),
    ("measurement", {"assessment_date": "05.01.2024"}, "assessment_date", "not an ISO 8601 date", "YYYY-MM-DD"),
    ("measurement", {"assessment_date": "2024-02-30"}, "assessment_date", "no such day", ""),
    ("measurement", {"assessment_date": "2024-02"}, "assessment_date", "the date has no day", ""),
    ("measurement", {"role": "TARGTE"}, "role", "unknown code", "did you mean TARGET?"),
    ("measurement", {"state": "GONE"}, "state", "unknown code", "write one of MEASURED"),
    ("measurement", {"longest_diameter_mm": "12,5"}, "longest_diameter_mm", "a comma stands in it", "decimal comma"),
    ("measurement", {"longest_diameter_mm": "5 cm"}, "longest_diameter_mm", "not a number", "write mm"),
    ("measurement", {"longest_diameter_mm": "-5"}, "longest_diameter_mm", "cannot be negative", ""),
    ("measurement", {"longest_diameter_mm": "5000"}, "longest_diameter_mm", "larger than 500 mm", "unit (mm)"),
    ("measurement", {"longest_diameter_mm": "0x1F"}, "longest_diameter_mm", "not a number", ""),
    ("measurement", {"is_node": "perhaps"}, "is_node", "neither yes nor no", "write Y or N"),
    ("measurement", {"lesion_id": ""}, "lesion_id", "no lesion_id", "give lesion_id"),
    ("measurement", {"longest_diameter_mm": "", "state": ""}, "longest_diameter_mm", "a target without diameter", ""),
    ("measurement", {"longest_diameter_mm": "", "state": "MEASURED"}, "longest_diameter_mm", "MEASURED, yet", ""),
    ("measurement", {"longest_diameter_mm": "0", "state": "PRESENT"}, "longest_diameter_mm", "0 mm, yet", ""),
    ("measurement", {"longest_diameter_mm": "20", "state": "absent"}, "state", "ABSENT, yet the size is 20.0 mm", ""),
    ("recorded_response", {"response": "PRR"}, "response", "unknown code", "did you mean"),
    (
        "recorded_response",
        {"component": "NEW LESION", "response": "PR"},
        "response",
        "no word for a new lesion",
        "Y, N",
    ),
    ("recorded_response", {"criterion": "RECIST 9"}, "criterion", "unknown code", "RECIST 1.1"),
    ("laboratory", {"value": "high"}, "value", "not a number", ""),
    ("laboratory", {"unit": "10^9/mL"}, "unit", "unknown unit of NEUT", "10^9/L"),
    ("injection", {"injection_datetime": "2024-01-02 25:00"}, "injection_datetime", "not a date with time", ""),
    ("injection", {"guidance": "xray"}, "guidance", "unknown code", "US, CT, MR"),
    ("clinical_status", {"ecog": "two"}, "ecog", "not a whole number", ""),
    ("pet_reference", {"region": "LIEVR"}, "region", "unknown code", "did you mean LIVER?"),
]
SOUND = {
    "measurement": {
        "subject_id": "S1",
        "timepoint": "1",
        "assessment_date": "2024-01-05",
        "lesion_id": "T1",
        "role": "TARGET",
        "organ": "LIVER",
        "is_node": "N",
        "state": "",
        "longest_diameter_mm": "20",
    },
    "recorded_response": {
        "subject_id": "S1",
        "timepoint": "1",
        "assessment_date": "2024-01-05",
        "criterion": "iRECIST",
        "component": "TARGET",
        "response": "iPR",
    },
    "laboratory": {
        "subject_id": "S1",
        "test": "NEUT",
        "collection_date": "2024-01-05",
        "value": "4.2",
        "unit": "10^9/L",
    },
    "injection": {
        "subject_id": "S1",
        "lesion_id": "T1",
        "injection_datetime": "2024-01-05T14:30",
        "guidance": "US",
    },
    "clinical_status": {"subject_id": "S1", "assessment_date": "2024-01-05", "ecog": "1"},
    "pet_reference": {"subject_id": "S1", "timepoint": "0", "region": "LIVER", "suv_mean": "2.1"},
}


def csv_of(*rows: dict[str, str]) -> str:
    return "\n".join([",".join(rows[0]), *(",".join(f'"{cell}"' for cell in row.values()) for row in rows), ""])


@pytest.mark.parametrize(("form", "change", "field", "reason", "remedy"), BAD_CELLS)
def test_a_bad_cell_is_a_reject_with_value_reason_and_remedy(
    study: Study, form: str, change: dict[str, str], field: str, reason: str, remedy: str
) -> None:
    other = {**SOUND[form], "subject_id": "S2"}
    forms = study(**{form: csv_of(other, {**SOUND[form], **change})})
    assert getattr(forms, form).frame["subject_id"].to_list() == ["S2"]
    (reject,) = forms.rejects.to_dicts()
    assert (reject["stage"], reject["source_record"], reject["field"]) == (f"core.{form}", "3", field)
    assert reject["value"] == (change.get(field) or None)
    assert reason in reject["reason"] and remedy in reject["remedy"]


def test_every_bad_cell_of_a_row_is_told(study: Study) -> None:
    row = {**SOUND["measurement"], "timepoint": "x", "longest_diameter_mm": "y", "role": "z"}
    forms = study(measurement=csv_of(row))
    assert sorted(forms.rejects["field"]) == ["longest_diameter_mm", "role", "timepoint"]
    assert forms.rejects["source_record"].unique().to_list() == ["2"]


def test_a_subject_with_a_bad_cell_stays_without_that_cell(study: Study) -> None:
    forms = study(subject="subject_id,reference_date,first_dose_date,sex\nS1,2024-13-01,2024-01-12,F\n,2024-01-01,,M\n")
    assert forms.subject.frame["subject_id"].to_list() == ["S1"]
    assert forms.rejects.select("field", "value").rows() == [("subject_id", None), ("reference_date", "2024-13-01")]


def test_rows_of_one_key_are_told_apart_from_repeats(study: Study) -> None:
    row = SOUND["measurement"]
    forms = study(measurement=csv_of(row, {**row, "longest_diameter_mm": "25"}, {**row, "organ": "LUNG"}))
    assert forms.measurement.frame["longest_diameter_mm"].to_list() == [20.0]
    assert forms.rejects.select("source_record", "reason").rows() == [
        ("3", "contradicts row 2 of measurement.csv, which has the same key and is kept"),
        ("4", "contradicts row 2 of measurement.csv, which has the same key and is kept"),
    ]


def test_rows_of_strangers_and_after_the_cut_off_are_rejected(study: Study) -> None:
    row = SOUND["clinical_status"]
    late, stranger = {**row, "assessment_date": "2024-06-01"}, {**row, "subject_id": "S11"}
    forms = study({"data_cutoff": dt.date(2024, 3, 1)}, subject=SUBJECT, clinical_status=csv_of(row, late, stranger))
    assert forms.clinical_status.frame.height == 1
    assert forms.rejects.select("source_record", "field").rows() == [("4", "subject_id"), ("3", "assessment_date")]
    assert "did you mean S1?" in forms.rejects["remedy"][0]


def test_a_missing_column_is_told_with_its_likely_misspelling(tmp_path: Path) -> None:
    path = tmp_path / "measurement.csv"
    path.write_text("subject_id,timepoint,assesment_date,lesion_id,role\nS1,0,2024-01-05,T1,TARGET\n")
    (form,) = read_forms(path, Source(path.name, "sha"))
    (reject,) = form.rejects.to_dicts()
    assert (reject["field"], reject["reason"]) == ("assessment_date", "required column assessment_date is missing")
    assert reject["remedy"] == "column assesment_date: did you mean assessment_date?"


def test_an_unknown_column_is_told_when_it_looks_like_a_known_one(tmp_path: Path) -> None:
    path = tmp_path / "therapy.csv"
    path.write_text("subject_id,category,therpy,start_date,site_comment\nS1,STUDY TREATMENT,X,2024-01-05,ok\n")
    (form,) = read_forms(path, Source(path.name, "sha"))
    assert form.frame.height == 1
    assert form.rejects.select("field", "remedy").rows() == [
        ("therpy", "did you mean therapy? Rename the column, or leave it out")
    ]


def test_criteria_have_the_names_of_the_protocol_and_of_sdtm(study: Study) -> None:
    text = "subject_id,timepoint,criterion,response\nS1,1,House rules,PR\nS2,1,Recist v1.1,PR\nS3,1,irecist,iPR\n"
    forms = study({"criterion_names": {"House rules": "imRECIST"}}, recorded_response=text)
    assert forms.recorded_response.frame["criterion"].to_list() == ["imRECIST", "RECIST 1.1", "iRECIST"]
    assert set(codes.CRITERIA.values()) >= {name for name in CRITERIA if name in codes.CRITERIA}


def test_empty_forms_are_written_for_every_table_and_say_what_they_mean(tmp_path: Path) -> None:
    written = write_templates(tmp_path / "templates")
    assert [path.name for path in written] == [*(f"{name}.csv" for name in TEMPLATES), WORKBOOK]
    for name, template in TEMPLATES.items():
        header = (tmp_path / "templates" / f"{name}.csv").read_text().strip().split(",")
        assert header == [column.name for column in template.columns]
    with CalamineWorkbook.from_path(str(written[-1])) as workbook:
        visible = [about.name for about in workbook.sheets_metadata if "Visible" in str(about.visible)]
        assert visible == list(TEMPLATES)
        for name in TEMPLATES:
            assert workbook.get_sheet_by_name(name).to_python()[0] == [
                column.name for column in TEMPLATES[name].columns
            ]
