"""All scans of a study: rows, references from the baseline, what is kept, and that no defect ends the run."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from ingestion.pet_tables import PET_LESION, PET_SCAN
from pet import quantify as quantify_module
from pet.merged import merged
from pet.quantify import nothing_known, quantify
from pet.refusal import Flag, Refusal
from pet.tasks import scan_tasks
from tests.pet.phantom import write_seg
from tests.pet.small_pet_study import LESIONS, LEVELS, LIVER_LEVEL, PetStudy, two_visits

SUL = 55.8571 / 70


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> PetStudy:
    return two_visits(tmp_path_factory.mktemp("two-visits"))


def test_both_visits_are_measured(study: PetStudy) -> None:
    found = study.quantities()
    assert found.scan["status"].to_list() == ["QUANTIFIED", "QUANTIFIED"]
    assert found.rejects.is_empty()
    rows = {(row["timepoint"], row["lesion_id"]): row for row in found.lesion.iter_rows(named=True)}
    assert set(rows) == {(timepoint, name) for timepoint in LEVELS for name in LESIONS}
    for (timepoint, name), row in rows.items():
        level, voxels = LEVELS[timepoint][name], int(LESIONS[name].sum())
        assert (row["suv_max"], row["suv_mean"], row["suv_peak"]) == pytest.approx((level,) * 3, abs=2e-3)
        assert row["sul_peak"] == pytest.approx(level * SUL, abs=2e-3)
        assert (row["mtv_ml"], row["region_ml"]) == pytest.approx((voxels * 0.064,) * 2)
        assert row["tlg_g"] == pytest.approx(row["suv_mean"] * row["mtv_ml"])
        assert (row["evaluator"], row["measured_from"], row["status"]) == ("READER ONE", "SEG", "PRESENT")
        assert json.loads(row["settings"])["peak_kernel"] == "FRACTIONAL"
    assert set(rows[0, "L01"]) == set(PET_LESION.schema)


def test_the_follow_up_takes_the_liver_where_the_baseline_had_it_3_6(study: PetStudy) -> None:
    liver = study.quantities().reference.sort("timepoint")
    assert liver["suv_mean"].to_list() == pytest.approx([LIVER_LEVEL] * 2, abs=2e-3)
    assert liver["flags"].to_list() == [None, "CENTRE_FROM_BASELINE,CENTRE_OTHER_FRAME"]
    assert liver["centre_z_mm"].n_unique() == 1
    drawn_only = dataclasses.replace(study, options=dataclasses.replace(study.options, reference_from_baseline=False))
    assert drawn_only.quantities().reference["timepoint"].to_list() == [0]


def test_the_burden_is_the_union_of_the_lesions_3_8(study: PetStudy) -> None:
    found = study.quantities()
    for row in found.burden.iter_rows(named=True):
        lesions = found.lesion.filter(pl.col("timepoint") == row["timepoint"])
        assert (row["tmtv_ml"], row["ttlg_g"]) == pytest.approx((lesions["mtv_ml"].sum(), lesions["tlg_g"].sum()))
        assert (row["lesions"], row["mtv_method"]) == (2, "MTV_41")


def test_what_was_measured_from_the_same_inputs_is_kept(study: PetStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    before = study.quantities()

    def never(*given: object) -> object:
        raise AssertionError("measured again")

    monkeypatch.setattr(quantify_module, "quantified", never)
    again = study.quantities(before)
    for name in ("scan", "lesion", "reference", "burden", "rejects"):
        assert getattr(again, name).equals(getattr(before, name))


def test_other_settings_and_other_regions_measure_anew(tmp_path: Path) -> None:
    study = two_visits(tmp_path)
    before = study.quantities()
    hashes = dict(before.scan.select("timepoint", "input_hash").iter_rows())
    other = dataclasses.replace(study, options=dataclasses.replace(study.options, lbm="JAMES128"))
    changed = other.quantities(before)
    assert changed.scan["lbm_formula"].to_list() == ["JAMES128"] * 2
    assert set(changed.scan["input_hash"]).isdisjoint(hashes.values())
    pet = [file for file in study.files if file.source_name.startswith("VISIT-1-")]
    study.add([write_seg(tmp_path / "late.dcm", pet, {"L03": LESIONS["L01"]}, creator="READER^TWO")])
    after = study.quantities(before)
    assert after.lesion.filter(pl.col("evaluator") == "READER TWO")["lesion_id"].to_list() == ["L03"]
    again = dict(after.scan.select("timepoint", "input_hash").iter_rows())
    assert (again[0] == hashes[0], again[1] == hashes[1]) == (True, False)


def test_no_defect_ends_the_run(tmp_path: Path) -> None:
    study = two_visits(tmp_path)
    broken = next(file for file in study.files if file.source_name == "VISIT-0.seg.dcm")
    slice_path = next(file.path for file in study.files if file.source_name == "VISIT-1-010.dcm")
    instances, scans = study.instances(), study.visit_scans()
    broken.path.write_bytes(broken.path.read_bytes()[:2000])
    slice_path.write_bytes(slice_path.read_bytes()[:900])
    tasks, rejects = scan_tasks("S", tmp_path, study.manifest(), instances, scans)
    found = quantify(tasks, study.options, nothing_known())
    assert rejects.is_empty()
    assert found.scan["status"].to_list() == ["QUANTIFIED", Refusal.NOT_READABLE]
    assert found.lesion.is_empty()
    (reject,) = found.rejects.iter_rows(named=True)
    assert (reject["source_name"], reject["remedy"]) == ("VISIT-0.seg.dcm", "send the object again")
    assert reject["reason"].startswith("NOT_READABLE")
    kept = quantify(tasks, study.options, found)
    assert kept.rejects.equals(found.rejects)


def test_a_scan_of_no_time_point_is_a_reject(study: PetStudy) -> None:
    scans = study.visit_scans({"VISIT-1": None})
    tasks, rejects = scan_tasks("S", study.folder, study.manifest(), study.instances(), scans)
    assert [task.timepoint for task in tasks] == [0]
    assert rejects["value"].to_list() == ["UNSCHEDULED"]
    assert "no time point" in rejects["reason"][0]


def test_a_file_that_came_twice_counts_once(study: PetStudy) -> None:
    doubled = dataclasses.replace(study, files=list(study.files))
    doubled.files += [dataclasses.replace(file, source_name=f"copy/{file.source_name}") for file in study.files]
    assert doubled.quantities().lesion.drop("input_hash").equals(study.quantities().lesion.drop("input_hash"))


def test_two_series_of_a_visit_measure_a_lesion_once(tmp_path: Path) -> None:
    study = two_visits(tmp_path)
    tasks, _ = scan_tasks("S", tmp_path, study.manifest(), study.instances(), study.visit_scans({"VISIT-1": 0}))
    found = quantify(tasks, study.options, nothing_known())
    assert (found.scan.height, found.lesion.height) == (2, 2)
    assert set(found.rejects["value"]) == {"L01", "L02"}
    assert found.rejects["reason"].str.contains("another PET series of time point 0").all()


def test_settings_are_the_same_at_every_time_point_Q_17(study: PetStudy) -> None:
    found = study.quantities()
    assert pl.concat([found.scan["settings"], found.lesion["settings"], found.reference["settings"]]).n_unique() == 1


def form(**values: object) -> pl.DataFrame:
    return PET_LESION.conform(
        pl.DataFrame([{"study_id": "S", "subject_id": "P-01", "timepoint": 0, "measured_from": "FORM", **values}])
    )


def test_forms_stand_beside_what_was_measured(study: PetStudy) -> None:
    measured = study.quantities().lesion
    elsewhere = form(evaluator="INVESTIGATOR", lesion_id="L01", suv_max=7.9)
    same = form(evaluator="READER ONE", lesion_id="L01", suv_max=7.9)
    both = merged(PET_LESION, pl.concat([elsewhere, same]), measured)
    first = both.filter((pl.col("lesion_id") == "L01") & (pl.col("timepoint") == 0)).sort("evaluator")
    assert first.select("evaluator", "measured_from").rows() == [
        ("INVESTIGATOR", "FORM"),
        ("READER ONE", "FORM"),
        ("READER ONE (SEG)", "SEG"),
    ]
    assert both.height == measured.height + 2


def test_a_form_completes_the_scan_of_its_visit(study: PetStudy) -> None:
    measured = study.quantities().scan
    row = {"study_id": "S", "subject_id": "P-01", "timepoint": 0, "scan_id": "PET 1", "glucose_mmol_l": 5.4}
    both = merged(PET_SCAN, PET_SCAN.conform(pl.DataFrame([{**row, "weight_kg": 99.0}])), measured)
    assert both.height == 2
    assert both.filter(pl.col("timepoint") == 0).select("glucose_mmol_l", "weight_kg").rows() == [(5.4, 70.0)]


def test_james_and_janmahasatian_are_told_by_the_row(study: PetStudy) -> None:
    other = dataclasses.replace(study, options=dataclasses.replace(study.options, lbm="JAMES128"))
    ratio = other.quantities().lesion["sul_peak"] / study.quantities().lesion["sul_peak"]
    assert np.array(ratio) == pytest.approx(56.52 / 55.8571, abs=1e-5)
    assert Flag.HEIGHT_MISSING not in (study.quantities().scan["flags"][0] or "")
