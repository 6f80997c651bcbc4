"""itRECIST: injected and other lesions (section 7)."""

from __future__ import annotations

from criteria.rulebook.rule import CONVENTION, Rule, Section

PAPER = "Goldmacher 2020"

SECTIONS = (
    Section(
        "7.1",
        "itRECIST: lesion classes",
        ("itRECIST",),
        (
            Rule("IT-01", PAPER, "Measurability is that of RECIST 1.1; ultrasound may serve for lesions of the skin."),
            Rule(
                "IT-02",
                PAPER,
                "Targets and non-targets are either injected or not; up to five targets of each kind.",
            ),
            Rule("IT-03", CONVENTION, "The limit of two an organ holds within each class."),
            Rule("IT-04", PAPER, "A lesion becomes an injected one with its first injection, and stays one."),
            Rule("IT-05", CONVENTION, "A class without targets has no response of its own."),
            Rule("IT-06", PAPER, "Three sums a time point: injected targets, other targets, all targets."),
        ),
    ),
    Section(
        "7.2",
        "itRECIST: component responses",
        ("itRECIST",),
        (
            Rule("IT-07", PAPER, "The other targets are compared with their own baseline and nadir."),
            Rule("IT-08", PAPER, "The injected targets are compared with the same lesions at the time point before."),
            Rule("IT-09", PAPER, "They are also compared with their own baseline and nadir, member by member."),
            Rule("IT-10", CONVENTION, "An option says which of the two stands for the injected targets."),
            Rule("IT-11", CONVENTION, "A summary counts the responses of the injected targets over the course."),
            Rule("IT-12", PAPER, "Injected and other non-targets are judged apart and then together."),
        ),
    ),
)
