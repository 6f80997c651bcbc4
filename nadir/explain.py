"""A subject's course on the terminal: criterion by criterion, visit by visit, with the sentence for each."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from nadir.errors import UserError
from nadir.published import best_of, course_of, query
from nadir.show import table
from warehouse.releases import Release

VISIT = ("timepoint", "visit", "assessment_date")


def explained_course(release: Release, subject: str, evaluator: str | None) -> Iterator[RenderableType]:
    """By reader: all criteria side by side, each response with its rule and numbers, and the best responses."""
    course = course_of(release, subject, evaluator)
    if course.is_empty():
        readers = query(release, "SELECT DISTINCT evaluator FROM analysis.timepoint_response ORDER BY 1")
        by = f" by {evaluator!r}; evaluators: {', '.join(readers['evaluator'])}" if evaluator else ""
        raise UserError(f"release {release.release_id} has no responses of subject {subject!r}{by}")
    best = best_of(release, subject, evaluator)
    for (reader, origin), read in course.group_by("evaluator", "origin", maintain_order=True):
        side_by_side = read.pivot(on="criterion", index=VISIT, values="overall_response").sort(VISIT)
        yield table(side_by_side, f"\n{subject} · {reader} · {str(origin).lower()} responses")
        for (criterion,), visits in read.group_by("criterion", maintain_order=True):
            yield Text(f"\n{criterion}", style="bold")
            for row in visits.iter_rows(named=True):
                response = row["overall_response"] or "-"
                yield Text(f"  {row['assessment_date']}  {row['visit']:<14} {response:<18} {row['clause']}")
                yield Padding(Text(row["explanation"], style="dim"), (0, 0, 0, 6))
        of_reader = best.filter((best["evaluator"] == reader) & (best["origin"] == origin))
        yield table(of_reader.drop("evaluator", "origin"), "\nBest responses")
