"""Rows of a course as a criterion understands them, before any sum is made: roles, treated lesions, second thoughts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from tests.oracle.reading import Course, Reading, Row, TimePoint, arrange, axes, by_pet, diameter, is_fragment, there


def read_course(rows: Iterable[Row], reading: Reading) -> Course:
    """Arrange the rows of one course; rows before baseline and lesions called NEW at baseline are left out."""
    rows = [row for row in rows if row["timepoint"] >= 0]
    wrong = {
        row["lesion_id"] for row in rows if row["role"] == "NEW" and row["timepoint"] == 0 and there(row, diameter(row))
    }
    rows = [
        row for row in rows if row["lesion_id"] not in wrong and not (row["role"] == "NEW" and row["timepoint"] == 0)
    ]
    rows = understood(rows, reading)
    points = arrange(rows)
    baseline = next((point for point in points if point.number == 0), None)
    followups = [point for point in points if point.number > 0]
    first: dict[str, Row] = {}
    first_row_at: dict[str, tuple[date, int]] = {}
    for point in points:
        for lesion, row in point.rows.items():
            if lesion not in first:
                first[lesion] = row
                first_row_at[lesion] = (date.min, 0) if point is baseline else (point.date, point.number)
    by_role: dict[str, list[str]] = {"TARGET": [], "NON-TARGET": [], "NEW": []}
    for lesion in sorted(first):
        by_role[first[lesion]["role"]].append(lesion)
    fragments = [lesion for lesion in by_role["TARGET"] if is_fragment(first[lesion])]
    targets = [lesion for lesion in by_role["TARGET"] if lesion not in fragments]
    left_at: dict[str, tuple[date, int]] = {}
    if reading.local_therapy_target == "drop_and_rebaseline":
        for point in followups:
            for lesion, row in point.rows.items():
                if row["role"] == "TARGET" and row.get("treated"):
                    left_at.setdefault(lesion, (point.date, point.number))
    return Course(
        baseline,
        followups,
        targets,
        fragments,
        by_role["NON-TARGET"],
        by_role["NEW"],
        first_row_at,
        reading,
        any(by_pet(row) for row in rows if row["timepoint"] == 0),
        left_at,
    )


def understood(rows: list[Row], reading: Reading) -> list[dict[str, Any]]:
    """The rows with the roles, states and marks that count for the criterion."""
    by_lesion: dict[str, list[dict[str, Any]]] = {}
    points = arrange(rows)
    for point in points:
        for lesion, row in point.rows.items():
            by_lesion.setdefault(lesion, []).append(dict(row))
    for records in by_lesion.values():
        role = records[0]["role"]
        may_count = countable(records, reading)
        only_one = reading.unidimensional and not any(has_perpendicular(row) for row in records)
        for row in records:
            row.update(role=role, countable=may_count, unidimensional=only_one)
    for lesion in others(by_lesion, points, reading):
        for row in by_lesion[lesion]:
            row["role"] = "NON-TARGET"
    for lesion, records in by_lesion.items():
        if records[0]["role"] == "TARGET":
            by_lesion[lesion] = treated(records, points, reading)
        if records[0]["role"] != "NEW" and reading.cr_reappearance == "downgrade_first_cr_to_pr":
            overlook(by_lesion[lesion], reading)
    return [row for records in by_lesion.values() for row in records]


def has_perpendicular(row: dict[str, Any]) -> bool:
    """A second diameter was measured, of a node its short axis."""
    return row["perpendicular_mm"] is not None or (row["is_node"] and row["short_axis_mm"] is not None)


def countable(records: list[dict[str, Any]], reading: Reading) -> bool:
    """R11-BL-04, R11-BL-05: the reader's word decides, else whether the lesion was treated before the baseline."""
    said = next((row["measurable"] for row in records if row.get("measurable") is not None), None)
    if said is not None:
        return bool(said)
    before = any(row.get("prior_local_therapy") for row in records) or bool(
        records[0]["timepoint"] == 0 and records[0].get("local_therapy")
    )
    return reading.treated_measurable or not before


