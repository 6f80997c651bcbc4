"""All PET scans of a study, one in memory at a time; what was measured before from the same inputs is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from criteria.table import Table
from ingestion.pet_tables import PET_BURDEN, PET_LESION, PET_RADIOMIC, PET_REFERENCE, PET_SCAN, PICTURE
from ingestion.tables import REJECT
from pet.radiomics import Mirp, radiomic_rows
from pet.refusal import Refusal
from pet.rows import Row
from pet.scan import ScanResult, ScanTask, quantified
from pet.tasks import STAGE, baseline_centres, hashed
from protocol.pet_options import PetOptions

LESION_STAGE = "core.pet_lesion"
BASELINE = 0
REMEDIES = {
    Refusal.NOT_READABLE: "send the object again",
    Refusal.REGION_GRID_DIFFERS: "draw it on the PET series, or send it resampled to its rows and columns",
    Refusal.REGION_NOT_MAPPED: "draw it on the slices of the PET series that it references",
    Refusal.REGION_EMPTY: "leave the region out, or send it with its voxels",
}


@dataclass(frozen=True, slots=True)
class Quantities:
    """Frames of the tables of `TABLES`, and rejects."""

    scan: pl.DataFrame
    lesion: pl.DataFrame
    reference: pl.DataFrame
    burden: pl.DataFrame
    picture: pl.DataFrame
    radiomic: pl.DataFrame
    rejects: pl.DataFrame


TABLES: dict[str, Table] = {
    "scan": PET_SCAN,
    "lesion": PET_LESION,
    "reference": PET_REFERENCE,
    "burden": PET_BURDEN,
    "picture": PICTURE,
    "radiomic": PET_RADIOMIC,
}
Pictures = Callable[[ScanResult], list[Row]]


def nothing_known() -> Quantities:
    """Empty frames, as before the first scan."""
    return Quantities(**{name: table.empty() for name, table in TABLES.items()}, rejects=REJECT.empty())


def quantify(
    tasks: Sequence[ScanTask],
    options: PetOptions,
    known: Quantities,
    pictures: Pictures | None = None,
    form_references: pl.DataFrame | None = None,
    mirp: Mirp | None = None,
) -> Quantities:
    """Measure the scans of ``tasks`` (subjects and time points in order) that ``known`` does not hold already.

    ``known`` are the frames of the last run, with the rejects of this stage: the rows of a scan with the same
    ``input_hash`` are kept. A follow-up takes the places of reference regions from its subject's baseline, drawn or
    in ``form_references`` (core.pet_reference of the forms). ``pictures`` makes the pictures of a result while its
    volume is in memory, ``mirp`` the features that ``options.radiomics`` asks for. No scan ends the run: refusals are
    statuses, unusable regions and lesions without features rejects.
    """
    software = f"mirp {mirp.version}" if mirp is not None and options.radiomics else ""
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    rejects: list[Row] = []
    before = _by_hash(known)
    forms = _baseline_rows(form_references)
    places: dict[str, list[Row]] = {}
    for task in tasks:
        placed = [*places.get(task.subject_id, ()), *forms.get(task.subject_id, ())]
        centres = baseline_centres(placed) if task.timepoint > BASELINE else ()
        ready = hashed(replace(task, centres=centres), options, software)
        made = before.get(ready.input_hash) or _measured(ready, options, pictures, mirp)
        for name, several in made.items():
            (rejects if name == "rejects" else rows[name]).extend(several)
        if task.timepoint == BASELINE:
            places.setdefault(task.subject_id, []).extend(made["reference"])
    frames, doubled = {}, []
    for name, table in TABLES.items():
        frame = pl.DataFrame(rows[name], schema=table.schema)
        frames[name] = table.conform(frame.unique(table.key, keep="first", maintain_order=True).sort(table.key))
        if name in ("lesion", "reference"):
            doubled += _doubled(frame, table)
    return Quantities(**frames, rejects=REJECT.conform(pl.DataFrame([*rejects, *doubled], schema=REJECT.schema)))


def _measured(
    task: ScanTask, options: PetOptions, pictures: Pictures | None, mirp: Mirp | None
) -> dict[str, list[Row]]:
    result = quantified(task, options)
    asked = mirp if options.radiomics else None
    radiomic, missed = ([], []) if asked is None else radiomic_rows(result, asked, options)
    return {
        "scan": [result.scan_row],
        "lesion": result.lesion_rows,
        "reference": result.reference_rows,
        "burden": result.burden_rows,
        "picture": pictures(result) if pictures is not None else [],
        "radiomic": radiomic,
        "rejects": [*_rejects(result), *_without_features(result, missed)],
    }


def _without_features(result: ScanResult, missed: Sequence[tuple[str, str]]) -> Iterator[Row]:
    source = result.scan_row
    for lesion, reason in missed:
        yield {
            "study_id": result.task.study_id,
            "stage": LESION_STAGE,
            "source_name": source["source_name"],
            "source_sha256": source["source_sha256"],
            "source_record": result.task.series_instance_uid,
            "subject_id": result.task.subject_id,
            "field": "radiomics",
            "value": lesion,
            "reason": reason,
            "remedy": "install nadir[radiomics], or name a Python with mirp in NADIR_RADIOMICS_PYTHON",
        }


def _rejects(result: ScanResult) -> Iterator[Row]:
    for unusable in result.unusable:
        code = unusable.error.code
        yield {
            "study_id": result.task.study_id,
            "stage": LESION_STAGE,
            "source_name": unusable.source.source_name,
            "source_sha256": unusable.source.sha256,
            "source_record": result.task.series_instance_uid,
            "subject_id": result.task.subject_id,
            "field": "region" if unusable.region else None,
            "value": unusable.region,
            "reason": str(unusable.error),
            "remedy": REMEDIES.get(code, "see docs/pet.md for what the code means"),
        }


def _by_hash(known: Quantities) -> dict[str, dict[str, list[Row]]]:
    """The rows of the last run by the hash of their inputs; rejects belong to the scan whose series they name."""
    found: dict[str, dict[str, list[Row]]] = {}
    for row in known.scan.filter(pl.col("input_hash").is_not_null()).iter_rows(named=True):
        entry = found.setdefault(row["input_hash"], {name: [] for name in (*TABLES, "rejects")})
        entry["scan"].append(row)
    for name in TABLES:
        if name != "scan":
            frame: pl.DataFrame = getattr(known, name)
            for row in frame.iter_rows(named=True):
                if row["input_hash"] in found:
                    found[row["input_hash"]][name].append(row)
    rejected = known.scan.select("input_hash", "subject_id", source_record="series_instance_uid").join(
        known.rejects.filter(pl.col("stage") == LESION_STAGE), on=["subject_id", "source_record"]
    )
    for row in rejected.select("input_hash", *REJECT.schema).iter_rows(named=True):
        if row["input_hash"] in found:
            found[row["input_hash"]]["rejects"].append({name: row[name] for name in REJECT.schema})
    return found


def _baseline_rows(references: pl.DataFrame | None) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    if references is not None:
        for row in references.filter(pl.col("timepoint") == BASELINE).iter_rows(named=True):
            found.setdefault(row["subject_id"], []).append(row)
    return found


def _doubled(frame: pl.DataFrame, table: Table) -> list[Row]:
    """Rejects for rows of a second PET series of the same visit that measured the same again."""
    second = frame.filter(~frame.select(pl.struct(table.key).is_first_distinct()).to_series())
    name = "lesion_id" if "lesion_id" in table.key else "region"
    return [
        {
            "study_id": row["study_id"],
            "stage": STAGE,
            "source_name": row["source_name"],
            "source_sha256": row["source_sha256"],
            "source_record": row["series_instance_uid"],
            "subject_id": row["subject_id"],
            "field": name,
            "value": row[name],
            "reason": f"{row['evaluator']} drew it on another PET series of time point {row['timepoint']} already",
            "remedy": "keep the drawing on one series of the visit",
        }
        for row in second.iter_rows(named=True)
    ]
