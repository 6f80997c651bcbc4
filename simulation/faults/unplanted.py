"""Quality rules that no fault of a simulated study can break, each with the reason."""

from __future__ import annotations

REFUSED_BEFORE = "the forms' reader refuses such a row, which ROW_REFUSED finds"
ONE_TRANSFER = "a simulated study is one transfer; a second one corrects or withdraws"
DECLARED = "the declaration of the table keeps such a row out of the working file"

UNPLANTED: dict[str, str] = {
    "DEATH_DATE_MISSING": "in SDTM the disposition DEATH dates the death; nadir's own form of subjects can lack it",
    "LESION_ORGAN_CHANGES": "in SDTM a lesion has its organ once, in TU; nadir's own form has it at every time point",
    "LESION_NODE_CHANGES": "in SDTM a lesion has its organ once, in TU; nadir's own form has it at every time point",
    "ABSENT_WITH_SIZE": REFUSED_BEFORE,
    "TOO_SMALL_YET_MEASURED": REFUSED_BEFORE,
    "RESPONSE_MISSING": REFUSED_BEFORE,
    "TREATED_TARGET_MEASURED": "no lesion of a simulated study is treated locally but by injection",
    "REASON_MISSING": "the forms' reader gives the record a reason of its own",
    "DISCONTINUATION_REASON_MISSING": "in SDTM the reason is the term that makes the record a disposition",
    "SCAN_MISSING": "the simulated charter expects no scans, as only some subjects have them",
    "SCAN_AFTER_DEATH": "scans are made from visits, which end with death",
    "SCAN_NOT_READ": "the subjects with scans are the first ones, and their reads carry other faults",
    "PET_BODY_IMPLAUSIBLE": "the simulated body fills the field and has no median of its own to go wrong",
    "READ_CORRECTED": ONE_TRANSFER,
    "RECORD_WITHDRAWN": ONE_TRANSFER,
}
