"""Declared tables: the one place where a table's columns, types, keys, units and meanings stand.

A package declares the tables it makes beside the code that makes them; the warehouse derives DDL, column
comments, frame checks and the data dictionary from these declarations.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

Dtype = type[pl.DataType] | pl.DataType


class ContractError(ValueError):
    """A frame does not fit the declaration of its table."""


@dataclass(frozen=True, slots=True)
class Column:
    """One declared column.

    ``allowed`` lists the permitted values of a coded column; a column of the table's key is never null.
    """

    name: str
    dtype: Dtype
    meaning: str
    unit: str | None = None
    allowed: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One declared table ``layer.name``: its columns in order, its key and one sentence of meaning."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        duplicated = {name for name in names if names.count(name) > 1}
        unknown = set(self.key) - set(names)
        if duplicated or unknown:
            raise ContractError(f"table {self.name}: duplicated columns {duplicated}, unknown key columns {unknown}")

    @property
    def schema(self) -> dict[str, Dtype]:
        """Column name to Polars type, in declared order."""
        return {column.name: column.dtype for column in self.columns}

    def empty(self) -> pl.DataFrame:
        """A frame of this table without rows."""
        return pl.DataFrame(schema=self.schema)

    def conform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame in the declared column order and types.

        Columns the declaration has and the frame has not become null; a column the declaration lacks, a value
        that cannot be cast, a null or a repeated key, or a value outside ``allowed`` raises `ContractError`.
        """
        surplus = [name for name in frame.columns if name not in self.schema]
        if surplus:
            raise ContractError(f"{self.name}: columns not declared: {', '.join(surplus)}")
        missing = [pl.lit(None, dtype=c.dtype).alias(c.name) for c in self.columns if c.name not in frame.columns]
        try:
            conformed = frame.with_columns(missing).select(
                pl.col(c.name).cast(c.dtype, strict=True) for c in self.columns
            )
        except pl.exceptions.PolarsError as error:
            raise ContractError(f"{self.name}: {error}") from error
        self._check_key(conformed)
        self._check_codes(conformed)
        return conformed

    def _check_key(self, frame: pl.DataFrame) -> None:
        if not self.key:
            return
        for name in self.key:
            if frame[name].null_count():
                raise ContractError(f"{self.name}: {frame[name].null_count()} rows without key column {name}")
        repeated = frame.select(self.key).is_duplicated()
        if repeated.any():
            first = frame.filter(repeated).select(self.key).row(0, named=True)
            raise ContractError(f"{self.name}: {repeated.sum()} rows share a key, first: {first}")

    def _check_codes(self, frame: pl.DataFrame) -> None:
        for column in self.columns:
            if column.allowed is None:
                continue
            wrong = frame[column.name].drop_nulls().unique().cast(pl.String).to_list()
            wrong = sorted(set(wrong) - set(column.allowed))
            if wrong:
                raise ContractError(f"{self.name}.{column.name}: {wrong} not among {list(column.allowed)}")
