"""The coded values that reads and responses are written in (rule book sections 0.4 and 13)."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a lesion was chosen as by the reader."""

    TARGET = "TARGET"
    NON_TARGET = "NON-TARGET"
    NEW = "NEW"


class State(StrEnum):
    """What the reader saw of a lesion at one time point."""

    MEASURED = "MEASURED"
    ABSENT = "ABSENT"
    TOO_SMALL = "TOO_SMALL"
    PRESENT = "PRESENT"
    INCREASED = "INCREASED"
    UNEQUIVOCAL_PROGRESSION = "UNEQUIVOCAL_PROGRESSION"
    EQUIVOCAL = "EQUIVOCAL"
    UNEQUIVOCAL = "UNEQUIVOCAL"
    NOT_EVALUABLE = "NOT_EVALUABLE"
    NOT_DONE = "NOT_DONE"
    MERGED = "MERGED"
    SPLIT = "SPLIT"


class Change(StrEnum):
    """The reader's word on a lesion against the previous assessment."""

    INCREASED = "INCREASED"
    UNCHANGED = "UNCHANGED"
    DECREASED = "DECREASED"


class LocalTherapy(StrEnum):
    """Treatment of one lesion by itself, other than an injection (R11-BL-05, R11-FU-06)."""

    SURGERY = "SURGERY"
    RADIOTHERAPY = "RADIOTHERAPY"
    EMBOLISATION = "EMBOLISATION"
    ABLATION = "ABLATION"
    OTHER = "OTHER"


class Component(StrEnum):
    """Which part of the disease a recorded response speaks of."""

    OVERALL = "OVERALL"
    TARGET = "TARGET"
    NON_TARGET = "NON-TARGET"
    NEW_LESION = "NEW LESION"
    BEST = "BEST"


class Origin(StrEnum):
    """Where a response comes from: derived from the lesion measurements, or recorded by the reader."""

    DERIVED = "DERIVED"
    RECORDED = "RECORDED"


class LesionStatus(StrEnum):
    """Whether a lesion is seen on PET (metabolic rule book section 0)."""

    PRESENT = "PRESENT"
    RESOLVED = "RESOLVED"
    NOT_EVALUABLE = "NE"


class LesionNature(StrEnum):
    """What a focus of uptake is taken for (metabolic rule book sections 0 and 10)."""

    TUMOUR = "TUMOUR"
    IRAE = "IRAE"
    INFECTION = "INFECTION"
    TREATMENT_EFFECT = "TREATMENT_EFFECT"
    PHYSIOLOGIC = "PHYSIOLOGIC"
    UNCERTAIN = "UNCERTAIN"


class ReferenceRegion(StrEnum):
    """Where reference uptake is measured (REF-L, REF-B, REF-S, REF-M)."""

    LIVER = "LIVER"
    BLOOD_POOL = "BLOOD_POOL"
    SPLEEN = "SPLEEN"
    MARROW = "MARROW"


def values(codes: type[StrEnum]) -> tuple[str, ...]:
    """The permitted values of a code list, for `criteria.table.Column.allowed`."""
    return tuple(code.value for code in codes)
