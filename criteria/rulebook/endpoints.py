"""Dates and endpoints (section 11) and independent review (section 12)."""

from __future__ import annotations

from criteria.rulebook.rule import CONVENTION, EVERY, NOT_READ, Rule, Section

FDA = "FDA 2007"
AO = "admiralonco"

SECTIONS = (
    Section(
        "11.1",
        "Dates",
        EVERY,
        (
            Rule("DT-01", CONVENTION, "A response is dated on the last scan of its time point."),
            Rule(
                "DT-02",
                FDA,
                "A progression is dated on the scan that showed it: a new lesion and a non-target on their own scan, "
                "the sum on the last scan of the targets; the earliest counts.",
            ),
            Rule("DT-03", FDA, "A new lesion first thought equivocal is dated on that first scan."),
            Rule("DT-04", "papers of the criteria", "With confirmation, the first unconfirmed progression is dated."),
            Rule("DT-05", AO, "A confirmed response is dated on the first of the two responses."),
            Rule("DT-06", CONVENTION, "Partial dates: first of the month, of a response the last."),
            Rule("DT-07", FDA, "Decline without imaging is no progression, unless the protocol says so beforehand."),
        ),
    ),
    Section(
        "12.1",
        "Independent review",
        EVERY,
        (
            Rule("BR-01", "review charters", "Readers work alone, blinded, and never revise an earlier time point."),
            Rule(
                "BR-02",
                "review charters",
                "Differences in best response, first response date or progression date go to adjudication.",
            ),
            Rule("BR-03", "review charters", "The adjudicator accepts one reader for the whole subject."),
            Rule("BR-04", CONVENTION, "Without a difference the first reader is accepted."),
            Rule("BR-05", "review charters" + NOT_READ, "Each reader chooses targets alone; sums are never averaged."),
            Rule("BR-06", "review charters", "Rates of adjudication, of overruled readers and of date differences."),
            Rule("BR-07", CONVENTION, "Under iRECIST the dates of first iUPD and progression count as well."),
            Rule(
                "BR-08",
                "review charters" + NOT_READ,
                "A clinical review comes after the reading and leaves its data alone.",
            ),
        ),
    ),
)

ENDPOINTS = (
    Rule("ORR", AO, "Share of subjects with CR or PR as best response; NE and missing stay in the denominator."),
    Rule("DCR", AO, "Share with CR, PR, NON-CR/NON-PD, or SD that lasts long enough."),
    Rule("CBR", CONVENTION, "Share with CR, PR, or SD of at least 168 days."),
    Rule("TTR", AO, "Responders: start to the first response that counts."),
    Rule("DOR", AO, "Responders: first response to progression or death."),
    Rule("DRR", "OPTiM", "Share with a response within 12 months that lasts 6 months or longer."),
    Rule("TTP", FDA, "Start to progression; death without it censors."),
    Rule("PFS", FDA, "Start to the progression that the criterion counts, or death."),
    Rule("TTF", CONVENTION, "Start to the permanent end of treatment for any reason, death included."),
    Rule("OS", AO, "Start to death; the last date known alive censors, new therapy never does."),
)
