"""Reader agreement: how far readers agree, what they measured, and why they differ."""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl

from dashboard.address import subject_address
from dashboard.context import Page
from dashboard.elements import addressed, choice, choices, figure, section, table
from dashboard.figures.reader_scatter import reader_scatter

READS = ("subject_id", "timepoint", "evaluator", "pct_from_baseline", "overall_response")


def readers_page(page: Page) -> list[Any]:
    """Agreement of all pairs, the measurements of the chosen pair, causes and single discordances.

    The accepted reader is one of the others on every subject, so a pair is chosen among those who read.
    """
    read, options = page.read()
    where = {"criterion": read["criterion"], "origin": read["origin"]}
    agreement = page.rows("mart.reader_agreement", **where)
    everybody = sorted({*agreement["evaluator"], *agreement["other_evaluator"]})
    accepted = page.study.protocol.evaluators.accepted_name
    readers = [name for name in everybody if name != accepted]
    first = page.chosen("reader", readers, *(name for name in readers if name.startswith("RADIOLOGIST")))
    others = [name for name in readers if name != first]
    second = page.chosen("other", others, *(name for name in others if name.startswith("RADIOLOGIST")))
    return [
        choices(
            choice("Criterion", "criterion", options["criterion"], read["criterion"]),
            choice("Responses", "origin", options["origin"], read["origin"]),
            choice("Reader", "reader", readers, first),
            choice("compared with", "other", readers, second),
        ),
        section(
            "Agreement on the best response",
            table(
                agreement.sort("evaluator", "other_evaluator").select(
                    "evaluator",
                    "other_evaluator",
                    "subjects",
                    "agreed",
                    share=pl.col("agreed") / pl.col("subjects"),
                    kappa="kappa",
                ),
                f"Subjects with the same best response by {read['criterion']}, and Cohen's kappa",
                grid_id="agreement",
                empty="Agreement needs at least two evaluators who read the same subjects.",
            ),
        ),
        section(
            "Measurements",
            figure(
                reader_scatter(page.rows("analysis.timepoint_response", *READS, **where), first or "", second or ""),
                "Change of the sum from baseline by both readers; crosses are time points with different responses.",
            ),
        ),
        section(
            "Causes of discordance",
            table(
                _pair(page.rows("mart.discordance_cause", **where), first, second).select(
                    "evaluator", "other_evaluator", "cause", "subjects", "share"
                ),
                "Why the two readers differ, by subject",
                grid_id="causes",
                empty="These two do not differ in any best response or progression date.",
            ),
        ),
        section(
            "Discordances",
            table(
                _addressed(page, _pair(page.rows("mart.discordance", **where), first, second)),
                "Subjects on whom the two readers differ; a name opens the subject's page",
                grid_id="discordances",
                links={"subject_id": "address"},
                wide=("explanation", "evidence"),
                empty="These two do not differ in any best response or progression date.",
            ),
        ),
        section(
            "Independent review",
            table(
                page.rows("mart.review_metrics", **where, group_by="ALL").select(
                    "metric", "evaluator", "numerator", "denominator", "value"
                ),
                "Adjudication, accepted readers, and discrepancies of site and centre",
                grid_id="review",
                empty="The study has no independent review by two central readers.",
            ),
        ),
    ]


def _pair(rows: pl.DataFrame, first: str | None, second: str | None) -> pl.DataFrame:
    pair = [name for name in (first, second) if name]
    return rows.filter(pl.col("evaluator").is_in(pair) & pl.col("other_evaluator").is_in(pair))


def _addressed(page: Page, rows: pl.DataFrame) -> pl.DataFrame:
    shown = rows.select(
        "subject_id",
        "cause",
        "component",
        "timepoint",
        "best_response",
        "other_best_response",
        "explanation",
        "evidence",
    )
    return addressed(shown, "subject_id", partial(subject_address, page.study.name))
