"""New lesions: when one counts, which are measured, and how they grow (R11-NL-01 to -06, IR-03, IM-02)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from criteria.courses import HUNDREDTHS, NO_DATE, UNSEEN, Booleans, Courses, Integers, dense
from criteria.declaration import Morphologic, NewLesions
from criteria.vocabulary import Change, Role, State

SEEN = (
    State.MEASURED,
    State.PRESENT,
    State.TOO_SMALL,
    State.INCREASED,
    State.UNEQUIVOCAL,
    State.UNEQUIVOCAL_PROGRESSION,
    State.SPLIT,
    State.MERGED,
)
NEW_NODE_GROWTH_MM = 5
LESION = ("course", "lesion_id")
NOT_JOINED = -2
NOT_MEASURED = -1


@dataclass(frozen=True, slots=True)
class NewLesionCounts:
    """New lesions per course and position.

    ``sizes`` has the shape (courses, positions, slots): the size of each followed measurable new lesion in
    hundredths of a millimetre, `NOT_MEASURED` where it has no usable record, `NOT_JOINED` before it is followed;
    ``sizes_gone`` marks those that have gone (a node: below its normal short axis).
    """

    first_seen: Integers
    backdated: Integers
    known: Integers
    gone: Integers
    visible: Integers
    equivocal: Integers
    not_evaluable: Integers
    first_date: Integers
    grown: Integers
    progressed: Integers
    sizes: Integers
    sizes_gone: Booleans

    @property
    def remaining(self) -> Booleans:
        """Some new lesion is not known to have gone."""
        return self.known > self.gone


def read_new_lesions(courses: Courses, declared: Morphologic) -> NewLesionCounts:
    """The new lesions of all courses; records at the baseline cannot be new and are left out."""
    rows = courses.rows.filter((pl.col("role") == Role.NEW) & (pl.col("position") > 0))
    rows = _established(_certainty(rows.sort(*LESION, "position"), declared), declared)
    rows = _followed(rows, declared)
    established = rows.filter(pl.col("position") >= pl.col("first"))
    shape = courses.shape

    def count(condition: pl.Expr, of: pl.DataFrame = established) -> Integers:
        return dense(of.group_by("course", "position").agg(n=condition.sum()), "n", shape)

    gone = pl.col("gone")
    assessed = ~pl.col("state").is_in(UNSEEN)
    is_first = pl.col("position") == pl.col("first")
    first_seen = count(is_first)
    before = rows.filter(pl.col("first").is_null() | (pl.col("position") < pl.col("first")))
    dates = established.filter(is_first).group_by("course", "position").agg(pl.col("day").min())
    sizes, sizes_gone = _sizes(rows, courses, declared)
    return NewLesionCounts(
        first_seen=first_seen,
        backdated=count(is_first & ~pl.col("unequivocal")),
        known=np.cumsum(first_seen, axis=1),
        gone=count(gone & assessed),
        visible=count(assessed & ~gone),
        equivocal=count(pl.col("equivocal"), before),
        not_evaluable=count(pl.col("state").is_in(UNSEEN), before),
        first_date=dense(dates, "day", shape, empty=int(NO_DATE)),
        grown=count(_growth()),
        progressed=count(_unequivocal_growth()),
        sizes=sizes,
        sizes_gone=sizes_gone,
    )


def _certainty(rows: pl.DataFrame, declared: Morphologic) -> pl.DataFrame:
    """Unequivocal or equivocal, record by record; a node must reach its size first (R11-NL-03)."""
    seen = pl.col("state").is_in(SEEN) & (pl.col("size").is_null() | (pl.col("size") > 0))
    smallest_before = (
        pl.when(pl.col("size") > 0).then("size").cum_min().shift(1).forward_fill().over(LESION, order_by="position")
    )
    sized_node = pl.col("is_node") & pl.col("size").is_not_null()
    pathological = pl.col("size") >= declared.measure.normal_node_mm * HUNDREDTHS
    grew = pl.col("size") - smallest_before >= NEW_NODE_GROWTH_MM * HUNDREDTHS
    enough = {
        "ge10_and_plus5": pathological & grew.fill_null(True),
        "ge10": pathological,
        "ge15": pl.col("size") >= declared.targets.minimum_node_mm * HUNDREDTHS,
    }[declared.options.new_node_rule]
    unequivocal = seen & (~sized_node | enough)
    doubtful_node = seen & sized_node & pathological & ~enough
    equivocal_word = (pl.col("state") == State.EQUIVOCAL) & (~sized_node | pathological)
    return rows.with_columns(
        unequivocal=unequivocal.fill_null(False), equivocal=(equivocal_word | doubtful_node).fill_null(False)
    )


def _established(rows: pl.DataFrame, declared: Morphologic) -> pl.DataFrame:
    """The position at which each lesion counts as new, back to its first equivocal scan (R11-NL-02)."""
    sure = pl.col("position").filter("unequivocal").min()
    doubtful = pl.col("position").filter("equivocal").min()
    first = pl.min_horizontal(sure, doubtful) if declared.options.equivocal_backdate else sure
    return rows.with_columns(first=pl.when(sure.is_not_null()).then(first).over(LESION))


def _measurable(declared: Morphologic) -> pl.Expr:
    minimum = (
        pl.when("is_node").then(declared.targets.minimum_node_mm).otherwise(declared.targets.minimum_mm) * HUNDREDTHS
    )
    return (pl.col("size") >= minimum).fill_null(False)


def _followed(rows: pl.DataFrame, declared: Morphologic) -> pl.DataFrame:
    """Which new lesions are followed by size, from which position on (``joins``) and in which slot.

    Lesions are taken in the order in which they become measurable, larger ones first, at most ``per_organ`` and
    ``total`` (IR-03, IM-02). Where the sizes have a sum of their own the class is fixed when the lesion is first
    seen (IR-16); where they are added to the targets a lesion joins when it becomes measurable.
    """
    at = pl.col("position") >= pl.col("first")
    if declared.new_lesions is NewLesions.SEPARATE:
        at = pl.col("position") == pl.col("first")
    if declared.new_lesions is NewLesions.PROGRESSION:
        at = pl.lit(False)
    candidates = (
        rows.filter(at & _measurable(declared))
        .group_by(LESION)
        .agg(
            joins=pl.col("position").min(),
            joining_size=pl.col("size").sort_by("position").first(),
            organ=pl.col("organ").drop_nulls().sort_by("position").first(),
        )
        .sort("course", "joins", pl.col("joining_size") * -1, "lesion_id")
        .filter(pl.int_range(pl.len()).over("course", "organ") < declared.targets.per_organ)
        .with_columns(slot=pl.int_range(pl.len()).over("course"))
        .filter(pl.col("slot") < declared.targets.total)
    )
    return rows.join(candidates.select(*LESION, "joins", "slot"), on=LESION, how="left")


def _growth() -> pl.Expr:
    """Any growth of a known new lesion without a slot (C-NLNT): the reader's word, else its sizes."""
    unmeasured = pl.col("slot").is_null() & (pl.col("position") > pl.col("first"))
    word = (pl.col("change_from_previous") == Change.INCREASED) | pl.col("state").is_in(
        [State.INCREASED, State.UNEQUIVOCAL_PROGRESSION]
    )
    larger = pl.col("change_from_previous").is_null() & (
        pl.col("size") > pl.col("size").forward_fill().shift(1).over(LESION, order_by="position")
    )
    return unmeasured & (word.fill_null(False) | larger.fill_null(False))


