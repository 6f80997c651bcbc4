"""Which PET series belong to which visit, with the segmentations drawn on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from criteria.vocabulary import ReferenceRegion
from ingestion.dicom.index import ScanFile
from ingestion.tables import REJECT
from pet.diameters import diameters
from pet.fingerprint import input_hash
from pet.scan import Centre, ScanTask, settings_json
from protocol.pet_options import PetOptions

STAGE = "core.pet_scan"
PET, DRAWINGS = "PT", ("SEG", "RTSTRUCT")
KEY = ("subject_id", "timepoint", "series_instance_uid")


def scan_tasks(
    study_id: str,
    folder: Path,
    manifest: pl.DataFrame,
    instances: pl.DataFrame,
    visit_scans: pl.DataFrame,
    measurements: pl.DataFrame | None = None,
) -> tuple[list[ScanTask], pl.DataFrame]:
    """The PET series that came for a visit, in the order of subjects and time points, and rejects for the others.

    ``manifest`` (landing.file) says where below ``folder`` a content lies; ``instances`` and ``visit_scans`` are
    core.instance and core.visit_scan, ``measurements`` core.sr_measurement, whose diameters are drawn. A file that
    came twice counts once. A series without a time point is a reject: no response can rest on it.
    """
    scans = visit_scans.filter((pl.col("modality") == PET) & pl.col("series_instance_uid").is_not_null())
    placed = scans.filter(pl.col("timepoint").is_not_null()).unique(KEY, keep="first", maintain_order=True).sort(KEY)
    files = _files(folder, manifest, instances)
    drawn = _drawn_on(instances)
    measured = {} if measurements is None else diameters(measurements)
    tasks = [
        ScanTask(
            study_id=study_id,
            subject_id=row["subject_id"],
            timepoint=row["timepoint"],
            visit=row["visit"],
            scan_date=row["scan_date"],
            series_instance_uid=row["series_instance_uid"],
            files=files.get(row["series_instance_uid"], ()),
            segmentations=tuple(file for uid in drawn.get(row["series_instance_uid"], ()) for file in files[uid]),
            diameters=measured.get((row["subject_id"], row["timepoint"]), ()),
        )
        for row in placed.iter_rows(named=True)
    ]
    return tasks, _without_time_point(study_id, scans)


def _files(folder: Path, manifest: pl.DataFrame, instances: pl.DataFrame) -> dict[str, tuple[ScanFile, ...]]:
    """The files of each series, of equal contents the first by name; segmentations keyed by their own instance."""
    landed = manifest.select("sha256", "landed_path").unique("sha256", keep="first")
    key = pl.when(pl.col("modality").is_in(DRAWINGS)).then("sop_instance_uid").otherwise("series_instance_uid")
    found = (
        instances.select("source_name", "sha256", key=key)
        .drop_nulls()
        .sort("source_name")
        .unique(["key", "sha256"], keep="first", maintain_order=True)
        .join(landed, on="sha256", maintain_order="left")
        .group_by("key", maintain_order=True)
        .agg("source_name", "sha256", "landed_path")
    )
    return {
        key: tuple(ScanFile(folder / path, name, sha) for name, sha, path in zip(names, hashes, paths, strict=True))
        for key, names, hashes, paths in found.iter_rows()
    }


def _drawn_on(instances: pl.DataFrame) -> dict[str, list[str]]:
    """Instances of segmentations and structure sets by the series that they name, directly or by its instances."""
    drawings = instances.filter(pl.col("modality").is_in(DRAWINGS) & pl.col("sop_instance_uid").is_not_null())
    series_of = instances.filter(pl.col("modality") == PET).select(
        pl.col("sop_instance_uid").alias("referenced"), pl.col("series_instance_uid").alias("series")
    )
    named = drawings.select("sop_instance_uid", series=pl.col("referenced_series_uids").str.split("\\")).explode(
        "series"
    )
    by_instance = (
        drawings.select("sop_instance_uid", referenced=pl.col("referenced_sop_instance_uids").str.split("\\"))
        .explode("referenced")
        .join(series_of, on="referenced")
        .select("sop_instance_uid", "series")
    )
    every = pl.concat([named, by_instance]).drop_nulls().unique().sort("series", "sop_instance_uid")
    grouped = every.group_by("series", maintain_order=True).agg("sop_instance_uid")
    return {series: uids for series, uids in grouped.iter_rows()}  # noqa: C416 - rows are tuples of two


def _without_time_point(study_id: str, scans: pl.DataFrame) -> pl.DataFrame:
    """Rejects for PET series of no visit of the protocol."""
    stray = scans.filter(pl.col("timepoint").is_null()).select(
        study_id=pl.lit(study_id),
        stage=pl.lit(STAGE),
        source_record="series_instance_uid",
        subject_id="subject_id",
        field=pl.lit("visit"),
        value="visit",
        reason=pl.lit("the PET scan belongs to no time point, so it was not quantified"),
        remedy=pl.lit("give the visit in the forms, or widen the visit windows of protocol.yaml"),
    )
    return REJECT.conform(stray)


def hashed(task: ScanTask, options: PetOptions, software: str = "") -> ScanTask:
    """The task with the hash over everything that its results depend on; ``software`` is used beside nadir's own."""
    place = (task.study_id, task.subject_id, str(task.timepoint), task.visit, str(task.scan_date))
    contents = sorted(file.sha256 for file in task.files)
    drawn = sorted(f"{file.sha256} {file.source_name}" for file in task.segmentations)
    centres = sorted(str(centre) for centre in task.centres)
    parts = (*place, task.series_instance_uid, settings_json(options), *contents, "|", *drawn, "|", *centres, software)
    parts = (*parts, *(str(each) for each in task.diameters))
    return replace(task, input_hash=input_hash(parts))


def baseline_centres(references: Iterable[dict[str, Any]]) -> tuple[Centre, ...]:
    """The places of reference regions in rows of core.pet_reference of the baseline, usable ones."""
    found = []
    for row in references:
        x, y, z = row.get("centre_x_mm"), row.get("centre_y_mm"), row.get("centre_z_mm")
        if row.get("usable") is not False and x is not None and y is not None and z is not None:
            region = ReferenceRegion(row["region"])
            found.append(Centre(row["evaluator"], region, (x, y, z), row.get("frame_of_reference_uid")))
    return tuple(found)
