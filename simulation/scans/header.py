"""What all objects of a scan share: patient, trial, study, equipment, de-identification, and stable identifiers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian

from simulation.forms.pet_reads import series_uid
from simulation.identity import uid
from simulation.pet import SCANNERS
from simulation.schedule import BASELINE_VISIT
from simulation.trial import Trial

IMPLEMENTATION = UID("1.2.826.0.1.3680043.8.498.1")
SPONSOR = "SIMULATED TRIALS"
METHOD = "Synthetic; de-identified as by PS3.15 Basic Profile"
DEIDENTIFIED_BY = (
    ("113100", "Basic Application Confidentiality Profile"),
    ("113104", "Clean Structured Content Option"),
    ("113105", "Clean Descriptors Option"),
    ("113106", "Retain Longitudinal Temporal Information Full Dates Option"),
    ("113108", "Retain Patient Characteristics Option"),
    ("113109", "Retain Device Identity Option"),
    ("113111", "Retain Safe Private Option"),
)
RANDOM_ROOT = "1.2.826.0.1.3680043.10.511.3."
WRITTEN_NOW = ("ContentDate", "InstanceCreationDate", "SeriesDate", "StructureSetDate")
WRITTEN_NOW_TIME = ("ContentTime", "InstanceCreationTime", "SeriesTime", "StructureSetTime")


@dataclass(frozen=True, slots=True)
class Scan:
    """One visit of one subject with all that its scans need to know."""

    trial: Trial
    subject: int
    visit_index: int
    subject_id: str
    site: str
    visit: str
    timepoint: int
    day: date

    @property
    def study_uid(self) -> UID:
        """Study Instance UID of the visit."""
        return uid(self.trial.settings, "study", self.subject_id, self.visit)

    def series_uid(self, modality: str) -> UID:
        """Series Instance UID."""
        return UID(series_uid(self.trial, self.subject_id, self.visit, modality))

    def instance_uid(self, modality: str, number: int) -> UID:
        """SOP Instance UID."""
        return uid(self.trial.settings, "instance", self.subject_id, self.visit, modality, number)

    @property
    def frame_of_reference(self) -> UID:
        """Frame of Reference UID, shared by the CT and PET of a visit."""
        return uid(self.trial.settings, "frame", self.subject_id, self.visit)


def image_dataset(scan: Scan, sop_class: str, modality: str, number: int, at: datetime) -> FileDataset:
    """A new object of the scan with the modules of patient, trial, study, series and equipment."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID = UID(sop_class), ExplicitVRLittleEndian
    meta.MediaStorageSOPInstanceUID = scan.instance_uid(modality, number)
    meta.ImplementationClassUID = IMPLEMENTATION
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = UID(sop_class), meta.MediaStorageSOPInstanceUID
    dataset.Modality = modality
    identify(dataset, scan)
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = scan.study_uid, scan.series_uid(modality)
    dataset.StudyDate, dataset.StudyTime = scan.day.strftime("%Y%m%d"), "080000"
    dataset.StudyID, dataset.AccessionNumber, dataset.ReferringPhysicianName = "", "", ""
    dataset.StudyDescription = f"{scan.visit} PET/CT" if modality == "PT" else scan.visit
    for name in ("Series", "Acquisition", "Content"):
        setattr(dataset, f"{name}Date", at.strftime("%Y%m%d"))
        setattr(dataset, f"{name}Time", at.strftime("%H%M%S"))
    dataset.SeriesNumber, dataset.InstanceNumber = {"CT": 1, "PT": 2}[modality], number
    scanner = SCANNERS[int(scan.trial.people.site[scan.subject]) % len(SCANNERS)]
    dataset.Manufacturer, dataset.ManufacturerModelName = scanner.manufacturer, scanner.model
    dataset.StationName = f"PET{scan.site}"
    dataset.DeviceSerialNumber, dataset.SoftwareVersions = scan.site, "1.0"
    dataset.FrameOfReferenceUID, dataset.PositionReferenceIndicator = scan.frame_of_reference, ""
    return dataset


