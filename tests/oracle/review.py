"""The cause of a discordance between two readers of one subject, read row by row (rule of `cohorts.review`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Record = Mapping[str, Any]
Parts = tuple[str, str, str]

PLAIN = {"iCR": "CR", "iPR": "PR", "iSD": "SD", "iUPD": "PD", "iCPD": "PD", "NON-iCR/NON-iUPD": "NON-CR/NON-PD"}
NAMES = ("NEW LESION", "NON-TARGET", "TARGET")
COLUMNS = ("new_lesion", "nontarget_response", "target_response")
VISIBLE = {"MEASURED", "TOO_SMALL", "PRESENT", "INCREASED", "UNEQUIVOCAL_PROGRESSION", "UNEQUIVOCAL", "SPLIT"}


def plain(code: Any, missing: str) -> str:
    """A response without prefix, a progression whether confirmed or not."""
    return missing if code is None else PLAIN.get(code, code)


def overall(parts: Parts, criterion: str) -> str:
    """The table of 2.5 (RECIST 1.1, iRECIST) or of section 6 (imRECIST)."""
    new, nontarget, target = parts
    adds = criterion == "imRECIST"
    if target == "PD" or (not adds and (nontarget == "PD" or new == "Y")):
        return "PD"
    if target == "CR":
        return "CR" if nontarget in ("CR", "NA") and new != "Y" else "PR"
    if target != "NA":
        return target
    if adds and new == "Y" and nontarget != "NE":
        return "NON-CR/NON-PD"
    if nontarget == "NA":
        return "NE" if new == "NE" else "NED"
    return "NON-CR/NON-PD" if nontarget == "PD" else nontarget


def parts(response: Record) -> Parts:
    """New lesion, non-target, target."""
    return (
        response["new_lesion"] or "N",
        plain(response["nontarget_response"], "NA"),
        plain(response["target_response"], "NA"),
    )


def unread(code: Any) -> bool:
    """No response, or not evaluable."""
    return code is None or code == "NE"


def targets(rows: Sequence[Record]) -> list[tuple[bool, str]] | None:
    """Where the targets of the first assessment lie."""
    first = min((row["timepoint"] for row in rows), default=0)
    found = sorted(
        (bool(row["is_node"]), row["organ"].upper())
        for row in rows
        if row["timepoint"] == first and row["role"] == "TARGET"
    )
    return found or None


def facts(rows: Sequence[Record], timepoint: int) -> tuple[int, int, int]:
    """How many new lesions are seen, how many non-targets are said to increase, and the new lesions' size."""
    new = [r for r in rows if r["timepoint"] == timepoint and r["role"] == "NEW" and r["state"] in VISIBLE]
    grown = [
        r
        for r in rows
        if r["timepoint"] == timepoint
        and r["role"] == "NON-TARGET"
        and (r["state"] in ("INCREASED", "UNEQUIVOCAL_PROGRESSION") or r.get("change_from_previous") == "INCREASED")
    ]
    sizes = [r["short_axis_mm"] if r["is_node"] else r["longest_diameter_mm"] for r in new]
    return len(new), len(grown), sum(round(size * 100) for size in sizes if size is not None)


def cause(
    criterion: str, responses: Sequence[Sequence[Record]], best: Sequence[Record], rows: Sequence[Sequence[Record]]
) -> tuple[str, int | None] | None:
    """The cause and the time point, None for readers that agree; everything given for both readers."""
    if all(best[0][name] == best[1][name] for name in ("best_response", "progression_date")):
        return None
    by_number = [{r["timepoint"]: dict(r) for r in side} for side in responses]
    for side in by_number:
        for response in side.values():
            if response["overall_response"] == "NA":
                response["overall_response"] = None
    numbers = sorted(by_number[0].keys() | by_number[1].keys())
    stops = [b["progression_timepoint"] for b in best]
    if criterion == "RECIST 1.1" and None not in stops:
        numbers = [number for number in numbers if number <= max(stops)]
    nothing = dict.fromkeys((*COLUMNS, "overall_response", "assessment_date", "progression_date", "target_sum"))
    dates_differed, sums_differed = None, False
    for number in numbers:
        one, two = (side.get(number, nothing) for side in by_number)
        if dates_differed is None and any(one[n] != two[n] for n in ("assessment_date", "progression_date")):
            dates_differed = number
        sums_differed = sums_differed or one["target_sum"] != two["target_sum"]
        if one["overall_response"] != two["overall_response"]:
            return _at(criterion, one, two, number, rows, (sums_differed, dates_differed is not None)), number
    return ("DATE RULE", dates_differed) if dates_differed is not None else ("UNATTRIBUTED", None)


def _at(
    criterion: str,
    one: Record,
    two: Record,
    number: int,
    rows: Sequence[Sequence[Record]],
    so_far: tuple[bool, bool],
) -> str:
    if unread(one["overall_response"]) or unread(two["overall_response"]):
        return "NOT EVALUABLE"
    component = _component(criterion, one, two)
    of_target = "OTHER LESION CHOSEN" if targets(rows[0]) != targets(rows[1]) else "MEASUREMENT ACROSS A THRESHOLD"
    if component is not None:
        column = COLUMNS[NAMES.index(component)]
        if unread(one[column]) or unread(two[column]):
            return "NOT EVALUABLE"
        if component == "TARGET":
            added = criterion == "imRECIST" and one["new_lesion"] != two["new_lesion"]
            return "NEW LESION CALL" if added else of_target
        return f"{component} CALL"
    (new, grown, size), (new_2, grown_2, size_2) = facts(rows[0], number), facts(rows[1], number)
    for differs, found in (
        (new != new_2, "NEW LESION CALL"),
        (grown != grown_2, "NON-TARGET CALL"),
        (so_far[0], of_target),
        (size != size_2, "NEW LESION CALL"),
        (so_far[1], "DATE RULE"),
    ):
        if differs:
            return found
    return "UNATTRIBUTED"


def _component(criterion: str, one: Record, two: Record) -> str | None:
    mine, theirs = parts(one), parts(two)
    results = [plain(side["overall_response"], "NA") for side in (one, two)]
    differing = [k for k, column in enumerate(COLUMNS) if one[column] != two[column]]
    for k in differing:
        here = (*mine[:k], theirs[k], *mine[k + 1 :])
        there = (*theirs[:k], mine[k], *theirs[k + 1 :])
        explains = overall(here, criterion) == results[1] or overall(there, criterion) == results[0]  # type: ignore[arg-type]
        if explains and results[0] != results[1]:
            return NAMES[k]
    return NAMES[differing[0]] if differing else None
