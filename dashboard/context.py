"""What a page is asked for: the study's current release, the choices in the address, and who asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from dashboard.published import Published, distinct, frame, rows
from protocol.study import Study
from warehouse.releases import Release

FIRST_CRITERION, ACCEPTED = "RECIST 1.1", "ACCEPTED READER"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at the dashboard, and the groups that a trusted proxy names."""

    name: str = "local"
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One request for a page of a study; the release stays the same for the whole page."""

    published: Published
    study: Study
    release: Release
    choices: dict[str, str] = field(default_factory=dict)
    visitor: Visitor = Visitor()

    def rows(self, table: str, *columns: str, **where: str | None) -> pl.DataFrame:
        """The rows of a table of the release that have these values; all columns, or those named."""
        return rows(self.release, table, where, columns)

    def query(self, sql: str, **values: Any) -> pl.DataFrame:
        """The result of a query on the release."""
        return frame(self.release, sql, **values)

    def values(self, table: str, column: str) -> Sequence[str]:
        """The values of a column, in order."""
        return distinct(self.release, table, column)

    def chosen(self, name: str, options: Sequence[str], *preferred: str) -> str | None:
        """The choice made under that name, if it is an option; else the first preferred one, else the first."""
        wanted = (self.choices.get(name), *preferred)
        return next((value for value in wanted if value in options), options[0] if options else None)

    def read(self) -> tuple[dict[str, str | None], dict[str, Sequence[str]]]:
        """Which reads the page shows (criterion, evaluator, origin), and what there is to choose from."""
        options = {name: self.values("analysis.best_response", name) for name in ("criterion", "evaluator", "origin")}
        primary = self.study.protocol.evaluators.primary
        evaluators = (primary, ACCEPTED) if primary else (ACCEPTED,)
        return {
            "criterion": self.chosen("criterion", options["criterion"], FIRST_CRITERION),
            "evaluator": self.chosen("evaluator", options["evaluator"], *evaluators),
            "origin": self.chosen("origin", options["origin"], "DERIVED"),
        }, options
