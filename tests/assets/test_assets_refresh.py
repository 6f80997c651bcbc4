"""A study refreshed by the job: again, with a changed form, a new scan, a form less, a cut-off, and broken tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

import dagster as dg
import polars as pl
import pytest

from assets.tables import TABLES
from protocol.form_names import TEMPLATES
from protocol.study import Study
from quality.operations import Act, QueryAction, operations_of
from tests.assets.refreshing import Refreshed, ask, current, refresh
from tests.assets.small_study import (
    BEST,
    BY_RADIOLOGIST,
    COURSES,
    INVESTIGATOR,
    forms,
    make_study,
    put_forms,
    write_slice,
)
from warehouse.releases import Release, Releases, contents
from warehouse.store import Warehouse

pytestmark = pytest.mark.xdist_group("assets_refresh")

CUTOFF = "2024-05-15"
OPEN_QUERIES = "SELECT fingerprint FROM quality.query WHERE status = 'OPEN' ORDER BY fingerprint"
WITHOUT_INJECTIONS = {"analysis.injected_response", "analysis.injected_summary"}
WITHOUT_TEMPLATES = {f"raw.{name}" for name in TEMPLATES}
WITHOUT_PET = {
    *("core.form_pet_lesion", "core.form_pet_reference", "core.form_pet_scan", "core.pet_burden", "core.pet_lesion"),
    *("core.pet_reference", "core.pet_scan", "core.picture", "analysis.metabolic_response", "analysis.pet_check"),
    *("core.image_pet_scan", "core.image_pet_lesion", "core.image_pet_reference", "core.pet_radiomic"),
    *("core.pet_report", "analysis.pet_pattern", "mart.predicted_benefit"),
}
WITHOUT_LABORATORY_OR_LOG = {
    *("raw.lb", "raw.qs", "core.laboratory", "core.clinical_status", "core.injection", "analysis.marker"),
    *("analysis.injection_deviation", "analysis.injection_plan"),
}
FIRST_TRANSFER_FROM_NO_SERVER = {"raw.change", "landing.feed", "mart.review_flag"}
WITHOUT_CHARTER_OR_OBJECTS = {
    *("core.charter_deviation", "core.segmentation", "core.sr_measurement", "core.measurement_conflict"),
}
DERIVED = {"analysis.timepoint_response", "analysis.event_time", "mart.survival_summary", "mart.response_rate"}
OF_THE_WAY = ("audit.", "landing.", "mart.data_quality", "quality.", "raw.change", "raw.transfer")
ONE_CENTRAL_READER = {"mart.adjudication"}


@dataclass(frozen=True)
class Step:
    """One refresh and the release that was current after it."""

    refreshed: Refreshed
    release: Release


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return make_study(tmp_path_factory.mktemp("home"), scans=True)


def _step(study: Study) -> Step:
    return Step(refresh(study), current(study))


def kept(step: Step) -> set[str]:
    """Tables of steps that were not repeated."""
    assert not step.refreshed.failed
    return {table for table, metadata in step.refreshed.metadata.items() if metadata.get("unchanged")}


def published(step: Step) -> dict[str, str]:
    """The contents of the tables that do not tell how the study came to be what it is."""
    found = contents(step.release)
    return {name: table.content_sha256 for name, table in found.items() if not name.startswith(OF_THE_WAY)}


@pytest.fixture(scope="module")
def first(study: Study) -> Step:
    return _step(study)


@pytest.fixture(scope="module")
def again(first: Step, study: Study) -> Step:
    return _step(study)


@pytest.fixture(scope="module")
def changed(again: Step, study: Study) -> Step:
    """S-04 grows at week 24 in the investigator's corrected form; people have answered two queries, and closed one."""
    asked = ask(again.release, OPEN_QUERIES).to_series()
    now = datetime.now(UTC)
    answered = [QueryAction(study.name, name, Act.ANSWER, "there is none", "Dr Lee", now) for name in asked[:2]]
    closed = QueryAction(study.name, asked[0], Act.CLOSE, "accepted", "Ada", now)
    operations_of(study).record([*answered, closed])
    put_forms(study, {"tr.csv": forms({**COURSES, "S-04": (50, 52, 54, 70)})["tr.csv"]})
    return _step(study)


@pytest.fixture(scope="module")
def scanned(changed: Step, study: Study) -> Step:
    """One more slice of a series that is there."""
    write_slice(study.incoming / "dicom" / "S-02-3.dcm", "S-02", 3)
    return _step(study)


@pytest.fixture(scope="module")
def removed(scanned: Step, study: Study) -> Step:
    (study.incoming / "forms" / "rs.csv").unlink()
    return _step(study)


