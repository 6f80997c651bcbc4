"""Independent review: which reads need an adjudicator, how the readers differ, and why."""

from collections.abc import Iterator

import dagster as dg

from assets.aggregates import put_aggregate
from assets.analysis import BEST, RESPONSE
from assets.partitions import studies
from assets.reporting import materialized, spec
from assets.session import StudySession
from cohorts.review.adjudication import adjudication
from cohorts.review.causes import discordance_causes
from cohorts.review.discordance import discordance
from cohorts.review.metrics import review_metrics
from cohorts.review.readers import readers

READS, RECORDED, SUBJECT = "core.measurement", "core.recorded_response", "core.subject"
ADJUDICATION, METRICS, DISCORDANCE = "mart.adjudication", "mart.review_metrics", "mart.discordance"
CAUSES = "mart.discordance_cause"


@dg.multi_asset(
    specs=[
        spec(table, (READS, RECORDED, RESPONSE, BEST, SUBJECT), {"polars"})
        for table in (ADJUDICATION, METRICS, DISCORDANCE, CAUSES)
    ],
    partitions_def=studies,
    name="independent_review",
)
def independent_review(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Finds the triggers of adjudication, the rates of the review, and the cause of every discordance."""
    protocol, reviewers = session.study.protocol, session.study.protocol.evaluators
    criteria = protocol.morphologic
    with session.warehouse() as warehouse:
        reads, responses, best = (warehouse.frame(name) for name in (READS, RESPONSE, BEST))
        found = readers(reads, warehouse.frame(RECORDED))
        reviewed = adjudication(
            best,
            responses,
            found,
            adj_vars=reviewers.adj_vars,
            adj_date_tol=reviewers.adj_date_tol,
            agree_choice=reviewers.agree_choice,
            seed=reviewers.agree_seed,
        )
        subjects = warehouse.frame(SUBJECT)
        metrics = review_metrics(reviewed, best, found, subjects, adj_date_tol=reviewers.adj_date_tol)
        causes = discordance(responses, best, reads, found, criteria)
        for table, frame in ((ADJUDICATION, reviewed), (METRICS, metrics), (DISCORDANCE, causes)):
            yield materialized(table, warehouse.put(table, frame))
        yield put_aggregate(session, warehouse, CAUSES, discordance_causes(causes))
