"""What the dashboard reads: the current release of every study, never the working file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from protocol.study import Study, list_studies
from warehouse.errors import WarehouseError
from warehouse.releases import Release, Releases, open_release

CACHED_FRAMES, OPEN_RELEASES = 256, 16


class NotPublishedError(LookupError):
    """A study that does not exist, that the user may not see, or that has no release yet."""


@dataclass(frozen=True, slots=True)
class Published:
    """The releases of the studies below ``home``: the blinded ones unless ``unblinded``."""

    home: Path
    unblinded: bool = False

    def studies(self) -> list[Study]:
        """All studies by name, also those without a release."""
        return list_studies(self.home)

    def study(self, name: str) -> Study:
        """The study of that name; raises `NotPublishedError`."""
        found = [study for study in self.studies() if study.name == name]
        if not found:
            raise NotPublishedError(f"There is no study {name!r} here.")
        return found[0]

    def releases(self, study: Study) -> Releases:
        """The study's releases; of a study that is not blinded there is only one kind."""
        folder = study.unblinded_releases if self.unblinded and study.protocol.blinding.blinded else study.releases
        return Releases(folder)

    def current(self, study: Study) -> Release | None:
        """The newest good release, None before the first one."""
        try:
            return self.releases(study).current()
        except WarehouseError:
            return None

    def release(self, name: str) -> Release:
        """The current release of the study of that name; raises `NotPublishedError` with what to do."""
        release = self.current(self.study(name))
        if release is None:
            raise NotPublishedError(f"Study {name} has no release yet: run nadir refresh {name}.")
        return release


def frame(release: Release, sql: str, **values: Any) -> pl.DataFrame:
    """The result of a query on a release; ``$name`` parameters are bound to ``values``.

    Releases never change, so results are kept in memory by release and query.
    """
    return _frame(release, sql, tuple(sorted(values.items())))


@lru_cache(maxsize=CACHED_FRAMES)
def _frame(release: Release, sql: str, values: tuple[tuple[str, Any], ...]) -> pl.DataFrame:
    cursor = _connection(release).cursor()
    try:
        cursor.execute("set TimeZone = 'UTC'")
        return cursor.sql(sql, params=dict(values)).pl() if values else cursor.sql(sql).pl()
    except duckdb.CatalogException as error:
        raise NotPublishedError(
            f"Release {release.release_id} lacks what this page shows: an older version made it; refresh the study."
        ) from error
    finally:
        cursor.close()


@lru_cache(maxsize=OPEN_RELEASES)
def _connection(release: Release) -> duckdb.DuckDBPyConnection:
    """The release's file, opened once and kept: every query takes a cursor of its own."""
    return open_release(release)


def rows(release: Release, table: str, where: Mapping[str, str | None], columns: Sequence[str] = ()) -> pl.DataFrame:
    """The rows of a table that have these values, all columns or some; a value of None is not asked for."""
    asked = {name: value for name, value in where.items() if value is not None}
    conditions = " and ".join(f"{name} = ${name}" for name in asked)
    selected = f"select {', '.join(columns)} " if columns else ""
    return frame(release, f"{selected}from {table}" + (f" where {conditions}" if conditions else ""), **asked)


def distinct(release: Release, table: str, column: str) -> Sequence[str]:
    """The values of a column, in order."""
    return frame(release, f"select distinct {column} from {table} where {column} is not null order by 1")[
        column
    ].to_list()
