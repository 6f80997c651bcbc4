"""One file: what its header says, what is wrong with it, or why it cannot be indexed."""

from __future__ import annotations

import logging
import pickle
import random
import warnings
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian

from ingestion.dicom.headers import Header, Unreadable, read_header
from ingestion.dicom.signature import looks_like_dicom

Writer = Callable[..., Path]


def header(path: Path) -> Header:
    found = read_header(path)
    assert isinstance(found, Header), found
    return found


def refusal(path: Path) -> Unreadable:
    found = read_header(path)
    assert isinstance(found, Unreadable), found
    assert found.remedy
    return found


def packaged(name: str) -> Path:
    found = get_testdata_file(name, download=False)
    assert isinstance(found, str), name
    return Path(found)


def test_a_clean_slice_has_typed_values_and_no_remarks(write_slice: Writer) -> None:
    found = header(write_slice("a.dcm"))
    assert found.remarks == ()
    expected = {
        "modality": "CT",
        "sop_class": "CT Image Storage",
        "acquisition_date": date(2024, 2, 26),
        "acquisition_time": time(10, 15, 30, 250000),
        "row_spacing_mm": 0.7,
        "column_spacing_mm": 0.8,
        "position_x_mm": -10.0,
        "number_of_frames": 1,
        "pixel_data": True,
        "rows": 8,
    }
    assert {name: found.values[name] for name in expected} == expected


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian])
def test_the_transfer_syntax_changes_no_value(write_slice: Writer, syntax: str) -> None:
    plain, other = header(write_slice("a.dcm")), header(write_slice("b.dcm", syntax, SOPInstanceUID="1.5"))
    own = {"size", "transfer_syntax_uid", "sop_instance_uid"}
    assert {k: v for k, v in plain.values.items() if k not in own} == {
        k: v for k, v in other.values.items() if k not in own
    }
    assert other.values["transfer_syntax_uid"] == syntax


@pytest.mark.parametrize(
    ("keyword", "value", "column", "remark"),
    [
        ("StudyDate", "20240230", "study_date", "StudyDate '20240230' is not a date of the calendar"),
        ("AcquisitionTime", "25:00", "acquisition_time", "AcquisitionTime '25:00' is not a time of day"),
        ("SliceThickness", "thin", "slice_thickness_mm", "SliceThickness 'thin' is not a number"),
        ("InstanceNumber", "1.5", "instance_number", "InstanceNumber '1.5' is not a whole number"),
        ("PatientWeight", "NaN", "patient_weight_kg", "PatientWeight 'NaN' is not a finite number"),
        ("PixelSpacing", "0.7", "column_spacing_mm", "PixelSpacing '0.7' has no value 2"),
        ("ImageOrientationPatient", ["1", "0", "0"], "image_orientation", "is not an orientation"),
    ],
)
def test_a_bad_value_is_left_out_with_a_remark(
    tmp_path: Path, write_slice: Writer, keyword: str, value: str, column: str, remark: str
) -> None:
    path = write_slice("a.dcm", **{keyword: None})
    scan = pydicom.dcmread(path)
    vr = {"StudyDate": "DA", "AcquisitionTime": "TM", "InstanceNumber": "IS"}.get(keyword, "DS")
    text = value if isinstance(value, str) else "\\".join(value)
    raw = text.encode() + b" " * (len(text) % 2)
    tag = pydicom.tag.Tag(keyword)
    scan[tag] = pydicom.dataelem.RawDataElement(tag, vr, len(raw), raw, 0, False, True)
    scan.save_as(path)
    found = header(path)
    assert column not in found.values
    assert any(remark in one for one in found.remarks), found.remarks
    assert found.values["sop_instance_uid"] == scan.SOPInstanceUID


def test_an_acquisition_datetime_stands_in_for_date_and_time(write_slice: Writer) -> None:
    path = write_slice("a.dcm", AcquisitionDate=None, AcquisitionTime=None, AcquisitionDateTime="20240301083000.5+0100")
    found = header(path).values
    assert (found["acquisition_date"], found["acquisition_time"]) == (date(2024, 3, 1), time(8, 30, 0, 500000))