@pytest.fixture(scope="module")
def cut(removed: Step, study: Study) -> Step:
    text = study.protocol_file.read_text()
    study.protocol_file.write_text(text.replace("data_cutoff: null", f"data_cutoff: {CUTOFF}", 1))
    return _step(study)


def test_the_first_refresh_fills_every_table_of_which_there_is_data(first: Step) -> None:
    assert first.refreshed.failed == {}
    assert first.refreshed.release["published"] is True
    without_data = {"raw.cm", "raw.pr", "core.recorded_sum"}
    without_data |= {*WITHOUT_INJECTIONS, *ONE_CENTRAL_READER, *WITHOUT_CHARTER_OR_OBJECTS}
    without_data |= {*WITHOUT_TEMPLATES, *WITHOUT_PET, *WITHOUT_LABORATORY_OR_LOG, *FIRST_TRANSFER_FROM_NO_SERVER}
    assert {table for table, rows in first.refreshed.rows.items() if rows == 0} == without_data
    counted = {
        table: ask(first.release, f"SELECT count(*) FROM {table}").item()
        for table in ("core.subject", "core.visit", "core.measurement", "core.instance", "core.series", "raw.reject")
    }
    reads = sum(len(sizes) for sizes in (*COURSES.values(), *BY_RADIOLOGIST.values()))
    visits = sum(len(sizes) for sizes in COURSES.values())
    assert counted == {
        "core.subject": 6,
        "core.visit": visits,
        "core.measurement": reads,
        "core.instance": 4,
        "core.series": 2,
        "raw.reject": 2,
    }


def test_a_release_holds_every_declared_table(first: Step) -> None:
    sql = "SELECT schema_name || '.' || table_name FROM duckdb_tables()"
    assert {table.name for table in TABLES} <= set(ask(first.release, sql).to_series())


@pytest.mark.parametrize("criterion", list(BEST))
def test_best_responses_are_the_known_ones(first: Step, criterion: str) -> None:
    sql = f"""SELECT subject_id, best_response FROM analysis.best_response
              WHERE origin = 'DERIVED' AND evaluator = '{INVESTIGATOR}' AND criterion = '{criterion}'"""
    assert dict(ask(first.release, sql).iter_rows()) == BEST[criterion]


def test_readers_who_disagree_are_counted_in_the_agreement(first: Step) -> None:
    sql = """SELECT evaluator, best_response FROM analysis.best_response
             WHERE subject_id = 'S-04' AND criterion = 'RECIST 1.1' AND origin = 'DERIVED' ORDER BY 1"""
    assert dict(ask(first.release, sql).iter_rows()) == {INVESTIGATOR: "SD", "RADIOLOGIST 1": "PR"}


def test_unusable_files_are_rejects_with_a_remedy_and_the_rest_went_on(first: Step) -> None:
    rejects = ask(first.release, "SELECT source_name, reason, remedy FROM raw.reject ORDER BY 1")
    assert rejects["source_name"].to_list() == ["dicom/broken.dcm", "dicom/letter.docx"]
    assert "truncated" in rejects["reason"][0]
    assert rejects["remedy"].null_count() == 0


def test_every_result_leads_back_to_a_received_file(first: Step) -> None:
    unknown = """SELECT count(*) FROM core.{} AS made
                 WHERE NOT EXISTS (FROM landing.file WHERE sha256 = made.source_sha256)"""
    for table in ("subject", "visit", "measurement", "recorded_response", "therapy"):
        assert ask(first.release, unknown.format(table)).item() == 0, table


@pytest.mark.parametrize(
    ("view", "parameter", "subject", "value"),
    [
        ("adrs", "BOR", "S-03", "CR"),
        ("adtr", "SDIAM", "S-01", 20.0),
        ("adtte", "OS", "S-02", 265),
    ],
)
def test_statisticians_views_hold_the_results_in_adam_names(
    first: Step, view: str, parameter: str, subject: str, value: object
) -> None:
    found = ask(first.release, f"FROM analysis.{view} WHERE PARAMCD = '{parameter}' AND USUBJID = '{subject}'")
    assert not found.is_empty(), ask(first.release, f"SELECT DISTINCT PARAMCD FROM analysis.{view}").to_series()
    column = "AVALC" if isinstance(value, str) else "AVAL"
    assert value in found[column].to_list()


