"""Cohort figures: response rates, waterfall, spider, swimmer, survival and subgroups, by the choices made."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboard.context import Page
from dashboard.elements import choice, choices, figure, section, table
from dashboard.figures.forest import forest
from dashboard.figures.kaplan_meier import kaplan_meier_figure
from dashboard.figures.spider import spider
from dashboard.figures.swimmer import swimmer
from dashboard.figures.waterfall import waterfall

ALL = "ALL"
THRESHOLDS = {"WHO": (-50, 25), "mWHO": (-50, 25), "irRC": (-50, 25)}
DIAMETERS = (-30, 20)


def cohort_page(page: Page) -> list[Any]:
    """The figures of one criterion, evaluator and origin, for all subjects or the groups of one grouping."""
    read, options = page.read()
    endpoints = page.query(
        "select distinct endpoint, profile from mart.survival_summary where criterion = $criterion "
        "and evaluator = $evaluator and origin = $origin order by 1, 2",
        **read,
    )
    names = endpoints["endpoint"].unique().sort().to_list()
    endpoint = page.chosen("endpoint", names, *(name for name in names if name.endswith("PFS")))
    profiles = endpoints.filter(pl.col("endpoint") == endpoint)["profile"].to_list()
    profile = page.chosen("profile", profiles, page.study.protocol.censoring.profiles[0].name)
    groupings = page.values("mart.response_rate", "group_by")
    group_by = page.chosen("group_by", groupings, ALL)
    survival = {**read, "endpoint": endpoint, "profile": profile, "group_by": group_by}
    responses, best = (page.rows(f"analysis.{name}", **read) for name in ("timepoint_response", "best_response"))
    low, high = THRESHOLDS.get(read["criterion"] or "", DIAMETERS)
    return [
        choices(
            choice("Criterion", "criterion", options["criterion"], read["criterion"]),
            choice("Evaluator", "evaluator", options["evaluator"], read["evaluator"]),
            choice("Responses", "origin", options["origin"], read["origin"]),
            choice("Endpoint", "endpoint", names, endpoint),
            choice("Censoring", "profile", profiles, profile),
            choice("Groups", "group_by", groupings, group_by),
        ),
        section("Response rates", table(_rates(page, read, group_by), grid_id="rates")),
        section(
            "Survival",
            figure(
                kaplan_meier_figure(
                    page.rows("mart.survival_curve", **survival),
                    page.rows("mart.survival_summary", **survival),
                    title=f"{endpoint} by {read['criterion']}, {read['evaluator']}, censoring {profile}",
                ),
                "Kaplan-Meier estimate with log-log intervals; ticks are censored subjects.",
            ),
        ),
        section(
            "Best change",
            figure(
                waterfall(responses, best, response_percent=low, progression_percent=high),
                "Smallest change from baseline of every subject before progression, coloured by best response.",
            ),
        ),
        section(
            "Tumour burden over time",
            figure(
                spider(responses, best, response_percent=low, progression_percent=high),
                "Change from baseline of every subject; triangles are visits with a new lesion.",
            ),
        ),
        section(
            "Courses",
            figure(swimmer(page.rows("core.subject"), best), "Follow-up of every subject with its events."),
        ),
        *_subgroups(page, read, endpoint, profile),
    ]


def _rates(page: Page, read: dict[str, str | None], group_by: str | None) -> pl.DataFrame:
    rates = page.rows("mart.response_rate", **read, group_by=group_by)
    return rates.sort("measure", "group_value").select(
        "measure", "group_value", "responders", "subjects", "rate", "lower", "upper", "wilson_lower", "wilson_upper"
    )


def _subgroups(page: Page, read: dict[str, str | None], endpoint: str | None, profile: str | None) -> list[Any]:
    effects = page.rows("mart.subgroup_effect", **read, measure=endpoint, profile=profile)
    return [
        section(
            f"Subgroups: {arm}",
            figure(
                forest(effects.filter(pl.col("arm") == arm), title=f"{endpoint}, {arm}"),
                "Hazard ratio with its interval in every subgroup of the protocol.",
            ),
            anchor=f"subgroups-{number}",
        )
        for number, arm in enumerate(effects["arm"].unique().sort().to_list())
    ]