def others(by_lesion: dict[str, list[dict[str, Any]]], points: list[TimePoint], reading: Reading) -> set[str]:
    """Lesions read as targets that are none of the criterion's: too many, too small or not measurable."""
    if reading.target_selection == "as_read":
        return set()
    targets = {lesion: rows for lesion, rows in by_lesion.items() if rows[0]["role"] == "TARGET"}
    whole = sorted(lesion for lesion, rows in targets.items() if not is_fragment(rows[0]))
    early = {point.number for point in points if point.number == 0}
    early |= {point.number for point in [p for p in points if p.number > 0][:1]}

    def at_baseline(lesion: str) -> int | None:
        row = targets[lesion][0]
        return reading.size(row) if row["timepoint"] == 0 else None

    def kind(lesion: str) -> bool:
        if reading.injected is not None:
            return any(row.get("injected") for row in targets[lesion] if row["timepoint"] in early)
        return reading.skin is not None and "skin" in str(targets[lesion][0]["organ"])

    chosen: list[str] = []
    for lesion in sorted(whole, key=lambda one: (-(-1 if at_baseline(one) is None else at_baseline(one) or 0), one)):
        if not targets[lesion][0]["countable"] or too_small(targets[lesion][0], at_baseline(lesion), reading):
            continue
        alike = [one for one in chosen if kind(one) == kind(lesion)]
        organ = [one for one in alike if reading.organ(targets[one][0]) == reading.organ(targets[lesion][0])]
        most = (reading.skin if reading.injected is None else reading.injected) if kind(lesion) else reading.total
        if (most is None or len(alike) < most) and (reading.per_organ is None or len(organ) < reading.per_organ):
            chosen.append(lesion)
    out = set(whole) - set(chosen)
    for _ in targets:
        out |= {
            lesion
            for lesion, rows in targets.items()
            if is_fragment(rows[0]) and rows[0]["other_lesion_id"] in out and lesion not in whole
        }
    return out


def too_small(row: Row, size: int | None, reading: Reading) -> bool:
    """IRC-04, WHO-02: a lesion with a known size below the least one of an index lesion."""
    if reading.least is None or size is None:
        return False
    if row["state"] in ("ABSENT", "MERGED"):
        return True
    both = axes(row)
    return both is None or min(both) < reading.least or size == 0


def treated(records: list[dict[str, Any]], points: list[TimePoint], reading: Reading) -> list[dict[str, Any]]:
    """R11-FU-06: what local therapy after the baseline makes of a target."""
    if records[0]["timepoint"] == 0 and records[0].get("local_therapy"):
        return records
    by_number = {row["timepoint"]: row for row in records}
    kinds: set[str] = set()
    out = []
    for point in points:
        row = by_number.get(point.number)
        if row is not None and row.get("local_therapy") and point.number > 0:
            kinds.add(row["local_therapy"])
        if kinds and reading.local_therapy_target == "drop_and_rebaseline":
            out += [row | {"treated": True}] if row is not None else []
            continue
        if kinds and not point.not_done() and (row is None or row["state"] != "NOT_DONE"):
            if reading.local_therapy_target == "absent_zero" and "SURGERY" in kinds:
                first_scan = min(other["assessment_date"] for other in point.rows.values())
                unseen = records[0] | {"timepoint": point.number, "assessment_date": first_scan}
                row = (row or unseen) | {"state": "ABSENT"}
            elif row is not None:
                row = row | {"state": "NOT_EVALUABLE"}
        out += [row] if row is not None else []
    return out


def overlook(records: list[dict[str, Any]], reading: Reading) -> None:
    """CR-01: a lesion that was only indistinct when it was called absent was there; marks those earlier rows."""
    for later, row in enumerate(records):
        if not row.get("indistinct_before") or not there(row, reading.size(row)):
            continue
        for earlier in reversed(records[:later]):
            if there(earlier, reading.size(earlier)):
                break
            if earlier["state"] == "ABSENT":
                earlier["overlooked"] = True
