"""Downloads: any table of a release, and the result of a query, as CSV or Parquet."""

from __future__ import annotations

import io
from collections.abc import Callable

import polars as pl
from flask import Flask, Response, request

from dashboard.context import Visitor
from dashboard.published import NotPublishedError, Published
from dashboard.router import opened
from dashboard.sql import SqlError, run
from warehouse.errors import WarehouseError
from warehouse.releases import Release

KINDS = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
ALL_ROWS = 5_000_000


def register(server: Flask, published: Published, visitor: Callable[[], Visitor], trusted: bool) -> None:
    """The addresses /download/STUDY/query.KIND?q=... and /download/STUDY/LAYER.TABLE.KIND."""

    @server.get("/download/<study>/query.<kind>")
    def query(study: str, kind: str) -> Response:
        return answered(study, kind, "query", lambda release: request.args.get("q", ""))

    @server.get("/download/<study>/<layer>.<table>.<kind>")
    def table(study: str, layer: str, table: str, kind: str) -> Response:
        def statement(release: Release) -> str:
            name = f"{layer}.{table}"
            if name not in known_tables(release):
                raise NotPublishedError(f"The release has no table {name}.")
            return f"from {name}"

        return answered(study, kind, f"{layer}.{table}", statement)

    def answered(study: str, kind: str, name: str, statement: Callable[[Release], str]) -> Response:
        if kind not in KINDS:
            return Response(f"Downloads are {', '.join(KINDS)}, not {kind}.", 404, mimetype="text/plain")
        try:
            release = published.release(opened(published, study, visitor(), trusted).name)
            rows = run(release.database, statement(release), rows=ALL_ROWS).rows
        except (NotPublishedError, WarehouseError) as error:
            return Response(str(error), 404, mimetype="text/plain")
        except SqlError as error:
            return Response(str(error), 400, mimetype="text/plain")
        file = f"{study}_{release.release_id}_{name}.{kind}"
        return Response(
            encoded(rows, kind),
            mimetype=KINDS[kind],
            headers={"Content-Disposition": f'attachment; filename="{file}"'},
        )


def known_tables(release: Release) -> set[str]:
    """The tables and views of a release as layer.table."""
    listed = "select table_schema || '.' || table_name as name from information_schema.tables"
    return set(run(release.database, f"{listed} where table_catalog = 'release'").rows["name"])


def encoded(rows: pl.DataFrame, kind: str) -> bytes:
    """The rows as a file of that kind."""
    buffer = io.BytesIO()
    if kind == "csv":
        rows.write_csv(buffer)
    else:
        rows.write_parquet(buffer)
    return buffer.getvalue()
