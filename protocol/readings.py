"""Sections of protocol.yaml that are named options of a declaration: readings that differ from its defaults."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from criteria.injection_agents import InjectionOptions
from criteria.metabolic.marker_options import MarkerOptions
from criteria.pattern_options import PatternOptions
from protocol.pet_options import PetOptions
from protocol.section import Section

Declared = TypeVar("Declared")


class Readings(Section, Generic[Declared]):
    """Options of one dataclass of options, by name; unknown names and wrong values are told."""

    declaration: ClassVar[type[Any]]
    options: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _bare_options(cls, given: Any) -> Any:
        return {"options": given} if isinstance(given, dict) and "options" not in given else given

    @model_validator(mode="after")
    def _known(self) -> Readings[Declared]:
        allowed = self.declaration.__dataclass_fields__
        for name in self.options:
            if name not in allowed:
                raise ValueError(f"unknown option {name!r}; allowed: {', '.join(allowed)}")
        try:
            self.declared()
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise ValueError(f"option {where}: {first['msg']}, not {first['input']!r}") from error
        return self

    def declared(self) -> Declared:
        """The options with the study's own readings."""
        read: Declared = TypeAdapter(self.declaration).validate_python(self.options)
        return read


class Patterns(Readings[PatternOptions]):
    """Readings of the atypical patterns and kinetics (rule book sections 9, 10, 14)."""

    declaration = PatternOptions


class Markers(Readings[MarkerOptions]):
    """Readings of PET patterns and markers (metabolic rule book 3.9, 6, 7 and 11)."""

    declaration = MarkerOptions


class Injection(Readings[InjectionOptions]):
    """Agents with their volume tables, and readings of the injection log (metabolic rule book section 8)."""

    declaration = InjectionOptions


class Pet(Readings[PetOptions]):
    """Readings of the PET quantities (metabolic rule book 3 and 11)."""

    declaration = PetOptions

    @model_validator(mode="after")
    def _expressions(self) -> Pet:
        declared = self.declared()
        named = [(name, getattr(declared, name)) for name in PetOptions.__dataclass_fields__ if name.endswith("_names")]
        natures = [(f"natures.{nature}", pattern) for nature, pattern in declared.natures.items()]
        for name, pattern in [*named, *natures]:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"option {name}: {pattern!r} is no regular expression: {error}") from error
        return self
