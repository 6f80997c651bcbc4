"""Quality checks of PET scans, and of each scan against the baseline scan (metabolic rule book section 4).

A check whose input is not recorded is a WARN that says so; a check that does not apply has no row: those against the
baseline of the baseline itself, and the blood pool where the liver can be compared (Q-08).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from criteria.metabolic.comparison import above, at_least, percent
from criteria.metabolic.tables import PET_CHECK
from criteria.vocabulary import ReferenceRegion

SUBJECT = ("study_id", "subject_id")
SCAN = (*SUBJECT, "timepoint", "scan_id")
ALL = "ALL"
MG_DL_PER_MMOL_L = 18.016
EPS = 1e-9
THERAPIES = {
    "Q-09": "(?i)chemo|platin|taxel|gemcitabin|pemetrexed|dacarbazin|temozolomid|etoposid|rubicin|cyclophosphamid"
    "|irinotecan|fluorouracil|capecitabin|vinorelbin|fotemustin",
    "Q-10": "(?i)radiother|radiation|irradiat|stereotactic|brachyther|gamma knife|sbrt",
    "Q-11": "(?i)filgrastim|lenograstim|sargramostim|molgramostim|gm?-csf",
    "Q-12": "(?i)surger|resection|[a-z]ectomy|excision",
}
"""Therapies that a check asks for, by their names in core.therapy."""
FULL = ("VERTEX_TO_FEET", "VERTEX_TO_THIGH", "SKULL_BASE_TO_THIGH")


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a row: when it fails, when it warns (null: not recorded), its number and its sentence."""

    id: str
    failed: pl.Expr
    warned: pl.Expr
    value: pl.Expr
    unit: str
    says: str
    always: bool = False
    """Without a value it is judged all the same."""


def _col(name: str) -> pl.Expr:
    return pl.col(name)


def _same(*columns: str) -> pl.Expr:
    return pl.all_horizontal(_col(c).eq_missing(_col(f"{c}_baseline")) for c in columns)


def _differs(*columns: str) -> pl.Expr:
    """Another value than at the baseline; what one of the two scans does not record is no difference."""
    return pl.any_horizontal((_col(c) != _col(f"{c}_baseline")).fill_null(False) for c in columns)


UPTAKE, GAP = _col("uptake_min"), (_col("uptake_min") - _col("uptake_min_baseline")).abs()
GLUCOSE = _col("glucose_mmol_l") * MG_DL_PER_MMOL_L
ACTIVITY = percent(_col("injected_activity_mbq_baseline"), _col("injected_activity_mbq"))
NEVER = pl.lit(False)
NOTHING = pl.lit(None, pl.Float64)
DEVICE = ("manufacturer", "manufacturer_model")
RECONSTRUCTION = ("reconstruction", "voxel_mm")

SINGLE = (
    Check(
        "Q-01",
        ~UPTAKE.is_between(45, 75),
        ~UPTAKE.is_between(50, 70),
        UPTAKE,
        "min",
        "uptake of {} min; 50 to 70 are asked for",
    ),
    Check("Q-03", at_least(GLUCOSE, 200.0, EPS), NEVER, GLUCOSE, "mg/dL", "glucose {} mg/dL; below 200 is asked for"),
    Check("Q-04", _col("fasting_h") < 4, NEVER, _col("fasting_h"), "h", "fasted {} h; 4 h are asked for"),
    Check(
        "Q-14",
        _col("weight_kg").is_null(),
        _col("height_m").is_null(),
        _col("weight_kg"),
        "kg",
        "weight {} kg; weight and height of the day are asked for",
        always=True,
    ),
    Check(
        "Q-18",
        _col("therapy_class").is_null() | _col("cycles_before").is_null(),
        NEVER,
        _col("cycles_before"),
        "1",
        "cycles before the scan: {}; kind of therapy and cycles are asked for",
        always=True,
    ),
)
PAIRED = (
    Check(
        "Q-02",
        above(GAP, 15.0, EPS) | (_col("uptake_min") < 50) | (_col("uptake_min_baseline") < 50),
        NEVER,
        GAP,
        "min",
        "uptake differs by {} min from the baseline; at most 15 and both from 50 are asked for",
    ),
    Check(
        "Q-05",
        _differs(*DEVICE, *RECONSTRUCTION)
        & ~(_col("harmonised").fill_null(False) & _col("harmonised_baseline").fill_null(False)),
        ~_same(*DEVICE, *RECONSTRUCTION, "station"),
        _same(*DEVICE, *RECONSTRUCTION, "station").cast(pl.Float64),
        "1",
        "scanner and reconstruction as at the baseline: {} (1 = all equal)",
    ),
    Check(
        "Q-06",
        above(ACTIVITY.abs(), 20.0, EPS),
        NEVER,
        ACTIVITY,
        "%",
        "injected activity {} % from the baseline; 20 % are allowed",
    ),
    Check(
        "Q-17",
        _differs("lbm_formula", "settings"),
        ~_same("lbm_formula", "settings"),
        _same("lbm_formula", "settings").cast(pl.Float64),
        "1",
        "lean body mass formula and settings as at the baseline: {} (1 = all equal)",
    ),
)


