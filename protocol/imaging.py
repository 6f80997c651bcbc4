"""The imaging section of protocol.yaml: how scans name their subjects and visits, and the imaging charter."""

from __future__ import annotations

from datetime import date
from string import Formatter
from typing import Annotated, Literal

import polars as pl
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from protocol.section import Section

REGIONS = ("HEAD", "NECK", "CHEST", "ABDOMEN", "PELVIS", "SPINE", "EXTREMITY", "WHOLE BODY")
LIMITS = (
    "modality",
    "body_region",
    "slice_thickness_mm",
    "gap_mm",
    "reconstruction_interval_mm",
    "missing_slices",
    "coverage_mm",
    "kernels",
    "kvp",
    "contrast_agent",
    "contrast_route",
    "contrast_phase",
    "uptake_min",
    "dose_mbq",
    "same_scanner",
    "same_software",
    "same_reconstruction",
    "lossless",
)
OPTION_CODES = {
    "clean_pixel_data": "113101",
    "clean_structured_content": "113104",
    "clean_descriptors": "113105",
    "retain_full_dates": "113106",
    "retain_modified_dates": "113107",
    "retain_patient_characteristics": "113108",
    "retain_device_identity": "113109",
    "retain_uids": "113110",
    "retain_safe_private": "113111",
    "retain_institution": "113112",
}
"""The options of the Basic Application Level Confidentiality Profile with their codes (PS3.16 CID 7050)."""


def _regular_expression(pattern: str) -> str:
    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"is not a regular expression: {' '.join(str(error).split())}") from error
    return pattern


def _upper(text: str) -> str:
    return text.strip().upper()


Pattern = Annotated[str, AfterValidator(_regular_expression)]
Modality = Annotated[str, Field(min_length=1, max_length=16), AfterValidator(_upper)]
Region = Annotated[Literal[REGIONS], BeforeValidator(lambda given: _upper(given) if isinstance(given, str) else given)]  # type: ignore[valid-type]


class SubjectLabels(Section):
    """How the subject of a scan is found from what its files say.

    The label, its ``pattern`` put into ``subject_id`` (named groups in braces), or its entry in ``known_as`` is
    compared with the subjects of the study without regard to case.
    """

    label: Literal["subject_label", "clinical_trial_subject_id", "patient_id"] = "subject_label"
    pattern: Pattern | None = None
    subject_id: str = "{subject}"
    known_as: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _groups_exist(self) -> SubjectLabels:
        if self.pattern is None:
            return self
        groups = pl.Series([""]).str.extract_groups(self.pattern).struct.fields
        wanted = [name for _, name, _, _ in Formatter().parse(self.subject_id) if name is not None]
        for name in wanted:
            if name not in groups:
                known = ", ".join(groups) or "none"
                raise ValueError(f"subject_id names the group {name!r}; groups of the pattern: {known}")
        return self


class Range(Section):
    """A permitted range, both ends included; one of them may be left open."""

    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _some_end(self) -> Range:
        if self.min is None and self.max is None:
            raise ValueError("give min, max or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min:g} is larger than max {self.max:g}")
        return self


class ExpectedScan(Section):
    """A scan that every visit, or those named, must have."""

    modality: Modality
    visits: tuple[str, ...] = ()
    body_regions: tuple[Region, ...] = ()


class AcquisitionLimits(Section):
    """How the series of one modality must have been acquired and reconstructed; what is left out is not judged."""

    modality: Modality
    slice_thickness_mm: Range | None = None
    gap_mm: Range | None = None
    reconstruction_interval_mm: Range | None = None
    missing_slices: Range | None = None
    coverage_mm: Range | None = None
    kernels: tuple[str, ...] = ()
    kvp: Range | None = None
    contrast_agent: Pattern | None = None
    contrast_route: Pattern | None = None
    contrast_phase: Pattern | None = None
    uptake_min: Range | None = None
    dose_mbq: Range | None = None
    same_scanner: bool = False
    same_software: bool = False
    same_reconstruction: bool = False
    lossless: bool = True
    minor: tuple[Literal[LIMITS], ...] = ()  # type: ignore[valid-type]


class Charter(Section):
    """One version of the imaging charter, for scans from its effective date on."""

    version: str = Field(min_length=1)
    effective: date | None = None
    expected: tuple[ExpectedScan, ...] = ()
    limits: tuple[AcquisitionLimits, ...] = ()

    @model_validator(mode="after")
    def _limits_once(self) -> Charter:
        modalities = [limit.modality for limit in self.limits]
        repeated = sorted({modality for modality in modalities if modalities.count(modality) > 1})
        if repeated:
            raise ValueError(f"charter version {self.version!r} has limits for {repeated[0]} more than once")
        return self


class Deidentification(Section):
    """What the trial's de-identification is to be: options of the Basic Profile (PS3.15 annex E), and OCR."""

    options: tuple[Literal[tuple(OPTION_CODES)], ...] = (  # type: ignore[valid-type]
        "clean_descriptors",
        "clean_structured_content",
        "retain_modified_dates",
        "retain_patient_characteristics",
        "retain_device_identity",
        "retain_safe_private",
    )
    safe_private_creators: tuple[str, ...] = ()
    ocr: bool = False


class Imaging(Section):
    """Scans against subjects, visits and the imaging charter."""

    subject: SubjectLabels = Field(default_factory=SubjectLabels)
    visit_tolerance_days: int = Field(default=14, ge=0)
    observers: dict[str, str] = Field(default_factory=dict)
    charter: tuple[Charter, ...] = ()
    deidentification: Deidentification = Field(default_factory=Deidentification)

    @model_validator(mode="after")
    def _versions_follow_each_other(self) -> Imaging:
        versions = [charter.version for charter in self.charter]
        repeated = sorted({version for version in versions if versions.count(version) > 1})
        if repeated:
            raise ValueError(f"charter version {repeated[0]!r} is listed more than once")
        days = [charter.effective or date.min for charter in self.charter]
        if days != sorted(set(days)):
            raise ValueError("charter versions must be listed by their effective dates, each with one of its own")
        return self
