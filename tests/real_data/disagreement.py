"""Responses as recorded against those derived from the same reader's measurements, each difference with its kind.

Kinds of a target response, in this order:

- ``not evaluable``: a target was not assessed, so nothing but progression could be derived;
- ``axis``: the two agree when every lesion is measured by the recorded DIAMETER, which is not always the longest
  diameter (the short axis of a node) that the criterion measures;
- ``nadir``: by the recorded diameters the recorded category is that of the change from baseline, and the increase
  over the nadir was overlooked;
- ``unexplained``.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from criteria.registry import CRITERIA
from criteria.timepoint import timepoint_responses
from criteria.vocabulary import Component
from ingestion.forms.canonical import canonical
from tests.real_data.study import MAIN, READ, Study

RECIST = CRITERIA["RECIST 1.1"]


def recorded(study: Study, component: Component) -> pl.DataFrame:
    """What the readers recorded of one component (READ, recorded)."""
    frame = study.forms(MAIN).recorded_response.frame
    return frame.filter(component=component.value).select(*READ, recorded="response")


def derived(study: Study) -> pl.DataFrame:
    """RECIST 1.1 responses derived from the measurements."""
    return study.responses(MAIN).filter(origin="DERIVED", criterion="RECIST 1.1")


@cache
def by_recorded_diameter(study: Study) -> pl.DataFrame:
    """The same responses, every lesion measured by its DIAMETER."""
    received = study.received(MAIN)
    only_diameter = received["TR"].filter(~pl.col("TRTESTCD").is_in(["LDIAM", "LPERP"]))
    forms = canonical("ONCO", received | {"TR": only_diameter})
    return timepoint_responses(forms.measurement.frame, RECIST, forms.subject.frame)


def target_disagreements(study: Study) -> pl.DataFrame:
    """Reads whose recorded and derived target response differ (READ, recorded, derived, kind)."""
    ours = derived(study).select(*READ, derived="target_response")
    theirs = by_recorded_diameter(study).select(
        *READ, by_diameter="target_response", from_baseline=_category(pl.col("pct_from_baseline"))
    )
    pairs = recorded(study, Component.TARGET).join(ours, on=READ).join(theirs, on=READ)
    kind = (
        pl.when(pl.col("derived") == "NE")
        .then(pl.lit("not evaluable"))
        .when(pl.col("by_diameter") == pl.col("recorded"))
        .then(pl.lit("axis"))
        .when(pl.col("from_baseline") == pl.col("recorded"))
        .then(pl.lit("nadir"))
        .otherwise(pl.lit("unexplained"))
    )
    return pairs.filter(pl.col("recorded") != pl.col("derived")).select(*READ, "recorded", "derived", kind=kind)


def nontarget_disagreements(study: Study) -> pl.DataFrame:
    """Reads whose non-target response differs (READ, recorded, derived, kind).

    ``after complete response``: non-target disease is seen again after an overall complete response, which is
    progression here (R11-TL-04, CR-01).
    """
    ours = derived(study)
    complete = (
        ours.filter(overall_response="CR")
        .group_by("subject_id", "evaluator")
        .agg(complete=pl.col("assessment_date").min())
    )
    pairs = recorded(study, Component.NON_TARGET).join(
        ours.select(*READ, "assessment_date", derived="nontarget_response"), on=READ
    )
    again = (pl.col("derived") == "PD") & (pl.col("complete") < pl.col("assessment_date")).fill_null(False)
    return (
        pairs.filter(pl.col("recorded") != pl.col("derived"))
        .join(complete, on=["subject_id", "evaluator"], how="left")
        .select(
            *READ,
            "recorded",
            "derived",
            kind=pl.when(again).then(pl.lit("after complete response")).otherwise(pl.lit("unexplained")),
        )
    )


def overall_disagreements(study: Study) -> pl.DataFrame:
    """Reads whose overall response differs (READ, recorded, derived, kind of the target response's difference)."""
    ours = derived(study).select(*READ, derived="overall_response")
    pairs = recorded(study, Component.OVERALL).join(ours, on=READ)
    target = target_disagreements(study).select(*READ, "kind")
    return pairs.filter(pl.col("recorded") != pl.col("derived")).join(target, on=READ, how="left")


def _category(from_baseline: pl.Expr) -> pl.Expr:
    return (
        pl.when(from_baseline <= -100)
        .then(pl.lit("CR"))
        .when(from_baseline <= -30)
        .then(pl.lit("PR"))
        .when(from_baseline >= 20)
        .then(pl.lit("PD"))
        .otherwise(pl.lit("SD"))
    )
