"""What a release says that the one before did not: responses, queries, files and subjects."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from dashboard.published import frame
from warehouse.releases import Release, Releases

COMPARED = ("subject_id", "evaluator", "criterion", "origin")
CHANGED = ("best_response", "confirmed_best_response", "progression_date")
RESPONSES = f"select {', '.join((*COMPARED, *CHANGED))} from analysis.best_response"


@dataclass(frozen=True, slots=True)
class Changes:
    """The differences between a release and the one before it."""

    before: Release
    responses: pl.DataFrame
    files: pl.DataFrame
    queries_opened: int
    queries_resolved: int
    subjects_added: int

    def counts(self) -> dict[str, int]:
        """How many there are of each kind."""
        return {
            "responses changed": self.responses.height,
            "files new or changed": self.files.height,
            "subjects added": self.subjects_added,
            "queries opened": self.queries_opened,
            "queries resolved": self.queries_resolved,
        }

    def told(self) -> str:
        """The kinds that are not zero, in one line."""
        return ", ".join(f"{count:,} {name}" for name, count in self.counts().items() if count) or "nothing"


def release_before(releases: Releases, release: Release) -> Release | None:
    """The newest release that is older than this one."""
    earlier = [known for known in releases.list() if known.release_id < release.release_id]
    return max(earlier, key=lambda known: known.release_id, default=None)


def changes(before: Release, release: Release) -> Changes:
    """Compare two releases of one study and of one kind."""
    old_files, new_files = (frame(one, "select source_name, sha256 from audit.source") for one in (before, release))
    queries = frame(
        release,
        "select count(*) filter (opened_at > $since) as opened, "
        "count(*) filter (status = 'RESOLVED' and resolved_at > $since) as resolved from quality.query",
        since=before.published_at,
    )
    old_subjects, new_subjects = (frame(one, "select subject_id from core.subject") for one in (before, release))
    return Changes(
        before=before,
        responses=changed_responses(frame(before, RESPONSES), frame(release, RESPONSES)),
        files=new_files.join(old_files, on=["source_name", "sha256"], how="anti").sort("source_name"),
        queries_opened=queries["opened"].item(),
        queries_resolved=queries["resolved"].item(),
        subjects_added=new_subjects.join(old_subjects, on="subject_id", how="anti").height,
    )


def changed_responses(before: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Best responses and progressions that are others than in the rows of an earlier release (`RESPONSES`)."""
    joined = now.join(before, on=COMPARED, how="full", suffix="_before", coalesce=True)
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_before")) for name in CHANGED)
    in_pairs = [column for name in CHANGED for column in (f"{name}_before", name)]
    return joined.filter(differs).select(*COMPARED, *in_pairs).sort(COMPARED)
