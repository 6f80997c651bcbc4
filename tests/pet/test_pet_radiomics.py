"""Radiomics (RA-1 to RA-5): mirp against the IBSI digital phantom, features of drawn lesions with their settings."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import numpy as np
import pytest

from pet.ibsi_phantom import OUTSIDE, REFERENCE, phantom
from pet.quantify import Quantities, nothing_known, quantify
from pet.radiomics import TEXTURE, VERIFIED, Mirp, plain
from pet.tasks import scan_tasks
from protocol.home import radiomics_python
from protocol.pet_options import DEFAULT, PetOptions
from tests.pet.phantom import sphere, write_pet, write_seg
from tests.pet.small_pet_study import PetStudy

SHAPE = (18, 24, 24)
LARGE, SMALL = sphere(SHAPE, (9, 12, 8), 16.0), sphere(SHAPE, (9, 12, 18), 9.0)
ASKED = replace(DEFAULT, radiomics=True, rad_voxel_mm=4.0)


@pytest.fixture(scope="module")
def mirp() -> Mirp:
    found = Mirp(radiomics_python())
    if found.version is None:
        pytest.skip("mirp is not installed: extra radiomics, or NADIR_RADIOMICS_PYTHON")
    return found


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> PetStudy:
    """One visit with a lesion of 17 ml and one of 3 ml, of uptake that rises along the rows."""
    suv = np.full(SHAPE, 0.6)
    suv[LARGE | SMALL] = (np.arange(SHAPE[1]) / 3)[None, :, None].repeat(SHAPE[0], 0).repeat(SHAPE[2], 2)[LARGE | SMALL]
    study = PetStudy(tmp_path_factory.mktemp("radiomics"))
    pet = write_pet(study.folder / "VISIT-0", suv, "VISIT-0")
    study.add([*pet, write_seg(study.folder / "drawn.dcm", pet, {"large": LARGE, "small": SMALL})])
    return study


@pytest.fixture(scope="module")
def found(mirp: Mirp, drawn: PetStudy) -> Quantities:
    """The visit with its features, on the voxels of the scan."""
    return measured(drawn, mirp)


def measured(study: PetStudy, mirp: Mirp, options: PetOptions = ASKED, known: Quantities | None = None) -> Quantities:
    tasks, _ = scan_tasks("S", study.folder, study.manifest(), study.instances(), study.visit_scans())
    return quantify(tasks, options, known or nothing_known(), mirp=mirp)


def test_the_phantom_is_the_one_of_3_10_f() -> None:
    values = phantom()[phantom() != OUTSIDE]
    assert (values.size, (values**2).sum(), round(values.mean(), 2)) == (74, 567, 2.15)


def test_the_digital_phantom_gives_the_reference_values_RA_3(mirp: Mirp) -> None:
    found = mirp.of_phantom()
    assert {name: found[name] for name in REFERENCE} == {
        name: pytest.approx(value, abs=tolerance, rel=1e-6) for name, (value, tolerance) in REFERENCE.items()
    }
    assert mirp.failing == frozenset()


def test_features_stand_with_their_settings_RA_2_and_texture_needs_size_RA_4(mirp: Mirp, found: Quantities) -> None:
    assert found.rejects.is_empty(), found.rejects
    rows = found.radiomic.partition_by("lesion_id", as_dict=True)
    large, small = rows[("large",)], rows[("small",)]
    assert large.height > 150 and 15 < small.height < 50
    assert {"rlm_sre_3d_v_mrg", "cm_joint_entr_d1_3d_v_mrg", "morph_volume"} <= set(large["feature"])
    assert not set(small["feature"]) & {"rlm_sre_3d_v_mrg", "morph_volume"}
    settings = [json.loads(each["settings"][0]) for each in (large, small)]
    assert [set(TEXTURE) <= set(each["base_feature_families"]) for each in settings] == [True, False]
    assert (settings[0]["new_spacing"], settings[0]["base_discretisation_bin_width"]) == (4.0, 0.25)
    assert set(found.radiomic["software"]) == {f"mirp {mirp.version}"}
    judged = dict(large.select("feature", "verified").iter_rows())
    assert (judged["rlm_sre_3d_v_mrg"], judged["rlm_lre_3d_v_mrg"]) == (True, False)
    mean = large.filter(feature="stat_mean")["value"].item()
    assert mean == pytest.approx(found.lesion.filter(lesion_id="large")["suv_mean"].item(), rel=1e-5)


def test_what_was_computed_before_is_kept(
    mirp: Mirp, drawn: PetStudy, found: Quantities, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Mirp, "features", None)
    assert measured(drawn, mirp, known=found).radiomic.equals(found.radiomic)


def test_without_mirp_the_scan_is_quantified_and_a_reject_says_what_to_do(drawn: PetStudy) -> None:
    found = measured(drawn, Mirp("no-such-python"))
    assert found.scan["status"].to_list() == ["QUANTIFIED"]
    assert found.radiomic.is_empty()
    assert found.rejects.select("field", "value").rows() == [("radiomics", "large"), ("radiomics", "small")]
    assert all("no-such-python" in reason for reason in found.rejects["reason"])
    assert "NADIR_RADIOMICS_PYTHON" in found.rejects["remedy"][0]


def test_features_are_computed_only_when_asked_for(drawn: PetStudy) -> None:
    found = measured(drawn, Mirp("no-such-python"), DEFAULT)
    assert (found.radiomic.height, found.rejects.height) == (0, 0)


def test_the_interpreter_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NADIR_RADIOMICS_PYTHON", raising=False)
    assert radiomics_python() == sys.executable
    monkeypatch.setenv("NADIR_RADIOMICS_PYTHON", "python-with-mirp")
    assert radiomics_python() == "python-with-mirp"


@pytest.mark.parametrize(
    ("name", "feature"),
    [
        *(("rlm_sre_3d_v_mrg", "rlm_sre"), ("rlm_sre_2.5d_d_mrg", "rlm_sre"), ("stat_mean", "stat_mean")),
        *(("cm_joint_entr_d1_3d_avg", "cm_joint_entr"), ("szm_sze_3d", "szm_sze")),
    ],
)
def test_a_feature_is_one_whatever_its_aggregation(name: str, feature: str) -> None:
    assert plain(name) == feature
    assert "rlm_sre" in VERIFIED
