"""PET quantities, prognostic markers and radiomics (metabolic rule book sections 3, 7 and 9).

They hold whatever the criterion, so no criterion's page shows them: docs/pet.md does. The markers 7.1 to 7.7 are PM-1
to PM-7 by the same numbers.
"""

from __future__ import annotations

from criteria.rulebook.rule import CONVENTION, Rule, Section

PET = ("PET",)
MANUAL = "IBSI SUV manual"
TAHARI = "Tahari 2014"
WAHL = "Wahl 2009"
EANM = "EANM 2015"
SEBAN = "Seban 2020"

SECTIONS = (
    Section(
        "M 3.1",
        "Which PET may be quantified",
        PET,
        (
            Rule("G-1", "DICOM PS3.3", "A PET Image or an Enhanced PET Image of modality PT."),
            Rule("G-2", MANUAL, "Corrected for attenuation, and for decay unless Decay Correction is NONE."),
            Rule("G-3", CONVENTION, "F-18 FDG; of other tracers SUV is computed, and no FDG criterion applies."),
            Rule("G-4", MANUAL, "One series: the same units, dose and weight, slices at even distances, none twice."),
            Rule("G-5", MANUAL, "Rescale Intercept is 0, and every slice has its own Rescale Slope."),
            Rule("G-6", MANUAL, "Weight is given; of 1000 and more it is in grams; a size above 3 is in centimetres."),
            Rule("G-7", MANUAL, "A dose below 1e5 is in MBq."),
            Rule("G-8", CONVENTION, "Body, liver and maximum are plausible, else it is flagged for review."),
        ),
    ),
    Section(
        "M 3.6",
        "Reference regions",
        PET,
        (
            Rule("REF-L", TAHARI, "Liver: a sphere of 3 cm in the right lobe."),
            Rule("REF-B", WAHL, "Blood pool: 1 cm across, 2 cm along the descending aorta."),
            Rule("REF-S", CONVENTION, "Spleen: a sphere of 3 cm, or the largest that fits."),
            Rule("REF-M", CONVENTION, "Marrow: the mean of spheres in the lumbar bodies L1 to L4."),
        ),
    ),
    Section(
        "M 3.8",
        "Metabolic volumes",
        PET,
        (
            Rule("MTV-41", EANM, "At least 41 % of the lesion's SUVmax, connected to it, within the region."),
            Rule("MTV-42", SEBAN, "The same at 42 %."),
            Rule("MTV-F25", CONVENTION, "SUVbw of at least 2.5."),
            Rule("MTV-F40", CONVENTION, "SUVbw of at least 4.0; always stored beside the chosen method."),
            Rule("MTV-PL", WAHL, "SUL of at least 1.5 x liver mean and 2 SD."),
            Rule("MTV-L2", WAHL, "SUL of at least liver mean and 2 SD."),
        ),
    ),
    Section(
        "M 7",
        "Prognostic markers",
        PET,
        (
            Rule("PM-1", SEBAN, "TMTV above 75 ml and dNLR above 3 are adverse; their number is stored."),
            Rule("PM-2", "Wong 2020", "A spleen-to-liver ratio above 1.1 is adverse."),
            Rule("PM-3", "Castello 2020", "The index of NLR below 4.9 and TLG below 149.5: low, intermediate, high."),
            Rule("PM-4", CONVENTION, "The marrow-to-liver ratio has no cut-off but one of the protocol."),
            Rule("PM-5", CONVENTION, "The metabolic over the CT volume of a lesion, 0 to 1.2, has no cut-off."),
            Rule("PM-6", CONVENTION, "High volume with high dNLR is said to be a risk of hyperprogression; no level."),
            Rule("PM-7", CONVENTION, "The category of an early scan is stored with its week as any other."),
        ),
    ),
    Section(
        "M 9",
        "Radiomics",
        PET,
        (
            Rule(
                "RA-1",
                "Valentinuzzi 2020",
                "Features are computed; there is no score, its coefficients are not public.",
            ),
            Rule("RA-2", CONVENTION, "IBSI features by their definitions; every value with software and settings."),
            Rule("RA-3", "IBSI", "A feature that misses its reference value on the digital phantom is not stored."),
            Rule("RA-4", CONVENTION, "Texture from 64 voxels and 10 ml on; smaller lesions have first-order features."),
            Rule("RA-5", CONVENTION, "CT radiomics for response is documentation only: none is computed."),
        ),
    ),
)
