"""PET scans, lesions and reference regions as the readers write them into nadir's forms (core.pet_*)."""

from __future__ import annotations

import numpy as np
import polars as pl

from criteria.vocabulary import LesionNature, LesionStatus
from ingestion.pet_tables import PET_LESION, PET_REFERENCE, PET_SCAN
from simulation.draws import Booleans, Floats, Integers, worded
from simulation.identity import uid
from simulation.lesions import MIMIC, ORGANS
from simulation.pet import HALF_LIFE_S, REGIONS, SCANNERS, Pet, lean_body_mass_kg, peak_suv
from simulation.reading import NOTHING, ROLES
from simulation.records import lesion_ids
from simulation.schedule import DOSE_INTERVAL
from simulation.trial import Trial

READERS = ("RADIOLOGIST 1", "RADIOLOGIST 2")
PAIRED = ("LUNG", "ADRENAL GLAND", "PLEURA")
VOXELS_OF_REGION = {"LIVER": 221, "BLOOD_POOL": 25, "SPLEEN": 221, "MARROW": 88}
ACTIVITY_BQ = 1e6


def pet_scans(trial: Trial, pet: Pet) -> pl.DataFrame:
    """core.pet_scan: how every scan was made, with the quantities that its SUV rests on."""
    rows = _scans(trial, pet)
    at = (rows["subject"].to_numpy(), rows["visit_index"].to_numpy())
    weight, height, lbm = _body(trial, at[0])
    activity, uptake, day = pet.activity_mbq[at], pet.uptake_min[at], trial.visits.day[at]
    decayed = activity * ACTIVITY_BQ * 0.5 ** (uptake * 60 / HALF_LIFE_S)
    site = trial.people.site[at[0]]
    scanner = site % len(SCANNERS)
    injected = pl.col("assessment_date").cast(pl.Datetime("us")) + pl.duration(minutes="_injected_at")
    cycles = np.where(day > 0, day // DOSE_INTERVAL + 1, 0)
    frame = rows.with_columns(
        _injected_at=pl.Series(pet.injected_at_min[at]),
        uptake_min=pl.Series(uptake),
        injected_activity_mbq=pl.Series(activity),
        weight_kg=pl.Series(weight),
        height_m=pl.Series(height / 100),
        lbm_kg=pl.Series(lbm),
        suv_factor=pl.Series(weight * 1000 / decayed),
        sul_factor=pl.Series(lbm / weight),
        glucose_mmol_l=pl.Series(pet.glucose_mmol_l[at]),
        fasting_h=pl.Series(pet.fasting_h[at]),
        cycles_before=pl.Series(cycles),
        manufacturer=worded([scanner.manufacturer for scanner in SCANNERS], scanner),
        manufacturer_model=worded([scanner.model for scanner in SCANNERS], scanner),
        reconstruction=worded([scanner.reconstruction for scanner in SCANNERS], scanner),
        station=pl.format("PET{}", pl.Series(site + 100)),
        status=pl.lit("QUANTIFIED"),
        units=pl.lit("BQML"),
        decay_correction=pl.lit("START"),
        radiopharmaceutical=pl.lit("Fluorodeoxyglucose F^18^"),
        half_life_s=pl.lit(HALF_LIFE_S),
        lbm_formula=pl.lit("JANMAHASATIAN"),
        therapy_class=pl.lit("ANTI-PD-1"),
        coverage=pl.lit("SKULL_BASE_TO_THIGH"),
        scan_id="series_instance_uid",
    ).with_columns(injection_datetime=injected, reference_datetime=injected + pl.duration(minutes="uptake_min"))
    return PET_SCAN.conform(frame.drop("subject", "visit_index", "_injected_at"))


def pet_lesions(trial: Trial, pet: Pet) -> pl.DataFrame:
    """core.pet_lesion: both central readers' lesions; uptake is read with the noise of a diameter."""
    return PET_LESION.conform(pl.concat([_lesions_of(trial, pet, name) for name in READERS]).sort(PET_LESION.key))


def _lesions_of(trial: Trial, pet: Pet, name: str) -> pl.DataFrame:
    reader, seen = trial.readers[name], trial.reads[name]
    shape = trial.true.shape
    known = np.logical_or.accumulate(seen.state != NOTHING, axis=1) & pet.has[:, :, None] & ~trial.joined
    subject, index, place = np.nonzero(known)
    at = (subject, index, place)
    noise = np.exp(trial.draws.normal(f"{name} uptake", *shape[1:]) * reader.errors.scan_noise)
    suv = np.where(pet.suv > 0, (pet.suv * noise).round(2), 0)[at]
    resolved = suv == 0
    weight, _, lbm = _body(trial, subject)
    share = lbm / weight
    diameter = np.where(np.isfinite(seen.size[at]), seen.size[at], trial.true[at])
    peak = np.minimum(peak_suv(suv, diameter).round(3), suv)
    volume = np.where(resolved, 0.0, (np.pi / 6 * diameter**3 / 1000).round(3))
    growing = trial.lesions

    def where_present(values: Floats) -> pl.Series:
        return _null_where(values, resolved)

    rows = pl.DataFrame(
        {
            "subject": subject,
            "visit_index": index,
            "lesion_id": lesion_ids(reader, seen, subject, place),
            "role": worded(ROLES, seen.role[subject, place]),
            "organ": worded(ORGANS, growing.organ[subject, place]),
            "_left": growing.left[subject, place],
            "is_node": growing.node[subject, place],
            "injected": trial.visits.day[subject, index] > trial.injected.since[subject, place],
            "status": worded((LesionStatus.PRESENT, LesionStatus.RESOLVED), resolved.astype(np.int64)),
            "nature": worded((LesionNature.TUMOUR, LesionNature.UNCERTAIN), (place == MIMIC).astype(np.int64)),
            "above_background": ~resolved,
            "suv_max": where_present(suv),
            "suv_mean": where_present(suv),
            "suv_peak": where_present(peak),
            "sul_max": where_present((suv * share).round(3)),
            "sul_mean": where_present((suv * share).round(3)),
            "sul_peak": where_present((peak * share).round(3)),
            "mtv_ml": volume,
            "tlg_g": (volume * suv).round(3),
            "functional_diameter_mm": where_present(diameter),
            "longest_diameter_mm": _null_where(seen.longest[at], ~np.isfinite(seen.longest[at])),
            "short_axis_mm": _null_where(seen.across[at], ~np.isfinite(seen.across[at])),
            "ct_volume_ml": volume,
        }
    )
    paired = pl.col("organ").is_in(PAIRED)
    return (
        rows.with_columns(
            side=pl.when(paired & pl.col("_left"))
            .then(pl.lit("LEFT"))
            .when(paired)
            .then(pl.lit("RIGHT"))
            .otherwise(pl.lit("MIDLINE")),
            mtv_method=pl.lit("MTV_41"),
            tlg_basis=pl.lit("SUV"),
            measured_from=pl.lit("FORM"),
            short_axis_mm=pl.when(pl.col("is_node")).then("short_axis_mm"),
            evaluator=pl.lit(name),
            reader_role=pl.lit(reader.role),
        )
        .join(_scans(trial, pet), on=["subject", "visit_index"], how="left", maintain_order="left")
        .join(_accepted(trial), on=["subject_id", "evaluator"], how="left", maintain_order="left")
        .with_columns(pl.col("accepted").fill_null(False))
        .drop("subject", "visit_index", "_left")
    )


def pet_references(trial: Trial, pet: Pet) -> pl.DataFrame:
    """core.pet_reference: liver, blood pool, spleen and lumbar marrow, as both central readers measure them."""
    scans = _scans(trial, pet)
    at = (scans["subject"].to_numpy(), scans["visit_index"].to_numpy())
    weight, _, lbm = _body(trial, at[0])
    parts = []
    for name in READERS:
        for number, region in enumerate(REGIONS):
            mean = pet.reference[at][:, number]
            spread = (0.08 * mean).round(3)
            parts.append(
                scans.with_columns(
                    evaluator=pl.lit(name),
                    reader_role=pl.lit(trial.readers[name].role),
                    region=pl.lit(region.value),
                    usable=pl.lit(True),
                    suv_mean=pl.Series(mean),
                    suv_sd=pl.Series(spread),
                    suv_max=pl.Series((mean + 2.5 * spread).round(3)),
                    sul_mean=pl.Series((mean * lbm / weight).round(3)),
                    sul_sd=pl.Series((spread * lbm / weight).round(3)),
                    voxels=pl.lit(VOXELS_OF_REGION[region.value]),
                )
            )
    frame = (
        pl.concat(parts)
        .join(_accepted(trial), on=["subject_id", "evaluator"], how="left", maintain_order="left")
        .with_columns(pl.col("accepted").fill_null(False))
        .drop("subject", "visit_index")
    )
    return PET_REFERENCE.conform(frame).sort(PET_REFERENCE.key)


def series_uid(trial: Trial, subject_id: str, visit: str, modality: str) -> str:
    """Series Instance UID of a scan."""
    return str(uid(trial.settings, "series", subject_id, visit, modality))


def _scans(trial: Trial, pet: Pet) -> pl.DataFrame:
    """The PET scans: subject and visit indices, and the columns of place that all PET tables share."""
    visits = trial.visit
    at = (visits["subject"].to_numpy(), visits["visit_index"].to_numpy())
    rows = visits.filter(pl.Series(pet.has[at]))
    uids = [
        series_uid(trial, subject, visit, "PT") for subject, visit in rows.select("subject_id", "visit").iter_rows()
    ]
    return rows.select(
        *("subject", "visit_index", "study_id", "subject_id", "timepoint", "visit"),
        assessment_date="start_date",
        series_instance_uid=pl.Series(uids, dtype=pl.String),
    )


def _accepted(trial: Trial) -> pl.DataFrame:
    return trial.accepted.select("subject_id", "evaluator", accepted=True)


def _body(trial: Trial, subject: Integers) -> tuple[Floats, Floats, Floats]:
    weight, height = trial.people.weight_kg[subject], trial.people.height_cm[subject]
    return weight, height, lean_body_mass_kg(trial.people.male[subject] == 1, weight, height)


def _null_where(values: Floats, where: Booleans) -> pl.Series:
    return pl.Series(np.where(where, np.nan, values)).fill_nan(None)
