"""Everything Dagster loads: assets, checks, the job, its schedule and its sensor."""

from pathlib import Path

import dagster as dg

from assets import analysis, core, injection, mart, metabolic, patterns, pet, quality, queries, received, review, scans
from assets.automation import daily_refresh, incoming_files, refresh, resources
from assets.release import release
from protocol.home import study_home

ASSETS = (
    received.landing,
    received.raw_forms,
    core.core_forms,
    core.core_scans,
    pet.pet,
    pet.pet_reads,
    scans.visit_scan,
    scans.charter_deviation,
    scans.scan_objects,
    scans.measurement,
    scans.deidentification,
    metabolic.pet_check,
    analysis.timepoint_response,
    analysis.best_response,
    analysis.event_time,
    analysis.injected_response,
    patterns.atypical_patterns,
    patterns.candidates,
    metabolic.marker,
    metabolic.prediction,
    metabolic.pet_pattern,
    injection.injection_log,
    injection.worklist,
    injection.lesion_response,
    review.independent_review,
    mart.response_rates,
    mart.survival,
    mart.subgroup_effects,
    mart.agreement,
    mart.compliance,
    quality.quality,
    queries.queries,
    queries.quality_over_releases,
    release,
)


def build_definitions(home: Path) -> dg.Definitions:
    """The definitions for the studies below ``home``."""
    return dg.Definitions(
        assets=ASSETS,
        asset_checks=quality.CHECKS,
        jobs=[refresh],
        schedules=[daily_refresh],
        sensors=[incoming_files],
        resources=resources(home),
        executor=dg.in_process_executor,
    )


defs = build_definitions(study_home())
