"""Mart: statistics over the subjects of a study."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import polars as pl

from assets.aggregates import put_aggregate
from assets.partitions import studies
from assets.reporting import materialized, spec
from assets.session import StudySession
from assets.unchanged import unless_unchanged
from cohorts.concordance import criteria_concordance, reader_agreement
from cohorts.criterion_shift import criterion_shift
from cohorts.population import in_population
from cohorts.response_difference import response_difference
from cohorts.response_rate import response_rate
from cohorts.subgroup_effect import subgroup_effect
from cohorts.survival import survival_tables
from cohorts.visit_compliance import visit_compliance
from cohorts.visit_progress import visit_progress
from quality.visit_windows import visit_windows

RESPONSE, BEST, TIMES = "analysis.timepoint_response", "analysis.best_response", "analysis.event_time"
SUBJECT, GROUP, READS = "core.subject", "core.subject_group", "core.measurement"
VISIT, RECORDED, SCANS = "core.visit", "core.recorded_response", "core.visit_scan"
ADJUDICATION = "mart.adjudication"
RATES = ("mart.response_rate", "mart.response_difference")
SURVIVAL = ("mart.survival_summary", "mart.survival_landmark", "mart.survival_curve")
AGREEMENT = ("mart.criteria_concordance", "mart.criterion_shift", "mart.reader_agreement")


@contextmanager
def _reference_arm(session: StudySession) -> Iterator[dict[str, str]]:
    """The protocol's reference arm by its grouping; a name that is no arm of the data ends the run in words."""
    arm = session.study.protocol.cohorts.reference_arm
    try:
        yield {"ARM": arm} if arm else {}
    except ValueError as error:
        raise dg.Failure(f"protocol.yaml, cohorts.reference_arm: {error}", allow_retries=False) from error


@dg.multi_asset(
    specs=[spec(table, (BEST, SUBJECT, GROUP, READS), {"polars"}) for table in RATES],
    partitions_def=studies,
    name="rates",
)
@unless_unchanged
def response_rates(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Counts responders by criterion, evaluator and group, and compares the groups."""
    cohorts = session.study.protocol.cohorts
    with session.warehouse() as warehouse, _reference_arm(session) as reference:
        best, subjects, groups = (warehouse.frame(table) for table in (BEST, SUBJECT, GROUP))
        counted = in_population(best, subjects, warehouse.frame(READS), cohorts.orr_population)
        frames = (counted, subjects, groups)
        yield put_aggregate(session, warehouse, RATES[0], response_rate(*frames))
        compared = response_difference(*frames, reference=reference, strata=cohorts.stratum_names)
        yield put_aggregate(session, warehouse, RATES[1], compared)


@dg.multi_asset(
    specs=[spec(table, (TIMES, SUBJECT, GROUP), {"polars"}) for table in SURVIVAL],
    partitions_def=studies,
    name="survival",
)
@unless_unchanged
def survival(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Estimates the survival of every endpoint by Kaplan-Meier and compares the groups."""
    cohorts = session.study.protocol.cohorts
    with session.warehouse() as warehouse, _reference_arm(session) as reference:
        tables = survival_tables(
            *(warehouse.frame(table) for table in (TIMES, SUBJECT, GROUP)),
            months=cohorts.landmarks_months,
            restricted_until=cohorts.restricted_mean_months,
            reference=reference,
            strata=cohorts.stratum_names,
        )
        for table, frame in zip(SURVIVAL, tables, strict=True):
            yield put_aggregate(session, warehouse, table, frame)


@dg.multi_asset(specs=[spec("mart.subgroup_effect", (TIMES, BEST, SUBJECT, GROUP), {"polars"})], partitions_def=studies)
@unless_unchanged
def subgroup_effects(session: dg.ResourceParam[StudySession]) -> dg.MaterializeResult:
    """Estimates the effect of each arm within every subgroup."""
    with session.warehouse() as warehouse:
        effects = subgroup_effect(
            *(warehouse.frame(table) for table in (TIMES, BEST, SUBJECT, GROUP)),
            reference_arm=session.study.protocol.cohorts.reference_arm,
        )
        return put_aggregate(session, warehouse, "mart.subgroup_effect", effects)


@dg.multi_asset(
    specs=[spec(table, (RESPONSE, BEST), {"polars"}) for table in AGREEMENT], partitions_def=studies, name="agreement"
)
@unless_unchanged
def agreement(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Compares the best responses between criteria, down to the rules behind a shift, and between evaluators."""
    order = [choice.name for choice in session.study.protocol.criteria]
    with session.warehouse() as warehouse:
        responses, best = warehouse.frame(RESPONSE), warehouse.frame(BEST)
        yield put_aggregate(session, warehouse, AGREEMENT[0], criteria_concordance(best))
        yield put_aggregate(session, warehouse, AGREEMENT[1], criterion_shift(responses, best, order))
        yield put_aggregate(session, warehouse, AGREEMENT[2], reader_agreement(best))


@dg.multi_asset(
    specs=[spec("mart.visit_compliance", (VISIT, READS, RECORDED, SUBJECT, SCANS, ADJUDICATION), {"polars"})],
    partitions_def=studies,
    name="compliance",
)
def compliance(session: dg.ResourceParam[StudySession]) -> dg.MaterializeResult:
    """Compares the visits with the schedule of the protocol, and finds what is overdue today."""
    study, evaluators = session.study, session.study.protocol.evaluators
    with session.warehouse() as warehouse:
        visits, reads, recorded, subjects, scans = (
            warehouse.frame(table) for table in (VISIT, READS, RECORDED, SUBJECT, SCANS)
        )
        windows = visit_windows(study.name, study.protocol.visits)
        held = visit_compliance(visits, reads, subjects, windows, study.protocol.data_cutoff)
        reviewed = warehouse.frame(ADJUDICATION).filter(pl.col("criterion") == evaluators.default_criterion)
        given = (held, reads, recorded, subjects, scans, reviewed)
        frame = visit_progress(*given, as_of=session.today, expected_readers=evaluators.readers)
        return materialized("mart.visit_compliance", warehouse.put("mart.visit_compliance", frame))
