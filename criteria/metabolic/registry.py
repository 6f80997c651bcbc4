"""The metabolic criteria by their ids; adding one is one file and one line here."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from criteria.metabolic.declaration import Metabolic
from criteria.metabolic.eortc import EORTC
from criteria.metabolic.impercist5 import IMPERCIST5, PERCIST5
from criteria.metabolic.ipercist import IPERCIST
from criteria.metabolic.pecrit import PECRIT
from criteria.metabolic.percimt import PERCIMT
from criteria.metabolic.percist import PERCIST
from criteria.registry import UnknownCriterionError

METABOLIC = MappingProxyType(
    {declared.name: declared for declared in (EORTC, PERCIST, PERCIST5, PECRIT, PERCIMT, IMPERCIST5, IPERCIST)}
)


def metabolic_criterion(name: str, **options: Any) -> Metabolic:
    """The declared metabolic criterion of that id, with options other than the defaults where given (section 11)."""
    if name not in METABOLIC:
        raise UnknownCriterionError(f"unknown metabolic criterion {name!r}; criteria are: {', '.join(METABOLIC)}")
    return METABOLIC[name].with_options(options)
