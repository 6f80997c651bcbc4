"""How best responses move from RECIST 1.1 to another criterion, in one line of text."""

from __future__ import annotations

from collections import Counter

import polars as pl


def moves(best: pl.DataFrame, criterion: str) -> str:
    """``CR>iCR 3, PD>iUPD 5``: RECIST 1.1 > criterion, subjects; subjects without assessment are left out."""
    recist, other = (
        best.filter(pl.col("best_response") != "MISSING", criterion=name).select("subject_id", name="best_response")
        for name in ("RECIST 1.1", criterion)
    )
    pairs = Counter(recist.join(other, on="subject_id", validate="1:1").select("name", "name_right").iter_rows())
    return ", ".join(f"{old}>{new} {subjects}" for (old, new), subjects in sorted(pairs.items()))


def counts(best: pl.DataFrame, criterion: str) -> dict[str, int]:
    """Subjects by best response."""
    return dict(sorted(Counter(best.filter(criterion=criterion)["best_response"]).items()))
