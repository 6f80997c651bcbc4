"""The known name that a mistyped one is nearest to, for the remedy of a message."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known name most like ``name``; None when none is like it."""
    return next(iter(get_close_matches(name, list(known), n=1, cutoff=cutoff)), None)


def did_you_mean(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """``" (did you mean 'x'?)"`` for the known name most like ``name``; empty when none is like it."""
    found = nearest(name, known, cutoff)
    return "" if found is None else f" (did you mean {found!r}?)"
