"""A small study as its files arrive: SDTM forms of six subjects and two readers, a few scans, one of them broken.

The courses are one target lesion in the liver, in millimetres by visit; what they come to is known (`BEST`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from protocol.study import Study, init_study

ARMS = ("Ipilimab 3 mg/kg", "Docetaxel 75 mg/m2")
ARM_CODES = ("IPI", "DOC")
INVESTIGATOR, RADIOLOGIST = "INVESTIGATOR", "RADIOLOGIST 1"
FIRST_DOSE = dt.date(2024, 1, 10)
VISITS = ("SCREENING", "WEEK 8", "WEEK 16", "WEEK 24")
DAYS = (-5, 57, 113, 169)

COURSES: dict[str, tuple[int, ...]] = {
    "S-01": (50, 30, 20, 20),
    "S-02": (50, 50, 62, 80),
    "S-03": (50, 0, 0, 0),
    "S-04": (50, 52, 54, 53),
    "S-05": (50, 65, 40, 30),
    "S-06": (40, 40, 40),
}
BY_RADIOLOGIST = {**COURSES, "S-04": (50, 33, 32, 31)}
BEST = {
    "RECIST 1.1": {"S-01": "PR", "S-02": "SD", "S-03": "CR", "S-04": "SD", "S-05": "PD", "S-06": "SD"},
    "iRECIST": {"S-01": "iPR", "S-02": "iSD", "S-03": "iCR", "S-04": "iSD", "S-05": "iPR", "S-06": "iSD"},
}
CRITERIA_KEY = re.compile(r"(?m)^criteria:.*\n(?:[ #].*\n)*\n")
DEATHS = {"S-02": "2024-09-30"}


def forms(
    courses: Mapping[str, tuple[int, ...]] = COURSES, by_radiologist: Mapping[str, tuple[int, ...]] = BY_RADIOLOGIST
) -> dict[str, str]:
    """The SDTM forms as CSV text by file name."""
    dm, ds, ex, sv = [], [], [], []
    for number, (subject, sizes) in enumerate(courses.items()):
        death, arm = DEATHS.get(subject, ""), number % 2
        dm.append(f"DM,{subject},{FIRST_DOSE},{FIRST_DOSE},{death},{ARMS[arm]},{ARM_CODES[arm]},F,101")
        ds.append(f"DS,{subject},RANDOMIZED,PROTOCOL MILESTONE,{FIRST_DOSE}")
        ex.append(f"EX,{subject},{ARMS[arm].split(maxsplit=1)[0].upper()},{FIRST_DOSE},2024-06-01")
        sv.extend(f"SV,{subject},{visit + 1},{VISITS[visit]},{_on(visit)},{DAYS[visit]}" for visit in range(len(sizes)))
    tu, tr, rs = [], [], []
    for reader, reads in ((INVESTIGATOR, courses), (RADIOLOGIST, by_radiologist)):
        by = f"{reader}," if reader == INVESTIGATOR else f"INDEPENDENT ASSESSOR,{reader}"
        for subject, sizes in reads.items():
            tu.append(f"TU,{subject},T01,TUMIDENT,TARGET,LIVER,CT SCAN,{by},1,{VISITS[0]},{_on(0)}")
            for visit, size in enumerate(sizes):
                tr.append(f"TR,{subject},T01,LDIAM,{size},{size},mm,{by},{visit + 1},{VISITS[visit]},{_on(visit)}")
    rs.append(f"RS,S-01,OVRLRESP,RECIST 1.1,PR,{INVESTIGATOR},,2,{VISITS[1]},{_on(1)}")
    headers = {
        "dm": "DOMAIN,USUBJID,RFSTDTC,RFXSTDTC,DTHDTC,ARM,ARMCD,SEX,SITEID",
        "ds": "DOMAIN,USUBJID,DSDECOD,DSCAT,DSSTDTC",
        "ex": "DOMAIN,USUBJID,EXTRT,EXSTDTC,EXENDTC",
        "sv": "DOMAIN,USUBJID,VISITNUM,VISIT,SVSTDTC,VISITDY",
        "tu": "DOMAIN,USUBJID,TULNKID,TUTESTCD,TUSTRESC,TULOC,TUMETHOD,TUEVAL,TUEVALID,VISITNUM,VISIT,TUDTC",
        "tr": "DOMAIN,USUBJID,TRLNKID,TRTESTCD,TRSTRESC,TRSTRESN,TRSTRESU,TREVAL,TREVALID,VISITNUM,VISIT,TRDTC",
        "rs": "DOMAIN,USUBJID,RSTESTCD,RSCAT,RSSTRESC,RSEVAL,RSEVALID,VISITNUM,VISIT,RSDTC",
    }
    rows = {"dm": dm, "ds": ds, "ex": ex, "sv": sv, "tu": tu, "tr": tr, "rs": rs}
    return {f"{name}.csv": "\n".join([headers[name], *rows[name], ""]) for name in headers}


def _on(visit: int) -> dt.date:
    day = DAYS[visit]
    return FIRST_DOSE + dt.timedelta(days=day - 1 if day > 0 else day)


def write_slice(path: Path, subject: str, number: int) -> None:
    """One CT slice of 8 x 8 pixels of the subject's baseline scan."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[subject, str(number)])
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    scan = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    scan.SOPClassUID, scan.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    scan.StudyInstanceUID = generate_uid(entropy_srcs=[subject, "study"])
    scan.SeriesInstanceUID = generate_uid(entropy_srcs=[subject, "series"])
    scan.PatientID, scan.Modality, scan.StudyDate = subject, "CT", f"{_on(0):%Y%m%d}"
    scan.SeriesDate = scan.AcquisitionDate = scan.StudyDate
    scan.InstanceNumber, scan.SliceThickness, scan.PixelSpacing = number, "5", ["0.7", "0.7"]
    scan.ImagePositionPatient, scan.ImageOrientationPatient = [0, 0, 5 * number], [1, 0, 0, 0, 1, 0]
    scan.Rows = scan.Columns = 8
    scan.SamplesPerPixel, scan.PhotometricInterpretation, scan.PixelRepresentation = 1, "MONOCHROME2", 0
    scan.BitsAllocated, scan.BitsStored, scan.HighBit = 16, 16, 15
    scan.PixelData = np.arange(64, dtype="<u2").tobytes()
    scan.save_as(path, enforce_file_format=True)


