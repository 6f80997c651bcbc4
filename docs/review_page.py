"""The page of the independent review (section 12), with its worked example."""

from __future__ import annotations

import polars as pl

from cohorts.review import conduct, discordance
from cohorts.review.adjudication import CODES, DATES, DEFAULT, adjudication
from cohorts.review.discordance import discordance as attributed
from cohorts.review.metrics import review_metrics
from cohorts.review.readers import readers
from cohorts.tables import CAUSES, REVIEW_FLAG, REVIEW_METRICS
from criteria.registry import CRITERIA
from criteria.rulebook.catalogue import SECTIONS
from criteria.side_by_side import all_best_responses, all_timepoint_responses
from docs.criterion_page import rules
from docs.lesion_table import CAPTION, DAY_1, measurements
from docs.markdown import code, page, table
from ingestion.tables import RECORDED_RESPONSE, SUBJECT

READS = {
    "RADIOLOGIST 1": """\
lesion    | BL | d57 | d113 | d169
T01 liver | 50 | 45  | 34   | 60
T02 lung  | 20 | 20  | 14   | 20
""",
    "RADIOLOGIST 2": """\
lesion     | BL | d57 | d113 | d169
T01 liver  | 52 | 46  | 40   | 61
NEW01 bone | -  | -   | 12   | 15
""",
}
UNITS = {
    "subject": "one reader for the whole subject, triggered by any variable of `adj_vars`",
    "timepoint": "one reader a time point, triggered by another overall response; with `adjudication: timepoint` the "
    "accepted responses are a course of their own",
    "endpoint": "one reader a variable of `adj_vars`: a marked best response, or the marked time point of a date",
}
EXAMPLE = "BR-E1: the adjudicator accepts reader 2; his read gives best response and progression."


def review_page() -> str:
    """Rules, adjudication, metrics, flags and causes of discordance."""
    sections = [section for section in SECTIONS if section.number == "12.1"]
    causes, flags = (text.split("\n\n", 1)[1] for text in (discordance.__doc__ or "", conduct.__doc__ or ""))
    columns = {column.name: column for column in REVIEW_METRICS.columns}
    return page(
        "# Independent review",
        "Central readers are compared in `mart.adjudication`, counted in `mart.review_metrics`; what speaks against "
        "the conduct of the review is in `mart.review_flag`, and the cause of every discordance in `mart.discordance`. "
        "Investigators, adjudicators and clinical reviewers are no central readers.",
        *rules(sections),
        "## Adjudication",
        "What triggers it (`evaluators.adj_vars`), dates only beyond `adj_date_tol` days:",
        table(
            ("variable", "compares", "default"),
            (
                (f"`{name}`", column.replace("_", " "), "yes" if name in DEFAULT else "")
                for name, column in (CODES | DATES).items()  # type: ignore[operator]
            ),
        ),
        "Under criteria with an unconfirmed progression UPDDT is always compared (BR-07). What a reader is accepted "
        "for (`evaluators.adj_unit`):",
        table(("unit", "means"), ((f"`{unit}`", meaning) for unit, meaning in UNITS.items())),
        "The accepted reader is the one whose records are marked (--ACPTFL). Where the readers agree and none is "
        "marked it is the first by name, or one drawn (`agree_choice`); where they differ it stays open until one "
        "is marked.",
        "## Metrics",
        ", ".join(f"`{metric}`" for metric in columns["metric"].allowed or ())
        + "; Cohen's kappa of the best responses is in `mart.reader_agreement`.",
        "## Flags",
        "What the data can show of the conduct of the review (`"
        + "`, `".join(next(c.allowed or () for c in REVIEW_FLAG.columns if c.name == "flag"))
        + "`):",
        flags,
        "Read dates are taken from READDTC of SUPPTR and SUPPRS.",
        "## Causes of discordance",
        "One of " + ", ".join(f"`{cause}`" for cause in CAUSES) + "; `evidence` names the lesions and the numbers.",
        causes,
        "## Worked example",
        EXAMPLE,
        CAPTION,
        *_example(),
    )


def _example() -> list[str]:
    reads = pl.concat(
        measurements(text).with_columns(
            evaluator=pl.lit(who),
            reader_role=pl.lit("INDEPENDENT ASSESSOR"),
            accepted=pl.lit(who == "RADIOLOGIST 2"),
        )
        for who, text in READS.items()
    )
    person = {"study_id": "EXAMPLE", "subject_id": "1", "reference_date": DAY_1}
    subjects = pl.DataFrame({name: [person.get(name)] for name in SUBJECT.schema}, schema=SUBJECT.schema)
    criteria = [CRITERIA["RECIST 1.1"]]
    responses = all_timepoint_responses(reads, RECORDED_RESPONSE.empty(), subjects, criteria)
    best = all_best_responses(responses, subjects, criteria)
    found = readers(reads, RECORDED_RESPONSE.empty())
    reviewed = adjudication(best, responses, found)
    metrics = review_metrics(reviewed, best, found, subjects).filter(pl.col("group_by") == "ALL")
    caused = attributed(responses, best, reads, found, criteria)
    columns = ("evaluator", "best_response", "first_response_date", "progression_date")
    return [
        *(f"{who}:\n\n{code(text)}" for who, text in READS.items()),
        table(("reader", "best response", "first response", "progression"), best.select(columns).rows()),
        table(
            ("triggered by", "accepted reader", "because"),
            reviewed.select("triggered_by", "accepted_reader", "accepted_by").rows(),
        ),
        table(
            ("metric", "of", "numerator", "denominator"),
            metrics.select("metric", "evaluator", "numerator", "denominator").rows(),
        ),
        table(
            ("time point", "cause", "component", "evidence"),
            caused.select("timepoint", "cause", "component", "evidence").rows(),
        ),
    ]
