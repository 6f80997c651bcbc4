"""A naive reading of the metabolic criteria, scan by scan and lesion by lesion, written from the rule book.

Rows are dictionaries with the columns of core.pet_lesion and core.pet_reference; one course at a time, default options
unless given. It knows nothing of the engine.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]
Judged = tuple[int, str, float | None]
EPS = 1e-9
EXCLUDED = {"IRAE", "INFECTION", "TREATMENT_EFFECT", "PHYSIOLOGIC"}


def ge(x: float, t: float) -> bool:
    return x >= t - EPS * max(1, abs(t))


def gt(x: float, t: float) -> bool:
    return x > t + EPS * max(1, abs(t))


def pct(a: float | None, b: float | None) -> float | None:
    if a is None or b is None or a <= 0:
        return None
    return 100 * (b - a) / a


def rose(a: float | None, b: float | None, percent: float, absolute: float, inclusive: bool) -> bool:
    if a is None or b is None:
        return False
    over = ge if inclusive else gt
    if a <= 0:
        return over(b - a, absolute) if absolute else gt(b - a, 0)
    change = pct(a, b)
    assert change is not None
    return over(change, percent) and (not absolute or over(b - a, absolute))


def fell(a: float | None, b: float | None, percent: float, absolute: float, inclusive: bool) -> bool:
    change = pct(a, b)
    if change is None or a is None or b is None:
        return False
    over = ge if inclusive else gt
    return over(-change, percent) and (not absolute or over(a - b, absolute))


class Course:
    """One subject by one evaluator."""

    def __init__(self, rows: list[Row], references: list[Row], quantity: str, options: dict[str, Any]) -> None:
        self.options = options
        self.quantity = quantity
        rows = [row for row in rows if row["timepoint"] >= 0]
        dates: dict[int, date] = {}
        for row in [*rows, *references]:
            at = row["timepoint"]
            dates[at] = max(dates.get(at, row["assessment_date"]), row["assessment_date"])
        self.dates = dates
        self.order = sorted((at for at in dates if at > 0), key=lambda at: (dates[at], at))
        self.row = {(row["lesion_id"], row["timepoint"]): row for row in rows}
        self.ids = sorted({row["lesion_id"] for row in rows})
        self.regions = {(r["timepoint"], r["region"]): r for r in references if r.get("usable") is not False}
        liver, blood = self.regions.get((0, "LIVER")), self.regions.get((0, "BLOOD_POOL"))
        self.limit = None
        if liver and liver.get("sul_mean") is not None and liver.get("sul_sd") is not None:
            mean, sd = liver["sul_mean"], liver["sul_sd"]
            self.limit = (
                1.5 * mean + 2 * sd if options.get("percist_liver_formula", "A") == "A" else 1.5 * (mean + 2 * sd)
            )
        elif blood and blood.get("sul_mean") is not None:
            mean, sd = blood["sul_mean"], blood.get("sul_sd")
            if options.get("percist_bloodpool_formula", "A") == "B":
                self.limit = 2 * mean
            elif sd is not None:
                self.limit = 2 * mean + 2 * sd

    def counted(self, lesion: str, at: int) -> Row | None:
        row = self.row.get((lesion, at))
        return None if row is None or row.get("nature") in EXCLUDED else row

    def existed(self, lesion: str) -> bool:
        """Known at baseline: seen there, whatever it was taken for, or given a baseline role."""
        first = self.row.get((lesion, 0))
        roles = {self.row[key].get("role") for key in self.row if key[0] == lesion}
        return (first is not None and first["status"] != "RESOLVED") or bool(roles & {"TARGET", "NON-TARGET"})

    def of_baseline(self, at: int) -> list[str]:
        """Lesions of the baseline that speak at a scan."""
        found = []
        for lesion in self.ids:
            if not self.existed(lesion):
                continue
            first = self.counted(lesion, 0)
            if (first is not None and first["status"] != "RESOLVED") or self.counted(lesion, at) is not None:
                found.append(lesion)
        return found

    def new(self, at: int) -> list[str]:
        found = []
        for lesion in self.ids:
            row = self.counted(lesion, at)
            if self.existed(lesion) or row is None or row["status"] != "PRESENT":
                continue
            if row.get("above_background") is False:
                continue
            if row.get("nature") == "UNCERTAIN" and not self.options.get("percimt_count_uncertain", True):
                continue
            found.append(lesion)
        return found

    def value(self, lesion: str, at: int) -> float | None:
        row = self.counted(lesion, at)
        if row is None or row["status"] == "NE":
            return None
        return 0.0 if row["status"] == "RESOLVED" else row.get(self.quantity)

    def field(self, lesion: str, at: int, name: str) -> float | None:
        row = self.counted(lesion, at)
        return None if row is None else row.get(name)

    def glycolysis(self, lesion: str, at: int) -> float | None:
        row = self.counted(lesion, at)
        if row is None:
            return None
        return 0.0 if row["status"] == "RESOLVED" else row.get("tlg_g")

    def size(self, lesion: str, at: int) -> float | None:
        row = self.counted(lesion, at)
        if row is None:
            return None
        return row.get("short_axis_mm") if row.get("is_node") else row.get("longest_diameter_mm")

    def is_ne(self, lesion: str, at: int) -> bool:
        row = self.counted(lesion, at)
        return row is not None and row["status"] == "NE"

    def unknown(self, lesion: str, at: int) -> bool:
        row = self.counted(lesion, at)
        return row is None or row["status"] == "NE"

    def at_background(self, lesion: str, at: int, liver: bool) -> bool:
        row = self.counted(lesion, at)
        if row is None:
            return False
        if row["status"] == "RESOLVED":
            return True
        if row.get("above_background") is not False:
            return False
        value = self.value(lesion, at)
        if liver and value is not None:
            mean = None
            for region in ("LIVER", "BLOOD_POOL"):
                found = self.regions.get((at, region))
                if mean is None and found:
                    mean = found.get("sul_mean")
            if mean is not None:
                return value < mean
        return True

    def organ(self, lesion: str) -> str:
        first = min(at for name, at in self.row if name == lesion)
        row = self.row[lesion, first]
        if row.get("is_node"):
            return "NODES"
        return (row.get("organ") or lesion).strip().upper()

    def hottest(self, lesions: list[str], at: int, total: int, per_organ: int) -> list[str]:
        """The hottest so many lesions, so many an organ."""
        chosen: list[str] = []
        for lesion in sorted(lesions, key=lambda name: (-(self.value(name, at) or 0.0), name)):
            same = [name for name in chosen if self.organ(name) == self.organ(lesion)]
            if len(chosen) < total and len(same) < per_organ:
                chosen.append(lesion)
        return chosen

    def targets(self, total: int, per_organ: int, measurable: bool) -> list[str]:
        able = []
        for lesion in self.ids:
            row = self.counted(lesion, 0)
            if row is None or row["status"] != "PRESENT" or row.get("above_background") is False:
                continue
            if self.value(lesion, 0) is not None:
                able.append(lesion)
        by_reader = [name for name in able if self.row[name, 0].get("role") == "TARGET"]
        wanted = by_reader or [name for name in able if self.row[name, 0].get("role") != "NON-TARGET"]
        if measurable and self.limit is not None:
            wanted = [name for name in wanted if ge(self.value(name, 0) or 0.0, self.limit)]
        return self.hottest(wanted, 0, total, per_organ)


def others_of(course: Course, targets: list[str], at: int, progress: bool, liver: bool) -> str:
    others = [name for name in course.of_baseline(at) if name not in targets]
    if not others:
        return "NA"
    if progress and any(other_progresses(course, name, at) for name in others):
        return "PD"
    if all(course.at_background(name, at, liver) for name in others):
        return "CR"
    if any(course.unknown(name, at) for name in others):
        return "NE"
    return "NN"


def other_progresses(course: Course, lesion: str, at: int) -> bool:
    before, now = course.value(lesion, 0), course.value(lesion, at)
    if rose(before, now, 30, 0.8, False):
        return True
    tlg = pct(course.glycolysis(lesion, 0), course.glycolysis(lesion, at))
    change = pct(before, now)
    if tlg is not None and gt(tlg, 75) and change is not None and ge(change, 0):
        return True
    small, large = course.size(lesion, 0), course.size(lesion, at)
    grown = pct(small, large)
    return grown is not None and small is not None and large is not None and ge(grown, 20) and ge(large - small, 5)


def other_blocks(course: Course, lesion: str, at: int) -> bool:
    """PE-7: uptake or size of another lesion up by more than 30 %."""
    pairs = [
        (course.value(lesion, 0), course.value(lesion, at)),
        (course.size(lesion, 0), course.size(lesion, at)),
        (course.field(lesion, 0, "functional_diameter_mm"), course.field(lesion, at, "functional_diameter_mm")),
    ]
    changes = [pct(a, b) for a, b in pairs]
    return any(change is not None and gt(change, 30) for change in changes)


def overall(target: str, other: str, new: bool) -> str:
    """The patient table of 5.2."""
    if target == "PD" or other == "PD" or new:
        return "PD"
    if target == "CR":
        return "CR" if other in ("CR", "NA") else "PR"
    if target in ("PR", "SD", "NE"):
        return target
    return {"CR": "CR", "NN": "NN", "NE": "NE", "NA": "NE"}[other]


def smallest_before(baseline: float | None, seen: list[float | None]) -> float | None:
    known = [value for value in [baseline, *seen] if value is not None]
    return min(known) if known else None


def hottest_each_scan(course: Course, criterion: str) -> list[Judged]:
    """PERCIST and iPERCIST up to the confirmation: scan, category, value."""
    percist = criterion == "PERCIST"
    targets = course.targets(1, 1, True)
    baseline = course.value(targets[0], 0) if targets else None
    out, seen = [], []
    for at in course.order:
        there = course.of_baseline(at)
        values = {name: course.value(name, at) for name in there}
        known = [value for value in values.values() if value is not None]
        top = max(known) if known else None
        lost = any(course.value(name, at) is None for name in targets) or any(course.is_ne(n, at) for n in there)
        reference = baseline
        if course.options.get("pmd_reference") == "NADIR":
            reference = smallest_before(baseline, seen)
        inclusive = course.options.get("ip_pmd_inclusive", True)
        absolute = 0.8 if course.options.get("ip_require_abs_0_8", True) else 0.0
        if percist:
            inclusive, absolute = course.options.get("percist_pmd_inclusive", False), 0.8
        up = rose(reference, top, 30, absolute, inclusive)
        if percist and targets and not up:
            tlg = pct(course.glycolysis(targets[0], 0), course.glycolysis(targets[0], at))
            change = pct(baseline, top)
            up = tlg is not None and gt(tlg, 75) and change is not None and ge(change, 0)
        others = [name for name in there if name not in targets]
        least = 0.8 if percist else 0.0
        down = fell(baseline, top, 30, least, course.options.get("percist_pmr_inclusive", True))
        if percist and any(other_blocks(course, name, at) for name in others):
            down = False
        gone = all(course.at_background(name, at, True) for name in targets) and all(
            course.at_background(name, at, True)
            for name, value in values.items()
            if value is not None and top is not None and value >= top
        )
        if not targets:
            target = "NA"
        elif up:
            target = "PD"
        elif lost or top is None:
            target = "NE"
        elif gone:
            target = "CR"
        else:
            target = "PR" if down else "SD"
        other = others_of(course, targets, at, percist, True)
        out.append((at, overall(target, other, bool(course.new(at))), top))
        seen.append(None if lost else top)
    return out


def sums_of_five(course: Course, criterion: str) -> list[Judged]:
    """imPERCIST5 and PERCIST5."""
    targets = course.targets(5, 2, True)
    baseline = sum(course.value(name, 0) or 0.0 for name in targets) if targets else None
    follow = course.options.get("imp5_followup", "TARGETS_PLUS_NEW_TOP5")
    out, seen = [], []
    for at in course.order:
        new = course.new(at)
        candidates = [*targets, *new]
        if follow == "ANY_LESION_TOP5":
            candidates = [*course.of_baseline(at), *new]
        candidates = [name for name in candidates if course.value(name, at) is not None]
        if follow != "BASELINE_TARGETS_PLUS_ALL_NEW":
            candidates = course.hottest(candidates, at, 5, 2)
        total = sum(course.value(name, at) or 0.0 for name in candidates) if candidates else None
        lost = any(course.value(name, at) is None for name in [*targets, *new])
        reference = baseline
        if course.options.get("pmd_reference") == "NADIR":
            reference = smallest_before(baseline, seen)
        least = 0.8 if course.options.get("imp5_require_abs", False) else 0.0
        up = rose(reference, total, 30, least, course.options.get("imp5_pmd_inclusive", True))
        if not targets:
            target = "NA"
        elif up:
            target = "PD"
        elif lost or total is None:
            target = "NE"
        elif not new and all(course.at_background(name, at, True) for name in targets):
            target = "CR"
        else:
            target = "PR" if fell(baseline, total, 30, least, True) else "SD"
        other = others_of(course, targets, at, False, True)
        left = target == "NA" and new and other in ("CR", "NN")
        result = "NN" if left else overall(target, other, False)
        if criterion == "PERCIST5" and new:
            result = "PD"
        out.append((at, result, total))
        seen.append(None if lost else total)
    return out


def eortc(course: Course, cycles: dict[int, int]) -> list[Judged]:  # noqa: PLR0912
    how = course.options.get("eortc_aggregation", "SUM_TARGETS")
    targets = course.targets(1 if how == "HOTTEST_SAME_LESION" else 5, 2, False)
    baseline = sum(course.value(name, 0) or 0.0 for name in targets) if targets else None
    out, seen = [], []
    own: dict[str, list[float | None]] = {name: [] for name in targets}
    for at in course.order:
        early = cycles.get(at) is not None and cycles[at] <= 1
        gap_pmr = course.options.get("eortc_gap", "SMD") == "PMR"

        def down(a: float | None, b: float | None, early: bool = early, gap_pmr: bool = gap_pmr) -> bool:
            return fell(a, b, 15, 0, True) if early or gap_pmr else fell(a, b, 25, 0, False)

        def extends(name: str, at: int = at) -> bool:
            a, b = (course.field(name, when, "functional_diameter_mm") for when in (0, at))
            change = pct(a, b)
            least = course.options.get("eortc_extent_min_abs_mm", 0)
            return change is not None and a is not None and b is not None and gt(change, 20) and ge(b - a, least)

        values = {name: course.value(name, at) for name in targets}
        known = [value for value in values.values() if value is not None]
        total = sum(known) if known else None
        nadir = course.options.get("pmd_reference") == "NADIR"
        if how == "WORST_LESION":
            each = []
            for name in targets:
                first, now = course.value(name, 0), values[name]
                reference = smallest_before(first, own[name]) if nadir else first
                if rose(reference, now, 25, 0, False) or extends(name):
                    each.append("PD")
                elif now is None:
                    each.append("NE")
                elif course.at_background(name, at, False):
                    each.append("CR")
                else:
                    each.append("PR" if down(first, now) else "SD")
                own[name].append(now)
            target = next((c for c in ("PD", "NE", "SD", "PR", "CR") if c in each), "NA")
        else:
            reference = smallest_before(baseline, seen) if nadir else baseline
            if not targets:
                target = "NA"
            elif rose(reference, total, 25, 0, False) or any(extends(name) for name in targets):
                target = "PD"
            elif any(value is None for value in values.values()):
                target = "NE"
            elif all(course.at_background(name, at, False) for name in targets):
                target = "CR"
            else:
                target = "PR" if down(baseline, total) else "SD"
        other = others_of(course, targets, at, False, False)
        result = overall(target, other, bool(course.new(at)))
        if target == "NA" and result != "PD":
            result = "NE"
        out.append((at, result, total))
        seen.append(None if any(v is None for v in values.values()) else total)
    return out


def percimt(course: Course) -> list[Judged]:
    out = []
    for at in course.order:
        new = course.new(at)
        widths = [course.field(name, at, "functional_diameter_mm") for name in new]
        if course.options.get("percimt_diameter") == "EQUIV_SPHERE":
            volumes = [course.field(name, at, "mtv_ml") for name in new]
            widths = [None if v is None else 10 * (6 * v / 3.141592653589793) ** (1 / 3) for v in volumes]
        lower = ge if course.options.get("percimt_mid_lower_inclusive", False) else gt
        n_middle = sum(width is not None and lower(width, 10) for width in widths)
        n_large = sum(width is not None and gt(width, 15) for width in widths)
        n_all = len(new)
        if course.options.get("percimt_binning", "NESTED") == "EXCLUSIVE":
            n_all, n_middle = n_all - n_middle, n_middle - n_large
        old = course.of_baseline(at)
        gone = [name for name in old if (course.counted(name, at) or {}).get("status") == "RESOLVED"]
        unknown = [name for name in old if course.unknown(name, at)]
        if n_all >= 4 or n_middle >= 3 or n_large >= 2:
            result = "PD"
        elif new:
            result = "SD"
        elif not old:
            result = "NE"
        elif len(gone) == len(old):
            result = "CR"
        elif gone:
            result = "PR"
        else:
            result = "NE" if unknown else "SD"
        out.append((at, result, float(len(new))))
    return out


def pecrit(course: Course, recist: dict[int, str]) -> list[Judged]:
    targets = course.targets(1, 1, False)
    baseline = course.value(targets[0], 0) if targets else None
    out, seen = [], []
    for at in course.order:
        there = course.of_baseline(at)
        if course.options.get("pecrit_lesion") == "SAME_LESION":
            there = targets
        known = [value for value in (course.value(name, at) for name in there) if value is not None]
        top = max(known) if known else None
        lost = any(course.value(name, at) is None for name in targets) or any(course.is_ne(n, at) for n in there)
        reference = smallest_before(baseline, seen) if course.options.get("pmd_reference") == "NADIR" else baseline
        seen.append(None if lost else top)
        category = recist.get(at, "NE")
        if category == "NON-CR/NON-PD":
            category = "SD"
        if category in ("CR", "PR", "PD"):
            out.append((at, category, top))
        elif category == "SD" and baseline is not None and rose(reference, top, 15.5, 0, False):
            out.append((at, "SD_METABOLIC_INCREASE", top))
        elif category == "SD" and baseline is not None and top is not None and not lost:
            out.append((at, "SD_NO_METABOLIC_INCREASE", top))
        else:
            out.append((at, "NE", top))
    return out


def confirmed(course: Course, plain: list[Judged], clinical: list[Row]) -> list[Judged]:
    """iPERCIST's states from the categories of each scan."""
    after = course.options.get("ip_confirm_min_d", 28)
    further_needed = course.options.get("ip_confirmation", "PERSISTENCE") == "FURTHER_PROGRESSION"
    opened: int | None = None
    top_of = {at: top for at, _, top in plain}
    done, last = False, -1
    out: list[Judged] = []
    for at, category, top in plain:
        if done:
            out.append((at, "CPMD", top))
            continue
        if category != "PD":
            if category != "NE":
                opened = None
            out.append((at, category, top))
            continue
        last = len(out)
        if opened is None:
            opened = at
            out.append((at, "UPMD", top))
            continue
        gap = (course.dates[at] - course.dates[opened]).days
        further = True
        if further_needed:
            before, now = course.new(opened), course.new(at)
            grown = any(
                ge(pct(course.value(name, opened), course.value(name, at)) or 0.0, 30)
                and pct(course.value(name, opened), course.value(name, at)) is not None
                for name in now
                if name in before
            )
            base = top_of[opened]
            higher = base is not None and base > 0 and rose(base, top, 30, 0.8, True)
            further = higher or bool(set(now) - set(before)) or grown
        if gap >= after and further:
            done = True
            out.append((at, "CPMD", top))
        else:
            out.append((at, "UPMD", top))
    if opened is not None and not done and course.options.get("ip_clinical_confirm", True):
        at = out[last][0]
        late = (course.dates[at] - course.dates[opened]) >= timedelta(days=after)
        worse = [
            row
            for row in clinical
            if row["assessment_date"] >= course.dates[opened]
            and (
                row.get("clinical_progression")
                or row.get("rapid_deterioration")
                or row.get("clinically_stable") is False
            )
            and row.get("treatment_stopped")
        ]
        if worse and not late:
            out[last] = (at, "CPMD_CLINICAL", out[last][2])
    return out