def _unequivocal_growth() -> pl.Expr:
    """Growth that alone is progression: the reader's word, or a lesion that had gone and is back (IR-12, IR-14)."""
    known = pl.col("slot").is_null() & (pl.col("position") > pl.col("first"))
    was_gone = pl.col("gone").shift(1).over(LESION, order_by="position").fill_null(False)
    seen = ~pl.col("state").is_in(UNSEEN)
    return known & ((pl.col("state") == State.UNEQUIVOCAL_PROGRESSION) | (was_gone & seen & ~pl.col("gone")))


def _sizes(rows: pl.DataFrame, courses: Courses, declared: Morphologic) -> tuple[Integers, Booleans]:
    slots = declared.targets.total if declared.new_lesions is not NewLesions.PROGRESSION else 0
    sizes = np.full((*courses.shape, slots), NOT_JOINED, dtype=np.int64)
    followed = rows.filter(pl.col("slot").is_not_null())
    joins = followed.select("course", "slot", "joins").unique()
    joined_at = np.full((courses.shape[0], slots), courses.shape[1], dtype=np.int64)
    joined_at[joins["course"].to_numpy(), joins["slot"].to_numpy()] = joins["joins"].to_numpy()
    sizes[np.arange(courses.shape[1])[None, :, None] >= joined_at[:, None, :]] = NOT_MEASURED
    since = followed.filter((pl.col("position") >= pl.col("joins")) & pl.col("size").is_not_null())
    where = tuple(since[name].to_numpy() for name in ("course", "position", "slot"))
    sizes[where] = since["size"].to_numpy()
    sizes_gone = np.zeros(sizes.shape, dtype=bool)
    sizes_gone[where] = since["gone"].to_numpy()
    return sizes, sizes_gone
