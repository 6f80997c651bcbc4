"""A subject's course on the terminal: criterion by criterion, visit by visit, with the sentence for each."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from nadir.errors import UserError
from nadir.published import best_of, course_of, query
from nadir.show import table
from warehouse.releases import Release

SIDE_BY_SIDE = ("evaluator", "origin", "timepoint", "visit", "assessment_date")


def explained_course(release: Release, subject: str, evaluator: str | None) -> Iterator[RenderableType]:
    """The course side by side, then each response with its rule and explanation, then the best responses."""
    course = course_of(release, subject, evaluator)
    if course.is_empty():
        readers = query(release, "SELECT DISTINCT evaluator FROM analysis.timepoint_response ORDER BY 1")
        by = f" by {evaluator!r}; evaluators: {', '.join(readers['evaluator'])}" if evaluator else ""
        raise UserError(f"release {release.release_id} has no responses of subject {subject!r}{by}")
    side_by_side = course.pivot(on="criterion", index=SIDE_BY_SIDE, values="overall_response")
    yield table(side_by_side.sort(SIDE_BY_SIDE), f"{subject}: all criteria side by side (release {release.release_id})")
    for (reader, origin, criterion), visits in course.group_by("evaluator", "origin", "criterion", maintain_order=True):
        yield Text(f"\n{reader} · {criterion} · {str(origin).lower()}", style="bold")
        for row in visits.iter_rows(named=True):
            response = row["overall_response"] or "-"
            yield Text(f"  {row['assessment_date']}  {row['visit']:<14} {response:<18} [{row['clause']}]")
            yield Text(f"      {row['explanation']}", style="dim")
    yield Text("")
    yield table(best_of(release, subject, evaluator), "Best responses")
