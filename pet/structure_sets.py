"""Regions of an RT Structure Set on the grid of a PET series: a voxel belongs to a contour that its centre lies in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import shapely
from pydicom.dataset import Dataset

from ingestion.dicom.attributes import items, text_of
from pet.raw_values import raw_numbers
from pet.refusal import Flag
from pet.region import Mask, Region, nearest_slice
from pet.volume import Box, Floats, Grid

POSITION_TOLERANCE = 0.1
"""How far a contour may lie from its slice, as a share of the slice distance."""


def structure_set_regions(dataset: Dataset, grid: Grid) -> Iterator[Region]:
    """The ROIs of a structure set, each rasterised; holes by exclusive or of the contours of a slice.

    Contours go to the slice of the instance that they reference, when it is one of the series, else (flagged
    POSITION_MATCHED) to the slice within 10 % of the slice distance; contours that lie on no slice are left out and
    flagged REGIONS_LEFT_OUT. A ROI without any contour on a slice is empty.
    """
    slice_of = {uid: number for number, uid in enumerate(grid.instances)}
    contours = {text_of(item, "ReferencedROINumber"): item for item in items(dataset, "ROIContourSequence", [])}
    observed = {text_of(item, "ReferencedROINumber"): item for item in items(dataset, "RTROIObservationsSequence", [])}
    for roi in items(dataset, "StructureSetROISequence", []):
        number = text_of(roi, "ROINumber") or "0"
        observation = observed.get(number, Dataset())
        mask, box, flags = _rasterised(contours.get(number, Dataset()), grid, slice_of)
        yield Region(
            source="RTSTRUCT",
            number=int(number),
            label=text_of(roi, "ROIName") or f"ROI {number}",
            mask=mask,
            box=box,
            interpreted=text_of(observation, "RTROIInterpretedType"),
            flags=flags,
        )


def _rasterised(contours: Dataset, grid: Grid, slice_of: dict[str, int]) -> tuple[Mask, Box, tuple[Flag, ...]]:
    polygons: dict[int, list[Floats]] = defaultdict(list)
    flags = []
    for contour in items(contours, "ContourSequence", []):
        if text_of(contour, "ContourGeometricType") not in ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR"):
            continue
        points = raw_numbers(contour, "ContourData").reshape(-1, 3)
        number, by_position = _slice_of(contour, points, grid, slice_of)
        if number is None:
            flags.append(Flag.REGIONS_LEFT_OUT)
            continue
        flags += [Flag.POSITION_MATCHED] * by_position
        if len(points) >= 3:
            away = points - grid.positions[number]
            polygons[number].append(
                np.column_stack((away @ grid.across / grid.spacing[2], away @ grid.down / grid.spacing[1]))
            )
    mask, box = _filled(polygons, grid)
    return mask, box, tuple(dict.fromkeys(flags))


def _slice_of(contour: Dataset, points: Floats, grid: Grid, slice_of: dict[str, int]) -> tuple[int | None, bool]:
    """The slice of a contour and whether it was found by position."""
    offset = float(points[0] @ grid.normal)
    for image in items(contour, "ContourImageSequence", []):
        number = slice_of.get(text_of(image, "ReferencedSOPInstanceUID") or "")
        if number is not None and abs(grid.offsets[number] - offset) <= grid.spacing[0] / 2:
            return number, False
    return nearest_slice(grid, offset, POSITION_TOLERANCE * grid.spacing[0]), True


def _filled(polygons: dict[int, list[Floats]], grid: Grid) -> tuple[Mask, Box]:
    """The mask of polygons in (column, row) numbers by slice, within the box that they span."""
    if not polygons:
        return np.zeros((1, 1, 1), bool), (slice(0, 1), slice(0, 1), slice(0, 1))
    corners = np.concatenate([polygon for several in polygons.values() for polygon in several])
    low = np.maximum(np.ceil(corners.min(axis=0)).astype(int), 0)
    high = np.minimum(np.floor(corners.max(axis=0)).astype(int) + 1, (grid.shape[2], grid.shape[1]))
    high = np.maximum(high, low)
    box = (
        slice(min(polygons), max(polygons) + 1),
        slice(int(low[1]), int(high[1])),
        slice(int(low[0]), int(high[0])),
    )
    columns, rows = np.meshgrid(np.arange(low[0], high[0]), np.arange(low[1], high[1]))
    mask = np.zeros((box[0].stop - box[0].start, *rows.shape), bool)
    for number, several in polygons.items():
        for polygon in several:
            area = shapely.make_valid(shapely.Polygon(polygon))
            mask[number - box[0].start] ^= shapely.contains_xy(area, columns, rows)
    return mask, box