PRINTED = {"CR": "CMR", "PR": "PMR", "SD": "SMD", "PD": "PMD", "NN": "NON_CMR_NON_PMD"}


def responses(
    rows: list[Row],
    criterion: str,
    references: list[Row],
    cycles: dict[int, int],
    recist: dict[int, str],
    clinical: list[Row],
    options: dict[str, Any],
) -> dict[int, tuple[str, float | None]]:
    """Printed response and aggregate of every scan after the baseline."""
    quantity = "sul_peak"
    if criterion == "EORTC":
        quantity = {"SUVMAX": "suv_max", "SUVMEAN_BSA": "suv_mean_bsa", "SULPEAK": "sul_peak"}[
            options.get("eortc_quantity", "SUVMAX")
        ]
    course = Course(rows, references, quantity, options)
    if criterion in ("PERCIST", "iPERCIST"):
        found = hottest_each_scan(course, criterion)
    elif criterion in ("imPERCIST5", "PERCIST5"):
        found = sums_of_five(course, criterion)
    elif criterion == "EORTC":
        found = eortc(course, cycles)
    elif criterion == "PERCIMT":
        found = percimt(course)
    else:
        found = pecrit(course, recist)
    if 0 not in course.dates:
        found = [(at, "NE", top) for at, _, top in found]
    if criterion == "iPERCIST":
        found = confirmed(course, found, clinical)
    if criterion == "PECRIT":
        return {at: (result, top) for at, result, top in found}
    return {at: (PRINTED.get(result, result), top) for at, result, top in found}


def best(course: list[tuple[date, str]]) -> str:
    """CH-4: the best category up to the first progression that counts."""
    order = ("CMR", "PMR", "SMD", "NON_CMR_NON_PMD", "CPMD", "PMD", "UPMD", "NE")
    seen: list[str] = []
    for _, response in course:
        seen.append(response)
        if response in ("PMD", "CPMD"):
            break
    return min(seen, key=order.index) if seen else "MISSING"
