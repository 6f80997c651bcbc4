"""Identifiers that follow from the seed: DICOM UIDs, the same in every run."""

from __future__ import annotations

from pydicom.uid import UID, generate_uid

from simulation.settings import Settings


def uid(settings: Settings, *what: object) -> UID:
    """The UID of one thing of the trial, e.g. ("series", subject_id, visit, "PT")."""
    return generate_uid(entropy_srcs=[settings.study, str(settings.seed), *(str(part) for part in what)])
