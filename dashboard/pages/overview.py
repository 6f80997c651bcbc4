"""Overview: every study, the age of its release, its checks, its open queries and what changed last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from dash import html

from dashboard.address import study_address
from dashboard.changes import changes, release_before
from dashboard.context import Visitor
from dashboard.elements import message, table
from dashboard.published import NotPublishedError, Published, frame
from protocol.load import ProtocolError
from protocol.study import Study
from warehouse.failures import last_failure
from warehouse.releases import Release

STALE = timedelta(days=7)


def overview(published: Published, studies: list[Study], visitor: Visitor, now: datetime) -> list[Any]:
    """One row a study that the visitor may see; ``now`` in UTC gives the age of the releases."""
    rows = [_row(published, study, now) for study in studies]
    if not rows:
        return [
            html.H1("Studies"),
            message(f"There is no study below {published.home} that {visitor.name} may see: nadir init makes one."),
        ]
    shown = pl.DataFrame(rows, infer_schema_length=None)
    return [
        html.H1("Studies"),
        table(
            shown,
            "Studies and their current releases; a name opens the study",
            grid_id="studies",
            links={"study": "address"},
            wide=("state", "changed since the release before"),
        ),
    ]


def _row(published: Published, study: Study, now: datetime) -> dict[str, Any]:
    row: dict[str, Any] = {
        "study": study.name,
        "address": study_address(study.name),
        "title": None,
        "state": None,
        "release": None,
        "age": None,
        "subjects": None,
        "failed checks": None,
        "open queries": None,
        "unused rows": None,
        "changed since the release before": None,
    }
    try:
        row["title"] = study.protocol.title or None
    except ProtocolError as error:
        return row | {"state": f"protocol.yaml cannot be read: {error}"}
    release = published.current(study)
    failure = last_failure(study)
    failed = f"the last refresh failed at {failure.step}: {failure.reason}" if failure else None
    if release is None:
        return row | {"state": failed or f"no release yet: run nadir refresh {study.name}"}
    age = now - release.published_at.replace(tzinfo=UTC)
    try:
        counts = _counts(release)
        before = release_before(published.releases(study), release)
        changed = "first release" if before is None else changes(before, release).told()
    except NotPublishedError as error:
        return row | {"state": str(error), "release": release.release_id, "age": told(age)}
    return row | {
        "state": _state(age, counts["errors"], failed),
        "release": release.release_id,
        "age": told(age),
        "subjects": counts["subjects"],
        "failed checks": counts["failed"],
        "open queries": counts["queries"],
        "unused rows": counts["rejects"],
        "changed since the release before": changed,
    }


def _counts(release: Release) -> dict[str, Any]:
    return frame(
        release,
        "select (select count(*) from core.subject) as subjects, "
        "(select count(*) from quality.outcome where status in ('FAIL', 'ERROR')) as failed, "
        "(select count(*) from quality.query where status in ('OPEN', 'REOPENED', 'ANSWERED')) as queries, "
        "(select count(*) from raw.reject) as rejects, "
        "(select count(*) from quality.outcome where status = 'ERROR') as errors",
    ).row(0, named=True)


def _state(age: timedelta, errors: int, failed: str | None) -> str:
    said = [failed or "published"]
    if age > STALE:
        said.append(f"older than {STALE.days} days")
    if errors:
        said.append(f"{errors} rules could not be evaluated")
    return ", ".join(said)


def told(age: timedelta) -> str:
    """An age in the largest unit that is at least one."""
    for seconds, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if age.total_seconds() >= seconds:
            return f"{age.total_seconds() // seconds:.0f} {unit}"
    return "just now"
