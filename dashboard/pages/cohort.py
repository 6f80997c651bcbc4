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
COURSE = ("subject_id", "assessment_date", "study_day", "pct_from_baseline", "new_lesion")
BEST = ("subject_id", "best_response", "first_response_date", "progression_date")
OF_SUBJECT = {"ARM": "arm", "COHORT": "cohort"}
"""Groupings that are columns of core.subject; the protocol's subgroups stand in core.subject_group."""


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
    groups = [ALL, *_members(page, group_by)["value"].unique().sort().to_list()]
    group = page.chosen("group", groups)
    responses, best = (_of_group(page, rows, group_by, group) for rows in drawn_rows(page, read))
    low, high = THRESHOLDS.get(read["criterion"] or "", DIAMETERS)
    return [
        choices(
            choice("Criterion", "criterion", options["criterion"], read["criterion"]),
            choice("Evaluator", "evaluator", options["evaluator"], read["evaluator"]),
            choice("Responses", "origin", options["origin"], read["origin"]),
            choice("Endpoint", "endpoint", names, endpoint),
            choice("Censoring", "profile", profiles, profile),
            choice("Groups", "group_by", groupings, group_by),
            *([choice("Subjects drawn", "group", groups, group)] if len(groups) > 1 else []),
        ),
        section(
            "Response rates",
            table(
                _rates(page, read, group_by),
                f"{read['criterion']} by {read['evaluator']}: rates with exact (Clopper-Pearson) and Wilson intervals",
                grid_id="rates",
            ),
            *_differences(page, read, group_by),
        ),
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
            table(
                _summary(page, survival),
                "Median and quartiles in months with log-log intervals, restricted mean, and follow-up",
                grid_id="survival-summary",
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
            figure(
                swimmer(page.rows("core.subject"), best),
                "Follow-up with its events; of many subjects those with the longest. An arrow: alive when last seen.",
            ),
        ),
        *_subgroups(page, read, endpoint, profile),
    ]


def drawn_rows(page: Page, read: dict[str, str | None]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What the figures of single subjects show of time point and best responses."""
    return (
        page.rows("analysis.timepoint_response", *COURSE, **read),
        page.rows("analysis.best_response", *BEST, **read),
    )


def _rates(page: Page, read: dict[str, str | None], group_by: str | None) -> pl.DataFrame:
    rates = page.rows("mart.response_rate", **read, group_by=group_by)
    return rates.sort("measure", "group_value").select(
        "measure", "group_value", "responders", "subjects", "rate", "lower", "upper", "wilson_lower", "wilson_upper"
    )


def _differences(page: Page, read: dict[str, str | None], group_by: str | None) -> list[Any]:
    """Differences of the rates between the groups with Newcombe's interval, where there is a reference group."""
    rows = page.rows("mart.response_difference", **read, group_by=group_by)
    if rows.is_empty():
        return []
    shown = rows.sort("measure", "group_value").select(
        "measure",
        "group_value",
        "reference_group",
        "difference",
        "lower",
        "upper",
        "strata",
        "stratified_difference",
        "odds_ratio",
        "cmh_p",
    )
    caption = "Differences of the rates with Newcombe's interval; stratified: Mantel-Haenszel and its test"
    return [table(shown, caption, grid_id="differences")]


def _summary(page: Page, survival: dict[str, str | None]) -> pl.DataFrame:
    return page.rows("mart.survival_summary", **survival).select(
        "group_value",
        "subjects",
        "events",
        "median",
        "median_lower_loglog",
        "median_upper_loglog",
        "quartile_1",
        "quartile_3",
        "restricted_mean",
        "follow_up_median",
        "hazard_ratio",
        "logrank_p",
    )


def _members(page: Page, group_by: str | None) -> pl.DataFrame:
    """The subjects of every group: columns subject_id, value."""
    if group_by in OF_SUBJECT:
        return page.query(
            f"select subject_id, {OF_SUBJECT[group_by]} as value from core.subject where value is not null"
        )
    return page.query(
        "select subject_id, value from core.subject_group where grouping = $group_by and value is not null",
        group_by=group_by,
    )


def _of_group(page: Page, rows: pl.DataFrame, group_by: str | None, group: str | None) -> pl.DataFrame:
    if group == ALL:
        return rows
    chosen = _members(page, group_by).filter(pl.col("value") == group)
    return rows.join(chosen, on="subject_id", how="semi")


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
