"""The criteria by their ids; adding one is one file and one line here."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from criteria.declaration import Morphologic
from criteria.imrecist import IMRECIST
from criteria.irecist import IRECIST
from criteria.irrc import IRRC
from criteria.irrecist import IRRECIST
from criteria.itrecist import ITRECIST
from criteria.recist_1_1 import RECIST_1_1
from criteria.who import MWHO, WHO

CRITERIA = MappingProxyType(
    {declared.name: declared for declared in (WHO, MWHO, RECIST_1_1, IRRC, IRRECIST, IRECIST, IMRECIST, ITRECIST)}
)


class UnknownCriterionError(ValueError):
    """A criterion id that is not in the registry."""


def criterion(name: str, **options: Any) -> Morphologic:
    """The declared criterion of that id, with options other than the defaults where given (section 14)."""
    if name not in CRITERIA:
        raise UnknownCriterionError(f"unknown criterion {name!r}; criteria are: {', '.join(CRITERIA)}")
    return CRITERIA[name].with_options(options)