def identify(dataset: Dataset, scan: Scan) -> None:
    """Patient, clinical trial and de-identification (PS3.15): the subject's id takes the place of the patient."""
    people, i = scan.trial.people, scan.subject
    dataset.PatientName, dataset.PatientID = f"{scan.subject_id}^", scan.subject_id
    dataset.PatientBirthDate, dataset.PatientSex = "", "M" if people.male[i] else "F"
    dataset.PatientAge = f"{int(people.age[i]):03d}Y"
    dataset.PatientSize = f"{people.height_cm[i] / 100:.2f}"
    dataset.PatientWeight = f"{people.weight_kg[i]:.1f}"
    dataset.PatientIdentityRemoved, dataset.DeidentificationMethod = "YES", METHOD
    dataset.LongitudinalTemporalInformationModified = "UNMODIFIED"
    dataset.DeidentificationMethodCodeSequence = Sequence([_code(value, meaning) for value, meaning in DEIDENTIFIED_BY])
    dataset.ClinicalTrialSponsorName = SPONSOR
    dataset.ClinicalTrialProtocolID = scan.trial.settings.study
    dataset.ClinicalTrialProtocolName = f"Simulated trial, seed {scan.trial.settings.seed}"
    dataset.ClinicalTrialSiteID, dataset.ClinicalTrialSiteName = scan.site, f"Site {scan.site}"
    dataset.ClinicalTrialSubjectID = scan.subject_id
    dataset.ClinicalTrialTimePointID = str(scan.timepoint)
    dataset.ClinicalTrialTimePointDescription = scan.visit


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item


def stable(dataset: Dataset, scan: Scan, kind: str) -> None:
    """Give an object that a library made fixed identifiers and times in place of random ones and the clock's."""
    known: dict[str, UID] = {}
    moment = datetime.combine(scan.day, datetime.min.time()) + timedelta(hours=15)

    def fix(_: Dataset, element: pydicom.DataElement) -> None:
        if element.VR == "UI" and isinstance(element.value, str) and element.value.startswith(RANDOM_ROOT):
            if element.value not in known:
                known[element.value] = uid(scan.trial.settings, scan.subject_id, scan.visit, kind, len(known))
            element.value = known[element.value]
        elif element.keyword in WRITTEN_NOW:
            element.value = moment.strftime("%Y%m%d")
        elif element.keyword in WRITTEN_NOW_TIME:
            element.value = moment.strftime("%H%M%S")
        elif element.VR == "DT":
            element.value = moment.strftime("%Y%m%d%H%M%S")

    dataset.walk(fix)
    meta = getattr(dataset, "file_meta", None)
    if meta is not None:
        meta.ImplementationClassUID = IMPLEMENTATION
        meta.pop("ImplementationVersionName", None)


def scan_times(scan: Scan, injected_at_min: float, uptake_min: float) -> tuple[datetime, datetime]:
    """When the tracer was injected, and when the PET began."""
    injected = datetime.combine(scan.day, datetime.min.time()) + timedelta(minutes=float(injected_at_min))
    return injected, injected + timedelta(minutes=float(uptake_min))


def scan_at(trial: Trial, subject: int, visit_index: int) -> Scan:
    """The scan of a subject's visit."""
    rows = trial.visit.filter((trial.visit["subject"] == subject) & (trial.visit["visit_index"] == visit_index))
    row = rows.row(0, named=True)
    return Scan(
        trial=trial,
        subject=subject,
        visit_index=visit_index,
        subject_id=row["subject_id"],
        site=str(int(trial.people.site[subject]) + 100),
        visit=row["visit"],
        timepoint=row["timepoint"],
        day=row["start_date"],
    )


def scanned_visits(trial: Trial, subject: int) -> list[int]:
    """Indices of the performed visits of a subject that have scans."""
    performed = [int(k) for k in np.nonzero((trial.visits.exists & trial.visits.occurred)[subject])[0]]
    most = trial.settings.scan_visits
    return performed if most is None else [k for k in performed if k >= BASELINE_VISIT][:most]
