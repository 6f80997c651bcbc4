"""The fast reader of faultless headers says what pydicom says, of whole and of damaged files, or leaves them to it."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.dataelem import RawDataElement
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from ingestion.dicom.attributes import text_of
from ingestion.dicom.headers import Header, read_header, read_with_pydicom
from ingestion.dicom.plain_headers import read_plain
from ingestion.dicom.plain_values import IrregularError, codec_of, text_of_bytes
from tests.ingestion_dicom.mutations import damaged

PACKAGED = Path(pydicom.__file__).parent / "data"
DAMAGED_OFTEN = (
    "CT_small.dcm", "MR_small.dcm", "MR_small_implicit.dcm", "JPEG2000.dcm", "MR_small_RLE.dcm", "reportsi.dcm",
    "rtplan.dcm", "liver_1frame.dcm", "JPGLosslessP14SV1_1s_1f_8b.dcm", "693_UNCI.dcm", "nested_priv_SQ.dcm",
)  # fmt: skip


def packaged(name: str) -> Path:
    found = get_testdata_file(name, download=False)
    assert isinstance(found, str), name
    return Path(found)


def faults_of(folder: Path) -> list[str]:
    """Files below a folder of which the fast reader says something else than pydicom."""
    return [path.name for path in sorted(folder.rglob("*")) if path.is_file() and not agrees(path)]


def agrees(path: Path) -> bool:
    plain = read_plain(path)
    return plain is None or Header(*plain) == read_with_pydicom(path)


def test_all_files_of_pydicom_are_read_alike() -> None:
    assert faults_of(PACKAGED) == []


def test_all_files_of_pydicom_data_are_read_alike() -> None:
    spec = find_spec("data_store")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    assert faults_of(Path(spec.submodule_search_locations[0])) == []


@pytest.mark.parametrize("name", ["pet_sts001", "pet_ct_acrin", "suv_dro", "dicom_sr"])
def test_real_scans_are_read_alike(shared: Callable[[str], Path], name: str) -> None:
    assert faults_of(shared(name)) == []


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small_implicit.dcm", "JPEG2000.dcm", "liver_1frame.dcm"])
def test_faultless_files_of_common_syntaxes_do_not_need_pydicom(name: str) -> None:
    assert read_plain(packaged(name)) is not None


@pytest.mark.parametrize("name", ["image_dfl.dcm", "MR_small_bigendian.dcm", "ExplVR_LitEndNoMeta.dcm", "badVR.dcm"])
def test_rare_and_faulty_files_are_left_to_pydicom(name: str) -> None:
    assert read_plain(packaged(name)) is None


TEXTS = st.binary(max_size=24) | st.text("0123456789.+-eE\\ \0^=AZaz_\x1b\n", max_size=24).map(str.encode)
CHARACTER_SETS = ("ISO_IR 6", "ISO_IR 100", "ISO_IR 144", "ISO_IR 192")
KEYWORDS = {
    b"AE": "StationAETitle", b"AS": "PatientAge", b"CS": "Modality", b"DA": "StudyDate", b"DS": "PatientWeight",
    b"DT": "AcquisitionDateTime", b"FD": "RealWorldValueSlope", b"FL": "RecommendedDisplayFrameRateInFloat",
    b"IS": "InstanceNumber", b"LO": "PatientID", b"LT": "PatientComments",
    b"SH": "StationName", b"SL": "ReferencePixelX0", b"SS": "TagAngleSecondAxis", b"ST": "AcquisitionComments",
    b"TM": "StudyTime", b"UI": "SOPInstanceUID", b"UL": "SimpleFrameList", b"US": "Rows", b"UT": "LabelText",
}  # fmt: skip


@given(st.sampled_from(sorted(KEYWORDS)), TEXTS, st.sampled_from(CHARACTER_SETS))
def test_the_text_of_any_bytes_is_pydicoms_text_or_left_to_pydicom(vr: bytes, value: bytes, character_set: str) -> None:
    codec = codec_of(character_set.encode())
    try:
        found = text_of_bytes(vr, value, codec)
    except IrregularError:
        return
    tag = pydicom.tag.Tag("SOPInstanceUID" if vr == b"UI" else KEYWORDS[vr])
    dataset = pydicom.Dataset()
    dataset.SpecificCharacterSet = character_set
    dataset[tag] = RawDataElement(tag, vr.decode(), len(value), value, 0, False, True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert found == text_of(dataset, pydicom.datadict.keyword_for_tag(tag))


def series_of(write_slice: Callable[..., Path], count: int, **attributes: object) -> list[Path]:
    return [
        write_slice(
            f"{number:03}.dcm", InstanceNumber=number, ImagePositionPatient=["0", "0", str(2.5 * number)], **attributes
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_slices_that_differ_from_the_one_before_are_read_alike(write_slice: Callable[..., Path], syntax: str) -> None:
    for path in series_of(write_slice, 12, syntax=syntax):
        plain = read_plain(path)
        assert plain is not None
        assert Header(*plain) == read_with_pydicom(path)


@pytest.mark.parametrize(
    "attributes",
    [
        {"PatientWeight": ""},
        {"PatientWeight": "81.5", "KVP": "120"},
        {"PatientWeight": "81.5", "SeriesDescription": "Schädel", "SpecificCharacterSet": "ISO_IR 100"},
        {"StudyDate": "20240230"},
        {"ImagePositionPatient": None},
        {"PixelData": None},
        {"PixelData": b"\0" * 20_000, "Rows": 100, "Columns": 100},
        {"DeidentificationMethod": "x" * 64, "PatientComments": "y" * 20_000},
    ],
)
def test_a_slice_that_is_of_another_kind_than_the_one_before_is_read_by_itself(
    write_slice: Callable[..., Path], attributes: dict[str, object]
) -> None:
    before = series_of(write_slice, 3, PatientWeight="80")
    other = write_slice("other.dcm", **attributes)
    for path in (*before, other, before[0], other):
        assert read_header(path) == read_with_pydicom(path)


def injected(dose: str, name: str | None) -> Sequence:
    item, code = pydicom.Dataset(), pydicom.Dataset()
    code.CodeMeaning = "FDG by code"
    item.RadionuclideTotalDose = dose
    item.RadiopharmaceuticalCodeSequence = Sequence([code])
    if name is not None:
        item.Radiopharmaceutical = name
    return Sequence([item])


def test_a_sequence_that_differs_from_the_one_before_is_read_anew(write_slice: Callable[..., Path]) -> None:
    doses = [("370000000", "FDG"), ("370000000", "FDG"), ("380000000", "FDG"), ("380000000", None), ("390000000", None)]
    for number, (dose, name) in enumerate(doses):
        path = write_slice(f"{number}.dcm", RadiopharmaceuticalInformationSequence=injected(dose, name))
        plain = read_plain(path)
        assert plain is not None
        assert plain[0]["radionuclide_total_dose_bq"] == float(dose)
        assert plain[0]["radiopharmaceutical"] == (name or "FDG by code")
        assert Header(*plain) == read_with_pydicom(path)


def differences(folder: Path, chance: random.Random, rounds: int) -> list[str]:
    """Damaged files, each read after the whole one, that are not read as pydicom reads them."""
    whole = {name: packaged(name).read_bytes() for name in DAMAGED_OFTEN}
    wrong = []
    for attempt in range(rounds):
        name = chance.choice(DAMAGED_OFTEN)
        path = folder / f"{attempt}.dcm"
        path.write_bytes(damaged(whole[name], chance))
        read_plain(packaged(name))
        if read_header(path) != read_with_pydicom(path):
            wrong.append(f"{name}, round {attempt}")
        path.unlink()
    return wrong


@pytest.mark.parametrize("seed", range(3))
def test_damaged_files_are_read_as_pydicom_reads_them(tmp_path: Path, seed: int) -> None:
    assert differences(tmp_path, random.Random(seed), 120) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 106))
def test_thousands_of_damaged_files_are_read_as_pydicom_reads_them(tmp_path: Path, seed: int) -> None:
    assert differences(tmp_path, random.Random(seed), 1000) == []
