"""irRC, irRECIST and imRECIST: new lesions are added to the sum (sections 3, 4 and 6)."""

from __future__ import annotations

from criteria.rulebook.rule import CONVENTION, NOT_READ, Rule, Section

WOLCHOK = "Wolchok 2009"
BOHNSACK = "Bohnsack 2014"
HODI = "Hodi 2018"

SECTIONS = (
    Section(
        "3",
        "irRC",
        ("irRC",),
        (
            Rule(
                "IRC-01",
                WOLCHOK,
                "The burden is the sum of products of the index lesions and of the measurable new lesions, each from "
                "its first measurable time point on.",
            ),
            Rule("IRC-02", WOLCHOK, "Index lesions: five an organ, ten of the body and five of the skin."),
            Rule("IRC-03", WOLCHOK, "A new lesion is measurable from 5 mm by 5 mm; counts are limited like the index."),
            Rule(
                "IRC-04",
                WOLCHOK,
                "Index lesions too are at least 5 mm by 5 mm, others are non-index; nodes have no rule of their own.",
            ),
            Rule("IRC-05", WOLCHOK, "Non-index lesions matter for the complete response only, never for progression."),
            Rule("IRC-06", WOLCHOK, "New lesions are no progression by themselves; any that is left blocks irCR."),
            Rule(
                "IRC-07",
                WOLCHOK,
                "irPR: burden at half the baseline or less; irPD: 25 % or more over the nadir; irCR: everything gone.",
            ),
            Rule(
                "IRC-11",
                CONVENTION,
                "A lesion without a product makes the burden not evaluable unless the rest progresses; over a nadir "
                "of zero any measurable lesion is irPD.",
            ),
            Rule(
                "IRC-12",
                WOLCHOK + NOT_READ,
                "Rapid clinical decline ends the wait for the second look (by the investigator).",
            ),
        ),
    ),
    Section(
        "3",
        "irRC: the second look",
        ("irRC", "irRECIST"),
        (
            Rule(
                "IRC-08",
                WOLCHOK,
                "irCR, irPR and irPD each need a second look at least 28 days later; irPD must hold against the nadir "
                "before it and is dated on its first scan.",
            ),
            Rule("IRC-09", CONVENTION, "A scan less than 28 days after the irPD neither confirms nor annuls it."),
            Rule("IRC-10", WOLCHOK, "An irPD that the second look does not find is void; without one it stands."),
        ),
    ),
    Section(
        "6",
        "imRECIST",
        ("imRECIST",),
        (
            Rule("IM-01", HODI, "Baseline, measurability, counts and measures are those of RECIST 1.1."),
            Rule(
                "IM-02",
                HODI,
                "New lesions are no progression: measurable ones join the sum, five in total and two an organ; any "
                "new lesion blocks the complete response.",
            ),
            Rule("IM-03", HODI, "Non-targets matter for the complete response only."),
            Rule("IM-04", HODI, "Progression: the total is at least 20 % and 5 mm over its nadir."),
            Rule("IM-05", HODI, "A progression is void when a later assessment, at least 28 days on, shows none."),
            Rule("IM-06", HODI, "The best response may come after a void progression, never after a confirmed one."),
            Rule("IM-07", CONVENTION, "Reading new lesions as progression contradicts the paper: an option, off."),
        ),
    ),
)


def _burden_rows(table: str, source: str) -> tuple[Rule, ...]:
    return (
        Rule(f"{table} row 1", source, "Measured burden gone, everything else gone too: complete response."),
        Rule(f"{table} row 2", source, "Measured burden gone, non-targets left or not assessed: partial response."),
        Rule(f"{table} row 3", source, "Measured burden gone, a new lesion left: partial response."),
        Rule(f"{table} row 4", source, "Measured burden low enough: partial response, whatever else there is."),
        Rule(f"{table} row 5", source, "Measured burden neither lower nor higher enough: stable disease."),
        Rule(f"{table} row 6", source, "Measured burden not all assessed, no progression: not evaluable."),
        Rule(
            f"{table} no measurable disease",
            CONVENTION,
            "Without measured lesions at baseline, non-targets and new lesions give the response.",
        ),
    )


ROWS = (
    *_burden_rows("IRC-3", WOLCHOK),
    *_burden_rows("IRR-4", BOHNSACK),
    *_burden_rows("IM-6", HODI),
    Rule(
        "IRR-4 irPD by the sum",
        BOHNSACK,
        "The sum of targets and measured new lesions is 20 % over the nadir (and 5 mm, after Bohnsack).",
    ),
    Rule("IRR-4 irPD by non-targets", BOHNSACK, "Non-targets have grown massively and unequivocally."),
    Rule("IRR-4 irPD by new non-measurable", BOHNSACK, "New lesions outside the sum have grown massively."),
    Rule("IRR-4 irPD by a new lesion", CONVENTION, "A new lesion is progression (`irrecist_new_lesion_is_pd`)."),
)