def test_the_manifest_names_inputs_code_protocol_and_checks(first: Step, study: Study) -> None:
    manifest = first.release.manifest()
    files = {path.relative_to(study.incoming).as_posix() for path in study.incoming.rglob("*") if path.is_file()}
    assert {item["source_name"] for item in manifest["inputs"]} | {"forms/rs.csv"} == files | {"forms/rs.csv"}
    assert manifest["code_version"].startswith("0.")
    assert len(manifest["protocol_sha256"]) == 64
    assert {"MEASUREMENT_KEY_REPEATED", "BASELINE_TOO_OLD"} <= {check["rule_id"] for check in manifest["checks"]}
    assert manifest["blinded"] is False


def test_a_second_refresh_publishes_nothing_and_says_so(first: Step, again: Step) -> None:
    assert again.refreshed.failed == {}
    assert again.refreshed.release["published"] is False
    assert again.refreshed.release["reason"] == "nothing new"
    assert again.release == first.release


def test_a_changed_form_makes_a_new_release_and_the_earlier_one_stays(first: Step, changed: Step, study: Study) -> None:
    assert changed.release.release_id > first.release.release_id
    sql = """SELECT overall_response FROM analysis.timepoint_response WHERE subject_id = 'S-04' AND timepoint = 3
             AND evaluator = 'INVESTIGATOR' AND criterion = 'RECIST 1.1' AND origin = 'DERIVED'"""
    assert ask(first.release, sql).item() == "SD"
    assert ask(changed.release, sql).item() == "PD"
    kept = ask(changed.release, "SELECT current FROM landing.file WHERE source_name = 'forms/tr.csv'").to_series()
    assert sorted(kept) == [False, True], "both contents of the form are kept"
    for release in (first.release, changed.release):
        assert Releases(study.releases).verify(release.release_id) == []


def test_a_refresh_reads_what_people_did_to_queries_and_keeps_their_history(first: Step, changed: Step) -> None:
    closed, answered, *still_open = ask(first.release, OPEN_QUERIES).to_series()
    statuses = dict(ask(changed.release, "SELECT fingerprint, status FROM quality.query").iter_rows())
    assert (statuses[closed], statuses[answered]) == ("CLOSED", "ANSWERED")
    assert {statuses[name] for name in still_open} == {"OPEN"}
    history = f"SELECT event FROM quality.query_event WHERE fingerprint = '{closed}' ORDER BY number"
    assert ask(changed.release, history).to_series().to_list() == ["OPENED", "ANSWER", "CLOSE"]


def test_a_resolved_query_names_the_transfer_that_resolved_it(removed: Step) -> None:
    resolved = ask(removed.release, "FROM quality.query WHERE status = 'RESOLVED'").to_dicts()
    assert resolved, "without recorded responses none is missing"
    assert {(row["resolved_by"], row["resolved_in"]) for row in resolved} == {(removed.release.release_id,) * 2}


def test_counts_of_findings_and_queries_go_on_over_the_releases(first: Step, removed: Step, study: Study) -> None:
    counts = "SELECT release_id, sum(findings) AS findings FROM mart.data_quality GROUP BY ALL ORDER BY 1"
    over_time = dict(ask(removed.release, counts).iter_rows())
    published = [release.release_id for release in Releases(study.releases).list()]
    assert list(over_time) == published[: published.index(removed.release.release_id) + 1]
    assert over_time[first.release.release_id] == ask(first.release, "SELECT count(*) FROM quality.finding").item()


def test_a_form_that_was_taken_away_no_longer_counts_but_is_kept(changed: Step, removed: Step, study: Study) -> None:
    assert ask(changed.release, "SELECT count(*) FROM core.recorded_response").item() == 1
    assert ask(removed.release, "SELECT count(*) FROM core.recorded_response").item() == 0
    (row,) = ask(removed.release, "FROM landing.file WHERE source_name = 'forms/rs.csv'").to_dicts()
    assert row["current"] is False
    assert (study.path / row["landed_path"]).is_file()


def test_steps_whose_inputs_are_as_they_were_are_not_repeated(
    first: Step, again: Step, changed: Step, scanned: Step, cut: Step
) -> None:
    assert kept(first) == set()
    assert kept(again) >= DERIVED
    assert kept(changed).isdisjoint(DERIVED), "a corrected form is new input of all that follows"
    assert kept(scanned) >= DERIVED, "a scan alone is no new input of the forms"
    assert kept(cut) == set(), "another protocol is new input of every step"


def test_the_release_is_what_a_refresh_of_everything_publishes(cut: Step, study: Study, tmp_path: Path) -> None:
    home = tmp_path / "whole"
    copytree(study.incoming, home / study.name / "incoming")
    (home / study.name / "protocol.yaml").write_text(study.protocol_file.read_text())
    whole = _step(Study(home / study.name))
    assert whole.refreshed.failed == {}
    assert published(cut) == published(whole)
    findings = """SELECT rule_id, message FROM quality.finding
                  WHERE table_name NOT LIKE 'raw.%' AND table_name NOT LIKE 'landing.%' ORDER BY ALL"""
    assert ask(cut.release, findings).rows() == ask(whole.release, findings).rows()


