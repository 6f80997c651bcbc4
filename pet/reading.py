"""From the files of one PET series to its volume in SUVbw; one pass, one decoded slice at a time."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from ingestion.dicom.attributes import text_of
from pet.enhanced import frames, is_enhanced
from pet.gate import check_agreement, check_corrections, check_kind, check_rescale, is_fdg, spacing
from pet.header import SHARED, SeriesHeader, SliceHeader, series_header, slice_header
from pet.raw_values import raw_numbers, signature
from pet.refusal import Flag, NotQuantifiedError, Refusal
from pet.suv import Suv, suv_factors, timed
from pet.volume import Floats, Grid, Volume
from protocol.pet_options import PetOptions


@dataclass(frozen=True)
class PetScan:
    """A quantified series: its header, its SUV with the times it rests on, its volume, and what to mind."""

    header: SeriesHeader
    suv: Suv
    volume: Volume
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class _Slice:
    header: SliceHeader
    position: Floats
    pixels: NDArray[np.integer]


def read_scan(files: Sequence[Path], options: PetOptions) -> PetScan:
    """The volume of a series (G-1 to G-5, 3.2 to 3.4); raises `NotQuantifiedError` with the code that applies."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # oddities of values are judged here, with codes
        opened = _dataset(files[0]) if files else Dataset()
        shared = signature(opened, SHARED)
        check_kind(opened)
        first = next(frames(opened))[0] if is_enhanced(opened) else opened
        header = series_header(first)
        check_corrections(header)
        across, down = _directions(first)
        normal = np.cross(across, down)
        found = _frames(files, opened, first) if is_enhanced(opened) else _slices(files, opened, shared)
        slices = sorted(found, key=lambda each: float(each.position @ normal))
    headers = [each.header for each in slices]
    check_rescale(headers)
    positions = np.array([each.position for each in slices])
    between, flags = spacing(positions @ normal, options)
    rows, columns = (float(value) for value in first.PixelSpacing)
    stored = np.stack([each.pixels for each in slices])
    grid = Grid(
        positions=positions,
        across=across,
        down=down,
        spacing=(between, rows, columns),
        shape=stored.shape,
        instances=tuple(each.sop_instance_uid for each in headers),
        frame_of_reference=text_of(first, "FrameOfReferenceUID"),
    )
    suv = timed(suv_factors(header, headers, options), header, headers, options)
    slopes = np.array([each.slope for each in headers], dtype=float)
    if not is_fdg(header):
        flags.append(Flag.NOT_FDG)
    return PetScan(header, suv, Volume(stored, suv.factors * slopes, grid), (*flags, *suv.flags))


def read_header(files: Sequence[Path]) -> SeriesHeader | None:
    """What the first readable file says, for the row of a scan that was refused; null without a readable one."""
    for path in files:
        try:
            dataset = pydicom.dcmread(path, force=True, stop_before_pixels=True)
            return series_header(next(frames(dataset))[0] if is_enhanced(dataset) else dataset)
        except Exception:
            continue
    return None


def _slices(files: Sequence[Path], first: Dataset, shared: tuple[object, ...]) -> Iterator[_Slice]:
    shape = None
    for number, path in enumerate(files):
        dataset = first if number == 0 else _dataset(path)
        agrees = number == 0 or signature(dataset, SHARED) == shared
        check_kind(dataset)
        pixels = _pixels(dataset, path)
        if not agrees:
            check_agreement(first, dataset)
        shape = shape or pixels.shape
        if pixels.ndim != 2 or pixels.shape != shape:
            raise NotQuantifiedError(Refusal.MIXED_SERIES, f"{path.name}: pixels of shape {pixels.shape}, not {shape}")
        yield _Slice(slice_header(dataset), _position(dataset), pixels)


def _frames(files: Sequence[Path], opened: Dataset, first: Dataset) -> Iterator[_Slice]:
    """The frames of Enhanced PET images of one series as slices."""
    for number, path in enumerate(files):
        dataset = opened if number == 0 else _dataset(path)
        check_kind(dataset)
        pixels = _pixels(dataset, path)
        pixels = pixels if pixels.ndim == 3 else pixels[None]
        for (frame, header), plane in zip(frames(dataset), pixels, strict=True):
            check_agreement(first, frame)
            yield _Slice(header, _position(frame), plane)


def _dataset(path: Path) -> Dataset:
    try:
        return pydicom.dcmread(path)
    except Exception as error:  # pydicom raises nearly every type for damaged files
        raise NotQuantifiedError(Refusal.NOT_READABLE, f"{path.name}: {error}") from error


def _pixels(dataset: Dataset, path: Path) -> NDArray[np.integer]:
    try:
        pixels: NDArray[np.integer] = dataset.pixel_array
    except Exception as error:  # decoders raise nearly every type for damaged or truncated pixels
        name = text_of(dataset, "SOPInstanceUID") or path.name
        raise NotQuantifiedError(Refusal.NOT_READABLE, f"pixels of {name}: {error}") from error
    return pixels


def _numbers(dataset: Dataset, keyword: str, count: int) -> Floats:
    try:
        found = raw_numbers(dataset, keyword)
    except ValueError as error:
        raise NotQuantifiedError(Refusal.GEOMETRY_MISSING, f"{keyword} is no number") from error
    if found.shape != (count,) or not np.isfinite(found).all():
        raise NotQuantifiedError(Refusal.GEOMETRY_MISSING, f"{keyword} has not {count} finite numbers")
    return found


def _position(dataset: Dataset) -> Floats:
    return _numbers(dataset, "ImagePositionPatient", 3)


def _directions(dataset: Dataset) -> tuple[Floats, Floats]:
    cosines = _numbers(dataset, "ImageOrientationPatient", 6)
    across, down = cosines[:3], cosines[3:]
    lengths = np.linalg.norm(across), np.linalg.norm(down)
    if abs(lengths[0] - 1) > 0.01 or abs(lengths[1] - 1) > 0.01 or abs(across @ down) > 0.01:
        raise NotQuantifiedError(Refusal.GEOMETRY_MISSING, f"ImageOrientationPatient {cosines.tolist()}")
    if (_numbers(dataset, "PixelSpacing", 2) <= 0).any():
        raise NotQuantifiedError(Refusal.GEOMETRY_MISSING, "PixelSpacing is not positive")
    return across / lengths[0], down / lengths[1]