def pet_checks(
    scans: pl.DataFrame,
    references: pl.DataFrame,
    lesions: pl.DataFrame,
    therapies: pl.DataFrame,
    subjects: pl.DataFrame,
) -> pl.DataFrame:
    """Q-01 to Q-18 of every scan, a frame of analysis.pet_check.

    ``scans``, ``references``, ``lesions``, ``therapies`` and ``subjects`` are core.pet_scan, core.pet_reference,
    core.pet_lesion, core.therapy and core.subject.
    """
    scans = _with_settings(scans.filter(pl.col("timepoint") >= 0), lesions)
    paired = _against_baseline(scans)
    frames = [
        *(_checked(scans, check, SCAN) for check in SINGLE),
        *(_checked(paired, check, SCAN) for check in PAIRED),
        *_since_therapy(scans, therapies),
        _coverage(scans),
        _baseline_age(scans, subjects),
        *_regions(references),
    ]
    return PET_CHECK.conform(pl.concat(frames, how="diagonal_relaxed").sort(PET_CHECK.key))


def _with_settings(scans: pl.DataFrame, lesions: pl.DataFrame) -> pl.DataFrame:
    """Every scan with the settings of its lesions' values."""
    used = lesions.group_by(*SUBJECT, "timepoint").agg(
        settings=pl.col("settings").drop_nulls().unique().sort().str.join(" ").replace("", None)
    )
    return scans.drop("settings", strict=False).join(used, on=[*SUBJECT, "timepoint"], how="left")


def _against_baseline(scans: pl.DataFrame) -> pl.DataFrame:
    columns = (
        *("uptake_min", "injected_activity_mbq", "lbm_formula", "settings", "station", "harmonised"),
        *(*DEVICE, *RECONSTRUCTION),
    )
    baseline = scans.filter(pl.col("timepoint") == 0).unique(SUBJECT, keep="first", maintain_order=True)
    return scans.filter(pl.col("timepoint") > 0).join(
        baseline.select(*SUBJECT, *(pl.col(name).alias(f"{name}_baseline") for name in columns)), on=SUBJECT
    )


def _checked(rows: pl.DataFrame, check: Check, place: tuple[str, ...]) -> pl.DataFrame:
    unknown = pl.col("value").is_null() & pl.lit(not check.always)
    evaluator = pl.col("evaluator") if "evaluator" in place else pl.lit(ALL)
    return (
        rows.select(
            *(name for name in place if name != "evaluator"),
            evaluator=evaluator,
            value=check.value.cast(pl.Float64),
            failed=check.failed.fill_null(False),
            warned=check.warned.fill_null(False),
        )
        .with_columns(
            check_id=pl.lit(check.id),
            result=pl.when(unknown)
            .then(pl.lit("WARN"))
            .when("failed")
            .then(pl.lit("FAIL"))
            .when("warned")
            .then(pl.lit("WARN"))
            .otherwise(pl.lit("PASS")),
            value_unit=pl.lit(check.unit),
            message=pl.when(unknown)
            .then(pl.lit(f"not recorded; {check.says.split('; ', 1)[-1]}"))
            .otherwise(pl.format(check.says, pl.col("value").round(2).cast(pl.String).fill_null("none"))),
        )
        .drop("failed", "warned")
    )


def _since_therapy(scans: pl.DataFrame, therapies: pl.DataFrame) -> list[pl.DataFrame]:
    """Days from the last therapy of a kind to the scan; subjects without such therapy pass (Q-09 to Q-12)."""
    limits = {"Q-09": (14, 10), "Q-10": (56, 56), "Q-11": (15, 15), "Q-12": (42, 0)}
    frames = []
    for check_id, names in THERAPIES.items():
        given = therapies.filter(pl.col("therapy").str.contains(names)).select(
            *SUBJECT, ended=pl.coalesce("end_date", "start_date"), started="start_date"
        )
        before = (
            scans.select(*SCAN, "assessment_date")
            .join(given, on=SUBJECT)
            .filter(pl.col("started") <= pl.col("assessment_date"))
            .group_by(SCAN)
            .agg(days=(pl.col("assessment_date") - pl.min_horizontal("ended", "assessment_date")).dt.total_days().min())
        )
        wanted, least = limits[check_id]
        days = pl.col("days").cast(pl.Float64)
        check = Check(
            check_id,
            days < least,
            days < wanted,
            days,
            "d",
            f"days since the last such therapy: {{}}; {wanted} are asked for",
            always=True,
        )
        frames.append(_checked(scans.select(*SCAN).join(before, on=SCAN, how="left"), check, SCAN))
    return frames