def make_study(
    home: Path, name: str = "SMALL", protocol: Mapping[str, str] | None = None, scans: bool = False
) -> Study:
    """A study with its files in incoming/; ``protocol`` maps lines of the template to what stands there instead."""
    study = init_study(home, name)
    text = CRITERIA_KEY.sub(f"criteria: [{', '.join(BEST)}]\n\n", study.protocol_file.read_text(), count=1)
    text = text.replace("subgroups: []", "subgroups: [SEX]")
    for default, own in (protocol or {}).items():
        assert default in text, default
        text = text.replace(default, own, 1)
    study.protocol_file.write_text(text)
    put_forms(study, forms())
    if scans:
        for subject in ("S-01", "S-02"):
            for number in (1, 2):
                write_slice(study.incoming / "dicom" / f"{subject}-{number}.dcm", subject, number)
        whole = (study.incoming / "dicom" / "S-01-1.dcm").read_bytes()
        (study.incoming / "dicom" / "broken.dcm").write_bytes(whole[:200])
        (study.incoming / "dicom" / "letter.docx").write_bytes(b"PK\x03\x04 no form and no scan")
    return study


def put_forms(study: Study, texts: Mapping[str, str]) -> None:
    """Put forms into the study's incoming/forms, in place of earlier ones of the same name."""
    for name, text in texts.items():
        (study.incoming / "forms" / name).write_text(text)
