"""Reading what the current release of the study holds, for tables that go on from it."""

import polars as pl

from assets.tables import BY_NAME
from protocol.study import Study
from warehouse.releases import Releases, contents, open_release


def published(study: Study, table: str) -> pl.DataFrame:
    """A declared table as the current release holds it, of a blinded study the unblinded one; empty without it.

    Columns that the release does not have are null, columns that are no longer declared are left out.
    """
    folder = study.unblinded_releases if study.protocol.blinding.blinded else study.releases
    release = Releases(folder).current()
    declared = BY_NAME[table]
    if release is None or table not in contents(release):
        return declared.empty()
    connection = open_release(release)
    try:
        found = connection.sql(f"FROM {table}").pl()
    finally:
        connection.close()
    return declared.conform(found.select(name for name in found.columns if name in declared.schema))
