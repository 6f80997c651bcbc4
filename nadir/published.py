"""Reading what was published: the current release of a study, or one named by its id."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from nadir.errors import UserError
from protocol.study import Study, StudyError, list_studies, open_study
from warehouse.errors import WarehouseError
from warehouse.releases import Release, Releases, open_release


def study_named(home: Path, name: str) -> Study:
    """The study of that name; a wrong name is the user's mistake."""
    try:
        return open_study(home, name)
    except StudyError as error:
        raise UserError(str(error)) from error


def releases_of(study: Study, unblinded: bool = False) -> Releases:
    """The releases of a study; of a blinded study the unblinded ones on request."""
    return Releases(study.unblinded_releases if unblinded else study.releases)


def release_of(study: Study, release_id: str | None = None, unblinded: bool = False) -> Release:
    """The release of that id, else the current one."""
    releases = releases_of(study, unblinded)
    try:
        known = {release.release_id: release for release in releases.list()}
        release = known.get(release_id) if release_id else releases.current()
    except WarehouseError as error:
        raise UserError(str(error)) from error
    if release is not None:
        return release
    if release_id:
        raise UserError(f"study {study.name} has no release {release_id!r}; releases: {', '.join(known) or 'none'}")
    raise UserError(f"study {study.name} has no release yet; `nadir refresh {study.name}` makes one")


def query(release: Release, sql: str) -> pl.DataFrame:
    """The result of one SQL query on a release, which is opened read-only."""
    try:
        connection = open_release(release)
        try:
            relation = connection.sql(sql)
            return pl.DataFrame() if relation is None else relation.pl()
        finally:
            connection.close()
    except duckdb.Error as error:
        raise UserError(f"SQL: {error}") from error
    except WarehouseError as error:
        raise UserError(str(error)) from error


def studies_with_subject(home: Path, subject: str) -> list[Study]:
    """The studies whose current release knows the subject."""
    found = []
    for study in list_studies(home):
        release = releases_of(study).current()
        if release and not query(release, f"FROM core.subject WHERE subject_id = {_quoted(subject)}").is_empty():
            found.append(study)
    return found


def course_of(release: Release, subject: str, evaluator: str | None) -> pl.DataFrame:
    """The time point responses of a subject, in the order in which they are shown."""
    return _of_subject(release, "analysis.timepoint_response", subject, evaluator, "timepoint")


def best_of(release: Release, subject: str, evaluator: str | None) -> pl.DataFrame:
    """The best responses of a subject under every criterion."""
    return _of_subject(release, "analysis.best_response", subject, evaluator, "criterion")


def _of_subject(release: Release, name: str, subject: str, evaluator: str | None, last: str) -> pl.DataFrame:
    by = f"AND evaluator = {_quoted(evaluator)}" if evaluator else ""
    order = f"ORDER BY evaluator, origin, criterion, {last}"
    return query(release, f"FROM {name} WHERE subject_id = {_quoted(subject)} {by} {order}")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
