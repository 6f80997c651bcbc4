"""Mart: statistics over the subjects of a study."""

from collections.abc import Iterator

import dagster as dg

from assets.partitions import studies
from assets.reporting import materialized, spec
from assets.session import StudySession
from cohorts.concordance import criteria_concordance, reader_agreement
from cohorts.population import in_population
from cohorts.response_rate import response_rate
from cohorts.survival import survival_tables
from cohorts.visit_compliance import visit_compliance
from quality.visit_windows import visit_windows

BEST, TIMES, SUBJECT = "analysis.best_response", "analysis.event_time", "core.subject"
READS = "core.measurement"
SURVIVAL = ("mart.survival_summary", "mart.survival_landmark", "mart.survival_curve")


@dg.multi_asset(specs=[spec("mart.response_rate", (BEST, SUBJECT, READS), {"polars"})], partitions_def=studies)
def response_rates(session: dg.ResourceParam[StudySession]) -> dg.MaterializeResult:
    """Counts responders and their exact intervals by criterion, evaluator, arm and cohort."""
    with session.warehouse() as warehouse:
        subjects, population = warehouse.frame(SUBJECT), session.study.protocol.cohorts.orr_population
        counted = in_population(warehouse.frame(BEST), subjects, warehouse.frame(READS), population)
        rates = response_rate(counted, subjects)
        return materialized("mart.response_rate", warehouse.put("mart.response_rate", rates))


@dg.multi_asset(
    specs=[spec(table, (TIMES, SUBJECT), {"polars"}) for table in SURVIVAL], partitions_def=studies, name="survival"
)
def survival(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Estimates the survival of every endpoint by Kaplan-Meier and compares the groups."""
    arm = session.study.protocol.cohorts.reference_arm
    with session.warehouse() as warehouse:
        try:
            tables = survival_tables(
                warehouse.frame(TIMES), warehouse.frame(SUBJECT), reference={"ARM": arm} if arm else None
            )
        except ValueError as error:
            raise dg.Failure(f"protocol.yaml, cohorts.reference_arm: {error}", allow_retries=False) from error
        for table, frame in zip(SURVIVAL, tables, strict=True):
            yield materialized(table, warehouse.put(table, frame))


@dg.multi_asset(
    specs=[spec(table, (BEST,), {"polars"}) for table in ("mart.criteria_concordance", "mart.reader_agreement")],
    partitions_def=studies,
    name="agreement",
)
def agreement(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Compares the best responses between criteria and between evaluators."""
    with session.warehouse() as warehouse:
        best = warehouse.frame(BEST)
        for table, compare in (
            ("mart.criteria_concordance", criteria_concordance),
            ("mart.reader_agreement", reader_agreement),
        ):
            yield materialized(table, warehouse.put(table, compare(best)))


@dg.multi_asset(
    specs=[
        spec(
            "mart.visit_compliance",
            ("core.visit", "core.measurement", SUBJECT),
            {"polars"},
        )
    ],
    partitions_def=studies,
    name="compliance",
)
def compliance(session: dg.ResourceParam[StudySession]) -> dg.MaterializeResult:
    """Compares the visits with the schedule of the protocol."""
    study = session.study
    with session.warehouse() as warehouse:
        visits = visit_compliance(
            warehouse.frame("core.visit"),
            warehouse.frame("core.measurement"),
            warehouse.frame(SUBJECT),
            visit_windows(study.name, study.protocol.visits),
            study.protocol.data_cutoff,
        )
        return materialized("mart.visit_compliance", warehouse.put("mart.visit_compliance", visits))
