"""The patterns of one course in plain Python, one definition after the other, written from the rule book.

Rows are dicts with the columns of core.measurement and analysis.timepoint_response; answers are True, False or None
(not evaluable).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

Row = dict[str, Any]
Answer = bool | None
MONTH = Fraction(304375, 10000)
FAMILY = ("RECIST 1.1", "iRECIST", "itRECIST")
NOT_EVALUABLE = ("NE", "irNE", "NA", None)


def exact(number: float | None) -> Fraction | None:
    return None if number is None else Fraction(str(number))


def size(row: Row | None) -> Fraction | None:
    """The size that RECIST counts; None where there is none."""
    if row is None or row["state"] in ("NOT_EVALUABLE", "NOT_DONE"):
        return None
    if row["state"] == "ABSENT":
        return Fraction(0)
    stated = exact(row["short_axis_mm"] if row["is_node"] else row["longest_diameter_mm"])
    return Fraction(5) if row["state"] == "TOO_SMALL" and stated is None else stated


def before_therapy(when: date, subject: Row) -> bool:
    return subject["new_therapy_date"] is None or when < subject["new_therapy_date"]


def organ(row: Row) -> str:
    return "nodes" if row["is_node"] else row["organ"]


def there(row: Row) -> bool:
    """A new lesion that counts: sure, visible, no small node."""
    if row["role"] != "NEW" or row["timepoint"] <= 0:
        return False
    if row["state"] in ("NOT_EVALUABLE", "NOT_DONE", "ABSENT", "EQUIVOCAL"):
        return False
    here = size(row)
    return not (row["is_node"] and here is not None and here < 10)


class Reading:
    """One course: its rows by time point and lesion."""

    def __init__(self, rows: Sequence[Row], subject: Row) -> None:
        self.rows, self.subject = rows, subject
        self.targets = sorted({row["lesion_id"] for row in rows if row["role"] == "TARGET"})
        self.dates = {
            timepoint: max(row["assessment_date"] for row in rows if row["timepoint"] == timepoint)
            for timepoint in {row["timepoint"] for row in rows}
        }
        self.done = {row["timepoint"] for row in rows if row["state"] != "NOT_DONE"}

    def record(self, lesion: str, timepoint: int) -> Row | None:
        found = [row for row in self.rows if (row["lesion_id"], row["timepoint"]) == (lesion, timepoint)]
        return found[0] if found else None

    def sums(self, start: int, end: int) -> tuple[Fraction, Fraction] | None:
        """Sums of the targets measured at both."""
        pairs = [(size(self.record(one, start)), size(self.record(one, end))) for one in self.targets]
        both = [(a, b) for a, b in pairs if a is not None and b is not None]
        return (sum((a for a, _ in both), Fraction(0)), sum((b for _, b in both), Fraction(0))) if both else None

    def earlier(self, least: int) -> int | None:
        if 0 not in self.done:
            return None
        gaps = [(self.dates[0] - self.dates[t]).days for t in self.done if t < 0]
        fit = [gap for gap in gaps if gap >= least]
        if not fit:
            return None
        return next(t for t in self.done if t < 0 and (self.dates[0] - self.dates[t]).days == min(fit))

    def first(self) -> int | None:
        if 0 not in self.done:
            return None
        later = [t for t in self.done if t > 0 and before_therapy(self.dates[t], self.subject)]
        return min(later, default=None)


def rate(sums: tuple[Fraction, Fraction] | None, days: int) -> float | None:
    if sums is None or 0 in sums:
        return None
    return 100 * (math.exp(3 * math.log(sums[1] / sums[0]) / float(days / MONTH)) - 1)


def plain(response: str | None) -> str | None:
    if response in NOT_EVALUABLE or response is None:
        return None
    if response.endswith(("UPD", "CPD")) and not response.startswith("NON"):
        return "PD"
    return response.removeprefix("i").removeprefix("r")


def both(*answers: Answer) -> Answer:
    """All must be known, and all must hold."""
    return None if None in answers else all(answers)


def any_false_denies(*answers: Answer) -> Answer:
    return False if False in answers else None if None in answers else True


def any_true_affirms(*answers: Answer) -> Answer:
    return True if True in answers else None if None in answers else False


def short_treatment(subject: Row, rows: Sequence[Row]) -> Answer:
    ends = [subject[name] for name in ("discontinuation_date", "death_date") if subject[name] is not None]
    if ends:
        return (min(ends) - subject["reference_date"]).days + 1 < 2 * MONTH
    known = [row["assessment_date"] for row in rows]
    known += [subject["last_alive_date"]] if subject["last_alive_date"] else []
    return False if (max(known) - subject["reference_date"]).days + 1 >= 2 * MONTH else None


def performance(subject: Row, visits: Sequence[Row], reading: str) -> Answer:
    start = subject["reference_date"]
    before = [visit for visit in visits if visit["date"] <= start]
    under = [visit["ecog"] for visit in visits if start < visit["date"] and (visit["date"] - start).days <= 2 * MONTH]
    if not before or not under:
        return None if not (reading == "ps_ge2" and under and max(under) < 2) else False
    baseline = max(before, key=lambda visit: visit["date"])["ecog"]
    if reading == "ps_ge2":
        return any(status >= 2 and status > baseline for status in under)
    return max(under) - baseline >= 2


def hyperprogression(
    rows: Sequence[Row], responses: Sequence[Row], subject: Row, visits: Sequence[Row], options: Any
) -> dict[str, Answer]:
    """Every definition of section 10 for one course under one criterion."""
    read = Reading(rows, subject)
    pre, first = read.earlier(options.ref_gap_min), read.first()
    ref = read.sums(pre, 0) if pre is not None else None
    exp = read.sums(0, first) if first is not None else None
    ref_days = (read.dates[0] - read.dates[pre]).days if pre is not None else 0
    exp_days = (read.dates[first] - read.dates[0]).days if first is not None else 0
    called = {row["timepoint"]: plain(row["overall_response"]) for row in responses}
    pd = None if first is None or called.get(first) is None else called[first] == "PD"
    ttf = short_treatment(subject, rows)
    accelerates = options.negative_ref_policy == "accelerated_if_exp_positive"

    tgr_ref, tgr_exp = rate(ref, ref_days), rate(exp, exp_days)
    delta = None if tgr_ref is None or tgr_exp is None else tgr_exp - tgr_ref

    def ratio(before: Any, after: Any, holds: Answer) -> Answer:
        if before is None or after is None:
            return None
        if before > 0:
            return holds
        return after > 0 if accelerates else None

    tgr_double = ratio(tgr_ref, tgr_exp, delta is not None and tgr_exp >= 2 * tgr_ref)  # type: ignore[operator]
    slope_ref = None if ref is None else (ref[1] - ref[0]) / ref_days
    slope_exp = None if exp is None else (exp[1] - exp[0]) / exp_days
    known = slope_ref is not None and slope_exp is not None
    tgk_double = ratio(slope_ref, slope_exp, known and slope_exp >= 2 * slope_ref)  # type: ignore[operator]
    if options.kato_pace == "absolute":
        pace_ref, pace_exp = slope_ref, slope_exp
    else:
        pace_ref = slope_ref / ref[0] if ref and ref[0] and slope_ref is not None else None
        pace_exp = slope_exp / exp[0] if exp and exp[0] and slope_exp is not None else None
    paces = pace_ref is not None and pace_exp is not None
    faster = ratio(pace_ref, pace_exp, paces and pace_exp > 2 * pace_ref)  # type: ignore[operator]
    burden = None if exp is None or exp[0] == 0 else exp[1] - exp[0] > exp[0] / 2
    jump = None if exp is None or exp[0] == 0 else exp[1] - exp[0] >= exp[0] / 2

    lo_russo = lo_russo_of(read, first, ttf, jump, performance(subject, visits, options.lo_russo_ecog))
    if options.lo_russo_requires_pd:
        lo_russo = any_false_denies(pd, lo_russo)
    matos = matos_of(read, responses, subject)
    pd_tgk = pd if options.tgk_requires_pd else True
    low, high = options.pseudo_hpd_ratio
    unchanged = None
    if tgr_ref is not None and tgr_exp is not None:
        unchanged = low < tgr_exp / tgr_ref < high if tgr_ref > 0 else (False if accelerates else None)
    out = {
        "champiat2017": both(pd, tgr_double),
        "ferrara2018": both(pd, None if delta is None else delta > 50),
        "kas2020": both(pd, None if delta is None else delta > 100),
        "saada_bouzid2017": both(pd_tgk, tgk_double),
        "ferte_tgk": both(pd_tgk, tgk_double),
        "kato2017": both(ttf, burden, faster),
        "lo_russo2019": lo_russo,
        "matos2020": matos,
        "kim2019": both(pd, any_true_affirms(tgk_double, tgr_double), ttf),
    }
    burden_rule = any_true_affirms(jump, lo_russo, matos)
    seen = any_true_affirms(*out.values())
    out["unchanged_growth"] = both(burden_rule, unchanged, None if delta is None else delta <= 50)
    after = [
        called[row["timepoint"]]
        for row in responses
        if first is not None
        and row["assessment_date"] > read.dates[first]
        and before_therapy(row["assessment_date"], subject)
        and called[row["timepoint"]] is not None
    ]
    responded = None if not after else any(one in ("CR", "PR") for one in after)
    out["later_response"] = any_false_denies(seen, responded)
    return out


def lo_russo_of(read: Reading, first: int | None, ttf: Answer, jump: Answer, ecog: Answer) -> Answer:
    in_involved: Answer = None
    elsewhere: Answer = None
    if first is not None:
        involved = {
            organ(row)
            for row in read.rows
            if row["timepoint"] == 0 and row["role"] != "NEW" and row["state"] != "ABSENT"
        }
        new = [organ(row) for row in read.rows if row["timepoint"] == first and there(row)]
        in_involved = any(new.count(one) >= 2 for one in involved)
        elsewhere = any(one not in involved for one in new)
    five = [ttf, jump, in_involved, elsewhere, ecog]
    if five.count(True) >= 3:
        return True
    return False if five.count(True) + five.count(None) < 3 else None


def matos_of(read: Reading, responses: Sequence[Row], subject: Row) -> Answer:
    called = [
        row
        for row in sorted(responses, key=lambda row: row["assessment_date"])
        if before_therapy(row["assessment_date"], subject) and plain(row["overall_response"]) is not None
    ]
    if not called:
        return None
    progressed = [row for row in called if plain(row["overall_response"]) == "PD"]
    if not progressed:
        return False
    shown = progressed[0]["progression_date"] or progressed[0]["assessment_date"]
    if (shown - subject["reference_date"]).days > 56:
        return False
    at = progressed[0]["timepoint"]
    sums = read.sums(0, at)
    if sums is None or sums[0] == 0:
        return None
    rise = sums[1] - sums[0]
    organs = {organ(row) for row in read.rows if row["timepoint"] == at and there(row)}
    return rise >= 10 and (rise >= sums[0] * 2 / 5 or (rise >= sums[0] / 5 and len(organs) >= 2))


def dissociated(rows: Sequence[Row], subject: Row, options: Any) -> dict[str, Answer]:
    """Every morphologic definition of section 9.2 for one course."""
    keys = ("seed_any", "tazdait2018", "bernard_tessier2020", "tozuka2020", "sato2021")
    out: dict[str, Answer] = dict.fromkeys(keys)
    read = Reading(rows, subject)
    points = sorted(t for t in read.dates if t >= 0 and (t == 0 or before_therapy(read.dates[t], subject)))
    for t in points:
        if t == 0 or 0 not in points:
            continue
        organs = compared(read, points, t, True, options)
        units = organs if options.dissociated_level == "organ" else compared(read, points, t, False, options)
        if not units:
            continue
        new = [organ(row) for row in rows if row["timepoint"] == t and there(row)]
        worse = any(
            row["role"] == "NON-TARGET" and row["state"] in ("INCREASED", "UNEQUIVOCAL_PROGRESSION")
            for row in rows
            if row["timepoint"] == t
        )
        for key in keys:
            counts = options.dissociated_new_counts
            counts = key != "tazdait2018" if counts is None else counts
            here = judged(key, units, organs, new if counts else [], worse, options.dissociated_inclusive)
            out[key] = bool(out[key]) or here
    return out


Unit = tuple[str, Fraction, Fraction, Fraction]


def compared(read: Reading, points: Sequence[int], t: int, by_organ: bool, options: Any) -> list[Unit]:
    """(name, size, baseline, reference) of what can be compared at a time point."""
    groups: dict[str, list[str]] = {}
    for lesion in read.targets:
        record = read.record(lesion, 0)
        if record is not None:
            groups.setdefault(organ(record) if by_organ else lesion, []).append(lesion)

    def total(lesions: Sequence[str], at: int) -> Fraction | None:
        sizes = [size(read.record(lesion, at)) for lesion in lesions]
        return None if None in sizes else sum(sizes, Fraction(0))  # type: ignore[arg-type]

    found = []
    for name, lesions in groups.items():
        base, now = total(lesions, 0), total(lesions, t)
        if base and now is not None:
            earlier = [total(lesions, at) for at in points if at < t]
            nadir = min(one for one in earlier if one is not None)
            found.append((name, now, base, nadir if options.dissociated_ref == "nadir" else base))
    return found


def judged(
    key: str, units: Sequence[Unit], organs: Sequence[Unit], new: Sequence[str], worse: bool, inclusive: bool
) -> bool:
    def percent(unit: Unit) -> Fraction | float:
        _, now, _, reference = unit
        return 100 * (now - reference) / reference if reference else (math.inf if now else 0)

    def progresses(unit: Unit) -> bool:
        return percent(unit) >= 20 and unit[1] - unit[3] >= 5

    def responds(unit: Unit) -> bool:
        return unit[1] <= unit[2] * 7 / 10 and not progresses(unit)

    if key == "seed_any":
        return any(map(responds, units)) and (bool(new) or not all(map(responds, units)))
    if key == "tozuka2020":
        smaller = any(now < base and now <= reference for _, now, base, reference in units)
        return smaller and (bool(new) or any(now > reference for _, now, _, reference in units))
    if key == "sato2021":
        responding = [unit for unit in organs if responds(unit)]
        everywhere = bool(organs) and len(responding) == len(organs)
        return (
            (bool(responding) and any(map(progresses, organs)))
            or (bool(new) and any(unit[0] not in new for unit in responding))
            or (everywhere and (bool(new) or worse))
        )
    grown = [unit for unit in units if (percent(unit) >= 20 if inclusive else percent(unit) > 20)]
    limit = Fraction(7, 10)
    fallen = [
        unit
        for unit in units
        if unit not in grown and (unit[1] <= limit * unit[2] if inclusive else unit[1] < limit * unit[2])
    ]
    growth = bool(grown)
    if key == "bernard_tessier2020":
        growth = growth and sum(unit[1] - unit[3] for unit in grown) >= 5
    return bool(fallen) and (growth or bool(new))


def pseudoprogression(responses: Sequence[Row], subject: Row) -> dict[str, Answer]:
    """Every definition of section 9.1 for one course under one criterion."""
    rows = sorted(responses, key=lambda row: row["assessment_date"])
    out: dict[str, Answer] = {}
    if rows and rows[0]["criterion"] in FAMILY:
        overall = [row for row in rows if plain(row["overall_response"])]
        out["not_confirmed"], resolved = first_voided(overall, subject)
        later = [
            row
            for row in overall
            if resolved and row["assessment_date"] >= resolved and before_therapy(row["assessment_date"], subject)
        ]
        out["subsequent_response"] = (
            any(plain(row["overall_response"]) in ("CR", "PR") for row in later)
            if out["not_confirmed"]
            else out["not_confirmed"]
        )
        out["target_spike"] = episodes(rows, subject, None)
    if rows and rows[0]["criterion"] == "irRC":
        out["hodi2016_early"] = episodes(rows, subject, True)
        out["hodi2016_late"] = episodes(rows, subject, False)
    return out


def look(rows: Sequence[Row], at: int, column: str, subject: Row) -> tuple[Answer, date | None]:
    """Whether the progression at that place is voided by the next assessment 28 days on."""
    seen = rows[at]["assessment_date"]
    valid = [row for row in rows if row["assessment_date"] - seen >= timedelta(days=28)]
    until = valid[0]["assessment_date"] if valid else seen
    if not before_therapy(until, subject):
        return False, None
    if not valid:
        return None, None
    return plain(valid[0][column]) != "PD", until


def first_voided(rows: Sequence[Row], subject: Row) -> tuple[Answer, date | None]:
    if not rows:
        return None, None
    for place, row in enumerate(rows):
        if plain(row["overall_response"]) == "PD":
            return look(rows, place, "overall_response", subject)
    return False, None


def episodes(rows: Sequence[Row], subject: Row, early: bool | None) -> Answer:
    rows = [row for row in rows if plain(row["target_response"])]
    if not rows:
        return None
    answers: list[Answer] = []
    for place, row in enumerate(rows):
        if plain(row["target_response"]) != "PD":
            continue
        if place and plain(rows[place - 1]["target_response"]) == "PD":
            continue
        answer, _ = look(rows, place, "target_response", subject)
        onset = (row["assessment_date"] - subject["reference_date"]).days
        if early is None or (onset <= 84) is early:
            answers.append(answer)
        if answer is False:
            break
    return any_true_affirms(*answers) if answers else False


def durable(times: Sequence[tuple[str, int, bool]]) -> dict[str, Answer]:
    """durable_alt for the subjects (id, days, event) of one treatment."""
    survival, half, less = Fraction(1), None, None
    for at in sorted({days for _, days, _ in times}):
        at_risk = sum(days >= at for _, days, _ in times)
        survival *= 1 - Fraction(sum(event and days == at for _, days, event in times), at_risk)
        half = at if half is None and survival <= Fraction(1, 2) else half
        less = at if less is None and survival < Fraction(1, 2) else less
    if half is None:
        return {subject: None for subject, _, _ in times}
    median = Fraction(half + (less if less is not None else max(days for _, days, _ in times)), 2)
    return {subject: True if days > 3 * median else (False if event else None) for subject, days, event in times}
