"""Intratumoural therapy: planned volumes, deviations of the log, the worklist, and response rates of lesions."""

from collections.abc import Iterator

import dagster as dg

from assets.aggregates import put_aggregate
from assets.partitions import studies
from assets.patterns import CANDIDATES
from assets.reporting import materialized, spec
from assets.session import StudySession
from cohorts.lesion_response import lesion_response_rate
from criteria.injection_log import injection_deviations, injection_plan
from criteria.injection_worklist import injection_worklist

LOG, READS, SUBJECT = "core.injection", "core.measurement", "core.subject"
PLAN, DEVIATION = "analysis.injection_plan", "analysis.injection_deviation"
WORKLIST, RATE = "analysis.injection_worklist", "mart.lesion_response_rate"
PET = ("core.pet_lesion", "core.pet_reference")


@dg.multi_asset(
    specs=[spec(PLAN, (LOG,), {"polars"}), spec(DEVIATION, (LOG, READS, SUBJECT), {"polars"})],
    partitions_def=studies,
    name="injection_log",
)
def injection_log(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Plans the volumes of every injection visit by the agent's table, and finds what the log departs in."""
    options = session.study.protocol.injection.declared()
    with session.warehouse() as warehouse:
        log = warehouse.frame(LOG)
        yield materialized(PLAN, warehouse.put(PLAN, injection_plan(log, options)))
        found = injection_deviations(log, warehouse.frame(SUBJECT), warehouse.frame(READS), options)
        yield materialized(DEVIATION, warehouse.put(DEVIATION, found))


@dg.multi_asset(specs=[spec(WORKLIST, (*CANDIDATES, READS, *PET), {"polars"})], partitions_def=studies, name="worklist")
def worklist(session: dg.ResourceParam[StudySession]) -> dg.MaterializeResult:
    """Orders the candidate lesions by the points of HI-5; it never selects one."""
    options = session.study.protocol.injection.declared()
    with session.warehouse() as warehouse:
        candidates, factors = (warehouse.frame(name) for name in CANDIDATES)
        lesions, references = (warehouse.frame(name) for name in PET)
        found = injection_worklist(candidates, factors, warehouse.frame(READS), lesions, references, options)
        return materialized(WORKLIST, warehouse.put(WORKLIST, found))


@dg.multi_asset(specs=[spec(RATE, (LOG, READS), {"polars"})], partitions_def=studies, name="lesion_response")
def lesion_response(session: dg.ResourceParam[StudySession]) -> dg.MaterializeResult:
    """Counts the responses of injected and other lesions."""
    with session.warehouse() as warehouse:
        rates = lesion_response_rate(warehouse.frame(READS), warehouse.frame(LOG))
        return put_aggregate(session, warehouse, RATE, rates)
