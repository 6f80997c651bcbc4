"""Tables that faults are planted in: rows with lasting numbers, so that a planted row is found again at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

ROW = "_row"


class NoSubjectError(LookupError):
    """No subject is left in whom the fault can be planted."""


class Sheets:
    """Tables by name, each row with a number of its own that stays when rows come and go."""

    def __init__(self, frames: Mapping[str, pl.DataFrame]) -> None:
        self._frames = {name: frame.with_row_index(ROW) for name, frame in frames.items()}
        self._next = max((frame.height for frame in frames.values()), default=0)

    def __contains__(self, name: str) -> bool:
        return name in self._frames

    def rows(self, name: str, *where: pl.Expr) -> pl.DataFrame:
        """The rows of a table for which the conditions hold, with their numbers in `ROW`."""
        if name not in self._frames:
            raise NoSubjectError(f"the trial has no rows of {name}")
        frame = self._frames[name]
        return frame.filter(*where) if where else frame

    def change(self, name: str, rows: Sequence[int], **values: Any) -> None:
        """Write values (constants or expressions) into columns of the rows; a column that is not there comes last."""
        frame = self._frames[name]
        new = [pl.lit(None, dtype=pl.String).alias(column) for column in values if column not in frame.columns]
        frame = frame.with_columns(new)
        chosen = pl.col(ROW).is_in(list(rows))
        self._frames[name] = frame.with_columns(
            pl.when(chosen)
            .then(value if isinstance(value, pl.Expr) else pl.lit(value))
            .otherwise(column)
            .cast(frame.schema[column])
            .alias(column)
            for column, value in values.items()
        )

    def remove(self, name: str, rows: Sequence[int]) -> None:
        """Take rows out."""
        self._frames[name] = self._frames[name].filter(~pl.col(ROW).is_in(list(rows)))

    def add(self, name: str, rows: pl.DataFrame, **values: Any) -> list[int]:
        """Put copies of rows, with other values, behind their originals; the numbers of the copies."""
        frame = self._frames[name]
        numbers = list(range(self._next, self._next + rows.height))
        self._next += rows.height
        changed = rows.with_columns(
            (value if isinstance(value, pl.Expr) else pl.lit(value)).cast(frame.schema[column]).alias(column)
            for column, value in values.items()
        )
        copies = changed.with_columns(pl.Series(ROW, numbers, dtype=frame.schema[ROW])).select(frame.columns)
        behind = rows[ROW].max()
        at = frame.with_row_index("_at").filter(pl.col(ROW) == behind)["_at"]
        cut = at[0] + 1 if at.len() else frame.height
        self._frames[name] = pl.concat([frame.head(cut), copies, frame.slice(cut)])
        return numbers

    def frames(self) -> dict[str, pl.DataFrame]:
        """The tables as they stand now."""
        return {name: frame.drop(ROW) for name, frame in self._frames.items()}

    def position(self, name: str, row: int) -> int | None:
        """Place of a numbered row in its table, from 0; None when it is there no longer."""
        found = self._frames[name].with_row_index("_at").filter(pl.col(ROW) == row)["_at"]
        return int(found[0]) if found.len() else None
