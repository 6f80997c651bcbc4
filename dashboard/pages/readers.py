"""Reader agreement: how far readers agree, what they measured, and why they differ."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboard.address import subject_address
from dashboard.context import Page
from dashboard.elements import choice, choices, figure, section, table
from dashboard.figures.reader_scatter import reader_scatter


def readers_page(page: Page) -> list[Any]:
    """Agreement of all pairs, the measurements of the chosen pair, causes and single discordances."""
    read, options = page.read()
    where = {"criterion": read["criterion"], "origin": read["origin"]}
    agreement = page.rows("mart.reader_agreement", **where)
    readers = sorted({*agreement["evaluator"], *agreement["other_evaluator"]})
    first = page.chosen("reader", readers)
    second = page.chosen("other", [name for name in readers if name != first])
    return [
        choices(
            choice("Criterion", "criterion", options["criterion"], read["criterion"]),
            choice("Responses", "origin", options["origin"], read["origin"]),
            choice("Reader", "reader", readers, first),
            choice("compared with", "other", readers, second),
        ),
        section(
            "Agreement on the best response",
            table(agreement.select("evaluator", "other_evaluator", "subjects", "agreed", "kappa"), grid_id="agreement"),
        ),
        section(
            "Measurements",
            figure(
                reader_scatter(page.rows("analysis.timepoint_response", **where), first or "", second or ""),
                "Change of the sum from baseline by both readers; crosses are time points with different responses.",
            ),
        ),
        section(
            "Causes of discordance",
            table(
                _pair(page.rows("mart.discordance_cause", **where), first, second).select(
                    "evaluator", "other_evaluator", "cause", "subjects", "share"
                ),
                grid_id="causes",
            ),
        ),
        section(
            "Discordances",
            table(
                _addressed(page, _pair(page.rows("mart.discordance", **where), first, second)),
                grid_id="discordances",
                links={"subject_id": "address"},
                wide=("explanation",),
            ),
        ),
    ]


def _pair(rows: pl.DataFrame, first: str | None, second: str | None) -> pl.DataFrame:
    pair = [name for name in (first, second) if name]
    return rows.filter(pl.col("evaluator").is_in(pair) & pl.col("other_evaluator").is_in(pair))


def _addressed(page: Page, rows: pl.DataFrame) -> pl.DataFrame:
    addresses = [subject_address(page.study.name, subject) for subject in rows["subject_id"]]
    return rows.select(
        "subject_id", "cause", "component", "timepoint", "best_response", "other_best_response", "explanation"
    ).with_columns(address=pl.Series(addresses, dtype=pl.String))
