"""A refresh repeats only the steps whose inputs changed, and publishes what a refresh of everything would publish."""

from __future__ import annotations

import inspect
from pathlib import Path
from shutil import copytree

import dagster as dg
import pytest

from assets.definitions import ASSETS
from protocol.study import Study
from tests.assets.refreshing import Refreshed, current, refresh
from tests.assets.small_study import COURSES, forms, make_study, put_forms, write_slice
from warehouse.releases import contents

pytestmark = pytest.mark.xdist_group("assets_unchanged")

DERIVED = {"analysis.timepoint_response", "analysis.event_time", "mart.survival_summary", "mart.response_rate"}
OF_THE_WAY = ("audit.", "landing.", "quality.query", "raw.change", "raw.transfer")
"""Tables that tell how the study came to be what it is."""


def kept(refreshed: Refreshed) -> set[str]:
    """Tables of steps that were not repeated."""
    assert not refreshed.failed
    return {table for table, metadata in refreshed.metadata.items() if metadata.get("unchanged")}


def from_scratch(study: Study, folder: Path) -> dict[str, str]:
    """The contents of a release of the same files by a refresh of everything."""
    folder.mkdir()
    copytree(study.incoming, folder / study.name / "incoming")
    (folder / study.name / "protocol.yaml").write_text(study.protocol_file.read_text())
    other = Study(folder / study.name)
    assert not refresh(other).failed
    return published(other)


def published(study: Study) -> dict[str, str]:
    found = contents(current(study))
    return {name: table.content_sha256 for name, table in found.items() if not name.startswith(OF_THE_WAY)}


def test_new_scans_repeat_no_step_of_the_forms_and_a_new_form_repeats_them(tmp_path: Path) -> None:
    study = make_study(tmp_path, scans=True)
    assert kept(refresh(study)) == set()

    write_slice(study.incoming / "dicom" / "S-02-3.dcm", "S-02", 3)
    scanned = refresh(study)
    assert kept(scanned) >= DERIVED
    assert scanned.release["published"]

    put_forms(study, forms({**COURSES, "S-05": (50, 30, 20, 10)}))
    corrected = refresh(study)
    assert kept(corrected).isdisjoint(DERIVED)
    assert published(study) == from_scratch(study, tmp_path / "whole")


def test_another_protocol_repeats_every_step(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    refresh(study)
    text = study.protocol_file.read_text()
    study.protocol_file.write_text(text.replace("window_days: 7", "window_days: 9", 1))
    assert kept(refresh(study)) == set()


@pytest.mark.parametrize("asset", ASSETS, ids=lambda asset: asset.op.name)
def test_what_may_stay_depends_on_tables_and_protocol_alone(asset: dg.AssetsDefinition) -> None:
    """A body that reads the clock, the run, files or the operations database must not be passed over."""
    body = inspect.unwrap(asset.op.compute_fn.decorated_fn)  # type: ignore[union-attr]
    passed_over = body is not asset.op.compute_fn.decorated_fn  # type: ignore[union-attr]
    source = inspect.getsource(body)
    outside = [word for word in ("started_at", "today", "run_id", "operations", ".path", "incoming") if word in source]
    assert not (passed_over and outside)
