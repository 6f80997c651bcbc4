"""Numbers, units and dates of every criterion (section 0.3)."""

from __future__ import annotations

from criteria.rulebook.rule import CONVENTION, EVERY, Rule, Section

SECTIONS = (
    Section(
        "0.3",
        "Numbers, units, dates",
        EVERY,
        (
            Rule("GEN-01", CONVENTION, "Lengths are millimetres, products square millimetres; nothing is rounded."),
            Rule(
                "GEN-02",
                "Eisenhauer 2009",
                "A threshold is met when it is reached exactly; comparisons are made on whole numbers, never on "
                "binary fractions.",
            ),
            Rule(
                "GEN-03",
                "Eisenhauer 2009",
                "The baseline is the last complete assessment up to the start (randomisation or first dose) and is "
                "not older than 28 days.",
            ),
            Rule(
                "GEN-04",
                "Eisenhauer 2009",
                "The nadir is the smallest complete sum before the time point, baseline included; an incomplete sum "
                "never becomes the nadir.",
            ),
            Rule(
                "GEN-05",
                "FDA 2007",
                "A time point may gather scans of several days; every lesion keeps the date of its own scan.",
            ),
            Rule(
                "GEN-06",
                "admiralonco",
                "Study days and durations count both ends, without a day 0; a month has 30.4375 days; windows are "
                "plain differences of days.",
            ),
            Rule(
                "GEN-07",
                "admiralonco",
                "Time points are taken in the order of their dates; of several on one date the worst response counts.",
            ),
            Rule(
                "GEN-08",
                "admiralonco",
                "Assessments on or after the start of new anticancer therapy never contribute to a response.",
            ),
            Rule(
                "GEN-09",
                "Eisenhauer 2009",
                "An assessment that was not done stays in the course as not evaluable: it counts as missed, sets no "
                "nadir and leaves an open unconfirmed progression open.",
            ),
        ),
    ),
)
