"""Choosing queries: by where they stand, whom they concern and how old they are."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from quality.tables import ACTIVE, STATUSES

AWAITING = ("OPEN", "REOPENED")
"""Queries that nobody has answered since they were asked."""

PREFIX = "Q-"
"""What the name of a query begins with: without it a spreadsheet takes some fingerprints for numbers."""


class UnknownQueryError(ValueError):
    """No query of the study, or more than one, has the name."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a query must have to be chosen; an empty filter takes all, None among the values those without one."""

    status: tuple[str, ...] = ACTIVE
    site: tuple[str | None, ...] = ()
    subject_id: tuple[str | None, ...] = ()
    rule_id: tuple[str | None, ...] = ()
    severity: tuple[str | None, ...] = ()
    owner: tuple[str | None, ...] = ()
    older_than_days: int | None = None

    def of(self, queries: pl.DataFrame) -> pl.DataFrame:
        """The chosen queries of `quality.tables.QUERY`."""
        named = ("status", "site", "subject_id", "rule_id", "severity", "owner")
        conditions = [
            pl.col(name).is_in(getattr(self, name), nulls_equal=True) for name in named if getattr(self, name)
        ]
        if self.older_than_days is not None:
            conditions.append(pl.col("age_days") > self.older_than_days)
        return queries.filter(*conditions)


EVERY = Choice(status=STATUSES)


def query_name(fingerprint: pl.Expr) -> pl.Expr:
    """The name by which people ask for a query."""
    return pl.format(PREFIX + "{}", fingerprint)


def query_named(queries: pl.DataFrame, name: str) -> dict[str, object]:
    """The query of that name or fingerprint, or of its beginning where only one has it; raises `UnknownQueryError`."""
    start = name.strip().upper().removeprefix(PREFIX).lower()
    found = queries.filter(pl.col("fingerprint").str.starts_with(start)) if start else queries.clear()
    if found.height == 1:
        return found.row(0, named=True)
    if found.is_empty():
        raise UnknownQueryError(f"no query {name!r}")
    raise UnknownQueryError(f"{found.height} queries begin with {name!r}: give more of the name")
