"""The CT slice of a lesion, with the outline of the region drawn on PET and the diameter measured on CT."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
from matplotlib.figure import Figure

from pet.diameters import Diameter
from pet.drawing import DPI, MARGIN_MM, colour, slice_of
from pet.raw_values import raw_numbers, raw_text
from pet.rows import LesionResult
from pet.volume import Floats, Volume

SOFT_TISSUE = (-160.0, 240.0)
CORNER = 0.5
"""Coordinates of reports count from the corner of the first pixel, those of drawings from its centre."""


@dataclass(frozen=True)
class CtSlice:
    """A CT slice in HU on its own grid: place of the first pixel, directions and spacing as in `pet.volume.Grid`."""

    hounsfield: Floats
    position: Floats
    across: Floats
    down: Floats
    spacing: tuple[float, float]

    def pixels(self, points: Floats) -> Floats:
        """Row and column numbers of points in patient coordinates (n x 3)."""
        away = points - self.position
        return np.column_stack((away @ self.down / self.spacing[0], away @ self.across / self.spacing[1]))


def read_ct(path: Path) -> CtSlice:
    """A CT slice; raises whatever pydicom and numpy raise for one that cannot be shown."""
    dataset = pydicom.dcmread(path)
    slope, intercept = float(raw_text(dataset, "RescaleSlope") or 1), float(raw_text(dataset, "RescaleIntercept") or 0)
    cosines, (rows, columns) = raw_numbers(dataset, "ImageOrientationPatient"), raw_numbers(dataset, "PixelSpacing")
    return CtSlice(
        hounsfield=dataset.pixel_array * slope + intercept,
        position=raw_numbers(dataset, "ImagePositionPatient"),
        across=cosines[:3],
        down=cosines[3:],
        spacing=(float(rows), float(columns)),
    )


def ct_figure(
    ct: CtSlice, volume: Volume, each: LesionResult, number: int, title: str, diameter: Diameter | None = None
) -> Figure:
    """The slice in the soft-tissue window around the lesion."""
    figure = Figure(figsize=(6.0, 5.6), dpi=DPI, layout="constrained")
    axes = figure.subplots()
    low, high = SOFT_TISSUE
    aspect = ct.spacing[0] / ct.spacing[1]
    axes.imshow(ct.hounsfield, cmap="gray", vmin=low, vmax=high, aspect=aspect, interpolation="nearest")
    place, box, grid = slice_of(each), each.drawing.region.box, volume.grid
    plane = np.pad(each.drawing.region.mask[place - box[0].start], 1).astype(float)
    rows, columns = np.arange(plane.shape[0]) + box[1].start - 1, np.arange(plane.shape[1]) + box[2].start - 1
    lines, across = np.meshgrid(rows, columns, indexing="ij")
    voxels = np.column_stack((np.full(lines.size, place), lines.ravel(), across.ravel()))
    pixels = ct.pixels(grid.points(voxels)).reshape(*plane.shape, 2)
    axes.contour(pixels[..., 1], pixels[..., 0], plane, levels=[0.5], colors=[colour(number)], linewidths=1.4)
    if diameter is not None:
        columns_of, rows_of = np.array(diameter.ends).T - CORNER
        axes.plot(columns_of, rows_of, color="#ffbf00", lw=1.6, marker="|", markersize=7)
    middle = pixels.reshape(-1, 2).mean(axis=0)
    half = max((pixels[..., axis].max() - pixels[..., axis].min()) / 2 for axis in (0, 1)) + MARGIN_MM / ct.spacing[1]
    height, width = ct.hounsfield.shape
    axes.set_xlim(max(-0.5, middle[1] - half), min(width - 0.5, middle[1] + half))
    axes.set_ylim(min(height - 0.5, middle[0] + half), max(-0.5, middle[0] - half))
    axes.set(xticks=[], yticks=[])
    axes.set_title(title, fontsize=10)
    return figure
