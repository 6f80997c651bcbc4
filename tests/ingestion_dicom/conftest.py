"""Made-up scans for the tests of the DICOM index."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from ingestion.dicom.index import ScanFile

Writer = Callable[..., Path]


@pytest.fixture
def write_slice(tmp_path: Path) -> Writer:
    """Write one CT slice of 8 x 8 pixels into the test's folder; keywords replace or (None) remove attributes."""

    def write(name: str, syntax: str = ExplicitVRLittleEndian, **attributes: Any) -> Path:
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = CTImageStorage
        meta.TransferSyntaxUID = syntax
        scan = FileDataset(name, {}, file_meta=meta, preamble=b"\0" * 128)
        standard = {
            "SOPClassUID": CTImageStorage,
            "SOPInstanceUID": generate_uid(entropy_srcs=[name]),
            "StudyInstanceUID": "1.2.3",
            "SeriesInstanceUID": "1.2.3.4",
            "PatientID": "01-001",
            "Modality": "CT",
            "StudyDate": "20240226",
            "SeriesDate": "20240226",
            "AcquisitionDate": "20240226",
            "AcquisitionTime": "101530.25",
            "SliceThickness": "5",
            "PixelSpacing": ["0.7", "0.8"],
            "ImagePositionPatient": ["-10", "-20", "0"],
            "ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"],
            "ConvolutionKernel": "B30f",
            "Rows": 8,
            "Columns": 8,
            "SamplesPerPixel": 1,
            "PhotometricInterpretation": "MONOCHROME2",
            "BitsAllocated": 16,
            "BitsStored": 16,
            "HighBit": 15,
            "PixelRepresentation": 0,
            "PixelData": np.arange(64, dtype="<u2").tobytes(),
        }
        with pydicom.config.disable_value_validation():
            for keyword, value in {**standard, **attributes}.items():
                if value is not None:
                    setattr(scan, keyword, value)
            meta.MediaStorageSOPInstanceUID = attributes.get("SOPInstanceUID") or standard["SOPInstanceUID"]
            scan.save_as(tmp_path / name, enforce_file_format=True)
        return tmp_path / name

    return write


@pytest.fixture
def scan_files() -> Callable[[Path], list[ScanFile]]:
    """All files below a folder as the index takes them."""

    def below(folder: Path, suffixes: Sequence[str] = ()) -> list[ScanFile]:
        return [
            ScanFile(path, path.relative_to(folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
            for path in sorted(folder.rglob("*"))
            if path.is_file() and (not suffixes or path.suffix in suffixes)
        ]

    return below
