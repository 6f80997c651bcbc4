"""Verifying the releases of a study: files, audit chain, and the counts of findings and queries over the releases."""

from __future__ import annotations

import polars as pl

from assets.code_version import code_version
from nadir.published import query
from quality.data_quality import data_quality, disagreements
from quality.tables import DATA_QUALITY, FINDING, QUERY, RULE
from warehouse.releases import Release, Releases, contents


def problems_of(releases: Releases) -> list[str]:
    """What is wrong with the releases, each problem with its release; empty = they are as they were published."""
    told = []
    known = {release.release_id: release for release in releases.list()}
    for release_id, release in known.items():
        found = releases.verify(release_id)
        if not found and DATA_QUALITY.name in contents(release):
            found = _counts(release, known)
        told += [f"{release_id}: {problem}" for problem in found]
    return told


def _counts(release: Release, known: dict[str, Release]) -> list[str]:
    """The counts are made anew where the program is the one that made them, and compared with the release before."""
    manifest = release.manifest()
    before = known.get(str(manifest["previous_release_id"]))
    own = earlier = None
    if manifest["code_version"] == code_version():
        findings, queries, rules = (query(release, f"FROM {table.name}") for table in (FINDING, QUERY, RULE))
        own = data_quality(findings, queries, rules, release.release_id)
    if before is not None and DATA_QUALITY.name in contents(before):
        earlier = _held(before)
    return disagreements(_held(release), own, earlier, release.release_id)


def _held(release: Release) -> pl.DataFrame:
    return DATA_QUALITY.conform(query(release, f"FROM {DATA_QUALITY.name}"))
