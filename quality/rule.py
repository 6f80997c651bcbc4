"""What a quality rule is: data that says which rows it checks, what it expects of them and what to tell the site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from string import Formatter


class Category(StrEnum):
    """Which kind of quality a rule speaks of."""

    CONFORMANCE = "CONFORMANCE"
    COMPLETENESS = "COMPLETENESS"
    PLAUSIBILITY = "PLAUSIBILITY"
    TIMING = "TIMING"
    RECONCILIATION = "RECONCILIATION"


class Severity(StrEnum):
    """How much a finding weighs: ERROR is wrong, WARN is to be asked about."""

    ERROR = "ERROR"
    WARN = "WARN"


@dataclass(frozen=True, slots=True)
class Present:
    """The column has a value in every row."""

    column: str


@dataclass(frozen=True, slots=True)
class Unique:
    """No two rows share the values of these columns."""

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    """Every value of the column is one of these; rows without a value are not checked."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """Every value of the column lies within the limits, both included; rows without a value are not checked."""

    column: str
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True, slots=True)
class Holds:
    """A boolean column of a check view is true; rows in which it is null are not checked."""

    column: str


Expectation = Present | Unique | OneOf | Between | Holds
Ranges = Mapping[str, tuple[float, float]]
Value = bool | int | float | str | tuple[str, ...] | Ranges


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A limit of a rule that a study may set in the section ``quality`` of protocol.yaml.

    A check view names it ``$<rule id>.<name>``, the rule's message ``{name}``. ``of_protocol`` is the path of the key
    in protocol.yaml whose value counts while the study sets none here.
    """

    name: str
    value: Value
    meaning: str
    unit: str = ""
    of_protocol: str = ""

    @property
    def shown(self) -> str:
        """The value as people read it."""
        if isinstance(self.value, Mapping):
            return ", ".join(f"{name} {low:g} to {high:g}" for name, (low, high) in self.value.items())
        if isinstance(self.value, tuple):
            return ", ".join(self.value)
        return f"{self.value:g}" if isinstance(self.value, float) else str(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One quality rule.

    ``table`` is the table to correct, ``rows`` what is checked row by row: that table, or a check view (a file of
    ``quality/views`` without its suffix). ``keys`` identify a row of ``rows``; ``message`` is written to the site and
    takes ``{column}`` from the row and ``{parameter}`` from the ``parameters``; ``field`` is the column whose value a
    finding shows, ``shows`` are further columns that it is to know, such as a subject that is no part of the key.
    ``needs`` are further tables without which, or with none of whose rows, the rule cannot be checked. Only a blocking
    rule stops publishing; a rule that is ``off`` is not evaluated. Without an ``expectation`` the rule expects the
    column ``ok_<id>`` of its check view to hold.
    """

    id: str
    title: str
    table: str
    rows: str
    keys: tuple[str, ...]
    category: Category
    source: str
    message: str
    severity: Severity = Severity.WARN
    blocking: bool = False
    field: str | None = None
    needs: tuple[str, ...] = ()
    expectation: Expectation | None = None
    parameters: tuple[Parameter, ...] = ()
    shows: tuple[str, ...] = ()
    off: bool = False

    def __post_init__(self) -> None:
        if self.blocking and self.severity is not Severity.ERROR:
            raise ValueError(f"rule {self.id}: a blocking rule has severity ERROR, not {self.severity}")

    @property
    def expected(self) -> Expectation:
        """What the rule expects of its rows."""
        return self.expectation or Holds(f"ok_{self.id.lower()}")

    @property
    def expected_columns(self) -> tuple[str, ...]:
        """The columns that the expectation looks at."""
        expected = self.expected
        return expected.columns if isinstance(expected, Unique) else (expected.column,)

    @property
    def sentence(self) -> str:
        """The message with the values of the parameters; what stands in braces are columns of the row."""
        said = self.message
        for parameter in self.parameters:
            said = said.replace(f"{{{parameter.name}}}", parameter.shown)
        return said

    @property
    def message_columns(self) -> tuple[str, ...]:
        """The columns that the message names, in order of appearance."""
        return tuple(name for _, name, _, _ in Formatter().parse(self.sentence) if name)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the checked rows that the rule uses, each once."""
        shown = (self.field,) if self.field else ()
        return tuple(dict.fromkeys((*self.keys, *self.expected_columns, *shown, *self.message_columns, *self.shows)))
