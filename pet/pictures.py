"""The pictures of a PET scan as PNG files, made once and kept by what they were made from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import polars as pl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from pet.ct_drawing import ct_figure, read_ct
from pet.drawing import peak_figure, projection_figure, slice_of
from pet.rows import LesionResult, Row
from pet.scan import ScanResult
from pet.volume import Floats, Volume

FOLDER = Path("work") / "pictures"
ALL_LESIONS = "*"
NEAR_MM = 5.0


@dataclass(frozen=True, slots=True)
class CtPlaces:
    """CT slices by Frame of Reference UID, where each file lies and its place (n x 3, mm); and by SOP Instance UID."""

    files: dict[str, tuple[list[Path], Floats]]
    instances: dict[str, Path]

    def nearest(self, frame: str | None, point: Floats, normal: Floats) -> Path | None:
        """The slice nearest to a point along a normal, within 5 mm; null without any in the frame of reference."""
        if frame is None or frame not in self.files:
            return None
        paths, places = self.files[frame]
        away = np.abs((places - point) @ normal)
        return paths[int(away.argmin())] if away.min() <= NEAR_MM else None


def ct_places(folder: Path, manifest: pl.DataFrame, instances: pl.DataFrame) -> CtPlaces:
    """The CT slices of a study that have a position, from core.instance and landing.file."""
    place = ["position_x_mm", "position_y_mm", "position_z_mm"]
    landed = manifest.select("sha256", "landed_path").unique("sha256", keep="first")
    slices = (
        instances.filter((pl.col("modality") == "CT") & pl.col("pixel_data"))
        .drop_nulls(["frame_of_reference_uid", *place])
        .join(landed, on="sha256")
        .sort("frame_of_reference_uid", "source_name")
    )
    return CtPlaces(
        {
            str(key[0]): ([folder / path for path in part["landed_path"]], part.select(place).to_numpy())
            for key, part in slices.group_by("frame_of_reference_uid", maintain_order=True)
        },
        {uid: folder / path for uid, path in slices.select("sop_instance_uid", "landed_path").iter_rows()},
    )


def picture_maker(folder: Path, ct: CtPlaces) -> Callable[[ScanResult], list[Row]]:
    """What makes the pictures of a result below the study's ``folder`` and returns their rows of core.picture."""

    def make(result: ScanResult) -> list[Row]:
        return list(_pictures(result, folder, ct))

    return make


def _pictures(result: ScanResult, folder: Path, ct: CtPlaces) -> Iterator[Row]:
    if result.scan is None:
        return
    volume, task = result.scan.volume, result.task
    head = f"{task.subject_id}, {task.visit}"
    for evaluator in dict.fromkeys(each.drawing.evaluator for each in result.lesions):
        lesions = [each for each in result.lesions if each.drawing.evaluator == evaluator]
        caption = f"{head}: {len(lesions)} lesions drawn by {evaluator}, maximum-intensity projection"

        def projection(lesions: list[LesionResult] = lesions, caption: str = caption) -> Figure:
            return projection_figure(volume, lesions, caption)

        yield _kept(result, folder, evaluator, ALL_LESIONS, "PROJECTION", caption, projection)
        for number, each in enumerate(lesions):
            caption = f"{head}: {_spoken(each)}"

            def peak(each: LesionResult = each, number: int = number, caption: str = caption) -> Figure:
                return peak_figure(volume, each, number, caption)

            yield _kept(result, folder, evaluator, each.lesion.lesion_id, "PEAK_SLICE", caption, peak)
            yield from _ct_picture(result, folder, ct, each, number)


def _spoken(each: LesionResult) -> str:
    values = each.measured
    top = f"SUVmax {values.maximum:.2f}"
    return f"{each.lesion.lesion_id}, {top}" + (f", SUVpeak {values.peak.value:.2f}" if values.peak.value else "")


def _ct_picture(result: ScanResult, folder: Path, ct: CtPlaces, each: LesionResult, number: int) -> Iterator[Row]:
    """The lesion on CT: on the slice of its diameter, else on one near in the same frame of reference."""
    if result.scan is None:
        return
    volume: Volume = result.scan.volume
    place = volume.grid.positions[slice_of(each)]
    known = (one for one in result.task.diameters if one.lesion_id == each.lesion.lesion_id)
    diameter = next((one for one in known if one.sop_instance_uid in ct.instances), None)
    near = ct.nearest(volume.grid.frame_of_reference, place, volume.grid.normal)
    path = ct.instances[diameter.sop_instance_uid] if diameter else near
    if path is None:
        return
    try:
        shown = read_ct(path)
    except Exception:  # a CT slice that cannot be read has its own reject; the PET pictures stand
        return
    what = f"longest diameter {diameter.length_mm:.1f} mm; " if diameter else ""
    caption = f"{result.task.subject_id}, {result.task.visit}: {each.lesion.lesion_id} on CT, {what}outline of PET"

    def figure() -> Figure:
        return ct_figure(shown, volume, each, number, caption, diameter)

    yield _kept(result, folder, each.drawing.evaluator, each.lesion.lesion_id, "CT_SLICE", caption, figure)


def _kept(
    result: ScanResult,
    folder: Path,
    evaluator: str,
    lesion_id: str,
    shows: str,
    caption: str,
    make: Callable[[], Figure],
) -> Row:
    """The row of a picture, which is drawn only when its file is not there; a file is there whole or not at all."""
    task = result.task
    name = sha256("\n".join((task.input_hash, evaluator, lesion_id, shows)).encode()).hexdigest()[:32]
    path = folder / FOLDER / name[:2] / f"{name}.png"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        figure, partial = make(), path.with_suffix(".part")
        FigureCanvasAgg(figure)
        figure.savefig(partial, format="png", metadata={"Software": None})
        partial.replace(path)
    return {
        **task.place(),
        "evaluator": evaluator,
        "scan_id": task.series_instance_uid,
        "lesion_id": lesion_id,
        "shows": shows,
        "path": path.relative_to(folder).as_posix(),
        "sha256": sha256(path.read_bytes()).hexdigest(),
        "caption": caption,
        "input_hash": task.input_hash,
    }
