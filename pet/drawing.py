"""What a PET picture shows, as figures: projections with outlines, and the slice of a peak."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from pet.peak import RADIUS_MM
from pet.rows import LesionResult
from pet.volume import Volume

DPI = 100
WINDOW = 10.0
"""SUV shown as black in a projection; the slice of a peak has the lesion's maximum as black."""

COLOURS = ("#d62728", "#1f77b4", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#e377c2", "#8c564b", "#bcbd22")
MARGIN_MM = 60.0
LEAST_WINDOW = 2.5


def colour(number: int) -> str:
    """The colour of the lesion of that number."""
    return COLOURS[number % len(COLOURS)]


def projection_figure(volume: Volume, lesions: Sequence[LesionResult], title: str) -> Figure:
    """Maximum-intensity projections from the front and from the side, every lesion outlined and named."""
    depth, high, wide = (size * side for size, side in zip(volume.grid.shape, volume.grid.spacing, strict=True))
    figure = Figure(figsize=(5.2 * (wide + high) / depth + 1.6, 6.4), dpi=DPI, layout="constrained")
    front, side = figure.subplots(1, 2, gridspec_kw={"width_ratios": [wide, high]})
    shown = None
    for axes, axis, across in ((front, 1, 2), (side, 2, 1)):
        shown = axes.imshow(
            volume.projection(axis),
            cmap="gray_r",
            vmin=0,
            vmax=WINDOW,
            origin="lower",
            aspect=volume.grid.spacing[0] / volume.grid.spacing[across],
            interpolation="nearest",
        )
        for number, each in enumerate(lesions):
            _outline(axes, each, axis, across, colour(number))
        axes.set(xticks=[], yticks=[])
    _label(front, lesions)
    front.set_xlabel("from the front")
    side.set_xlabel("from the side")
    figure.suptitle(title, fontsize=10)
    if shown is not None:
        figure.colorbar(shown, ax=[front, side], label="SUVbw, g/ml", shrink=0.5)
    return figure


def _outline(axes: Axes, each: LesionResult, axis: int, across: int, shade: str) -> None:
    """The outline of a lesion's shadow along an axis."""
    box, shadow = each.drawing.region.box, np.pad(each.drawing.region.mask.any(axis=axis), 1)
    rows, columns = np.arange(shadow.shape[0]) + box[0].start - 1, np.arange(shadow.shape[1]) + box[across].start - 1
    axes.contour(columns, rows, shadow.astype(float), levels=[0.5], colors=[shade], linewidths=1.2)


def _label(axes: Axes, lesions: Sequence[LesionResult]) -> None:
    """Names beside the lesions, moved apart where they would lie on each other."""
    low, high = axes.get_ylim()
    least, taken = (high - low) / 28, float("-inf")
    places = [(_middle(each), number, each) for number, each in enumerate(lesions)]
    for (row, column), number, each in sorted(places, key=lambda place: place[0][0]):
        taken = max(row, taken + least)
        axes.annotate(
            each.lesion.lesion_id,
            xy=(column, row),
            xytext=(axes.get_xlim()[1] * 0.98, taken),
            ha="right",
            va="center",
            fontsize=8,
            color=colour(number),
            arrowprops={"arrowstyle": "-", "color": colour(number), "lw": 0.6},
        )


def _middle(each: LesionResult) -> tuple[float, float]:
    box = each.drawing.region.box
    return (box[0].start + box[0].stop) / 2, box[2].stop


def peak_figure(volume: Volume, each: LesionResult, number: int, title: str) -> Figure:
    """The slice of the peak: uptake, outline of the region as drawn and of its metabolic volume, the sphere of 1 ml."""
    figure = Figure(figsize=(6.0, 5.6), dpi=DPI, layout="constrained")
    axes = figure.subplots()
    place = slice_of(each)
    grid = volume.grid
    top = max(LEAST_WINDOW, each.measured.maximum)
    plane = volume.suv((slice(place, place + 1), slice(None), slice(None)))[0]
    shown = axes.imshow(
        plane, cmap="gray_r", vmin=0, vmax=top, aspect=grid.spacing[1] / grid.spacing[2], interpolation="nearest"
    )
    _plane_outline(axes, each, each.drawing.region.mask, place, colour(number), "solid")
    if each.measured.core is not None:
        _plane_outline(axes, each, each.measured.core, place, colour(number), "dotted")
    if each.measured.peak.centre is not None:
        _, row, column = each.measured.peak.centre
        radius = RADIUS_MM / grid.spacing[2]
        axes.add_patch(Circle((column, row), radius, fill=False, color="#ffbf00", lw=1.6))
    _zoom(axes, each, grid.spacing)
    axes.set(xticks=[], yticks=[])
    axes.set_title(title, fontsize=10)
    axes.set_xlabel("solid: region as drawn; dotted: metabolic volume; circle: 1 ml of the peak", fontsize=8)
    figure.colorbar(shown, ax=axes, label="SUVbw, g/ml", shrink=0.8)
    return figure


def slice_of(each: LesionResult) -> int:
    """The slice of the peak, else the middle of the region."""
    box = each.drawing.region.box[0]
    return each.measured.peak.centre[0] if each.measured.peak.centre is not None else (box.start + box.stop) // 2


def _plane_outline(axes: Axes, each: LesionResult, mask: np.ndarray, place: int, shade: str, style: str) -> None:
    box = each.drawing.region.box
    local = place - box[0].start
    if not 0 <= local < mask.shape[0] or not mask[local].any():
        return
    plane = np.pad(mask[local], 1).astype(float)
    rows, columns = np.arange(plane.shape[0]) + box[1].start - 1, np.arange(plane.shape[1]) + box[2].start - 1
    axes.contour(columns, rows, plane, levels=[0.5], colors=[shade], linewidths=1.4, linestyles=[style])


def _zoom(axes: Axes, each: LesionResult, spacing: tuple[float, float, float]) -> None:
    """The region with a margin, as a square, within the image."""
    box = each.drawing.region.box
    sides = [(side.stop - side.start) * size for side, size in zip(box[1:], spacing[1:], strict=True)]
    half = max(sides) / 2 + MARGIN_MM
    row, column = ((side.start + side.stop - 1) / 2 for side in box[1:])
    columns, rows = axes.get_xlim(), axes.get_ylim()
    axes.set_xlim(max(columns[0], column - half / spacing[2]), min(columns[1], column + half / spacing[2]))
    axes.set_ylim(min(rows[0], row + half / spacing[1]), max(rows[1], row - half / spacing[1]))
