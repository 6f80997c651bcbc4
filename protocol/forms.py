"""How a study's forms differ from the default encoding: the section `forms` of protocol.yaml."""

from __future__ import annotations

import codecs
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from criteria.registry import CRITERIA
from protocol.form_names import FORMS, TEMPLATES

DATE_ORDERS = ("iso", "day_first", "month_first")
UNITS = ("mm", "cm", "m", "inch", "ml", "cm3", "l", "g", "kg", "mg", "min", "h", "s", "MBq", "mCi")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _known_form(name: str) -> str:
    known = name.lower() if name.lower() in TEMPLATES else name.upper()
    if known not in FORMS:
        raise ValueError(f"unknown form; allowed: {', '.join(FORMS)}")
    return known


def _known_encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise ValueError("unknown encoding; e.g. utf-8, utf-16, windows-1252, latin-1") from error


def _known_unit(name: str) -> str:
    for unit in UNITS:
        if name.strip().lower() == unit.lower():
            return unit
    raise ValueError(f"unknown unit; allowed: {', '.join(UNITS)}")


def _known_criterion(name: str) -> str:
    if name not in CRITERIA:
        raise ValueError(f"unknown criterion; allowed: {', '.join(CRITERIA)}")
    return name


def _date_format(text: str) -> str:
    if text in DATE_ORDERS:
        return text
    if "%" not in text:
        raise ValueError(f"unknown way to write dates; allowed: {', '.join(DATE_ORDERS)}, or formats such as '%d%b%Y'")
    directives = set(re.findall(r"%(.)", text))
    if not directives & set("dj") or not directives & set("mbBj") or not directives & set("Yy"):
        raise ValueError("a date format needs day, month and year, e.g. '%d.%m.%Y' or '%d%b%Y'")
    return text


Form = Annotated[str, AfterValidator(_known_form)]
Encoding = Annotated[str, AfterValidator(_known_encoding)]
Unit = Annotated[str, AfterValidator(_known_unit)]
CriterionName = Annotated[str, AfterValidator(_known_criterion)]


def _as_list(given: Any) -> Any:
    return [given] if isinstance(given, str) else given


def _as_text(given: Any) -> Any:
    """Numbers as text, keys too; YAML's yes and no must be quoted, since they could be either word."""
    if isinstance(given, bool):
        raise ValueError("write the value in quotes, e.g. 'yes'")
    if isinstance(given, int | float):
        return str(given)
    return {_as_text(key): value for key, value in given.items()} if isinstance(given, dict) else given


DateFormat = Annotated[str, AfterValidator(_date_format)]
DateFormats = Annotated[tuple[DateFormat, ...], BeforeValidator(_as_list)]
Text = Annotated[str, BeforeValidator(_as_text), Field(min_length=1)]
Words = Annotated[dict[str, Text], BeforeValidator(_as_text)]


class DeletionFlag(_Section):
    """A column whose values say that a row is withdrawn."""

    column: str = Field(min_length=1)
    values: tuple[Text, ...] = Field(min_length=1)


class FormMapping(_Section):
    """What the files that match say in other words than the default encoding.

    ``match`` is a pattern (`*`, `?`) of the file's path below incoming/ or of its name, ``sheet`` one of the sheet,
    data set or ItemGroupOID. ``columns`` translates foreign column names, ``codes`` values by (translated) column,
    ``constants`` fills columns that are missing or empty; ``units`` says in which unit the numbers of a column are.
    """

    match: str = "*"
    sheet: str = "*"
    form: Form | None = None
    ignore: bool = False
    encoding: Encoding | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    decimal: Literal["point", "comma"] = "point"
    dates: DateFormats = ("iso",)
    columns: dict[str, str] = Field(default_factory=dict)
    constants: dict[str, Text] = Field(default_factory=dict)
    codes: dict[str, Words] = Field(default_factory=dict)
    units: dict[str, Unit] = Field(default_factory=dict)
    deleted: DeletionFlag | None = None

    @model_validator(mode="after")
    def _one_target_each(self) -> FormMapping:
        targets = [target.upper() for target in self.columns.values()]
        repeated = sorted({target for target in targets if targets.count(target) > 1})
        if repeated:
            raise ValueError(f"two columns are mapped to {repeated[0]}; a column can be filled from one only")
        return self

    @model_validator(mode="after")
    def _does_something(self) -> FormMapping:
        defaults = FormMapping.model_construct()
        names = set(type(self).model_fields) - {"match", "sheet"}
        if all(getattr(self, name) == getattr(defaults, name) for name in names):
            raise ValueError(
                "the mapping changes nothing; give form, columns, codes, units, dates, ... or ignore: true"
            )
        return self


class Forms(_Section):
    """How the study's forms are read, and what a later transfer does to an earlier one."""

    transfers: Literal["cumulative", "incremental"] = "cumulative"
    criteria: dict[str, CriterionName] = Field(default_factory=dict)
    mappings: tuple[FormMapping, ...] = ()
