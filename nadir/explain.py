"""Courses on the terminal: all criteria side by side, then visit by visit the rule and the sentence of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from criteria.registry import CRITERIA
from nadir.errors import UserError
from nadir.published import best_of, course_of, query
from nadir.show import table
from warehouse.releases import Release

READ = ("subject_id", "evaluator", "origin")
ORDER = {name: place for place, name in enumerate(CRITERIA)}
VISIT_WIDTH, CRITERION_WIDTH, WIDE = 14, 16, 110


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
    for (subject, reader, origin), read in in_order(responses).group_by(READ, maintain_order=True):
        yield Text("")
        yield Text(f"{subject} · {reader} · {str(origin).lower()} responses", style="bold")
        yield SideBySide(read)
        for (number,), visit in read.sort("timepoint", maintain_order=True).group_by("timepoint", maintain_order=True):
            first = visit.row(0, named=True)
            yield Text("")
            named = f"{first['visit']} · " if first["visit"] else ""
            yield Text(f"{named}{first['assessment_date']} · time point {number}", style="bold")
            yield Sentences(grouped(visit))
        yield Text("")
        yield table(_best(best, str(subject), str(reader), str(origin)), "Best responses")


def in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows with the criteria in the order of the registry, otherwise as they were."""
    place = pl.col("criterion").replace_strict(ORDER, default=len(ORDER), return_dtype=pl.Int32)
    return frame.sort(*READ, place, "criterion", maintain_order=True)


def grouped(visit: pl.DataFrame) -> list[tuple[str, str, str, str]]:
    """Criteria, response, rule and sentence of a visit; criteria of which all three are the same stand together."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for row in visit.iter_rows(named=True):
        response = row["overall_response"] or "-"
        said = row["explanation"].removeprefix(f"{response}; ")
        found.setdefault((response, row["clause"], said), []).append(row["criterion"])
    return [(", ".join(names), *said) for said, names in found.items()]


class SideBySide:
    """One row a criterion, one column a visit; as many visits beside each other as the terminal is wide."""

    def __init__(self, read: pl.DataFrame) -> None:
        self.read = read

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        visits = self.read.select("timepoint", "visit", "assessment_date").unique("timepoint").sort("timepoint")
        at_once = max(1, (options.max_width - CRITERION_WIDTH) // VISIT_WIDTH)
        for start in range(0, visits.height, at_once):
            yield self._table(visits.slice(start, at_once).rows())

    def _table(self, visits: Sequence[tuple[int, str | None, object]]) -> Table:
        shown = Table(header_style="bold")
        shown.add_column("criterion", no_wrap=True)
        for number, visit, date in visits:
            shown.add_column(f"{visit or number}\n{date}", min_width=10)
        numbers = [number for number, *_ in visits]
        for (criterion,), rows in self.read.group_by("criterion", maintain_order=True):
            of = dict(rows.select("timepoint", "overall_response").iter_rows())
            shown.add_row(str(criterion), *(of.get(number) or "" for number in numbers))
        return shown


class Sentences:
    """The sentences of a visit: beside the responses where the terminal is wide enough, else below them."""

    def __init__(self, rows: Sequence[tuple[str, str, str, str]]) -> None:
        self.rows = rows

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if options.max_width < WIDE:
            for criteria, response, clause, said in self.rows:
                yield Text.assemble(f"  {criteria}  ", (response, "bold"), f"  {clause}")
                yield Padding(Text(said, style="dim"), (0, 0, 0, 6))
            return
        grid = Table.grid(padding=(0, 2))
        for style, ratio in ((None, 3), ("bold", 2), (None, 3), ("dim", 12)):
            grid.add_column(style=style, ratio=ratio)
        for row in self.rows:
            grid.add_row(*row)
        yield Padding(grid, (0, 0, 0, 2))


def _best(best: pl.DataFrame, subject: str, reader: str, origin: str) -> pl.DataFrame:
    same = (pl.col("subject_id") == subject) & (pl.col("evaluator") == reader) & (pl.col("origin") == origin)
    return in_order(best.filter(same)).select(
        "criterion",
        pl.col("best_response").alias("best"),
        pl.col("confirmed_best_response").alias("confirmed"),
        "explanation",
    )
