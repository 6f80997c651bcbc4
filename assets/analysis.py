"""Analysis: responses, best responses and times to event under every criterion of the protocol."""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from assets.metabolic import LESION, PET_READS, pet_reads
from assets.partitions import studies
from assets.reporting import materialized, spec
from assets.session import StudySession
from assets.unchanged import unless_unchanged
from criteria.assessment_schedule import visits_in_data
from criteria.injected_responses import injected_responses, injected_summary
from criteria.injected_tables import INJECTED_RESPONSE
from criteria.itrecist import ITRECIST
from criteria.metabolic.outcomes import (
    all_best_metabolic_responses,
    all_metabolic_event_times,
    all_metabolic_responses,
)
from criteria.side_by_side import all_best_responses, all_event_times, all_timepoint_responses

READS = ("core.measurement", "core.recorded_response", "core.subject")
METABOLIC = "analysis.metabolic_response"
INJECTED, INJECTED_SUMMARY = "analysis.injected_response", "analysis.injected_summary"
SUBJECT, VISIT, STATUS = "core.subject", "core.visit", "core.clinical_status"
RESPONSE, BEST, TIMES = "analysis.timepoint_response", "analysis.best_response", "analysis.event_time"


@dg.multi_asset(
    specs=[spec(table, (*READS, STATUS, *PET_READS), {"polars"}) for table in (RESPONSE, METABOLIC)],
    partitions_def=studies,
    name="timepoint_response",
)
@unless_unchanged
def timepoint_response(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Judges every time point of every subject and evaluator under every criterion, on lesion sizes and on PET."""
    protocol = session.study.protocol
    with session.warehouse() as warehouse:
        responses = all_timepoint_responses(
            warehouse.frame("core.measurement"),
            warehouse.frame("core.recorded_response"),
            warehouse.frame("core.subject"),
            protocol.morphologic,
            protocol.evaluators.accepted_reader,
            warehouse.frame(STATUS),
            accepted_timepoints=protocol.evaluators.accepted_timepoints,
        )
        on_pet = all_metabolic_responses(pet_reads(warehouse, responses), protocol.metabolic)
        together = pl.concat([responses, on_pet.responses])
        yield materialized(RESPONSE, warehouse.put(RESPONSE, together))
        yield materialized(METABOLIC, warehouse.put(METABOLIC, on_pet.details))


@dg.multi_asset(specs=[spec(BEST, (RESPONSE, LESION, "core.subject", STATUS), {"polars"})], partitions_def=studies)
@unless_unchanged
def best_response(session: dg.ResourceParam[StudySession]) -> dg.MaterializeResult:
    """Finds the best response, without and with confirmation."""
    protocol = session.study.protocol
    with session.warehouse() as warehouse:
        responses, subjects = warehouse.frame(RESPONSE), warehouse.frame("core.subject")
        best = all_best_responses(responses, subjects, protocol.morphologic, warehouse.frame(STATUS))
        on_pet = all_best_metabolic_responses(responses, warehouse.frame(LESION), subjects, protocol.metabolic)
        return materialized(BEST, warehouse.put(BEST, pl.concat([best, on_pet])))


@dg.multi_asset(
    specs=[spec(TIMES, (RESPONSE, BEST, LESION, SUBJECT, VISIT, STATUS), {"polars"})], partitions_def=studies
)
@unless_unchanged
def event_time(session: dg.ResourceParam[StudySession]) -> dg.MaterializeResult:
    """Measures the times to event under every censoring profile."""
    protocol = session.study.protocol
    rules = (protocol.censoring.declared(), protocol.visits.interval_days, protocol.visits.window_days)
    with session.warehouse() as warehouse:
        responses, best, subjects = (warehouse.frame(table) for table in (RESPONSE, BEST, SUBJECT))
        schedule = protocol.visits.declared(visits_in_data(warehouse.frame(VISIT), protocol.visits.window_days))
        status, criteria = warehouse.frame(STATUS), (protocol.morphologic, protocol.metabolic)
        times = all_event_times(responses, best, subjects, criteria[0], *rules, schedule=schedule, clinical=status)
        on_pet = all_metabolic_event_times(
            responses, warehouse.frame(LESION), subjects, criteria[1], *rules, schedule=schedule, clinical=status
        )
        return materialized(TIMES, warehouse.put(TIMES, pl.concat([times, on_pet])))


@dg.multi_asset(
    specs=[spec(table, ("core.measurement",), {"polars"}) for table in (INJECTED, INJECTED_SUMMARY)],
    partitions_def=studies,
    name="injected_response",
)
@unless_unchanged
def injected_response(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Judges injected and other lesions apart, where lesions were injected and the protocol has itRECIST."""
    chosen = [declared for declared in session.study.protocol.morphologic if declared.name == ITRECIST.name]
    with session.warehouse() as warehouse:
        reads = warehouse.frame("core.measurement")
        responses = injected_responses(reads, chosen[0]) if chosen else INJECTED_RESPONSE.empty()
        yield materialized(INJECTED, warehouse.put(INJECTED, responses))
        yield materialized(INJECTED_SUMMARY, warehouse.put(INJECTED_SUMMARY, injected_summary(responses)))