def test_pet_values_come_from_the_radiopharmaceutical_sequence(write_slice: Writer) -> None:
    code, dose = Dataset(), Dataset()
    code.CodeMeaning = "^18^Fluorine"
    dose.RadionuclideCodeSequence = Sequence([code])
    dose.Radiopharmaceutical = "FDG"
    dose.RadionuclideTotalDose = "368080000"
    dose.RadionuclideHalfLife = "6586.2"
    dose.RadiopharmaceuticalStartTime = "100000"
    dose.RadiopharmaceuticalStartDateTime = "20240226100000"
    path = write_slice(
        "a.dcm", Modality="PT", Units="BQML", DecayCorrection="START", CorrectedImage=["ATTN", "DECY"],
        RadiopharmaceuticalInformationSequence=Sequence([dose]),
    )  # fmt: skip
    found = header(path).values
    expected = {
        "units": "BQML",
        "decay_correction": "START",
        "corrected_image": "ATTN\\DECY",
        "radiopharmaceutical": "FDG",
        "radionuclide": "^18^Fluorine",
        "radionuclide_total_dose_bq": 368080000.0,
        "radionuclide_half_life_s": 6586.2,
        "injection_time": time(10),
        "injection_datetime": datetime(2024, 2, 26, 10),  # noqa: DTZ001 - a scanner's clock has no zone
    }
    assert {name: found[name] for name in expected} == expected


def test_an_enhanced_object_gives_its_frames_places_along_the_normal(write_slice: Writer) -> None:
    frames = []
    for z in (0, 5, 10, 20):
        frame, plane = Dataset(), Dataset()
        plane.ImagePositionPatient = [0, 0, z]
        frame.PlanePositionSequence = Sequence([plane])
        frames.append(frame)
    shared, plane, measures = Dataset(), Dataset(), Dataset()
    plane.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    measures.PixelSpacing = [0.5, 0.6]
    shared.PlaneOrientationSequence = Sequence([plane])
    shared.PixelMeasuresSequence = Sequence([measures])
    path = write_slice(
        "a.dcm", ImagePositionPatient=None, ImageOrientationPatient=None, PixelSpacing=None, NumberOfFrames=4,
        PerFrameFunctionalGroupsSequence=Sequence(frames), SharedFunctionalGroupsSequence=Sequence([shared]),
    )  # fmt: skip
    found = header(path).values
    assert [float(place) for place in str(found["frame_positions"]).split("\\")] == [0, 5, 10, 20]
    assert (found["row_spacing_mm"], found["column_spacing_mm"], found["number_of_frames"]) == (0.5, 0.6, 4)


def test_references_to_series_and_instances_are_listed(write_slice: Writer) -> None:
    instance, series = Dataset(), Dataset()
    instance.ReferencedSOPInstanceUID = "1.2.3.4.5"
    series.SeriesInstanceUID = "1.2.3.4"
    series.ReferencedInstanceSequence = Sequence([instance])
    found = header(write_slice("a.dcm", Modality="SEG", ReferencedSeriesSequence=Sequence([series]))).values
    assert (found["referenced_series_uids"], found["referenced_sop_instance_uids"]) == ("1.2.3.4", "1.2.3.4.5")


def test_uids_that_only_the_file_meta_information_has_are_taken_from_there(write_slice: Writer) -> None:
    path = write_slice("a.dcm")
    scan = pydicom.dcmread(path)
    uid = scan.SOPInstanceUID
    del scan.SOPInstanceUID
    scan.save_as(path)
    found = header(path)
    assert found.values["sop_instance_uid"] == uid
    assert found.remarks == ("sop_instance_uid is the file meta information's MediaStorageSOPInstanceUID",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "empty file"), (b"subject,visit\n1,2\n" * 20, "not a DICOM file"), (b"short", "not a DICOM file")],
)
def test_a_file_that_is_no_dicom_is_refused_whatever_its_name(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "scan.dcm"
    path.write_bytes(content)
    assert refusal(path).reason == reason


def test_a_missing_file_is_refused_with_the_systems_reason(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone.dcm").reason == "cannot be read: No such file or directory"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("MR_truncated.dcm", "truncated: the file holds 8130 of 8192 bytes of pixel data"),
        ("rtplan_truncated.dcm", "truncated: element (300A,00B0) ends 265 bytes after the end of the file"),
        ("meta_missing_tsyntax.dcm", "no SOP Instance UID"),
    ],
)
def test_broken_files_of_pydicom_are_refused_with_the_reason(name: str, reason: str) -> None:
    assert refusal(packaged(name)).reason == reason


