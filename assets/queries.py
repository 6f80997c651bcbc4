"""Queries: findings followed from refresh to refresh with what people did, and their counts over the releases."""

from collections.abc import Iterator

import dagster as dg

from assets.partitions import studies
from assets.published import published
from assets.quality import FINDING, OUTCOME, RULE
from assets.reporting import materialized, spec
from assets.session import StudySession
from quality.data_quality import data_quality, over_releases
from quality.engine import LISTED_ROWS
from quality.queries import reconcile, undecided_rules
from quality.query_history import query_events
from warehouse.releases import release_id_at

QUERY, EVENT, AT_A_GLANCE = "quality.query", "quality.query_event", "mart.data_quality"
SUBJECT, ARRIVALS = "core.subject", "landing.event"


@dg.multi_asset(
    specs=[spec(table, (FINDING, OUTCOME, SUBJECT, ARRIVALS), {"sqlalchemy"}) for table in (QUERY, EVENT)],
    partitions_def=studies,
    name="queries",
)
def queries(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Follows the findings from refresh to refresh, with what people did in between.

    A working file that is new, or whose tables are, takes up what the current release knows.
    """
    now = session.started_at
    with session.warehouse() as warehouse, session.operations() as operations:
        before, history = warehouse.frame(QUERY), warehouse.frame(EVENT)
        if before.is_empty():
            before, history = published(session.study, QUERY), published(session.study, EVENT)
        delivered_at = max(warehouse.frame(ARRIVALS)["landed_at"], default=None)
        actions = operations.actions(session.study.name)
        findings, subjects = warehouse.frame(FINDING), warehouse.frame(SUBJECT)
        undecided = undecided_rules(warehouse.frame(OUTCOME), LISTED_ROWS)
        after = reconcile(before, findings, subjects, actions, now, delivered_at, undecided)
        events = query_events(history, before, after, actions, now, delivered_at)
        yield materialized(QUERY, warehouse.put(QUERY, after))
        yield materialized(EVENT, warehouse.put(EVENT, events))


@dg.multi_asset(specs=[spec(AT_A_GLANCE, (FINDING, QUERY, RULE), {"polars"})], partitions_def=studies)
def quality_over_releases(session: dg.ResourceParam[StudySession]) -> dg.MaterializeResult:
    """Counts findings and queries by rule, site and reader, behind the counts of the releases before."""
    with session.warehouse() as warehouse:
        own = data_quality(
            warehouse.frame(FINDING),
            warehouse.frame(QUERY),
            warehouse.frame(RULE),
            release_id_at(session.started_at),
        )
        together = over_releases(own, published(session.study, AT_A_GLANCE))
        return materialized(AT_A_GLANCE, warehouse.put(AT_A_GLANCE, together))
