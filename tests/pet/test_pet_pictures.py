"""Pictures: one projection a reader and one slice a lesion, the CT slice beside it, made once, and what they show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from ingestion.dicom.index import ScanFile, index_files
from ingestion.objects.report import read_report
from ingestion.objects.tables import SR_MEASUREMENT
from ingestion.tables import LANDING_FILE
from pet.ct_drawing import ct_figure, read_ct
from pet.diameters import diameters
from pet.drawing import COLOURS, peak_figure, projection_figure
from pet.pictures import CtPlaces, ct_places, picture_maker
from pet.scan import ScanTask, quantified
from protocol.pet_options import DEFAULT
from tests.ingestion_objects import made
from tests.pet.small_pet_study import LESIONS, PetStudy, two_visits

NO_CT = CtPlaces({}, {})


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> PetStudy:
    return two_visits(tmp_path_factory.mktemp("pictures"))


def pixels_of(path: Path, colour: str) -> int:
    """Pixels of about a colour."""
    wanted = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
    image = np.asarray(Image.open(path).convert("RGB"), dtype=int)
    return int((np.abs(image - wanted).max(axis=-1) < 40).sum())


def test_a_projection_and_a_slice_a_lesion(study: PetStudy, tmp_path: Path) -> None:
    found = study.quantities(pictures=picture_maker(tmp_path, NO_CT)).picture
    expected = {("*", "PROJECTION"), *((name, "PEAK_SLICE") for name in LESIONS)}
    for timepoint in (0, 1):
        here = found.filter(pl.col("timepoint") == timepoint)
        assert set(here.select("lesion_id", "shows").iter_rows()) == expected
    for path, caption in found.select("path", "caption").iter_rows():
        assert (tmp_path / path).is_file()
        assert Path(path).parts[:2] == ("work", "pictures")
        assert "P-01, " in caption
    projection = found.filter(pl.col("shows") == "PROJECTION")["path"][0]
    assert all(pixels_of(tmp_path / projection, colour) > 50 for colour in COLOURS[:2]), "both outlines are seen"


def test_pictures_are_made_once(study: PetStudy, tmp_path: Path) -> None:
    maker = picture_maker(tmp_path, NO_CT)
    first = study.quantities(pictures=maker).picture
    written = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.png")}
    again = study.quantities(pictures=maker).picture
    assert again.equals(first)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.png")} == written
    assert list(tmp_path.rglob("*.part")) == []


def test_the_same_scan_gives_the_same_bytes(study: PetStudy, tmp_path: Path) -> None:
    one, two = (study.quantities(pictures=picture_maker(tmp_path / name, NO_CT)).picture for name in ("a", "b"))
    assert one["sha256"].to_list() == two["sha256"].to_list()


def test_the_sphere_of_the_peak_lies_at_the_peak(study: PetStudy) -> None:
    files = tuple(file for file in study.files if file.source_name.startswith("VISIT-0-"))
    seg = tuple(file for file in study.files if file.source_name == "VISIT-0.seg.dcm")
    result = quantified(ScanTask("S", "P-01", 0, "SCREENING", None, "1.2", files, seg), DEFAULT)
    assert result.scan is not None
    each = result.lesions[0]
    axes = peak_figure(result.scan.volume, each, 0, "title").axes[0]
    (circle,) = axes.patches
    assert each.measured.peak.centre is not None
    assert tuple(circle.center) == each.measured.peak.centre[:0:-1]
    assert circle.radius == pytest.approx(6.2035 / 4.0, abs=1e-4)
    axes = projection_figure(result.scan.volume, result.lesions, "title").axes[0]
    assert [text.get_text() for text in axes.texts] == ["L01", "L02"]


def test_the_diameter_of_a_report_is_drawn_on_its_ct_slice(study: PetStudy, tmp_path: Path) -> None:
    """From the report's line to the picture: on the slice that it was measured on, from end to end."""
    blank = np.zeros((48, 48), dtype="<u2").tobytes()
    grid = {"Rows": 48, "Columns": 48, "PixelSpacing": ["4", "4"], "ImagePositionPatient": [-50, -40, 2]}
    images = made.ct("P-01", slices=1, **grid, PixelData=blank, RescaleSlope="1", RescaleIntercept="0")
    (ct,) = made.write(tmp_path / "ct", *images)
    (report,) = made.write(tmp_path / "sr", made.report(images, [{"id": "L01", "long": 27.0}]))
    rows = read_report(report.path)
    assert isinstance(rows, list)
    measured = SR_MEASUREMENT.conform(
        pl.DataFrame(
            [{**row, "subject_id": "P-01", "timepoint": 0, "study_id": "S", "source_sha256": "1"} for row in rows]
        )
    )
    found = diameters(measured)
    (diameter,) = found["P-01", 0]
    assert (diameter.lesion_id, diameter.length_mm, diameter.ends) == ("L01", 27.0, ((1.0, 1.0), (5.0, 5.0)))
    files = tuple(file for file in study.files if file.source_name.startswith("VISIT-0-"))
    seg = tuple(file for file in study.files if file.source_name == "VISIT-0.seg.dcm")
    task = ScanTask("S", "P-01", 0, "SCREENING", None, "1.2", files, seg, diameters=found["P-01", 0])
    places = CtPlaces({}, {images[0].SOPInstanceUID: ct.path})
    shown = [row for row in picture_maker(tmp_path, places)(quantified(task, DEFAULT)) if row["shows"] == "CT_SLICE"]
    assert [(row["lesion_id"], "longest diameter 27.0 mm" in row["caption"]) for row in shown] == [("L01", True)]
    result = quantified(task, DEFAULT)
    assert result.scan is not None
    axes = ct_figure(read_ct(ct.path), result.scan.volume, result.lesions[0], 0, "title", diameter).axes[0]
    (line,) = axes.lines
    assert line.get_xydata().tolist() == [[0.5, 0.5], [4.5, 4.5]]


def test_ct_beside_pet_on_real_scans(shared: Callable[[str], Path], tmp_path: Path) -> None:
    """PET and CT of the ACRIN subject share the frame of reference."""
    folder = shared("pet_ct_acrin")
    files = [ScanFile(path, f"{path.parent.name}/{path.name}", str(path)) for path in sorted(folder.rglob("*.dcm"))]
    instances = index_files("S", files).frame
    rows = [{"source_name": f.source_name, "sha256": f.sha256, "landed_path": str(f.path)} for f in files]
    manifest = LANDING_FILE.conform(pl.DataFrame(rows).with_columns(study_id=pl.lit("S"), current=pl.lit(True)))
    places = ct_places(Path("/"), manifest, instances)
    (paths, points) = next(iter(places.files.values()))
    assert len(paths) == 135
    frame = next(iter(places.files))
    assert places.nearest(frame, points[70] + [0, 0, 1.0], np.array([0, 0, 1.0])) == paths[70]
    assert places.nearest(frame, points[70] + [0, 0, 9999.0], np.array([0, 0, 1.0])) is None
    assert places.nearest("1.2.3", points[70], np.array([0, 0, 1.0])) is None
