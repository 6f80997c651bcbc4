"""Criteria compared: the same reads under every criterion, who is reclassified, and by which rule."""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl

from dashboard.address import subject_address
from dashboard.context import Page
from dashboard.elements import addressed, choice, choices, figure, section, table
from dashboard.figures.alluvial import alluvial


def criteria_page(page: Page) -> list[Any]:
    """Response rates and survival under every criterion, flows of the best response, and every shift."""
    read, options = page.read()
    where = {"evaluator": read["evaluator"], "origin": read["origin"]}
    present = page.rows("mart.criteria_concordance", **where)
    order = [chosen.name for chosen in page.study.protocol.criteria if chosen.name in set(present["criterion"])]
    first = page.chosen("from", order, "RECIST 1.1")
    second = page.chosen("to", [name for name in order if name != first], "iRECIST")
    between = [name for name in order if name not in (first, second)]
    flow = [name for name in (first, second, *between[:2]) if name]
    shifts = _shifts(page, where, first, second)
    return [
        choices(
            choice("Evaluator", "evaluator", options["evaluator"], read["evaluator"]),
            choice("Responses", "origin", options["origin"], read["origin"]),
            choice("Criterion", "from", order, first),
            choice("compared with", "to", order, second),
        ),
        section(
            "Under every criterion",
            table(
                _side_by_side(page, where),
                "Response rate (exact interval) and progression-free survival of the same reads, censoring "
                f"{page.study.protocol.censoring.profiles[0].name}, months",
                grid_id="side-by-side",
            ),
            *_hazards(page, where),
        ),
        section(
            "How best responses move",
            figure(
                alluvial(present, flow),
                "Each band is a number of subjects; orange bands are subjects whose best response differs.",
            ),
        ),
        section(
            f"Concordance of {first} and {second}",
            table(
                crossed(present, first, second),
                f"Subjects by best response: rows under {first}, columns under {second}",
                grid_id="crossed",
                empty="No subject has a best response under both criteria.",
            ),
        ),
        section("Rules behind the shifts", *_by_rule(shifts)),
        section(
            "Who is reclassified, and by which rule",
            table(
                shifts,
                "Subjects whose best response or progression date differs; a name opens the subject's page",
                grid_id="shifts",
                links={"subject_id": "address"},
                wide=("explanation",),
                empty="Nobody's best response or progression date differs between these criteria.",
            ),
        ),
    ]


def _side_by_side(page: Page, where: dict[str, str | None]) -> pl.DataFrame:
    return page.query(
        """
        select rate.criterion, rate.subjects, rate.responders, round(100 * rate.rate, 1) as orr_percent,
            round(100 * rate.lower, 1) as orr_lower, round(100 * rate.upper, 1) as orr_upper,
            survival.endpoint, survival.events, round(survival.median, 2) as median_months,
            round(survival.median_lower_loglog, 2) as median_lower,
            round(survival.median_upper_loglog, 2) as median_upper
        from mart.response_rate as rate
        left join mart.survival_summary as survival
            on survival.criterion = rate.criterion and survival.evaluator = rate.evaluator
            and survival.origin = rate.origin and survival.group_by = 'ALL' and survival.profile = $profile
            and survival.endpoint like '%PFS'
        where rate.evaluator = $evaluator and rate.origin = $origin and rate.group_by = 'ALL' and rate.measure = 'ORR'
        order by rate.criterion
        """,
        profile=page.study.protocol.censoring.profiles[0].name,
        **where,
    )


def _hazards(page: Page, where: dict[str, str | None]) -> list[Any]:
    """Hazard ratio of the arms under every criterion, where the release has arms."""
    ratios = page.query(
        """
        select criterion, endpoint, group_value as arm, reference_group as against, events, subjects,
            round(hazard_ratio, 3) as hazard_ratio, round(hazard_ratio_lower, 3) as lower,
            round(hazard_ratio_upper, 3) as upper, round(logrank_p, 4) as logrank_p,
            round(stratified_hazard_ratio, 3) as stratified_hazard_ratio, strata
        from mart.survival_summary
        where evaluator = $evaluator and origin = $origin and group_by = 'ARM' and profile = $profile
            and endpoint like '%PFS' and hazard_ratio is not null
        order by criterion, arm
        """,
        profile=page.study.protocol.censoring.profiles[0].name,
        **where,
    )
    caption = "Hazard ratio of progression or death between the arms under every criterion"
    return [table(ratios, caption, grid_id="hazards")] if ratios.height else []


def crossed(concordance: pl.DataFrame, first: str | None, second: str | None) -> pl.DataFrame:
    """Subjects by their best response under two criteria (rows of `mart.criteria_concordance`), as a cross table."""
    pairs = concordance.filter((pl.col("criterion") == first) & (pl.col("other_criterion") == second))
    if pairs.is_empty():
        return pl.DataFrame()
    counted = pairs.select(
        pl.col("best_response").fill_null("-"), pl.col("other_best_response").fill_null("-"), "subjects"
    )
    return (
        counted.sort("other_best_response")
        .pivot("other_best_response", index="best_response", values="subjects", aggregate_function="sum")
        .sort("best_response")
    )


def _by_rule(shifts: pl.DataFrame) -> list[Any]:
    counted = shifts.group_by("clause", "other_clause").agg(subjects=pl.len()).sort("subjects", descending=True)
    caption = "How many shifts each pair of rules decided; docs/criteria explains them"
    return [table(counted, caption, grid_id="rules", empty="There is no shift.")]


def _shifts(page: Page, where: dict[str, str | None], first: str | None, second: str | None) -> pl.DataFrame:
    shifts = page.query(
        "select subject_id, criterion, best_response, other_criterion, other_best_response, progression_date, "
        "other_progression_date, days_later, clause, other_clause, explanation from mart.criterion_shift "
        "where evaluator = $evaluator and origin = $origin "
        "and list_sort([criterion, other_criterion]) = list_sort([$first, $second]) "
        "order by subject_id",
        first=first,
        second=second,
        **where,
    )
    address = partial(subject_address, page.study.name, evaluator=where["evaluator"])
    return addressed(shifts, "subject_id", address)
