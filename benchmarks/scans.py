"""CT slices to measure with: pydicom's CT_small with UIDs, numbers and places of its own."""

from __future__ import annotations

from pathlib import Path

from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid

SLICES = 100
"""Slices of a series."""


def write_scans(folder: Path, numbers: range) -> list[Path]:
    """Slices of 39 kB with some 250 elements, each hundred of them a series of its own subject and folder."""
    template = get_testdata_file("CT_small.dcm", download=False)
    assert isinstance(template, str)
    scan = dcmread(template)
    paths = []
    for number in numbers:
        series, place = divmod(number, SLICES)
        scan.PatientID = f"S-{series:03}"
        scan.StudyInstanceUID = generate_uid(entropy_srcs=["study", str(series)])
        scan.SeriesInstanceUID = generate_uid(entropy_srcs=["series", str(series)])
        scan.SOPInstanceUID = generate_uid(entropy_srcs=["slice", str(number)])
        scan.file_meta.MediaStorageSOPInstanceUID = scan.SOPInstanceUID
        scan.InstanceNumber = place + 1
        scan.ImagePositionPatient = [-125, -125, 2.5 * place]
        scan.SliceLocation = 2.5 * place
        scan.ContentTime = f"10{place // 60:02}{place % 60:02}"
        path = folder / f"{series:03}" / f"{place:03}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        scan.save_as(path)
        paths.append(path)
    return paths
