"""The page on PET: what is computed, with which options, and every refusal and reservation by its code."""

from __future__ import annotations

from criteria.rulebook.catalogue import sections_of
from docs.criterion_page import rules
from docs.markdown import page, table
from pet.refusal import Flag, Refusal
from protocol.pet_options import DEFAULT

COMPUTED = (
    (
        "SUV and SUL",
        "every unit and decay branch, times, lean body mass (3.1 to 3.5)",
        "pet_scan",
    ),
    ("lesions", "regions of SEG and RTSTRUCT: SUVmax, SUVmean, SUVpeak and SULpeak of 1 ml (3.7)", "pet_lesion"),
    ("volumes", "MTV at 41 %, 42 %, 2.5, 4.0 and by the liver; TLG; the longest axis (3.8)", "pet_lesion"),
    (
        "burden",
        "TMTV and TTLG of the union of lesions; with other foci as sensitivity",
        "pet_burden",
    ),
    ("references", "liver 3 cm, spleen 3 cm, blood pool 1 x 2 cm, marrow of L1 to L4 (3.6)", "pet_reference"),
    ("reports", "SUV, volume and TLG of TID 1500 reports beside the recomputed values (3.11)", "pet_report"),
    ("features", "IBSI features by mirp, where asked for (RA-1 to RA-5)", "pet_radiomic"),
    ("pictures", "projections with outlines, the slice of every peak, CT beside it, as PNG", "picture"),
)


def pet_page() -> str:
    """The page as Markdown."""
    return page(
        "# PET",
        "Quantities come from PET images and from the regions that readers drew on them, by section 3 of the metabolic "
        "rule book. Scans are measured once: what was made from the same images, regions, settings and code is kept. A "
        "lesion is any region that is no reference and no organ; its id is the Tracking ID, else the label. The "
        "evaluator is the Content Creator (SEG) or Operator (RTSTRUCT), else `IMAGING`. Pictures lie below "
        "`work/pictures` of the study's folder.",
        table(("what", "how", "table"), ((what, how, f"`core.{name}`") for what, how, name in COMPUTED)),
        "## Options",
        "Set in `protocol.yaml` under `pet:`; every row stores them as JSON in `settings`. What each means stands in "
        "`protocol/pet_options.py`.",
        table(("option", "default"), ((f"`{name}`", _shown(value)) for name, value in DEFAULT.settings().items())),
        "## Rules",
        *rules(sections_of("PET")),
        "## Radiomics",
        "With `pet: {radiomics: true}` every lesion has its IBSI features in `core.pet_radiomic`, each with software "
        "and settings. They are computed by mirp (EUPL-1.2), which nadir runs as a process of its own and never "
        "imports: install the extra `radiomics`, or name a Python interpreter that has mirp in "
        "`NADIR_RADIOMICS_PYTHON`. Before the first lesion mirp is run on the digital phantom of the IBSI.",
        "## Refusals",
        "The status of a scan in `core.pet_scan`, or the reason of a reject for a region. The refresh goes on.",
        table(("code", "meaning"), ((f"`{code.value}`", code.meaning) for code in Refusal)),
        "## Reservations",
        "The `flags` of a row: the value stands and is to be read with this in mind.",
        table(("code", "meaning"), ((f"`{code.value}`", code.meaning) for code in Flag)),
    )


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: `{pattern}`" for key, pattern in value.items()).replace("|", "\\|")
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value)
    return f"`{value}`".replace("|", "\\|")
