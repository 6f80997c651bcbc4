"""IBSI features of PET lesions through mirp, in a process of its own (RA-1 to RA-4)."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from pet import mirp_process
from pet.ibsi_phantom import OUTSIDE, REFERENCE, VOXEL_MM, phantom
from pet.region import Mask
from pet.rows import LesionResult, Row
from pet.scan import ScanResult
from pet.volume import Floats, Volume, widened
from protocol.pet_options import PetOptions

FIRST_ORDER = ("statistics", "local_intensity")
TEXTURE = (
    *("morphology", "intensity_histogram", "intensity_volume_histogram"),
    *("glcm", "glrlm", "glszm", "gldzm", "ngtdm", "ngldm"),
)
MERGED = {f"{matrix}_spatial_method": "3d_volume_merge" for matrix in ("glcm", "glrlm")} | {
    f"{matrix}_spatial_method": "3d" for matrix in ("glszm", "gldzm", "ngtdm", "ngldm")
}
AROUND_MM = 15.0
DISCRETISATION = re.compile(r"_fb[sn]_[wn][\d.]+$")
AGGREGATION = re.compile(r"(_d1)?_(2d|2\.5d|3d)(_\w+)?$")
PROBE = "from importlib.metadata import version; print(version('mirp'))"


class MirpError(RuntimeError):
    """The process gave no features; says which interpreter, and what it said."""


@dataclass(frozen=True)
class Request:
    """One region for mirp: SUV in g/ml and mask, slices x rows x columns, spacing in that order, mirp's settings."""

    suv: Floats
    mask: Mask
    spacing_mm: tuple[float, float, float]
    settings: dict[str, Any]


@dataclass(frozen=True)
class Mirp:
    """mirp in the interpreter ``python``."""

    python: str

    @cached_property
    def version(self) -> str | None:
        """The version of mirp there; null without it."""
        try:
            found = subprocess.run([self.python, "-I", "-c", PROBE], capture_output=True, text=True, check=False)
        except OSError:
            return None
        return found.stdout.strip() or None

    @cached_property
    def failing(self) -> frozenset[str]:
        """The features that miss their reference values on the digital phantom: they are never stored (RA-3)."""
        found = self.of_phantom()
        wrong = (
            name
            for name, (value, tolerance) in REFERENCE.items()
            if name not in found or abs(found[name] - value) > tolerance
        )
        return frozenset(plain(name) for name in wrong)

    def of_phantom(self) -> dict[str, float]:
        """The features of the digital phantom by every aggregation that has a reference value."""
        suv = phantom()
        settings = {
            "base_feature_families": ["statistics", "morphology", "glcm", "glrlm"],
            "base_discretisation_method": "fixed_bin_size",
            "base_discretisation_bin_width": 1.0,
            "glcm_spatial_method": ["3d_average", "3d_volume_merge"],
            "glrlm_spatial_method": [
                *("2d_average", "2d_slice_merge", "2.5d_direction_merge", "2.5d_volume_merge", "3d_average"),
            ],
        }
        (found,) = self.features([Request(suv, suv != OUTSIDE, (VOXEL_MM,) * 3, settings)])
        if isinstance(found, str):
            raise MirpError(f"{self.python}: mirp on the digital phantom: {found}")
        return found

    def features(self, requests: Sequence[Request]) -> list[dict[str, float] | str]:
        """The features of every region by name, or what went wrong with it; raises `MirpError` without an answer."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            described = [{"spacing_mm": each.spacing_mm, "settings": each.settings} for each in requests]
            (folder / "request.json").write_text(json.dumps(described), encoding="utf-8")
            for number, each in enumerate(requests):
                np.savez(folder / f"{number}.npz", suv=each.suv, mask=each.mask)
            command = [self.python, "-I", mirp_process.__file__, name]
            try:
                ended = subprocess.run(command, capture_output=True, text=True, check=False)
            except OSError as error:
                raise MirpError(f"{self.python}: {error}") from error
            if ended.returncode:
                raise MirpError(f"{self.python}: {ended.stderr.strip().rpartition(chr(10))[2]}")
            answer = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
        return [
            each["error"] if "error" in each else {DISCRETISATION.sub("", k): v for k, v in each["features"].items()}
            for each in answer["lesions"]
        ]


def plain(name: str) -> str:
    """A feature's name without its aggregation."""
    return AGGREGATION.sub("", name)


def settings_of(each: LesionResult, volume: Volume, options: PetOptions) -> dict[str, Any]:
    """mirp's settings for a lesion: texture from ``rad_min_voxels`` voxels and ``rad_min_ml`` on (RA-2, RA-4)."""
    mask = each.drawing.region.mask
    large = mask.sum() >= options.rad_min_voxels and mask.sum() * volume.grid.voxel_ml >= options.rad_min_ml
    discretised = (
        {"base_discretisation_method": "fixed_bin_size", "base_discretisation_bin_width": options.rad_bin_width}
        if options.rad_discretisation == "FBS"
        else {"base_discretisation_method": "fixed_bin_number", "base_discretisation_n_bins": options.rad_bins}
    )
    resampled = {"new_spacing": options.rad_voxel_mm, "spline_order": 1, "anti_aliasing": False, "by_slice": False}
    return {**resampled, "base_feature_families": [*FIRST_ORDER, *(TEXTURE if large else ())], **discretised, **MERGED}


def radiomic_rows(result: ScanResult, mirp: Mirp, options: PetOptions) -> tuple[list[Row], list[tuple[str, str]]]:
    """Rows of core.pet_radiomic of a scan's lesions, and lesions with the reason why they have none."""
    if result.scan is None or not result.lesions:
        return [], []
    volume = result.scan.volume
    requests = [_request(each, volume, options) for each in result.lesions]
    try:
        failing, answers = mirp.failing, mirp.features(requests)
    except MirpError as error:
        return [], [(each.lesion.lesion_id, str(error)) for each in result.lesions]
    rows: list[Row] = []
    missed = []
    for each, request, features in zip(result.lesions, requests, answers, strict=True):
        if isinstance(features, str):
            missed.append((each.lesion.lesion_id, features))
            continue
        used = {**request.settings, "resegmentation": "none", "mask": each.drawing.region.source}
        shared = {
            **result.task.place(),
            "evaluator": each.drawing.evaluator,
            "scan_id": result.task.series_instance_uid,
            "lesion_id": each.lesion.lesion_id,
            "software": f"mirp {mirp.version}",
            "settings": json.dumps(used, sort_keys=True),
            "input_hash": result.task.input_hash,
        }
        rows += [
            {**shared, "feature": name, "value": value, "verified": plain(name) in VERIFIED}
            for name, value in features.items()
            if plain(name) not in failing
        ]
    return rows, missed


VERIFIED = frozenset(plain(name) for name in REFERENCE)
"""Features with reference values on the digital phantom (3.10 f)."""


def _request(each: LesionResult, volume: Volume, options: PetOptions) -> Request:
    region, spacing = each.drawing.region, volume.grid.spacing
    first, second, third = (int(AROUND_MM / side) + 1 for side in spacing)
    box = widened(region.box, (first, second, third), volume.grid.shape)
    mask = np.zeros([side.stop - side.start for side in box], dtype=bool)
    inside = tuple(slice(r.start - b.start, r.stop - b.start) for r, b in zip(region.box, box, strict=True))
    mask[inside] = region.mask
    return Request(volume.suv(box), mask, spacing, settings_of(each, volume, options))
