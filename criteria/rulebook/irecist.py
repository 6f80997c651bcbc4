"""iRECIST: unconfirmed and confirmed progression (section 5)."""

from __future__ import annotations

from criteria.rulebook.rule import CONVENTION, NOT_READ, UNCONFIRMED, Rule, Section

PAPER = "Seymour 2017"
GROUP = "RECIST working group"
AO = "admiralonco"

SECTIONS = (
    Section(
        "5.1",
        "iRECIST: what is inherited and what is new",
        UNCONFIRMED,
        (
            Rule("IR-01", PAPER, "Until the first progression the responses are those of RECIST 1.1."),
            Rule("IR-02", PAPER, "The first progression is unconfirmed (iUPD), whatever caused it."),
            Rule(
                "IR-03",
                PAPER,
                "New lesions are never added to the target sum; up to five measurable ones, two an organ, have a sum "
                "of their own.",
            ),
            Rule(
                "IR-04",
                GROUP,
                "Confirmation: 28 to 56 days (itRECIST: 84) after the iUPD, 2 days less are accepted.",
            ),
            Rule(
                "IR-05",
                GROUP,
                "An earlier scan is disregarded for confirmation, response and nadir; growth on it confirms nothing.",
            ),
            Rule(
                "IR-06",
                PAPER,
                "After a valid look inside the window any later one may confirm; a first look after it is evaluated "
                "and flagged.",
            ),
            Rule(
                "IR-07",
                PAPER,
                "Treatment beyond iUPD asks for clinical stability; this never changes the response itself.",
            ),
            Rule("IR-08", PAPER, "Responses are confirmed as in RECIST 1.1."),
        ),
    ),
    Section(
        "5.2",
        "iRECIST: ways to a confirmed progression",
        UNCONFIRMED,
        (
            Rule("C-T", PAPER, "The target sum was in iUPD and has risen by another 5 mm."),
            Rule("C-NT", PAPER, "Non-targets were in iUPD and have grown further, by any amount."),
            Rule("C-NLT", PAPER, "New lesions caused the iUPD and their own sum has risen by 5 mm."),
            Rule("C-NLNT", PAPER, "New lesions caused the iUPD and one without a sum has grown, by any amount."),
            Rule("C-NLN", PAPER, "New lesions caused the iUPD and another one has appeared."),
            Rule("C-X", GROUP, "A category that was not in iUPD progresses now by its own rule."),
        ),
    ),
    Section(
        "5.3",
        "iRECIST: how an unconfirmed progression goes on",
        UNCONFIRMED,
        (
            Rule(
                "IR-09",
                PAPER,
                "Stable disease or better voids the iUPD; the next progression is measured against the old nadir and "
                "must be confirmed anew.",
            ),
            Rule("IR-10", PAPER, "Unchanged, or smaller but still progression: iUPD again, dated on the first one."),
            Rule("IR-11", AO, "A time point that is not evaluable does not end the unconfirmed progression."),
            Rule(
                "IR-12",
                PAPER,
                "A new lesion that is left without growth keeps the iUPD open until the targets' category is better "
                "than at its opening.",
            ),
            Rule("IR-13", PAPER, "A complete response asks that new lesions, too, are gone (nodes below 10 mm)."),
            Rule(
                "IR-14",
                GROUP,
                "After a reset a known new lesion opens again only by growth of its own: 20 % and 5 mm of the sum, "
                "or unequivocal.",
            ),
            Rule(
                "IR-15", CONVENTION, "Sums of new lesions compare the same lesions; one not assessed adds nothing now."
            ),
            Rule("IR-16", CONVENTION, "A new lesion keeps the class it was first given when it becomes measurable."),
        ),
    ),
    Section(
        "5.5",
        "iRECIST: best response and endpoints",
        UNCONFIRMED,
        (
            Rule(
                "IR-17",
                AO,
                "Best response in the order iCR, iPR, iSD, NON-iCR/NON-iUPD, iCPD, iUPD, NE up to the confirmed "
                "progression; what follows it is ignored.",
            ),
            Rule("IR-18", AO, "Stable disease counts from 42 days after the reference date, also after an iUPD."),
            Rule("IR-19", AO, "The confirmed best response uses the windows of RECIST 1.1."),
            Rule("IR-20", PAPER, "Progression is dated on the first iUPD of the confirmed episode."),
            Rule("IR-21", PAPER + NOT_READ, "An iUPD never confirmed and never voided is an event at its date."),
            Rule("IR-22", CONVENTION, "So is one that is still open at the data cut-off, with a flag."),
            Rule(
                "IR-23", PAPER + NOT_READ, "Death without progression is the event; else the last assessment censors."
            ),
            Rule("IR-24", GROUP, "The duration of response ends at the progression that counts, not at a void iUPD."),
            Rule("IR-25", CONVENTION, "The time to response ends at the first response, also after an iUPD."),
            Rule("IR-26", PAPER + NOT_READ, "RECIST 1.1 stays the primary analysis; both are always given."),
        ),
    ),
)
