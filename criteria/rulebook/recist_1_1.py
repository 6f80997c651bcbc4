"""RECIST 1.1 and what the criteria built on it take over (section 2)."""

from __future__ import annotations

from criteria.rulebook.rule import CONVENTION, ON_RECIST, UNCONFIRMED, Rule, Section

PAPER = "Eisenhauer 2009"
GROUP = "RECIST working group"
PROGRESSES_OUTSIDE = ("RECIST 1.1", *UNCONFIRMED)

SECTIONS = (
    Section(
        "2.1",
        "RECIST 1.1: baseline",
        ON_RECIST,
        (
            Rule(
                "R11-BL-01",
                PAPER,
                "A lesion is measurable from 10 mm longest diameter on slices up to 5 mm, from twice the thickness "
                "of thicker slices, and from 20 mm on a chest film.",
            ),
            Rule(
                "R11-BL-02",
                PAPER,
                "A lymph node is judged by its short axis: measurable from 15 mm, pathological from 10 mm, normal "
                "below 10 mm.",
            ),
            Rule(
                "R11-BL-03",
                GROUP,
                "At most five targets, two an organ; all lymph nodes are one organ. Of more the largest are targets "
                "and the others non-targets.",
            ),
            Rule(
                "R11-BL-04",
                PAPER,
                "Effusions, leptomeningeal and lymphangitic spread, blastic bone lesions and the like are never "
                "measurable.",
            ),
            Rule(
                "R11-BL-05",
                PAPER,
                "A lesion in a treated field is measurable only when it has progressed there since the treatment, by "
                "the reader's word or for the whole study (`prior_local_tx_ok`).",
            ),
            Rule("R11-BL-06", PAPER, "The sum adds longest diameters, and short axes of lymph nodes."),
            Rule(
                "R11-BL-07",
                PAPER,
                "Without targets the response is that of the non-targets; without any disease it is no evidence of "
                "disease.",
            ),
            Rule(
                "R11-BL-08",
                CONVENTION,
                "A selection beyond these limits, a target below the least size or an old baseline is reported and "
                "evaluated all the same.",
            ),
        ),
    ),
    Section(
        "2.2",
        "RECIST 1.1: measurement at follow-up",
        ON_RECIST,
        (
            Rule("R11-FU-01", PAPER, "The true size is used, however small."),
            Rule(
                "R11-FU-02",
                PAPER,
                "A lesion seen but too small to measure counts 5 mm; a measured value below that is used as it is.",
            ),
            Rule("R11-FU-03", PAPER, "A lesion that is gone counts 0 mm."),
            Rule(
                "R11-FU-04",
                PAPER,
                "The parts of a split lesion are added; a merged lesion is measured once under the surviving id and "
                "the others are not gone.",
            ),
            Rule("R11-FU-05", PAPER, "A target without a usable value is not evaluable and the sum is incomplete."),
            Rule(
                "R11-FU-06",
                GROUP,
                "A target treated locally after the baseline leaves the assessment: it is not evaluable from then on, "
                "absent where it was removed, or no part of any sum (`local_therapy_target`).",
            ),
        ),
    ),
    Section(
        "2.3",
        "RECIST 1.1: target lesions",
        ON_RECIST,
        (
            Rule("R11-TL-01", PAPER, "No targets at baseline: the target response does not apply."),
            Rule(
                "R11-TL-02",
                PAPER,
                "Complete response: every target gone and every target node below 10 mm; tested before progression.",
            ),
            Rule(
                "R11-TL-03",
                PAPER,
                "Progression: the sum is at least 20 % and 5 mm over the nadir; a partial sum that reaches both "
                "suffices.",
            ),
            Rule(
                "R11-TL-04",
                GROUP,
                "Over a nadir of zero 5 mm are progression; after an overall CR any reappearance is (CR-01).",
            ),
            Rule("R11-TL-05", PAPER, "A missing target without progression: the targets are not evaluable."),
            Rule("R11-TL-06", PAPER, "Partial response: the sum is at most 70 % of the baseline."),
            Rule("R11-TL-07", PAPER, "Everything else is stable disease; progression outranks partial response."),
        ),
    ),
    Section(
        "2.4",
        "RECIST 1.1: non-target and new lesions",
        ON_RECIST,
        (
            Rule("R11-NT-01", PAPER, "Non-targets respond completely when all are gone, nodes below 10 mm."),
            Rule("R11-NT-02", PAPER, "One that is left is neither complete response nor progression."),
            Rule("R11-NT-04", PAPER, "A non-target not assessed blocks a complete response and nothing else."),
            Rule(
                "R11-NL-02",
                PAPER,
                "An equivocal new lesion waits; once unequivocal, the progression is dated on the scan that first "
                "showed it.",
            ),
            Rule(
                "R11-NL-03",
                GROUP,
                "A node is a new lesion from 10 mm short axis and 5 mm over its smallest earlier size; below that it "
                "is equivocal.",
            ),
            Rule(
                "R11-NL-04",
                PAPER,
                "A PET scan that turns positive shows a new lesion; without an earlier PET the anatomy must confirm "
                "it.",
            ),
            Rule(
                "R11-NL-05",
                CONVENTION,
                "Where new lesions could not be looked for, an otherwise complete response is not evaluable; other "
                "responses stay.",
            ),
            Rule("R11-NL-06", GROUP, "A baseline lesion that returns is not a new lesion."),
        ),
    ),
    Section(
        "2.4",
        "RECIST 1.1: progression outside the targets",
        PROGRESSES_OUTSIDE,
        (
            Rule(
                "R11-NT-03",
                PAPER,
                "Non-targets progress by the reader's word (unequivocal), never by millimetres alone.",
            ),
            Rule("R11-NL-01", PAPER, "An unequivocal new lesion of any size is progression."),
            Rule(
                "CR-01",
                PAPER,
                "After an overall complete response any visible disease is progression at that time point.",
            ),
        ),
    ),
    Section(
        "2.6",
        "RECIST 1.1: confirmation of a response",
        ON_RECIST,
        (
            Rule(
                "R11-BOR-03",
                PAPER,
                "A response is confirmed by another at least 28 days later, with nothing worse and at most one not "
                "evaluable assessment between.",
            ),
        ),
    ),
    Section(
        "2.6",
        "RECIST 1.1: best response",
        ("RECIST 1.1",),
        (
            Rule(
                "R11-BOR-01",
                PAPER,
                "The best response is looked for from the first assessment to the first progression, before any new "
                "therapy.",
            ),
            Rule(
                "R11-BOR-02",
                PAPER,
                "Order: CR, PR, SD, NON-CR/NON-PD, PD, NE; stable disease must be at least 42 days from the "
                "reference date.",
            ),
            Rule(
                "R11-BOR-04",
                "admiralonco",
                "A response that is not confirmed is stable disease if late enough, else the progression or not "
                "evaluable; no assessment at all is missing.",
            ),
        ),
    ),
)

ROWS = (
    Rule("R11-2.5 row 1", PAPER, "Targets and non-targets gone: complete response."),
    Rule("R11-2.5 row 2", PAPER, "Targets gone, no non-targets at baseline: complete response."),
    Rule("R11-2.5 row 3", PAPER, "Targets gone, non-targets left: partial response."),
    Rule("R11-2.5 row 4", PAPER, "Targets gone, non-targets not all assessed: partial response."),
    Rule("R11-2.5 row 5", PAPER, "Targets respond partially, no progression elsewhere: partial response."),
    Rule("R11-2.5 row 6", PAPER, "Targets stable, no progression elsewhere: stable disease."),
    Rule("R11-2.5 row 7", PAPER, "Targets not all assessed, no progression: not evaluable."),
    Rule("R11-2.5 non-target only", PAPER, "Without targets the non-targets give the response."),
    Rule("R11-2.5 no disease", CONVENTION, "No disease at baseline and none found: no evidence of disease, else NE."),
)
