"""PET: quality checks of the scans, prognostic markers, and patterns of the metabolic responses."""

import dagster as dg
import polars as pl

from assets.partitions import studies
from assets.reporting import materialized, spec
from assets.session import StudySession
from cohorts.predicted_benefit import predicted_benefit
from criteria.metabolic.markers import markers
from criteria.metabolic.patterns import pet_patterns
from criteria.metabolic.quality_checks import pet_checks
from criteria.metabolic.timepoint import PetReads
from criteria.side_by_side import benefit_of_six_months
from warehouse.store import Warehouse

LESION, REFERENCE, SCAN = "core.pet_lesion", "core.pet_reference", "core.pet_scan"
CLINICAL, SUBJECT, RECORDED = "core.clinical_status", "core.subject", "core.recorded_response"
CHECK, MARKER, PATTERN = "analysis.pet_check", "analysis.marker", "analysis.pet_pattern"
RESPONSE, BEST = "analysis.timepoint_response", "analysis.best_response"
DETAILS, PREDICTED = "analysis.metabolic_response", "mart.predicted_benefit"
BURDEN = "core.pet_burden"
PET_READS = (LESION, REFERENCE, SCAN, CHECK, CLINICAL)


def pet_reads(warehouse: Warehouse, responses: pl.DataFrame) -> PetReads:
    """What metabolic responses rest on; ``responses`` are those on lesion sizes."""
    return PetReads(
        lesions=warehouse.frame(LESION),
        references=warehouse.frame(REFERENCE),
        scans=warehouse.frame(SCAN),
        checks=warehouse.frame(CHECK),
        clinical=warehouse.frame(CLINICAL),
        subjects=warehouse.frame(SUBJECT),
        recorded=warehouse.frame(RECORDED),
        responses=responses,
    )


@dg.multi_asset(
    specs=[spec(CHECK, (LESION, REFERENCE, SCAN, "core.therapy", SUBJECT), {"polars"})],
    partitions_def=studies,
    name="pet_check",
)
def pet_check(session: dg.ResourceParam[StudySession]) -> dg.MaterializeResult:
    """Checks every PET scan, and every scan against the baseline scan (Q-01 to Q-18)."""
    with session.warehouse() as warehouse:
        frames = (warehouse.frame(name) for name in (SCAN, REFERENCE, LESION, "core.therapy", SUBJECT))
        return materialized(CHECK, warehouse.put(CHECK, pet_checks(*frames)))


@dg.multi_asset(
    specs=[spec(PREDICTED, (DETAILS, BEST, RESPONSE, SUBJECT, CLINICAL), {"polars"})],
    partitions_def=studies,
    name="predicted_benefit",
)
def prediction(session: dg.ResourceParam[StudySession]) -> dg.MaterializeResult:
    """Compares the benefit that metabolic criteria predict with that by RECIST 1.1."""
    criteria = session.study.protocol.morphologic
    with session.warehouse() as warehouse:
        responses, subjects, status = (warehouse.frame(table) for table in (RESPONSE, SUBJECT, CLINICAL))
        six_months = benefit_of_six_months(responses, subjects, criteria, status)
        found = predicted_benefit(warehouse.frame(DETAILS), warehouse.frame(BEST), six_months)
        return materialized(PREDICTED, warehouse.put(PREDICTED, found))


@dg.multi_asset(
    specs=[spec(MARKER, (LESION, REFERENCE, "core.laboratory", BURDEN), {"polars"})],
    partitions_def=studies,
    name="marker",
)
def marker(session: dg.ResourceParam[StudySession]) -> dg.MaterializeResult:
    """Computes the prognostic markers of PET and blood at every scan."""
    options = session.study.protocol.markers.declared()
    with session.warehouse() as warehouse:
        lesions, references = warehouse.frame(LESION), warehouse.frame(REFERENCE)
        found = markers(lesions, references, warehouse.frame("core.laboratory"), options, warehouse.frame(BURDEN))
        return materialized(MARKER, warehouse.put(MARKER, found))


@dg.multi_asset(
    specs=[spec(PATTERN, (LESION, REFERENCE, RESPONSE, CLINICAL), {"polars"})],
    partitions_def=studies,
    name="pet_pattern",
)
def pet_pattern(session: dg.ResourceParam[StudySession]) -> dg.MaterializeResult:
    """Finds pseudoprogression and dissociated response on PET, the guideline's prompts and signs of irAE."""
    options = session.study.protocol.markers.declared()
    with session.warehouse() as warehouse:
        lesions, references = warehouse.frame(LESION), warehouse.frame(REFERENCE)
        found = pet_patterns(lesions, references, warehouse.frame(RESPONSE), warehouse.frame(CLINICAL), options)
        return materialized(PATTERN, warehouse.put(PATTERN, found))
