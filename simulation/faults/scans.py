"""Faults in DICOM objects: one visit's objects of one subject at a time."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from pydicom import dcmwrite
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from simulation.faults.fault import Catalogue, Planted, Stage, shown

SCANS = Catalogue(Stage.SCANS)
Objects = dict[str, Dataset | bytes]
"""The objects of a visit by the path of their file; bytes are written as they stand."""


def of_modality(objects: Mapping[str, Dataset | bytes], folder: str) -> dict[str, Dataset]:
    """The objects in one of the folders CT, PT, SEG and SR, in order of their paths."""
    found = {path: made for path, made in objects.items() if f"/{folder}/" in path}
    return {path: made for path, made in sorted(found.items()) if isinstance(made, Dataset)}


def _planted(path: str, dataset: Dataset, field: str, before: object, after: object) -> Planted:
    return Planted(
        sheet=f"dicom/{path}",
        row=None,
        subject=str(dataset.PatientID),
        visit=str(dataset.ClinicalTrialTimePointDescription),
        field=field,
        before=shown(before),
        after=shown(after),
        sop_instance_uid=str(dataset.SOPInstanceUID),
    )


def _change(
    fault_id: str, title: str, folder: str, values: Mapping[str, Any], *, matter: str, rule: str, every: bool = True
) -> None:
    """Register a fault that sets attributes in every object of a folder, or in one of them; None takes them out."""

    def plant(objects: Objects) -> Iterable[Planted]:
        found = list(of_modality(objects, folder).items())
        for path, dataset in found if every else found[len(found) // 2 :][:1]:
            field = next(iter(values))
            before = dataset.get(field)
            for keyword, value in values.items():
                if value is None:
                    dataset.pop(keyword, None)
                else:
                    setattr(dataset, keyword, value)
            if path == found[0][0] or not every:
                yield _planted(path, dataset, field, before, values[field])

    SCANS.add(fault_id, title, matter=matter, rule=rule, needs=folder)(plant)


CHARTER = "imaging charter"
PROFILE = "PS3.15 Basic Profile"
CHANGES: tuple[tuple[str, str, str, Mapping[str, Any], str, str], ...] = (
    (
        "CT-SLICES-THICK",
        "A CT of 10 mm slices",
        "CT",
        {"SliceThickness": "10"},
        f"{CHARTER}, R11-BL-01",
        "CHARTER_DEVIATION",
    ),
    (
        "CT-KERNEL-CHANGES",
        "Another convolution kernel",
        "CT",
        {"ConvolutionKernel": "BONE"},
        CHARTER,
        "CHARTER_DEVIATION",
    ),
    (
        "CT-WITHOUT-CONTRAST",
        "A CT without contrast agent",
        "CT",
        {"ContrastBolusAgent": ""},
        CHARTER,
        "CHARTER_DEVIATION",
    ),
    (
        "CT-SCANNER-CHANGES",
        "Another scanner",
        "CT",
        {"ManufacturerModelName": "LightSpeed", "StationName": "X"},
        CHARTER,
        "CHARTER_DEVIATION",
    ),
    (
        "PATIENT-NAME-LEFT",
        "A name in place of the subject's id",
        "CT",
        {"PatientName": "Miller^Anna"},
        PROFILE,
        "IDENTIFIER_LEFT",
    ),
    ("BIRTH-DATE-LEFT", "A date of birth", "CT", {"PatientBirthDate": "19510704"}, PROFILE, "IDENTIFIER_LEFT"),
    (
        "INSTITUTION-LEFT",
        "The hospital's name",
        "CT",
        {"InstitutionName": "General Hospital"},
        PROFILE,
        "DEIDENTIFICATION_REMARK",
    ),
    (
        "PHYSICIAN-LEFT",
        "The referring physician",
        "CT",
        {"ReferringPhysicianName": "Smith^John"},
        PROFILE,
        "IDENTIFIER_LEFT",
    ),
    (
        "IDENTITY-NOT-REMOVED",
        "Not marked as de-identified",
        "CT",
        {"PatientIdentityRemoved": "NO"},
        PROFILE,
        "IDENTIFIER_LEFT",
    ),
    (
        "BURNED-IN-TEXT",
        "Marked as showing text about the patient",
        "CT",
        {"BurnedInAnnotation": "YES"},
        PROFILE,
        "IDENTIFIER_LEFT",
    ),
    (
        "OTHER-SUBJECT",
        "The scan of another subject's id",
        "CT",
        {"PatientID": "SIM-999-00000", "ClinicalTrialSubjectID": "SIM-999-00000"},
        "subject of a scan",
        "SCAN_WITHOUT_SUBJECT",
    ),
    (
        "PET-HEADER-WEIGHT-MISSING",
        "No weight in the PET header",
        "PT",
        {"PatientWeight": None},
        "G-6, Q-14",
        "PET_NOT_QUANTIFIED",
    ),
    ("PET-HEADER-UNITS", "Counts without a factor", "PT", {"Units": "CNTS"}, "3.2 CNTS", "PET_NOT_QUANTIFIED"),
    (
        "PET-NOT-CORRECTED",
        "A PET without attenuation correction",
        "PT",
        {"CorrectedImage": ["DECY"]},
        "G-2",
        "PET_NOT_QUANTIFIED",
    ),
    (
        "PET-DECAY-UNKNOWN",
        "No statement on decay correction",
        "PT",
        {"DecayCorrection": ""},
        "3.3",
        "PET_NOT_QUANTIFIED",
    ),
)
for fault_id, title, folder, values, matter, rule in CHANGES:
    _change(fault_id, title, folder, values, matter=matter, rule=rule)
_change(
    "SLICE-MARKED-PATIENT-NAME",
    "One slice of a series with a patient's name",
    "CT",
    {"PatientName": "Miller^Anna"},
    matter=PROFILE,
    rule="IDENTIFIER_LEFT",
    every=False,
)


@SCANS.add(
    "SLICE-MISSING", "A series with a gap of one slice", matter="complete series", rule="SERIES_INCOMPLETE", needs="CT"
)
def _(objects: Objects) -> Iterable[Planted]:
    path, dataset = list(of_modality(objects, "CT").items())[20]
    del objects[path]
    yield _planted(path, dataset, "ImagePositionPatient", dataset.ImagePositionPatient, "no file")


@SCANS.add(
    "SLICE-POSITION-TWICE",
    "Two slices at one position",
    matter="G-4, duplicate positions",
    rule="SLICE_POSITION_REPEATED",
    needs="CT",
)
def _(objects: Objects) -> Iterable[Planted]:
    (_, first), (path, dataset) = list(of_modality(objects, "CT").items())[10:12]
    before = dataset.ImagePositionPatient
    dataset.ImagePositionPatient = list(first.ImagePositionPatient)
    yield _planted(path, dataset, "ImagePositionPatient", before, first.ImagePositionPatient)


@SCANS.add(
    "SLICE-SENT-TWICE", "One slice in two files", matter="duplicate transfers", rule="FILE_SENT_TWICE", needs="CT"
)
def _(objects: Objects) -> Iterable[Planted]:
    path, dataset = list(of_modality(objects, "CT").items())[5]
    again = path.replace(".dcm", "_copy.dcm")
    objects[again] = dataset
    yield _planted(again, dataset, "SOPInstanceUID", "", dataset.SOPInstanceUID)


@SCANS.add(
    "FILE-TRUNCATED", "A file cut off in its header", matter="readable files", rule="SCAN_UNREADABLE", needs="CT"
)
def _(objects: Objects) -> Iterable[Planted]:
    path, dataset = list(of_modality(objects, "CT").items())[7]
    whole = BytesIO()
    dcmwrite(whole, dataset, enforce_file_format=True)
    objects[path] = whole.getvalue()[:400]
    yield _planted(path, dataset, "", "", "400 bytes")


@SCANS.add(
    "PRIVATE-TAG-LEFT",
    "A private element of unknown content",
    matter=PROFILE,
    rule="DEIDENTIFICATION_REMARK",
    needs="CT",
)
def _(objects: Objects) -> Iterable[Planted]:
    for number, (path, dataset) in enumerate(of_modality(objects, "CT").items()):
        block = dataset.private_block(0x0013, "UNKNOWN VENDOR", create=True)
        block.add_new(0x10, "LO", "ward 7")
        if number == 0:
            yield _planted(path, dataset, "(0013,1010)", "", "ward 7")


@SCANS.add(
    "SCAN-DATE-DIFFERS",
    "A scan dated 40 days before its form",
    matter="scan dates against form dates",
    rule="SCAN_UNSCHEDULED",
    needs="CT",
)
def _(objects: Objects) -> Iterable[Planted]:
    yield from _earlier(objects, 40)


def _earlier(objects: Objects, days: int) -> Iterable[Planted]:
    """Date the CT of a visit some days earlier."""
    for number, (path, dataset) in enumerate(of_modality(objects, "CT").items()):
        before = dataset.StudyDate
        day = (datetime.strptime(before, "%Y%m%d") - timedelta(days=days)).strftime("%Y%m%d")  # noqa: DTZ007
        for name in ("Study", "Series", "Acquisition", "Content"):
            setattr(dataset, f"{name}Date", day)
        if number == 0:
            yield _planted(path, dataset, "StudyDate", before, day)


@SCANS.add(
    "SCAN-EARLY", "A scan dated two weeks before its form", matter="visit windows", rule="SCAN_DATE_DIFFERS", needs="CT"
)
def _(objects: Objects) -> Iterable[Planted]:
    yield from _earlier(objects, 14)


@SCANS.add(
    "SLICE-WITH-TWO-CONTENTS",
    "Two contents of one image",
    matter="SOP Instance UID",
    rule="INSTANCES_CONFLICT",
    needs="CT",
)
def _(objects: Objects) -> Iterable[Planted]:
    path, dataset = list(of_modality(objects, "CT").items())[6]
    other = copy.deepcopy(dataset)
    other.SeriesDescription = "CT, second reconstruction"
    again = path.replace(".dcm", "_other.dcm")
    objects[again] = other
    yield _planted(again, other, "SeriesDescription", dataset.get("SeriesDescription"), other.SeriesDescription)


@SCANS.add("SLICE-WITHOUT-PIXELS", "An image without pixels", matter="PS3.3 C.7.6.3", rule="PIXELS_MISSING", needs="CT")
def _(objects: Objects) -> Iterable[Planted]:
    path, dataset = list(of_modality(objects, "CT").items())[9]
    del dataset.PixelData
    yield _planted(path, dataset, "PixelData", "", "none")


@SCANS.add(
    "SCAN-NOT-SENT",
    "A visit that was read without its scan",
    matter="reads without scans",
    rule="READ_WITHOUT_SCAN",
    needs="CT",
)
def _(objects: Objects) -> Iterable[Planted]:
    found = list(of_modality(objects, "CT").items())
    for path in list(objects):
        del objects[path]
    yield _planted(found[0][0], found[0][1], "SeriesInstanceUID", found[0][1].SeriesInstanceUID, "no files")


@SCANS.add(
    "PET-INJECTION-NEXT-DAY",
    "The injection dated a day after the scan",
    matter="3.3, date shift",
    rule="PET_HEADER_DOUBTFUL",
    needs="PT",
)
def _(objects: Objects) -> Iterable[Planted]:
    for number, (path, dataset) in enumerate(of_modality(objects, "PT").items()):
        drug = dataset.RadiopharmaceuticalInformationSequence[0]
        if number == 0:
            before = drug.RadiopharmaceuticalStartDateTime
            moment = datetime.strptime(before, "%Y%m%d%H%M%S") + timedelta(days=1)  # noqa: DTZ007
            after = moment.strftime("%Y%m%d%H%M%S")
            yield _planted(path, dataset, "RadiopharmaceuticalStartDateTime", before, after)
        drug.RadiopharmaceuticalStartDateTime = after


@SCANS.add("PET-HEADER-UPTAKE-LONG", "A PET two hours after the injection", matter="Q-01", rule="PET_Q_01", needs="PT")
def _(objects: Objects) -> Iterable[Planted]:
    for number, (path, dataset) in enumerate(of_modality(objects, "PT").items()):
        drug = dataset.RadiopharmaceuticalInformationSequence[0]
        if number == 0:
            before = drug.RadiopharmaceuticalStartDateTime
            moment = datetime.strptime(before, "%Y%m%d%H%M%S") - timedelta(hours=1)  # noqa: DTZ007
            yield _planted(path, dataset, "RadiopharmaceuticalStartDateTime", before, f"{moment:%Y%m%d%H%M%S}")
        drug.RadiopharmaceuticalStartDateTime = f"{moment:%Y%m%d%H%M%S}"
        drug.RadiopharmaceuticalStartTime = f"{moment:%H%M%S}"


@SCANS.add("PET-DOSE-IN-MBQ", "The injected activity in MBq", matter="G-7", rule="PET_HEADER_DOUBTFUL", needs="PT")
def _(objects: Objects) -> Iterable[Planted]:
    for number, (path, dataset) in enumerate(of_modality(objects, "PT").items()):
        drug = dataset.RadiopharmaceuticalInformationSequence[0]
        before = str(drug.RadionuclideTotalDose)
        if number == 0:
            dose = f"{float(before) / 1e6:.4g}"
            yield _planted(path, dataset, "RadionuclideTotalDose", before, dose)
        drug.RadionuclideTotalDose = dose


@SCANS.add(
    "REPORT-DIFFERS-FROM-FORM",
    "A long axis in a report that is not that of the form",
    matter="SR, forms",
    rule="REPORT_DIFFERS_FROM_FORM",
    needs="SR",
)
def _(objects: Objects) -> Iterable[Planted]:
    path, dataset = next(iter(of_modality(objects, "SR").items()))
    value = next(_numbers(dataset))
    before = str(value.NumericValue)
    value.NumericValue = f"{float(before) + 8:.1f}"
    value.FloatingPointValue = float(before) + 8
    yield _planted(path, dataset, "NumericValue", before, value.NumericValue)


def _numbers(dataset: Dataset) -> Iterator[Dataset]:
    """The measured values of a report, in its order."""
    for item in dataset.get("ContentSequence", []):
        if item.get("ValueType") == "NUM":
            yield item.MeasuredValueSequence[0]
        yield from _numbers(item)


@SCANS.add(
    "SEGMENTATION-OF-UNKNOWN-SERIES",
    "A segmentation of a series that is not there",
    matter="SEG references",
    rule="SEGMENTATION_WITHOUT_IMAGES",
    needs="SEG",
)
def _(objects: Objects) -> Iterable[Planted]:
    path, dataset = next(iter(of_modality(objects, "SEG").items()))
    changed = copy.deepcopy(dataset)
    series = changed.ReferencedSeriesSequence[0]
    before = series.SeriesInstanceUID
    series.SeriesInstanceUID = generate_uid(entropy_srcs=[str(before), "unknown"])
    objects[path] = changed
    yield _planted(path, changed, "ReferencedSeriesSequence", before, series.SeriesInstanceUID)
