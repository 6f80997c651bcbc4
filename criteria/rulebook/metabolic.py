"""The metabolic criteria (metabolic rule book sections 2 and 5).

Ids are those of the rule book, but for imPERCIST5: its IM ids are imRECIST's here, so its rules are IMP-1 to IMP-11 by
the same numbers.
"""

from __future__ import annotations

from criteria.rulebook.rule import CONVENTION, Rule, Section

YOUNG = "Young 1999"
WAHL = "Wahl 2009"
CHO = "Cho 2017"
ANWAR = "Anwar 2018"
ITO = "Ito 2019"
GOLDFARB = "Goldfarb 2019"
ALL = ("EORTC", "PERCIST", "PERCIST5", "PECRIT", "PERCIMT", "imPERCIST5", "iPERCIST")
ON_PERCIST = ("PERCIST", "PERCIST5", "PECRIT", "imPERCIST5", "iPERCIST")

SECTIONS = (
    Section(
        "M 2",
        "Change on PET",
        ALL,
        (
            Rule(
                "CH-1",
                WAHL,
                "Response and progression are measured from the baseline; with `pmd_reference` NADIR progression is "
                "measured from the smallest aggregate before.",
            ),
            Rule("CH-2", WAHL, "The change in percent and the weeks from the start stand with the category."),
            Rule(
                "CH-3",
                CONVENTION,
                "A scan that failed the quality checks, where these make it NE, comes before PMD, then CMR, PMR, SMD.",
            ),
            Rule(
                "CH-4",
                WAHL,
                "The best metabolic response is the best category up to the first progression that counts: CMR, PMR, "
                "SMD, PMD, NE.",
            ),
        ),
    ),
    Section(
        "M 5.1",
        "EORTC",
        ("EORTC",),
        (
            Rule("EO-1", YOUNG, "A lesion has uptake above the surrounding tissue; there is no least uptake."),
            Rule("EO-2", CONVENTION, "The quantity is SUVmax; SUVmean by body surface area or SULpeak as an option."),
            Rule("EO-3", CONVENTION, "The sum over at most five targets, two an organ, the hottest of the baseline."),
            Rule("EO-4", YOUNG, "CMR: the uptake of all lesions is that of the surrounding tissue."),
            Rule("EO-5", YOUNG, "PMR: a fall of 15 % or more after one cycle, of more than 25 % after several."),
            Rule("EO-6", YOUNG, "SMD: less than that, and no visible increase in extent."),
            Rule(
                "EO-7",
                YOUNG,
                "PMD: a rise of more than 25 %, an extent that grows by more than 20 %, or new uptake.",
            ),
            Rule("EO-8", CONVENTION, "After several cycles a fall of 15 to 25 % is SMD, or PMR as an option."),
            Rule("EO-9", CONVENTION, "Exactly 25 % up or down after several cycles is SMD."),
            Rule("EO-10", CONVENTION, "The extent is the longest axis of the uptake; a least growth is an option."),
            Rule("EO-11", CONVENTION, "The cycles before the scan are asked for; without them several are taken."),
        ),
    ),
    Section(
        "M 5.2",
        "PERCIST",
        ON_PERCIST,
        (
            Rule("PE-1", WAHL, "SULpeak of the hottest lesion of each scan that was there at baseline."),
            Rule("PE-2", WAHL, "Measurable: 1.5 times the mean of the liver and 2 SD, or 1.5 times (mean and 2 SD)."),
            Rule("PE-3", WAHL, "With an unusable liver: 2 times the mean of the blood pool and 2 SD, or 2 times it."),
            Rule("PE-4", "O and Wahl 2016", "The limit of measurability is asked of the baseline only."),
            Rule("PE-5", WAHL, "One lesion decides; up to five, two an organ, are summed by PERCIST5."),
            Rule("PE-6", WAHL, "CMR: below the liver and at background, and all other lesions at background."),
            Rule(
                "PE-7",
                WAHL,
                "PMR: a fall of 30 % and 0.8 SUL, and no other lesion up by more than 30 % in uptake or size.",
            ),
            Rule("PE-8", WAHL, "PMD: a rise of more than 30 % and 0.8 SUL."),
            Rule("PE-9", WAHL, "PMD: total lesion glycolysis up by more than 75 % without a fall of SUL."),
            Rule("PE-10", WAHL, "PMD: a new avid lesion typical of cancer, of no other nature."),
            Rule(
                "PE-11",
                WAHL,
                "PMD: another lesion that meets PE-8 or PE-9, or grows by 20 % and 5 mm on CT.",
            ),
            Rule("PE-12", WAHL, "SMD: none of these."),
            Rule(
                "PE-13",
                WAHL,
                "PMD other than by new visceral lesions should be confirmed within a month unless RECIST 1.1 shows it "
                "too; so should CMR and PMR with progression on CT.",
            ),
            Rule("PE-14", WAHL, "The report names the change, the weeks and the number of new lesions."),
            Rule("PE-15", CONVENTION, "Without a measurable lesion: CMR, NON_CMR_NON_PMD or PMD by the words, or NE."),
        ),
    ),
    Section(
        "M 5.3",
        "PECRIT",
        ("PECRIT",),
        (
            Rule("PC-1", CHO, "The scan is 21 to 28 days after the start; any other day is flagged."),
            Rule("PC-2", CHO, "RECIST 1.1 of the same visit and the change of SULpeak of the hottest lesion."),
            Rule("PC-3", CHO, "CR or PR predict benefit."),
            Rule("PC-4", CHO, "PD predicts no benefit."),
            Rule("PC-5", CHO, "SD predicts benefit when the uptake has risen by more than 15.5 %."),
            Rule("PC-6", CHO, "Benefit is CR or PR at 4 months or SD for 6 months by RECIST 1.1."),
            Rule("PC-7", CHO, "The categories predict; they are no response, and no endpoint rests on them."),
            Rule("PC-8", CONVENTION, "The hottest lesion of each scan, or the same lesion as an option."),
            Rule("PC-9", CONVENTION, "Below measurability at baseline it is computed and flagged."),
        ),
    ),
    Section(
        "M 5.4",
        "PERCIMT",
        ("PERCIMT",),
        (
            Rule("PI-1", ANWAR, "A lesion is any focus above background that is not physiologic; no least uptake."),
            Rule("PI-2", ANWAR, "Lesions that were not there at baseline and are there now count; irAE do not."),
            Rule("PI-3", ANWAR, "Size is the functional diameter."),
            Rule("PI-4", ANWAR, "PMD: four new lesions, three of more than 1.0 cm, or two of more than 1.5 cm."),
            Rule("PI-5", ANWAR, "The classes are nested; exclusive ones as an option."),
            Rule("PI-6", ANWAR, "Exactly 10.0 mm is not more than 1.0 cm; exactly 15.0 mm is not more than 1.5 cm."),
            Rule("PI-7", ANWAR, "CMR: all lesions of the baseline are gone, and none is new."),
            Rule("PI-8", ANWAR, "PMR: some are gone, and none is new."),
            Rule("PI-9", ANWAR, "SMD: neither."),
            Rule("PI-10", ANWAR, "CMR, PMR and SMD are clinical benefit."),
            Rule("PI-11", ANWAR, "The scan is about three months after the start; any scan is judged."),
            Rule("PI-12", ANWAR, "There is no confirmation."),
        ),
    ),
    Section(
        "M 5.5",
        "imPERCIST5",
        ("imPERCIST5", "PERCIST5"),
        (
            Rule("IMP-1", ITO, "Measurable as in PERCIST; the hottest five lesions, two an organ."),
            Rule("IMP-2", ITO, "The quantity is the sum of SULpeak."),
            Rule("IMP-3", ITO, "Later scans sum the hottest five of targets and new lesions."),
            Rule("IMP-4", ITO, "PMD: the sum up by 30 %; new lesions alone are none."),
            Rule("IMP-5", ITO, "PMR: the sum down by 30 %."),
            Rule("IMP-6", ITO, "CMR: all lesions gone; a lesion that is gone counts as 0."),
            Rule("IMP-7", CONVENTION, "There is no absolute part; 0.8 on the sum as an option."),
            Rule("IMP-8", CONVENTION, "A new lesion prevents CMR."),
            Rule("IMP-9", ITO, "The scan is about three months after the start; any scan is judged."),
            Rule("IMP-10", CONVENTION, "A new lesion need not be measurable to enter the sum."),
            Rule("IMP-11", ITO, "PERCIST5 has the same sums, and any new lesion is PMD."),
        ),
    ),
    Section(
        "M 5.6",
        "iPERCIST",
        ("iPERCIST",),
        (
            Rule("IP-1", GOLDFARB, "Lesion and quantity are those of PERCIST."),
            Rule("IP-2", GOLDFARB, "CMR: complete resolution; PMR: a fall of 30 %; SMD: neither."),
            Rule("IP-3", GOLDFARB, "UPMD: a rise of 30 % and 0.8 SUL, or a new avid lesion."),
            Rule("IP-4", GOLDFARB, "The second scan is at about 8 weeks, the confirming one 4 to 8 weeks later."),
            Rule("IP-5", CONVENTION, "A scan before 28 days cannot confirm; one after 56 days does and is flagged."),
            Rule("IP-6", GOLDFARB, "CPMD: the criteria of progression still hold; further progression as an option."),
            Rule("IP-7", GOLDFARB, "CMR, PMR or SMD at the confirming scan void the progression."),
            Rule("IP-8", GOLDFARB, "Clinical deterioration with the end of treatment confirms without a scan."),
            Rule("IP-9", CONVENTION, "Never confirmed it is an event at its date, or censored as an option."),
            Rule("IP-10", CONVENTION, "A confirmed progression has the date of the first UPMD of its run."),
            Rule("IP-11", GOLDFARB, "CMR, PMR and SMD are responders."),
            Rule("IP-12", GOLDFARB, "The clinical status is recorded at each UPMD."),
        ),
    ),
)

ROWS = (
    Rule("EO-4 persisting", YOUNG, "Other lesions that persist lower the complete to a partial response."),
    Rule("PE-6 persisting", WAHL, "Other lesions that persist lower the complete to a partial response."),
    Rule("IMP-6 persisting", ITO, "Other lesions that persist lower the complete to a partial response."),
)
