"""The header index of CT slices against pydicom, and a refresh after 1 % new files against the full one."""

from __future__ import annotations

from pathlib import Path

from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid

SLICES = 100


def write_scans(folder: Path, slices: range) -> None:
    """CT slices of 39 kB with some 250 elements, 100 to a series; pydicom's CT_small with its own UIDs and places."""
    template = get_testdata_file("CT_small.dcm", download=False)
    assert isinstance(template, str)
    slice_ = dcmread(template)
    for number in slices:
        series, place = divmod(number, SLICES)
        slice_.PatientID = f"S-{series:03}"
        slice_.StudyInstanceUID = generate_uid(entropy_srcs=["study", str(series)])
        slice_.SeriesInstanceUID = generate_uid(entropy_srcs=["series", str(series)])
        slice_.SOPInstanceUID = generate_uid(entropy_srcs=["slice", str(number)])
        slice_.file_meta.MediaStorageSOPInstanceUID = slice_.SOPInstanceUID
        slice_.InstanceNumber = place + 1
        slice_.ImagePositionPatient = [-125, -125, 2.5 * place]
        slice_.SliceLocation = 2.5 * place
        slice_.ContentTime = f"10{place // 60:02}{place % 60:02}"
        path = folder / f"{series:03}" / f"{place:03}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        slice_.save_as(path)
