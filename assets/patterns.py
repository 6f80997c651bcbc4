"""Atypical patterns: kinetics, the definitions of each pattern, and lesions that could be injected."""

from collections.abc import Iterator

import dagster as dg

from assets.analysis import BEST, RESPONSE, TIMES
from assets.partitions import studies
from assets.reporting import materialized, spec
from assets.session import StudySession
from assets.unchanged import unless_unchanged
from criteria.evaluators import with_accepted_reader
from criteria.injection_candidates import injection_candidates
from criteria.kinetics import tumour_kinetics
from criteria.patterns import patterns

READS, SUBJECT, CLINICAL = "core.measurement", "core.subject", "core.clinical_status"
KINETICS, PATTERN = "analysis.tumour_kinetics", "analysis.pattern"
CANDIDATES = ("analysis.injection_candidate", "analysis.injection_factor")


@dg.multi_asset(
    specs=[
        spec(KINETICS, (READS, SUBJECT), {"polars"}),
        spec(PATTERN, (READS, RESPONSE, BEST, TIMES, CLINICAL), {"polars"}),
    ],
    partitions_def=studies,
    name="patterns",
)
@unless_unchanged
def atypical_patterns(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Measures growth before and under treatment, and judges every definition of every pattern."""
    protocol = session.study.protocol
    options, accepted = protocol.patterns.declared(), protocol.evaluators.accepted_reader
    with session.warehouse() as warehouse:
        reads, subjects = warehouse.frame(READS), warehouse.frame(SUBJECT)
        read_by = with_accepted_reader(reads, accepted) if accepted else reads
        kinetics = tumour_kinetics(read_by, subjects, options)
        yield materialized(KINETICS, warehouse.put(KINETICS, kinetics))
        found = patterns(
            reads,
            warehouse.frame(RESPONSE),
            warehouse.frame(BEST),
            warehouse.frame(TIMES),
            subjects,
            ecog=warehouse.frame(CLINICAL).rename({"assessment_date": "date"}),
            profile=protocol.censoring.profiles[0].name,
            options=options,
            accepted_reader=accepted,
        )
        yield materialized(PATTERN, warehouse.put(PATTERN, found))


@dg.multi_asset(
    specs=[spec(table, (READS, BEST), {"polars"}) for table in CANDIDATES], partitions_def=studies, name="candidates"
)
@unless_unchanged
def candidates(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Scores lesions for intratumoural injection by stated factors; it never selects one."""
    with session.warehouse() as warehouse:
        frames = injection_candidates(warehouse.frame(READS), warehouse.frame(BEST))
        for table, frame in zip(CANDIDATES, frames, strict=True):
            yield materialized(table, warehouse.put(table, frame))
