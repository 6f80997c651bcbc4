"""iPERCIST's unconfirmed progression: opened, confirmed, void, or confirmed clinically (IP-3 to IP-10)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from criteria.metabolic.declaration import Metabolic, Rise
from criteria.metabolic.lesions import AT, KEY

EARLY, LATE, RESET, AFTER = "EARLY_SCAN", "LATE_CONFIRM", "PSEUDOPROGRESSION", "POST_PROGRESSION"
Array = npt.NDArray[np.float64]


def confirmed(
    scans: pl.DataFrame, grid: pl.DataFrame, clinical: pl.DataFrame, subjects: pl.DataFrame, declared: Metabolic
) -> pl.DataFrame:
    """The scans with ``overall`` PD turned into UPD or CPD, the first scan of the run, and the flags of the course.

    ``scans`` is in order of date; ``clinical`` is core.clinical_status. Adds ``state_flag``, ``run_date``,
    ``state_clause`` and ``clinical_date``. A course in which the progression is confirmed stays there.
    """
    course = scans.select(KEY).unique(maintain_order=True).with_row_index("course")
    rows = scans.join(course, on=KEY, how="left", maintain_order="left").with_columns(
        position=pl.int_range(pl.len()).over("course")
    )
    shape = (course.height, int(rows["position"].max() or 0) + 1)  # type: ignore[arg-type]
    where = (rows["course"].to_numpy(), rows["position"].to_numpy())
    progressed, evaluable, exists = (np.zeros(shape, dtype=bool) for _ in range(3))
    exists[where] = True
    progressed[where] = (rows["overall"] == "PD").to_numpy()
    evaluable[where] = (rows["overall"] != "NE").to_numpy()
    day = np.zeros(shape)
    day[where] = rows["assessment_date"].to_physical().to_numpy()
    further = _Further(rows, grid, where, shape, declared.further_progression, declared.cmp_eps)
    after, before = declared.confirm_after_days or 0, declared.confirm_before_days
    n = np.arange(shape[0])
    opened, done = np.full(shape[0], -1), np.zeros(shape[0], dtype=bool)
    state = np.full(shape, "", dtype=object)
    flag = np.full(shape, None, dtype=object)
    run = np.full(shape, -1)
    for k in range(shape[1]):
        here, is_open = exists[:, k], opened >= 0
        over = here & done
        flag[over, k] = AFTER
        run[over, k] = opened[over]
        state[over, k] = "CPD"
        live = here & ~done
        gap = day[:, k] - day[n, np.maximum(opened, 0)]
        again = live & is_open & progressed[:, k]
        early = again & (gap < after)
        confirms = again & ~early & further.since(opened, k)
        void = live & is_open & evaluable[:, k] & ~progressed[:, k]
        opens = live & ~is_open & progressed[:, k]
        opened[opens] = k
        flag[early, k], flag[confirms & (gap > before), k], flag[void, k] = EARLY, LATE, RESET
        state[opens | (again & ~confirms), k] = "UPD"
        state[confirms, k] = "CPD"
        at = opens | again
        run[at, k] = opened[at]
        opened[void] = -1
        done |= confirms
    last = np.where(progressed & exists, np.arange(shape[1]), -1).max(axis=1)
    waits = (opened >= 0) & ~done & (day[n, np.maximum(last, 0)] - day[n, np.maximum(opened, 0)] < after)
    rows = rows.with_columns(
        state=pl.Series(state[where].astype(str), dtype=pl.String),
        state_flag=pl.Series(list(flag[where]), dtype=pl.String),
        run=pl.Series(run[where]),
        last_of_run=pl.Series((waits & (last >= 0))[where[0]] & (last[where[0]] == where[1])),
    )
    dates = rows.select("course", "assessment_date", run="position").rename({"assessment_date": "run_date"})
    rows = rows.join(dates, on=["course", "run"], how="left", maintain_order="left")
    rows = _clinically(rows, clinical, subjects, declared)
    by_scan = (
        pl.when(pl.col("state") == "CPD")
        .then(pl.lit("IP-6"))
        .when(pl.col("state_flag") == EARLY)
        .then(pl.lit("IP-5"))
        .when(pl.col("state") == "UPD")
        .then(pl.lit("IP-3"))
        .when(pl.col("state_flag") == RESET)
        .then(pl.lit("IP-7"))
    )
    return rows.with_columns(
        overall=pl.when(pl.col("clinical_date").is_not_null())
        .then(pl.lit("CPD_CLINICAL"))
        .when(pl.col("state") != "")
        .then("state")
        .otherwise("overall"),
        state_clause=pl.when(pl.col("clinical_date").is_not_null()).then(pl.lit("IP-8")).otherwise(by_scan),
    ).drop("course", "position", "state", "run", "last_of_run")


class _Further:
    """Whether a progression has gone on since the scan that opened it (IP-6, FURTHER_PROGRESSION)."""

    def __init__(
        self,
        rows: pl.DataFrame,
        grid: pl.DataFrame,
        where: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
        shape: tuple[int, int],
        rise: Rise | None,
        eps: float,
    ) -> None:
        self.rise, self.eps, self.shape = rise, eps, shape
        if rise is None:
            return
        self.total: Array = np.full(shape, np.nan)
        self.total[where] = rows["total"].to_numpy().astype(float)
        new = grid.filter("new").join(rows.select(*AT, "course", "position"), on=AT)
        slots = new.select("course", "lesion_id").unique(maintain_order=True)
        slots = slots.with_columns(slot=pl.int_range(pl.len()).over("course"))
        new = new.join(slots, on=["course", "lesion_id"])
        count = int(slots["slot"].max() or 0) + 1  # type: ignore[arg-type]
        self.seen = np.zeros((*shape, count), dtype=bool)
        self.value: Array = np.full((*shape, count), np.nan)
        at = tuple(new[name].to_numpy() for name in ("course", "position", "slot"))
        self.seen[at] = True
        self.value[at] = new["value"].to_numpy().astype(float)

    def since(self, opened: npt.NDArray[np.int64], k: int) -> npt.NDArray[np.bool_]:
        """Per course: a further rise, a further new lesion, or a new lesion that rose, at position ``k``."""
        n = np.arange(self.shape[0])
        if self.rise is None:
            return np.ones(self.shape[0], dtype=bool)
        at = np.maximum(opened, 0)
        rose = self._rises(self.total[n, at], self.total[:, k], self.rise.absolute)
        more = np.any(self.seen[:, k] & ~self.seen[n, at], axis=1)
        grew = np.any(self._rises(self.value[n, at], self.value[:, k], 0.0), axis=1)
        return np.asarray((opened >= 0) & (rose | more | grew))

    def _rises(self, before: Array, now: Array, absolute: float) -> npt.NDArray[np.bool_]:
        rise, eps = self.rise or Rise(30.0), self.eps
        with np.errstate(invalid="ignore", divide="ignore"):
            relative = 100 * (now - before) / before >= rise.percent - eps * max(1.0, rise.percent)
            enough = now - before >= absolute - eps * max(1.0, absolute)
        return np.asarray(relative & enough & (before > 0))


def _clinically(
    rows: pl.DataFrame, clinical: pl.DataFrame, subjects: pl.DataFrame, declared: Metabolic
) -> pl.DataFrame:
    """``clinical_date``: deterioration with the end of treatment where no confirming scan was made (IP-8)."""
    if not declared.clinical_confirmation:
        return rows.with_columns(clinical_date=pl.lit(None, pl.Date))
    who = ["study_id", "subject_id"]
    stopped = subjects.select(*who, "discontinuation_date")
    worse = clinical.filter(
        pl.any_horizontal(
            pl.col("clinical_progression").fill_null(False),
            pl.col("rapid_deterioration").fill_null(False),
            (pl.col("clinically_stable") == pl.lit(False)).fill_null(False),
        )
    ).select(*who, "treatment_stopped", deteriorated="assessment_date")
    found = (
        rows.filter("last_of_run")
        .join(worse, on=who)
        .join(stopped, on=who, how="left")
        .filter(pl.col("deteriorated") >= pl.col("run_date"))
        .filter(pl.col("treatment_stopped").fill_null(False) | (pl.col("discontinuation_date") >= pl.col("run_date")))
        .group_by(AT)
        .agg(clinical_date=pl.col("deteriorated").min())
    )
    return rows.join(found, on=AT, how="left", maintain_order="left")