def test_nothing_after_the_data_cutoff_is_used(removed: Step, cut: Step) -> None:
    assert cut.release.release_id > removed.release.release_id, "a changed protocol is new input"
    assert cut.release.manifest()["data_cutoff"] == CUTOFF
    dated = (
        ("core.measurement", "assessment_date"),
        ("core.visit", "start_date"),
        ("core.subject", "death_date"),
        ("analysis.timepoint_response", "assessment_date"),
        ("analysis.best_response", "best_response_date"),
        ("analysis.event_time", "end_date"),
    )
    for table, column in dated:
        late = f"SELECT count(*) FROM {table} WHERE {column} > DATE '{CUTOFF}'"
        assert ask(cut.release, late).item() == 0, f"{table}.{column}"
        if table != "analysis.best_response":
            assert ask(removed.release, late).item() > 0, f"{table}.{column} has later dates without the cut-off"


def test_the_releases_of_a_study_share_one_unbroken_audit_chain(cut: Step, study: Study) -> None:
    events = ask(cut.release, "SELECT object FROM audit.event ORDER BY sequence").to_series().to_list()
    assert events == [f"release {release.release_id}" for release in Releases(study.releases).list()]


def run_from(study: Study, *tables: str) -> dg.ExecuteInProcessResult:
    """Run only the steps of these tables, with the checks that hang on them."""
    from assets.automation import REFRESH
    from assets.definitions import build_definitions
    from assets.reporting import asset_key
    from tests.assets.refreshing import QUIET

    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("study", [study.name])
        return (
            build_definitions(study.path.parent)
            .resolve_job_def(REFRESH)
            .execute_in_process(
                instance=instance,
                partition_key=study.name,
                raise_on_error=False,
                run_config=QUIET,
                asset_selection=[asset_key(table) for table in tables],
            )
        )


QUALITY = ("quality.rule", "quality.outcome", "quality.finding", "quality.visit_window")


def test_a_broken_table_is_not_published_and_current_stays(cut: Step, study: Study) -> None:
    with Warehouse(study.working_file, TABLES, study_id=study.name) as warehouse:
        sound = warehouse.frame("core.measurement")
        stranger = pl.when(pl.col("subject_id") == "S-06").then(pl.lit("S-99")).otherwise("subject_id")
        warehouse.put("core.measurement", sound.with_columns(subject_id=stranger))
    try:
        result = run_from(study, *QUALITY, "audit.release")
        (failure,) = [event for event in result.all_events if event.is_step_failure]
        said = failure.step_failure_data.user_failure_data.description
        assert failure.step_key == "release"
        assert said == "not published: blocking rules failed: MEASUREMENT_SUBJECT_UNKNOWN"
        assert current(study) == cut.release
        assert [path.name for path in study.releases.iterdir() if path.name.startswith(".")] == []
    finally:
        with Warehouse(study.working_file, TABLES, study_id=study.name) as warehouse:
            warehouse.put("core.measurement", sound)


def test_an_emptied_incoming_folder_stops_the_refresh(cut: Step, study: Study) -> None:
    aside = study.path / "aside"
    study.incoming.rename(aside)
    study.incoming.mkdir()
    try:
        failed = refresh(study).failed
    finally:
        study.incoming.rmdir()
        aside.rename(study.incoming)
    assert "is the folder mounted?" in failed["landing"]
    assert current(study) == cut.release


def test_a_run_whose_study_is_missing_or_whose_protocol_is_wrong_says_so(tmp_path: Path) -> None:
    wrong = make_study(tmp_path, "WRONG", {"window_days: 7": "window_days: -1"})
    assert "visits.window_days = -1" in refresh(wrong).failed["run"]
    (wrong.protocol_file).unlink()
    assert "no study 'WRONG'" in refresh(wrong).failed["run"]


def test_a_form_that_became_unusable_does_not_empty_the_published_tables(cut: Step, study: Study) -> None:
    tr = study.incoming / "forms" / "tr.csv"
    usable = tr.read_text()
    tr.write_text("")
    try:
        failed = refresh(study).failed
    finally:
        tr.write_text(usable)
    assert "core.measurement had rows" in failed["release"]
    assert "forms/tr.csv cannot be used" in failed["release"]
    assert current(study) == cut.release
