"""What a rule of the rule book is: its id, its sentence and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass

CONVENTION = "convention"
"""Source of a rule where the papers are silent or contradict each other: settled here, most often as an option."""


NOT_READ = " (not re-read)"
"""Follows the source of a rule that is known of it, but whose words were not read again for this rule book."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; ``id`` is what the columns named clause print and what tests are named after."""

    id: str
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """The rules of one section of the rule book; ``criteria`` are those they hold for, none named: all."""

    number: str
    title: str
    criteria: tuple[str, ...]
    rules: tuple[Rule, ...]


EVERY: tuple[str, ...] = ()
"""Criteria of a section that holds for all of them."""

ON_RECIST = ("RECIST 1.1", "irRECIST", "iRECIST", "imRECIST", "itRECIST")
UNCONFIRMED = ("iRECIST", "itRECIST")
