"""Tumour kinetics (section 10)."""

from __future__ import annotations

from criteria.rulebook.rule import CONVENTION, EVERY, Rule, Section

FERTE = "Ferté 2014"

SECTIONS = (
    Section(
        "10",
        "Tumour kinetics",
        EVERY,
        (
            Rule("KIN-01", FERTE, "Time is counted in months of 30.4375 days."),
            Rule(
                "KIN-02",
                FERTE,
                "Only targets measured at both scans count, each by the same axis; new lesions never do.",
            ),
            Rule("KIN-03", FERTE, "Volume is that of a ball of the summed diameter, growing exponentially."),
            Rule("KIN-04", FERTE, "TG = 3 ln(D later / D earlier) / months."),
            Rule("KIN-05", FERTE, "TGR = 100 (exp TG - 1), percent of volume a month."),
            Rule(
                "KIN-06",
                FERTE,
                "The reference period runs from a scan before the baseline to the baseline, the other to the first "
                "scan on treatment.",
            ),
            Rule("KIN-07", "Saâda-Bouzid 2017", "TGK is the change of the sum in mm a day."),
            Rule("KIN-08", CONVENTION, "Kato's pace is the percent change of the burden a month."),
        ),
    ),
)
