"""PET quality checks, patterns, prompts and intratumoural therapy (metabolic rule book sections 4, 6, 8 and 10).

The rules on irAE are IRAE-1 to IRAE-8 by the same numbers, since IR ids are iRECIST's here.
"""

from __future__ import annotations

from criteria.rulebook.metabolic import ALL, WAHL
from criteria.rulebook.rule import CONVENTION, Rule, Section

LOPCI = "Lopci 2022"
HUMBERT = "Humbert 2020"

SECTIONS = (
    Section(
        "M 4",
        "Quality of PET scans",
        ALL,
        (
            Rule("Q-01", WAHL, "Uptake time 50 to 70 min; up to 45 and 75 min a warning."),
            Rule("Q-02", WAHL, "Uptake times differ by at most 15 min from the baseline, both from 50 min."),
            Rule("Q-03", WAHL, "Glucose below 200 mg/dL."),
            Rule("Q-04", WAHL, "Fasted for 4 h."),
            Rule("Q-05", WAHL, "Scanner and reconstruction of the baseline, or both harmonised."),
            Rule("Q-06", WAHL, "Injected activity within 20 % of the baseline."),
            Rule("Q-07", WAHL, "Liver SUL within 20 % and 0.3 of the baseline."),
            Rule("Q-08", WAHL, "Blood pool instead, where the liver cannot be used."),
            Rule("Q-09", CONVENTION, "14 days after chemotherapy; below 10 a failure."),
            Rule("Q-10", CONVENTION, "8 weeks after radiotherapy."),
            Rule("Q-11", CONVENTION, "More than 14 days after a growth factor."),
            Rule("Q-12", CONVENTION, "6 weeks after surgery."),
            Rule("Q-13", LOPCI, "Skull base and every organ with a lesion in the field."),
            Rule("Q-14", WAHL, "Weight and height of the day."),
            Rule("Q-15", CONVENTION, "Noise of the liver at most 15 %; above 25 % a failure."),
            Rule("Q-16", CONVENTION, "The baseline at most 28 days before the first dose; above 42 a failure."),
            Rule("Q-17", CONVENTION, "Lean body mass formula and settings the same at all scans."),
            Rule("Q-18", LOPCI, "Kind of immunotherapy and cycles before the scan recorded."),
        ),
    ),
    Section(
        "M 6",
        "Patterns on PET",
        ALL,
        (
            Rule("PT-1", HUMBERT, "Pseudoprogression: PMD, not worse, and response or stability at the next scan."),
            Rule("PT-2", HUMBERT, "Homogeneous progression: PMD again, all lesions progressing."),
            Rule("PT-3", HUMBERT, "Immune dissociated response: PMD again, with lesions that respond."),
            Rule("PT-4", CONVENTION, "A lesion responds or progresses by 30 % and 0.8 SUL, gone, or new."),
            Rule("PT-5", CONVENTION, "Dissociation by RECIST is another pattern (analysis.pattern)."),
            Rule("PT-6", CONVENTION, "Sites are named; up to three progressing lesions are oligoprogression."),
            Rule(
                "PT-7",
                CONVENTION,
                "Before it is final, a second cancer, irAE, sarcoid-like or inflammatory uptake.",
            ),
            Rule("LG-1", LOPCI, "New lesions by number and by number of sites."),
            Rule("LG-2", LOPCI, "Every new lesion has its other causes considered."),
            Rule("LG-3", LOPCI, "New nodes: in the drainage of a tumour, or symmetric, is asked for."),
            Rule("LG-4", LOPCI, "MTV and TLG at baseline and at every scan."),
            Rule("LG-5", LOPCI, "A doubtful progression is confirmed more than 4 weeks later."),
            Rule("LG-6", LOPCI, "The report names criterion, therapy, cycles and irAE."),
            Rule("LG-7", LOPCI, "Symmetric new hilar and mediastinal nodes alone ask for a review."),
            Rule("LG-8", LOPCI, "More than four new lesions make true progression likely."),
        ),
    ),
    Section(
        "M 10",
        "Signs of immune activation",
        ALL,
        (
            Rule("IRAE-1", LOPCI, "Sarcoid-like: new symmetric hilar and mediastinal nodes."),
            Rule("IRAE-2", LOPCI, "Pneumonitis: lung foci taken for an irAE."),
            Rule("IRAE-3", LOPCI, "Adrenalitis: new adrenal uptake, no hotter than the tumour."),
            Rule("IRAE-4", LOPCI, "Diffuse enlargement of nodes: five or more new ones."),
            Rule("IRAE-5", LOPCI, "Hypophysitis: new pituitary uptake."),
            Rule(
                "IRAE-6", CONVENTION, "New uptake of thyroid, bowel, liver, pancreas, joint, muscle, heart or stomach."
            ),
            Rule("IRAE-7", CONVENTION, "Immune activation: new spleen or marrow uptake, or SLR rising above 1.1."),
            Rule("IRAE-8", LOPCI, "Signs are found whether or not an adverse event is recorded."),
        ),
    ),
    Section(
        "M 8",
        "Intratumoural therapy",
        ALL,
        (
            Rule("HI-1", "protocol", "Lesions above 10 mm, nodes above 15 mm."),
            Rule("HI-2", "protocol", "Above 50 mm a written justification."),
            Rule("HI-3", "protocol", "First: new, growing, avid, invasive, accessible lesions."),
            Rule("HI-4", "protocol", "Last: necrotic lesions, bleeding risk, above 50 mm."),
            Rule("HI-5", CONVENTION, "Points order the lesions; a worklist, never a decision."),
            Rule("HL-1", "protocol", "A key image at baseline and before each injection."),
            Rule("HL-2", CONVENTION, "The first by the first dose, the others within a day."),
            Rule("HL-3", CONVENTION, "Dose is concentration times volume, within 1 %."),
            Rule("HL-4", "protocol", "A lesion is injected from its first injection on."),
            Rule("HL-5", "protocol", "There is no largest number of lesions."),
            Rule("HL-6", "protocol", "Another operator is asked about."),
            Rule("HL-7", "protocol", "Volumes rest on CT by preference."),
            Rule("HL-8", "protocol", "An end for lack of effect before 12 weeks is asked about."),
        ),
    ),
)