@pytest.mark.parametrize(
    ("name", "dicom"),
    [
        ("CT_small.dcm", True),
        ("rtstruct.dcm", True),
        ("ExplVR_BigEndNoMeta.dcm", True),
        ("ExplVR_LitEndNoMeta.dcm", True),
        ("README.txt", False),
        ("zipMR.gz", False),
        ("test1.json", False),
    ],
)
def test_dicom_is_told_by_content_with_or_without_preamble(name: str, dicom: bool) -> None:
    assert looks_like_dicom(packaged(name)) is dicom


@pytest.mark.parametrize(
    "name",
    ["CT_small.dcm", "MR_small_RLE.dcm", "MR_small_bigendian.dcm", "image_dfl.dcm", "JPEG2000.dcm"],
)
def test_no_image_cut_in_its_pixels_passes(tmp_path: Path, name: str) -> None:
    whole = packaged(name).read_bytes()
    pixels = pydicom.dcmread(packaged(name)).PixelData
    path = tmp_path / "cut.dcm"
    chance = random.Random(20240226)
    for end in sorted(chance.sample(range(1, len(whole)), 80)):
        path.write_bytes(whole[:end])
        found = read_header(path)
        if isinstance(found, Header) and found.values["pixel_data"]:
            assert pydicom.dcmread(path).PixelData == pixels, end


@pytest.mark.parametrize("name", ["rtplan.dcm", "test-SR.dcm"])
def test_an_object_without_pixels_passes_only_when_cut_between_its_elements(tmp_path: Path, name: str) -> None:
    whole = packaged(name).read_bytes()
    elements = len(pydicom.dcmread(packaged(name)))
    path = tmp_path / "cut.dcm"
    passed = 0
    for end in range(1, len(whole), 3):
        path.write_bytes(whole[:end])
        passed += isinstance(read_header(path), Header)
    assert passed <= elements


@pytest.mark.parametrize("name", ["CT_small.dcm", "JPEG2000.dcm", "liver_1frame.dcm", "reportsi.dcm", "rtplan.dcm"])
def test_flipped_bytes_never_crash_the_reader_or_the_table(tmp_path: Path, name: str) -> None:
    from ingestion.dicom.index import ScanFile, index_files
    from ingestion.dicom.series import series

    whole = packaged(name).read_bytes()
    chance = random.Random(name)
    files = []
    for attempt in range(60):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 5, 40))):
            damaged[chance.randrange(min(len(damaged), 6000))] = chance.randrange(256)
        path = tmp_path / f"{attempt}.dcm"
        path.write_bytes(damaged)
        files.append(ScanFile(path, path.name, str(attempt)))
    found = index_files("S", files)
    assert found.frame.height + found.rejects.height == len(files)
    assert series(found.frame).height <= found.frame.height


def test_pydicoms_warnings_become_remarks_and_reach_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    with warnings.catch_warnings(), caplog.at_level(logging.DEBUG):
        warnings.simplefilter("error")
        found = header(packaged("badVR.dcm"))
    assert "Invalid value for VR IS: '1A'" in found.remarks
    assert caplog.records == []


def test_headers_travel_between_processes(write_slice: Writer) -> None:
    found = header(write_slice("a.dcm"))
    assert pickle.loads(pickle.dumps(found)) == found
    assert pickle.loads(pickle.dumps(read_header)) is read_header


def test_an_empty_value_of_an_unknown_representation_is_no_value(write_slice: Writer) -> None:
    path = write_slice("a.dcm", ContrastBolusAgent="")
    whole = path.read_bytes()
    assert whole.count(b"\x18\x00\x10\x00LO\0\0") == 1
    path.write_bytes(whole.replace(b"\x18\x00\x10\x00LO\0\0", b"\x18\x00\x10\x00L\\\0\0"))
    assert "contrast_agent" not in header(path).values


@pytest.mark.parametrize("name", ["JPEG2000.dcm", "MR_small_RLE.dcm"])
def test_compressed_pixels_with_a_damaged_item_are_refused(tmp_path: Path, name: str) -> None:
    whole = bytearray(packaged(name).read_bytes())
    start = whole.find(b"\xe0\x7f\x10\x00")
    whole[start + 12 : start + 16] = b"\0\0\0\0"
    path = tmp_path / "damaged.dcm"
    path.write_bytes(whole)
    assert refusal(path).reason == "damaged: what follows item 0 of its compressed pixel data is not an item"
