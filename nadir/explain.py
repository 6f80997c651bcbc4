"""Courses on the terminal: criteria side by side, visit by visit, with the rule and the sentence for each response."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from nadir.errors import UserError
from nadir.published import best_of, course_of, query
from nadir.show import table
from warehouse.releases import Release

VISIT = ("timepoint", "visit", "assessment_date")
READ = ("subject_id", "evaluator", "origin")


def explained_course(release: Release, subject: str, evaluator: str | None) -> Iterator[RenderableType]:
    """The published course of a subject, reader by reader."""
    course = course_of(release, subject, evaluator)
    if course.is_empty():
        readers = query(release, "SELECT DISTINCT evaluator FROM analysis.timepoint_response ORDER BY 1")
        by = f" by {evaluator!r}; evaluators: {', '.join(readers['evaluator'])}" if evaluator else ""
        raise UserError(f"release {release.release_id} has no responses of subject {subject!r}{by}")
    yield from explained(course, best_of(release, subject, evaluator))


def explained(responses: pl.DataFrame, best: pl.DataFrame) -> Iterator[RenderableType]:
    """Time point and best responses (analysis.timepoint_response, analysis.best_response), reader by reader."""
    for (subject, reader, origin), read in responses.group_by(READ, maintain_order=True):
        title = f"{subject} · {reader} · {str(origin).lower()} responses"
        side_by_side = read.pivot(on="criterion", index=VISIT, values="overall_response").sort(VISIT)
        yield Text("")
        yield table(side_by_side, title)
        for (criterion,), visits in read.group_by("criterion", maintain_order=True):
            yield Text(f"\n{criterion}", style="bold")
            for row in visits.iter_rows(named=True):
                response = row["overall_response"] or "-"
                yield Text(f"  {row['assessment_date']}  {row['visit'] or '':<14} {response:<18} {row['clause']}")
                yield Padding(Text(row["explanation"], style="dim"), (0, 0, 0, 6))
        yield Text("")
        yield table(_best(best, str(subject), str(reader), str(origin)), "Best responses")


def _best(best: pl.DataFrame, subject: str, reader: str, origin: str) -> pl.DataFrame:
    same = (pl.col("subject_id") == subject) & (pl.col("evaluator") == reader) & (pl.col("origin") == origin)
    return (
        best.filter(same)
        .select("criterion", "explanation", best="best_response", confirmed="confirmed_best_response")
        .select("criterion", "best", "confirmed", "explanation")
    )
