"""nadir's own forms: each holds the columns of one core table, read and written by that table's declaration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from criteria.registry import CRITERIA
from criteria.table import Column, Table
from criteria.vocabulary import Component
from ingestion.forms import codes, laboratory
from ingestion.forms.sifting import Check
from ingestion.forms.templates import lesions, readings
from ingestion.forms.templates.cells import Names
from ingestion.pet_tables import PET_LESION, PET_REFERENCE, PET_SCAN
from ingestion.tables import (
    CLINICAL_STATUS,
    INJECTION,
    LABORATORY,
    MEASUREMENT,
    RECORDED_RESPONSE,
    RECORDED_SUM,
    SOURCE,
    SUBJECT,
    THERAPY,
    VISIT,
)

FILLED_BY_NADIR = ("study_id", *(column.name for column in SOURCE))
"""Columns of a core table that no form has; a form that carries them all the same (an export) is read without them."""


def unchanged(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows as they are."""
    return rows


def no_checks(_: pl.DataFrame) -> tuple[Check, ...]:
    """Nothing beyond the declared columns."""
    return ()


@dataclass(frozen=True, slots=True)
class Template:
    """A form of one core table.

    A file needs the ``required`` columns, and a row their values. ``defaults`` fill empty cells; ``names`` are the
    words that a column takes beyond the table's ``allowed`` ones, with what they mean; ``identity`` is the key by which
    a later transfer finds a row again. ``fill`` completes the text columns before they are typed, ``checks`` are what
    can be wrong with a row whose cells are all sound, ``complete`` fills typed columns. ``keeps_rows``: a bad cell
    becomes empty and its row stays.
    """

    table: Table
    required: tuple[str, ...]
    identity: tuple[str, ...]
    defaults: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, Names] = field(default_factory=dict)
    fill: Callable[[pl.DataFrame], pl.DataFrame] = unchanged
    checks: Callable[[pl.DataFrame], tuple[Check, ...]] = no_checks
    complete: Callable[[pl.DataFrame], pl.DataFrame] = unchanged
    keeps_rows: bool = False

    @property
    def name(self) -> str:
        """The form's name: that of its table without the layer."""
        return self.table.name.split(".", 1)[1]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that the form has."""
        return tuple(column for column in self.table.columns if column.name not in FILLED_BY_NADIR)

    def words(self, column: Column) -> Names:
        """What a coded column's words mean; empty for a column that takes any text."""
        given = self.names.get(column.name)
        return given if given is not None else {word: word for word in column.allowed or ()}


def _same(words: tuple[str, ...]) -> Names:
    return {word: word for word in words}


RESPONSE_WORDS = _same(tuple(dict.fromkeys((*codes.RESPONSES, "Y", "N", "EQUIVOCAL"))))
CRITERION_WORDS = {**_same(tuple(CRITERIA)), **codes.CRITERIA}
PLACED = ("subject_id", "timepoint")
READ = ("subject_id", "evaluator", "timepoint")
BY_INVESTIGATOR = {"evaluator": codes.INVESTIGATOR}

DECLARED = (
    Template(SUBJECT, ("subject_id",), ("subject_id",), keeps_rows=True),
    Template(VISIT, PLACED, PLACED, {"occurred": "Y"}),
    Template(
        MEASUREMENT,
        ("subject_id", "timepoint", "assessment_date", "lesion_id", "role"),
        (*READ, "lesion_id"),
        BY_INVESTIGATOR,
        fill=lesions.filled,
        checks=lesions.checks,
        complete=lesions.completed,
    ),
    Template(
        RECORDED_RESPONSE,
        ("subject_id", "timepoint", "response"),
        (*READ, "criterion", "component"),
        {**BY_INVESTIGATOR, "component": Component.OVERALL.value},
        names={"criterion": CRITERION_WORDS, "response": RESPONSE_WORDS},
        checks=readings.response_checks,
    ),
    Template(RECORDED_SUM, PLACED, READ, BY_INVESTIGATOR),
    Template(
        THERAPY,
        ("subject_id", "category", "start_date"),
        ("subject_id", "category", "therapy", "start_date"),
    ),
    Template(CLINICAL_STATUS, ("subject_id", "assessment_date"), ("subject_id", "assessment_date")),
    Template(
        LABORATORY,
        ("subject_id", "test", "collection_date"),
        ("subject_id", "test", "collection_date"),
        fill=laboratory.with_standard_unit,
        checks=laboratory.form_checks,
    ),
    Template(
        INJECTION,
        ("subject_id", "lesion_id", "injection_datetime"),
        ("subject_id", "lesion_id", "injection_datetime"),
    ),
    Template(PET_SCAN, (*PLACED, "scan_id"), (*PLACED, "scan_id")),
    Template(
        PET_LESION,
        (*PLACED, "lesion_id"),
        (*READ, "lesion_id"),
        {**BY_INVESTIGATOR, "measured_from": "FORM"},
        complete=readings.with_lesion_status,
    ),
    Template(PET_REFERENCE, (*PLACED, "region"), (*READ, "region"), BY_INVESTIGATOR),
)
TEMPLATES: Mapping[str, Template] = {template.name: template for template in DECLARED}
