"""All atypical patterns of a study in one table (rule book sections 9, 10 and 11.2)."""

from __future__ import annotations

import polars as pl

from criteria.dissociated import dissociated_response
from criteria.durable import durable_response
from criteria.evaluators import with_accepted_reader
from criteria.hyperprogression import hyperprogression
from criteria.kinetics import tumour_kinetics
from criteria.pattern_options import DEFAULT, PatternOptions
from criteria.pattern_tables import PATTERN
from criteria.pseudoprogression import pseudoprogression


def patterns(
    measurements: pl.DataFrame,
    responses: pl.DataFrame,
    best: pl.DataFrame,
    event_times: pl.DataFrame,
    subjects: pl.DataFrame,
    ecog: pl.DataFrame | None = None,
    profile: str = "fda",
    options: PatternOptions = DEFAULT,
    accepted_reader: str | None = None,
) -> pl.DataFrame:
    """Every definition of every pattern for every course, a frame of analysis.pattern.

    ``measurements`` is core.measurement (lengths in mm), ``responses`` analysis.timepoint_response, ``best``
    analysis.best_response, ``event_times`` analysis.event_time (of which ``profile`` counts), ``subjects``
    core.subject; ``ecog`` (subject_id, date, ecog) where it is collected. With ``accepted_reader`` the measurements
    of the accepted central reads count once more under that evaluator, as in the responses (BR-03).
    """
    if accepted_reader is not None:
        measurements = with_accepted_reader(measurements, accepted_reader)
    kinetics = tumour_kinetics(measurements, subjects, options)
    frames = (
        pseudoprogression(measurements, responses, best, subjects, options),
        hyperprogression(measurements, kinetics, responses, best, subjects, ecog, options),
        dissociated_response(measurements, subjects, options),
        durable_response(event_times, subjects, profile, options),
    )
    return PATTERN.conform(pl.concat(frames).sort(PATTERN.key))
