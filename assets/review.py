"""Independent review: which reads need an adjudicator, how the readers differ, and why."""

from collections.abc import Iterator

import dagster as dg

from assets.aggregates import put_aggregate
from assets.analysis import BEST, RESPONSE
from assets.partitions import studies
from assets.reporting import materialized, spec
from assets.session import StudySession
from assets.unchanged import unless_unchanged
from cohorts.review.adjudication import adjudication
from cohorts.review.causes import discordance_causes
from cohorts.review.conduct import review_flags
from cohorts.review.discordance import discordance
from cohorts.review.metrics import review_metrics
from cohorts.review.readers import readers
from cohorts.review.units import marked_records

READS, RECORDED, SUBJECT = "core.measurement", "core.recorded_response", "core.subject"
ADJUDICATION, METRICS, DISCORDANCE = "mart.adjudication", "mart.review_metrics", "mart.discordance"
CAUSES, FLAG = "mart.discordance_cause", "mart.review_flag"


@dg.multi_asset(
    specs=[
        spec(table, (READS, RECORDED, RESPONSE, BEST, SUBJECT), {"polars"})
        for table in (ADJUDICATION, METRICS, DISCORDANCE, CAUSES, FLAG)
    ],
    partitions_def=studies,
    name="independent_review",
)
@unless_unchanged
def independent_review(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Finds what triggers adjudication, the rates of the review, the cause of every discordance, and flags."""
    protocol, reviewers = session.study.protocol, session.study.protocol.evaluators
    criteria = protocol.morphologic
    with session.warehouse() as warehouse:
        reads, recorded, responses, best = (warehouse.frame(name) for name in (READS, RECORDED, RESPONSE, BEST))
        found = readers(reads, recorded)
        reviewed = adjudication(
            best,
            responses,
            found,
            adj_unit=reviewers.adj_unit,
            marks=marked_records(reads, recorded),
            adj_vars=reviewers.adj_vars,
            adj_date_tol=reviewers.adj_date_tol,
            agree_choice=reviewers.agree_choice,
            seed=reviewers.agree_seed,
        )
        subjects = warehouse.frame(SUBJECT)
        metrics = review_metrics(reviewed, best, found, subjects, adj_date_tol=reviewers.adj_date_tol)
        causes = discordance(responses, best, reads, found, criteria)
        flags = review_flags(reads, recorded)
        for table, frame in ((ADJUDICATION, reviewed), (METRICS, metrics), (DISCORDANCE, causes), (FLAG, flags)):
            yield materialized(table, warehouse.put(table, frame))
        yield put_aggregate(session, warehouse, CAUSES, discordance_causes(causes))
