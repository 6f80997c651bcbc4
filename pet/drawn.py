"""The regions that readers drew on a PET series: who drew them, when, and what each is."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pydicom

from criteria.vocabulary import ReferenceRegion
from ingestion.dicom.attributes import text_of
from ingestion.dicom.index import ScanFile
from ingestion.dicom.values import clean
from pet.naming import Lesion, meaning_of
from pet.refusal import NotQuantifiedError, Refusal
from pet.region import Region
from pet.segmentations import segmentation_regions
from pet.structure_sets import structure_set_regions
from pet.volume import Grid
from protocol.pet_options import PetOptions

UNNAMED = "IMAGING"
CREATORS = ("ContentCreatorName", "OperatorsName", "ReviewerName")


@dataclass(frozen=True)
class Drawing:
    """One region with its meaning, the reader who drew it, the file and object it came from."""

    region: Region
    meaning: Lesion | ReferenceRegion
    evaluator: str
    source: ScanFile
    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class Unusable:
    """A segmentation or one of its regions that gives no lesion: the file, the region, why."""

    source: ScanFile
    region: str | None
    error: NotQuantifiedError


def drawings(files: Sequence[ScanFile], grid: Grid, options: PetOptions) -> tuple[list[Drawing], list[Unusable]]:
    """The lesions and reference regions of all segmentations of a series; of two versions by one reader the newer.

    Versions are told by content date and time. Every region becomes a drawing, or is unusable with a code, or is an
    organ that nobody asked for.
    """
    found: dict[tuple[str, str], Drawing] = {}
    unusable: list[Unusable] = []
    documents = sorted((_opened(file, unusable) for file in files), key=lambda each: each[1])
    for file, _, dataset in documents:
        if dataset is None:
            continue
        try:
            regions = _regions(dataset, grid, options)
        except NotQuantifiedError as error:
            unusable.append(Unusable(file, None, error))
            continue
        evaluator = next((name for keyword in CREATORS if (name := _person(dataset, keyword))), UNNAMED)
        uid = text_of(dataset, "SOPInstanceUID") or ""
        for region in _told_apart(regions):
            meaning = meaning_of(region, options)
            if meaning is None:
                continue
            if region.empty:
                reason = "no voxel of the PET series lies in it"
                unusable.append(Unusable(file, region.name, NotQuantifiedError(_empty(region), reason)))
                continue
            found[evaluator, region.name] = Drawing(region, meaning, evaluator, file, uid)
    return list(found.values()), unusable


def _person(dataset: pydicom.Dataset, keyword: str) -> str:
    """A person's name with spaces between its parts; empty when absent."""
    return clean(str(dataset.get(keyword) or "").replace("^", " "))


def _told_apart(regions: Sequence[Region]) -> list[Region]:
    """Regions of one object that bear the same name get their number behind it."""
    names = [region.name for region in regions]
    return [
        replace(region, tracking_id=f"{region.name} {region.number}") if names.count(region.name) > 1 else region
        for region in regions
    ]


def _empty(region: Region) -> Refusal:
    return Refusal.REGION_NOT_MAPPED if region.flags else Refusal.REGION_EMPTY


def _opened(file: ScanFile, unusable: list[Unusable]) -> tuple[ScanFile, str, pydicom.Dataset | None]:
    """A segmentation with the moment of its content, which sorts versions."""
    try:
        dataset = pydicom.dcmread(file.path)
    except Exception as error:  # pydicom raises nearly every type for damaged files
        unusable.append(Unusable(file, None, NotQuantifiedError(Refusal.NOT_READABLE, str(error))))
        return file, "", None
    parts = (("ContentDate", "StructureSetDate"), ("ContentTime", "StructureSetTime"), ("SOPInstanceUID",))
    moment = "|".join(next(filter(None, (text_of(dataset, name) for name in names)), "") for names in parts)
    return file, moment, dataset


def _regions(dataset: pydicom.Dataset, grid: Grid, options: PetOptions) -> list[Region]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # oddities of values are judged by codes
        try:
            if text_of(dataset, "Modality") == "RTSTRUCT":
                return list(structure_set_regions(dataset, grid))
            return list(segmentation_regions(dataset, grid, options.fractional_segment))
        except NotQuantifiedError:
            raise
        except Exception as error:  # contents that are not what the standard says
            raise NotQuantifiedError(Refusal.NOT_READABLE, f"{type(error).__name__}: {error}") from error