def _coverage(scans: pl.DataFrame) -> pl.DataFrame:
    covers = pl.col("coverage")
    check = Check(
        "Q-13",
        covers == "LIMITED",
        ~covers.is_in(list(FULL)),
        pl.when(covers.is_not_null()).then(covers.is_in(list(FULL)).cast(pl.Float64)),
        "1",
        "skull base in the field: {} (1 = yes); skull base and every organ with a lesion are asked for",
    )
    return _checked(scans, check, SCAN)


def _baseline_age(scans: pl.DataFrame, subjects: pl.DataFrame) -> pl.DataFrame:
    start = pl.coalesce("first_dose_date", "reference_date")
    rows = (
        scans.filter(pl.col("timepoint") == 0)
        .join(subjects.select(*SUBJECT, "first_dose_date", "reference_date"), on=SUBJECT, how="left")
        .with_columns(age=(start - pl.col("assessment_date")).dt.total_days())
    )
    age = pl.col("age")
    check = Check(
        "Q-16", age > 42, age > 28, age.cast(pl.Float64), "d", "baseline {} d before the first dose; 28 are allowed"
    )
    return _checked(rows, check, SCAN)


def _regions(references: pl.DataFrame) -> list[pl.DataFrame]:
    """Liver noise (Q-15), and liver, else blood pool, against the baseline (Q-07, Q-08)."""
    place = (*SUBJECT, "evaluator", "timepoint", "scan_id")
    usable = references.filter((pl.col("timepoint") >= 0) & pl.col("usable").fill_null(True)).with_columns(
        scan_id=pl.lit(ALL)
    )
    liver = usable.filter(pl.col("region") == ReferenceRegion.LIVER)
    noise = pl.coalesce(100 * pl.col("sul_sd") / pl.col("sul_mean"), 100 * pl.col("suv_sd") / pl.col("suv_mean"))
    quality = Check(
        "Q-15",
        above(noise, 25.0, EPS),
        above(noise, 15.0, EPS),
        noise,
        "%",
        "liver varies by {} % (SD / mean); at most 15 % are asked for",
    )
    by_liver = _difference(liver)
    blood = _difference(usable.filter(pl.col("region") == ReferenceRegion.BLOOD_POOL))
    read = [*SUBJECT, "evaluator", "timepoint"]
    instead = blood.join(by_liver, on=read, how="anti")
    diseased = (
        references.filter(
            (pl.col("region") == ReferenceRegion.LIVER) & (pl.col("timepoint") > 0) & ~pl.col("usable").fill_null(True)
        )
        .with_columns(scan_id=pl.lit(ALL), change=NOTHING, by=NOTHING)
        .join(by_liver, on=read, how="anti")
    )
    change = pl.col("change")
    steady = at_least(change.abs(), 20.0, EPS) | at_least(pl.col("by").abs(), 0.3, EPS)
    says = "{} % from the baseline; less than 20 % and less than 0.3 SUL are asked for"
    frames = [
        _checked(liver, quality, place),
        _checked(by_liver, Check("Q-07", steady, NEVER, change, "%", f"liver {says}"), place),
        _checked(instead, Check("Q-08", steady, NEVER, change, "%", f"blood pool {says}"), place),
    ]
    if diseased.height:
        frames.append(
            _checked(
                diseased,
                Check("Q-07", NEVER, NEVER, change, "%", "liver {} %; not usable, see Q-08"),
                place,
            )
        )
    return frames


def _difference(region: pl.DataFrame) -> pl.DataFrame:
    """Change of a region's mean SUL from the baseline, in percent and in SUL."""
    baseline = region.filter(pl.col("timepoint") == 0).select(*SUBJECT, "evaluator", first="sul_mean")
    return (
        region.filter(pl.col("timepoint") > 0)
        .join(baseline, on=[*SUBJECT, "evaluator"])
        .filter(pl.col("sul_mean").is_not_null() & pl.col("first").is_not_null())
        .with_columns(change=percent(pl.col("first"), pl.col("sul_mean")), by=pl.col("sul_mean") - pl.col("first"))
    )
