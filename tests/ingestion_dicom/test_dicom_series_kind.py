"""What a series is to a reader, by its header and by its geometry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingestion.dicom.index import ScanFile, index_files
from ingestion.dicom.series import series
from ingestion.dicom.series_kind import series_kinds
from ingestion.dicom.tables import INSTANCE

AXIAL, CORONAL, SAGITTAL = "1\\0\\0\\0\\1\\0", "1\\0\\0\\0\\0\\-1", "0\\1\\0\\0\\0\\-1"


def judged(*slices: dict[str, Any]) -> tuple[str, str | None]:
    image = {"modality": "CT", "rows": 512, "pixel_data": True, "number_of_frames": 1, "image_orientation": AXIAL}
    rows = [
        {
            **image,
            "study_id": "S",
            "series_instance_uid": "1.2",
            "source_name": f"{n}.dcm",
            "sop_instance_uid": f"1.2.{n}",
            **one,
        }
        for n, one in enumerate(slices)
    ]
    columns = {name: INSTANCE.schema[name] for row in rows for name in row}
    (found,) = series_kinds(INSTANCE.conform(pl.DataFrame(rows, schema=columns))).rows(named=True)
    return found["kind"], found["kind_reason"]


@pytest.mark.parametrize(
    ("header", "kind", "reason"),
    [
        ({"image_type": "ORIGINAL\\PRIMARY\\AXIAL"}, "IMAGE", None),
        ({"image_type": None}, "IMAGE", None),
        (
            {"image_type": "ORIGINAL\\PRIMARY\\LOCALIZER"},
            "LOCALISER",
            "Image Type ORIGINAL\\PRIMARY\\LOCALIZER",
        ),
        ({"series_description": "Topogram 0.6 T20f"}, "LOCALISER", "Series Description Topogram 0.6 T20f"),
        ({"series_description": "scouting of nothing"}, "IMAGE", None),
        ({"image_type": "DERIVED\\SECONDARY\\MPR"}, "DERIVED", "Image Type DERIVED\\SECONDARY\\MPR"),
        ({"image_type": "DERIVED\\PRIMARY", "lossy_image_compression": "01"}, "IMAGE", None),
        ({"image_type": "DERIVED\\PRIMARY", "modality": "CR"}, "IMAGE", None),
        ({"image_type": "DERIVED\\PRIMARY"}, "DERIVED", "Image Type DERIVED\\PRIMARY"),
        ({"series_type": "WHOLE BODY\\REPROJECTION", "modality": "PT"}, "REPROJECTION", None),
        ({"series_type": "WHOLE BODY\\IMAGE", "modality": "PT"}, "IMAGE", None),
        ({"image_type": "DERIVED\\SECONDARY\\MIP"}, "REPROJECTION", None),
        ({"series_description": "CT MIP cor"}, "REPROJECTION", None),
        ({"sop_class_uid": "1.2.840.10008.5.1.4.1.1.7.2"}, "SCREENSHOT", "Secondary Capture"),
        ({"image_type": "DERIVED\\SECONDARY\\SCREEN SAVE"}, "SCREENSHOT", None),
        ({"series_description": "Dose Report"}, "SCREENSHOT", None),
        ({"modality": "SEG"}, "OBJECT", "Modality SEG"),
        ({"rows": None, "pixel_data": False}, "OBJECT", "no image in the files"),
    ],
)
def test_the_header_says_what_a_series_is(header: dict[str, Any], kind: str, reason: str | None) -> None:
    found = judged(header, header)
    assert found[0] == kind
    assert reason is None or found[1] == reason


def test_one_coronal_ct_image_is_a_localiser_and_a_coronal_stack_is_not() -> None:
    assert judged({"image_orientation": CORONAL}) == ("LOCALISER", "1 coronal or sagittal CT image(s) alone")
    assert judged(*({"image_orientation": CORONAL} for _ in range(3)))[0] == "IMAGE"
    assert judged({"image_orientation": AXIAL})[0] == "IMAGE"


def test_mr_images_across_each_other_are_a_localiser() -> None:
    planes = ({"modality": "MR", "image_orientation": plane} for plane in (AXIAL, CORONAL, SAGITTAL))
    assert judged(*planes) == ("LOCALISER", "3 MR images in planes across each other")
    assert judged(*({"modality": "MR", "image_orientation": AXIAL} for _ in range(9)))[0] == "IMAGE"


def test_a_series_with_a_localiser_slice_is_named_with_it() -> None:
    localiser = {"image_type": "ORIGINAL\\PRIMARY\\LOCALIZER"}
    assert judged({}, {}, localiser) == ("IMAGE", "1 of 3 instances are LOCALISER")


def test_real_pet_and_ct_are_images_and_their_contours_are_not(
    shared: Callable[[str], Path], scan_files: Callable[[Path], list[ScanFile]]
) -> None:
    for folder, kinds in (("pet_sts001", {"PT": "IMAGE", "RTSTRUCT": "OBJECT"}), ("dicom_sr", {"SEG": "OBJECT"})):
        found = index_files("S", scan_files(shared(folder)))
        assert kinds.items() <= dict(series(found.frame).select("modality", "kind").iter_rows()).items()
