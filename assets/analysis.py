"""Analysis: responses, best responses and times to event under every criterion of the protocol."""

from collections.abc import Iterator

import dagster as dg

from assets.partitions import studies
from assets.reporting import materialized, spec
from assets.session import StudySession
from criteria.assessment_schedule import visits_in_data
from criteria.injected_responses import injected_responses, injected_summary
from criteria.injected_tables import INJECTED_RESPONSE
from criteria.itrecist import ITRECIST
from criteria.side_by_side import all_best_responses, all_event_times, all_timepoint_responses

INJECTED, INJECTED_SUMMARY = "analysis.injected_response", "analysis.injected_summary"
SUBJECT, VISIT, CLINICAL = "core.subject", "core.visit", "core.clinical_status"
RESPONSE, BEST, TIMES = "analysis.timepoint_response", "analysis.best_response", "analysis.event_time"


@dg.multi_asset(
    specs=[spec(RESPONSE, ("core.measurement", "core.recorded_response", "core.subject"), {"polars"})],
    partitions_def=studies,
)
def timepoint_response(session: dg.ResourceParam[StudySession]) -> dg.MaterializeResult:
    """Judges every time point of every subject and evaluator under every criterion."""
    protocol = session.study.protocol
    with session.warehouse() as warehouse:
        responses = all_timepoint_responses(
            warehouse.frame("core.measurement"),
            warehouse.frame("core.recorded_response"),
            warehouse.frame("core.subject"),
            [choice.declared() for choice in protocol.criteria],
            protocol.evaluators.accepted_reader,
            protocol.evaluators.accepted_timepoints,
        )
        return materialized(RESPONSE, warehouse.put(RESPONSE, responses))


@dg.multi_asset(specs=[spec(BEST, (RESPONSE, "core.subject"), {"polars"})], partitions_def=studies)
def best_response(session: dg.ResourceParam[StudySession]) -> dg.MaterializeResult:
    """Finds the best response, without and with confirmation."""
    criteria = [choice.declared() for choice in session.study.protocol.criteria]
    with session.warehouse() as warehouse:
        best = all_best_responses(warehouse.frame(RESPONSE), warehouse.frame("core.subject"), criteria)
        return materialized(BEST, warehouse.put(BEST, best))


@dg.multi_asset(specs=[spec(TIMES, (RESPONSE, BEST, SUBJECT, VISIT, CLINICAL), {"polars"})], partitions_def=studies)
def event_time(session: dg.ResourceParam[StudySession]) -> dg.MaterializeResult:
    """Measures the times to event under every censoring profile."""
    protocol = session.study.protocol
    with session.warehouse() as warehouse:
        times = all_event_times(
            warehouse.frame(RESPONSE),
            warehouse.frame(BEST),
            warehouse.frame("core.subject"),
            [choice.declared() for choice in protocol.criteria],
            protocol.censoring.declared(),
            protocol.visits.interval_days,
            protocol.visits.window_days,
            schedule=protocol.visits.declared(visits_in_data(warehouse.frame(VISIT), protocol.visits.window_days)),
            clinical=warehouse.frame(CLINICAL),
        )
        return materialized(TIMES, warehouse.put(TIMES, times))


@dg.multi_asset(
    specs=[spec(table, ("core.measurement",), {"polars"}) for table in (INJECTED, INJECTED_SUMMARY)],
    partitions_def=studies,
    name="injected_response",
)
def injected_response(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Judges injected and other lesions apart, where lesions were injected and the protocol has itRECIST."""
    chosen = [choice.declared() for choice in session.study.protocol.criteria if choice.name == ITRECIST.name]
    with session.warehouse() as warehouse:
        reads = warehouse.frame("core.measurement")
        responses = injected_responses(reads, chosen[0]) if chosen else INJECTED_RESPONSE.empty()
        yield materialized(INJECTED, warehouse.put(INJECTED, responses))
        yield materialized(INJECTED_SUMMARY, warehouse.put(INJECTED_SUMMARY, injected_summary(responses)))
