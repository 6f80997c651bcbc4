"""Regions of a DICOM Segmentation (binary, fractional, label map) on the grid of a PET series."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from ingestion.dicom.attributes import items, text_of
from pet.enhanced import instance_name
from pet.refusal import Flag, NotQuantifiedError, Refusal
from pet.region import Code, Mask, Region, boxed, nearest_slice
from pet.structure_sets import POSITION_TOLERANCE
from pet.volume import Floats, Grid

LABEL_MAP = "1.2.840.10008.5.1.4.1.1.66.7"
DIRECTION_TOLERANCE = 0.001
BACKGROUND = 0
"""The value of a label map that belongs to no segment."""


def segmentation_regions(dataset: Dataset, grid: Grid, fractional: float) -> Iterator[Region]:
    """The segments, each as the voxels that its frames set.

    A frame goes to the slice of the instance that it was derived from, else (POSITION_MATCHED) to the slice within
    10 % of the slice distance: plane positions of real segmentations are rounded. Frames that match none are left
    out (REGIONS_LEFT_OUT). ``fractional`` is the least share of a fractional segment. Raises NOT_READABLE for pixels
    that cannot be decoded and REGION_GRID_DIFFERS for frames drawn on other rows and columns.
    """
    frames = _frames(dataset)
    if frames.shape[1:] != grid.shape[1:]:
        reason = f"frames of {frames.shape[1]} x {frames.shape[2]}, slices of {grid.shape[1]} x {grid.shape[2]}"
        raise NotQuantifiedError(Refusal.REGION_GRID_DIFFERS, reason)
    is_map = text_of(dataset, "SOPClassUID") == LABEL_MAP or text_of(dataset, "SegmentationType") == "LABELMAP"
    least = 1.0
    if text_of(dataset, "SegmentationType") == "FRACTIONAL":
        least = max(fractional * float(text_of(dataset, "MaximumFractionalValue") or 255), 1.0)
    places, flags = _places(dataset, grid, len(frames), is_map)
    for segment in items(dataset, "SegmentSequence", []):
        number = int(text_of(segment, "SegmentNumber") or 0)
        if is_map and number == BACKGROUND:
            continue
        volume = np.zeros(grid.shape, bool)
        for frame, place in places[0 if is_map else number]:
            volume[place] |= frames[frame] == number if is_map else frames[frame] >= least
        yield _region(segment, number, volume, flags)


def _region(segment: Dataset, number: int, volume: Mask, flags: tuple[Flag, ...]) -> Region:
    mask, box = boxed(volume)
    return Region(
        source="SEG",
        number=number,
        label=text_of(segment, "SegmentLabel") or f"segment {number}",
        mask=mask,
        box=box,
        tracking_id=text_of(segment, "TrackingID"),
        tracking_uid=text_of(segment, "TrackingUID"),
        category=_code(segment, "SegmentedPropertyCategoryCodeSequence"),
        kind=_code(segment, "SegmentedPropertyTypeCodeSequence"),
        site=_code(segment, "AnatomicRegionSequence"),
        flags=flags,
    )


def _code(dataset: Dataset, keyword: str) -> Code | None:
    for item in items(dataset, keyword, []):
        value = text_of(item, "CodeValue") or text_of(item, "LongCodeValue")
        if value:
            return Code(value, text_of(item, "CodingSchemeDesignator") or "", text_of(item, "CodeMeaning") or "")
    return None


def _frames(dataset: Dataset) -> NDArray[np.integer]:
    try:
        pixels: NDArray[np.integer] = dataset.pixel_array
    except Exception as error:  # decoders raise nearly every type for damaged or truncated pixels
        raise NotQuantifiedError(Refusal.NOT_READABLE, f"pixels of the segmentation: {error}") from error
    return pixels if pixels.ndim == 3 else pixels[None]


def _places(
    dataset: Dataset, grid: Grid, count: int, is_map: bool
) -> tuple[dict[int, list[tuple[int, int]]], tuple[Flag, ...]]:
    """Frames and their slices by segment number (0 for all of a label map)."""
    shared = (items(dataset, "SharedFunctionalGroupsSequence", []) or [Dataset()])[0]
    groups = items(dataset, "PerFrameFunctionalGroupsSequence", [])
    if len(groups) != count:
        raise NotQuantifiedError(Refusal.NOT_READABLE, f"{count} frames, but {len(groups)} descriptions of frames")
    slice_of = {uid: number for number, uid in enumerate(grid.instances)}
    places: dict[int, list[tuple[int, int]]] = defaultdict(list)
    flags = []
    for frame, group in enumerate(groups):
        _check_plane(group, shared, grid)
        place, by_position = _slice_of(group, shared, grid, slice_of)
        if place is None:
            flags.append(Flag.REGIONS_LEFT_OUT)
            continue
        flags += [Flag.POSITION_MATCHED] * by_position
        identified = _first(group, shared, "SegmentIdentificationSequence")
        number = 0 if is_map else int(text_of(identified, "ReferencedSegmentNumber") or 0)
        places[number].append((frame, place))
    return places, tuple(dict.fromkeys(flags))


def _first(group: Dataset, shared: Dataset, keyword: str) -> Dataset:
    """The first item of a functional group, of the frame or shared; an empty data set without any."""
    return (items(group, keyword, []) or items(shared, keyword, []) or [Dataset()])[0]


def _slice_of(group: Dataset, shared: Dataset, grid: Grid, slice_of: dict[str, int]) -> tuple[int | None, bool]:
    for derivation in items(group, "DerivationImageSequence", []) or items(shared, "DerivationImageSequence", []):
        sources = [_drawn_on(source, slice_of) for source in items(derivation, "SourceImageSequence", [])]
        found = {number for number in sources if number is not None}
        if len(found) == 1:
            return found.pop(), False
    position = _floats(_first(group, shared, "PlanePositionSequence"), "ImagePositionPatient")
    if position is None:
        return None, True
    return nearest_slice(grid, float(position @ grid.normal), POSITION_TOLERANCE * grid.spacing[0]), True


def _drawn_on(source: Dataset, slice_of: dict[str, int]) -> int | None:
    """The slice of an instance, or of one frame of a multi-frame image."""
    uid, frame = text_of(source, "ReferencedSOPInstanceUID") or "", text_of(source, "ReferencedFrameNumber") or ""
    return slice_of.get(instance_name(uid, int(frame)) if frame.isdigit() else uid, slice_of.get(uid))


def _check_plane(group: Dataset, shared: Dataset, grid: Grid) -> None:
    """The frame has the rows, columns and directions of the series, where it says."""
    cosines = _floats(_first(group, shared, "PlaneOrientationSequence"), "ImageOrientationPatient")
    wanted = np.concatenate((grid.across, grid.down))
    if cosines is not None and (cosines.shape != (6,) or np.abs(cosines - wanted).max() > DIRECTION_TOLERANCE):
        raise NotQuantifiedError(Refusal.REGION_GRID_DIFFERS, f"frames point along {cosines.tolist()}")
    spacing = _floats(_first(group, shared, "PixelMeasuresSequence"), "PixelSpacing")
    if spacing is not None and np.abs(spacing / grid.spacing[1:] - 1).max() > DIRECTION_TOLERANCE:
        raise NotQuantifiedError(Refusal.REGION_GRID_DIFFERS, f"pixels of {spacing.tolist()} mm")
    position = _floats(_first(group, shared, "PlanePositionSequence"), "ImagePositionPatient")
    if position is not None:
        away = position - grid.positions[0]
        shift = np.array([away @ grid.down / grid.spacing[1], away @ grid.across / grid.spacing[2]])
        if np.abs(shift).max() > POSITION_TOLERANCE:
            raise NotQuantifiedError(Refusal.REGION_GRID_DIFFERS, f"frames begin {shift.round(2).tolist()} pixels away")


def _floats(dataset: Dataset, keyword: str) -> Floats | None:
    text = text_of(dataset, keyword)
    if text is None:
        return None
    try:
        return np.array([float(part) for part in text.split("\\")])
    except ValueError:
        return None
