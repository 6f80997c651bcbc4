"""Spoilt forms in every format: no crash, no row lost without a reject, no wrong value taken silently."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest

from ingestion.forms.canonical import Forms, canonical
from ingestion.forms.received import Received, read_forms
from ingestion.forms.transfers import gather
from ingestion.reject import Source
from tests.ingestion_forms.mutations import (
    Mutation,
    all_tables,
    mutated,
    plain_day,
    plain_number,
    records_of,
    unread,
)
from tests.ingestion_forms.written import WRITERS

SUBJECTS = [f"S-{number:02}" for number in range(1, 9)]
DAYS = ("2024-01-05", "2024-03-01", "2024-05-03", "2024-07-05")
SPOILT, OF_ROWS = 0.6, 0.75
QUICK, SLOW = 1, 50
"""Rounds a format: a round has 160 rows of TR, or 96 of a template, of the first three quarters about 60 % spoilt."""


TR = ("USUBJID", "TRLNKID", "TRGRPID", "TRTESTCD", "TRSTRESN", "TRSTRESC", "TRSTRESU", "VISITNUM", "VISIT", "TRDTC")
LESIONS = (
    *("subject_id", "timepoint", "assessment_date", "lesion_id", "role", "organ"),
    *("longest_diameter_mm", "short_axis_mm", "state"),
)


def tr_table(choice: random.Random) -> pl.DataFrame:
    """TR rows of eight subjects, four visits and five results a visit; no two rows share a size."""
    rows = []
    for number, subject in enumerate(SUBJECTS):
        for visit, day in enumerate(DAYS, start=1):
            size = 11 + number * 8 + visit * 2 + choice.randrange(2)
            for lesion, role, test, mm, word in (
                ("T01", "TARGET", "LDIAM", f"{size}.25", f"{size}.25"),
                ("T02", "TARGET", "LDIAM", f"{size}.5", f"{size}.5"),
                ("T02", "TARGET", "LPERP", f"{size - 5}.75", f"{size - 5}.75"),
                ("NT01", "NON-TARGET", "TUMSTATE", None, "PRESENT"),
                ("NEW01", "NEW", "TUMSTATE", None, "EQUIVOCAL"),
            ):
                unit = "mm" if mm else None
                rows.append((subject, lesion, role, test, mm, word, unit, str(visit), f"V{visit}", day))
    columns = (
        "USUBJID",
        "TRLNKID",
        "TRGRPID",
        "TRTESTCD",
        "TRSTRESN",
        "TRSTRESC",
        "TRSTRESU",
        "VISITNUM",
        "VISIT",
        "TRDTC",
    )
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def measurement_table(choice: random.Random) -> pl.DataFrame:
    """Rows of the form of lesions: eight subjects, four time points, three lesions."""
    rows = []
    for number, subject in enumerate(SUBJECTS):
        for timepoint, day in enumerate(DAYS):
            size = 11 + number * 8 + timepoint * 2 + choice.randrange(2)
            rows += [
                (subject, str(timepoint), day, "T01", "TARGET", "LIVER", f"{size}.25", None, None),
                (subject, str(timepoint), day, "N02", "TARGET", "LYMPH NODE", None, f"{size}.5", None),
                (subject, str(timepoint), day, "NT03", "NON-TARGET", "BONE", None, None, "PRESENT"),
            ]
    return pl.DataFrame(rows, schema=dict.fromkeys(LESIONS, pl.String), orient="row")


def study_of(folder: Path, table: pl.DataFrame, form: str, suffix: str) -> tuple[Forms, list[Received], pl.DataFrame]:
    path = folder / f"{form.lower()}{suffix}"
    WRITERS[suffix](table, path, form)
    received = list(read_forms(path, Source(path.name, "sha"), study_id="S"))
    frames, rejects = gather("S", received)
    dm = pl.DataFrame({"USUBJID": SUBJECTS, "RFSTDTC": ["2024-01-06"] * len(SUBJECTS)})
    frames["DM"] = dm.with_columns(
        pl.Series("_row", range(2, len(SUBJECTS) + 2), dtype=pl.UInt32),
        pl.lit("dm.csv").alias("_source_name"),
        pl.lit("dm").alias("_source_sha256"),
    )
    return canonical("S", frames), received, rejects


def check_that_no_row_is_lost(
    forms: Forms, received: list[Received], rejects: pl.DataFrame, name: str, rows: int
) -> None:
    """Rows in = rows used + rejects + repeats, each row of the file counted once."""
    every = pl.concat([rejects, forms.rejects]).filter(pl.col("source_name") == name)
    rejected = set(every["source_record"].drop_nulls())
    used = {record for frame in all_tables(forms) for record in records_of(frame, name)}
    if every["source_record"].null_count() and not used:
        return
    (form,) = [form for form in received if form.domain is not None]
    assert form.records == rows, "a row is not counted"
    sheet = f"{form.sheet}!" if form.sheet is not None else ""
    kept = form.frame.with_columns(_record=pl.lit(sheet) + pl.col("_row").cast(pl.String))
    in_file = set(kept["_record"]) | set(form.rejects["source_record"].drop_nulls())
    left_out = unread(kept, "_record") if form.domain == "TR" else set()
    lost = in_file - used - rejected - left_out
    assert not lost, f"lost without a reject: {sorted(lost)[:5]}"
    assert every.select("reason", "remedy", "source_name").null_count().sum_horizontal().item() == 0


FIRST_ROW = {".csv": 2, ".xlsx": 4}
"""The number of a table's first row in its file; 1 in the other formats."""


def check_values(forms: Forms, table: pl.DataFrame, form: str, suffix: str) -> None:
    """Every measurement says what the rows of the (spoilt) file say that it names as its source."""
    rows = table.to_dicts()
    read = of_template if form in LESION_FORMS else of_results
    for made in forms.measurement.frame.iter_rows(named=True):
        numbers = [int(record.rsplit("!", maxsplit=1)[-1]) for record in made["source_record"].split(",")]
        named = [rows[number - FIRST_ROW.get(suffix, 1)] for number in numbers]
        expected = read(named)
        for column, allowed in expected.items():
            assert made[column] in allowed, (column, made[column], allowed, named)


def of_template(rows: list[dict[str, str | None]]) -> dict[str, set[object]]:
    """What a row of the form of lesions may come to."""
    (row,) = rows
    text = {name: (value or "").strip() for name, value in row.items()}
    role = text["role"].upper().replace(" ", "-").replace("_", "-")
    return {
        "subject_id": {text["subject_id"]},
        "lesion_id": {text["lesion_id"]},
        "timepoint": {plain_number(text["timepoint"])},
        "assessment_date": {plain_day(text["assessment_date"])},
        "role": {role},
        "longest_diameter_mm": {plain_number(text["longest_diameter_mm"])},
        "short_axis_mm": {plain_number(text["short_axis_mm"])},
    }


def of_results(rows: list[dict[str, str | None]]) -> dict[str, set[object]]:
    """What rows of TR, of one lesion at one visit, may come to; a rejected row beside used ones is not named."""
    text = [{name: (value or "").strip() for name, value in row.items()} for row in rows]
    days = {plain_day(row["TRDTC"]) for row in text if len(row["TRDTC"]) >= 10} - {None}
    partial = any(len(row["TRDTC"]) < 10 for row in text)
    return {
        "subject_id": {row["USUBJID"] for row in text},
        "lesion_id": {row["TRLNKID"] for row in text},
        "longest_diameter_mm": {None, *(size_of(row) for row in text if row["TRTESTCD"].upper() == "LDIAM")},
        "perpendicular_mm": {None, *(size_of(row) for row in text if row["TRTESTCD"].upper() == "LPERP")},
        "assessment_date": {None, *days, *(map(plain_day, DAYS) if partial else ())} | first_days(text),
    }


def first_days(rows: list[dict[str, str]]) -> set[object]:
    """The first day of partial dates (DT-06)."""
    return {plain_day(f"{row['TRDTC']}-01-01"[:10]) for row in rows if len(row["TRDTC"]) in (4, 7)}


def size_of(row: dict[str, str]) -> float | None:
    """The size of a TR row in millimetres; TRSTRESN counts before TRSTRESC."""
    factor = {"CM": 10.0, "IN": 25.4, "INCH": 25.4}.get(row["TRSTRESU"].upper(), 1.0)
    number = plain_number(row["TRSTRESN"] or row["TRSTRESC"])
    return None if number is None else round(number * factor, 6)


LESION_FORMS = ("measurement",)


def one_round(folder: Path, form: str, suffix: str, seed: int) -> int:
    """One spoilt table of a format; returns how many rows were spoilt."""
    choice = random.Random(f"{form}{suffix}{seed}")
    table = tr_table(choice) if form == "TR" else measurement_table(choice)
    spoilt, done = mutated(table, choice, SPOILT, round(table.height * OF_ROWS))
    forms, received, rejects = study_of(folder, spoilt, form, suffix)
    check_that_no_row_is_lost(forms, received, rejects, f"{form.lower()}{suffix}", spoilt.height)
    check_values(forms, spoilt, form, suffix)
    check_sound_rows(forms, table, spoilt, done, form)
    return len(done)


def check_sound_rows(forms: Forms, table: pl.DataFrame, spoilt: pl.DataFrame, done: list[Mutation], form: str) -> None:
    """A subject whose rows nobody touched has exactly the values of the original."""
    column = "USUBJID" if form == "TR" else "subject_id"
    touched = {table[column][change.row] for change in done} | {spoilt[column][change.row] for change in done}
    number = "TRSTRESN" if form == "TR" else "longest_diameter_mm"
    lesion = "TRLNKID" if form == "TR" else "lesion_id"
    test = pl.col("TRTESTCD") == "LDIAM" if form == "TR" else pl.col(number).is_not_null()
    original = table.filter(test & ~pl.col(column).is_in(list(touched))).select(
        pl.col(column).alias("subject_id"), pl.col(lesion).alias("lesion_id"), pl.col(number).cast(pl.Float64)
    )
    read = forms.measurement.frame.filter(pl.col("longest_diameter_mm").is_not_null())
    read = read.filter(~pl.col("subject_id").is_in(list(touched))).select(
        "subject_id", "lesion_id", "longest_diameter_mm"
    )
    assert sorted(read.rows()) == sorted(original.rows())


CASES = [*(("TR", suffix) for suffix in WRITERS), *(("measurement", suffix) for suffix in (".csv", ".xlsx", ".xml"))]


@pytest.mark.parametrize(("form", "suffix"), CASES)
def test_spoilt_rows_are_used_as_they_stand_or_rejected(tmp_path: Path, form: str, suffix: str) -> None:
    assert sum(one_round(tmp_path, form, suffix, seed) for seed in range(QUICK)) > 30


@pytest.mark.slow
@pytest.mark.parametrize(("form", "suffix"), CASES)
def test_many_spoilt_rows_are_used_as_they_stand_or_rejected(tmp_path: Path, form: str, suffix: str) -> None:
    assert sum(one_round(tmp_path, form, suffix, seed) for seed in range(QUICK, SLOW)) > 2000


def spoil_bytes(path: Path, suffix: str, first: int, last: int) -> None:
    """A file with bytes changed or cut off, read in rounds: rows or a reject, never an exception."""
    WRITERS[suffix](tr_table(random.Random(suffix)), path, "TR")
    whole = path.read_bytes()
    for seed in range(first, last):
        choice = random.Random(f"{suffix}{seed}")
        content = bytearray(whole)
        for _ in range(choice.randint(1, 20)):
            content[choice.randrange(len(content))] = choice.randrange(256)
        if choice.random() < 0.3:
            del content[choice.randrange(len(content)) :]
        path.write_bytes(bytes(content))
        for form in read_forms(path, Source(path.name, "sha"), study_id="S"):
            assert form.domain is not None or not form.rejects.is_empty()
            if form.domain == "TR":
                canonical("S", gather("S", [form])[0])


@pytest.mark.parametrize("suffix", list(WRITERS))
def test_spoilt_bytes_never_end_in_a_traceback(tmp_path: Path, suffix: str) -> None:
    spoil_bytes(tmp_path / f"tr{suffix}", suffix, 0, 5)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", list(WRITERS))
def test_many_spoilt_bytes_never_end_in_a_traceback(tmp_path: Path, suffix: str) -> None:
    spoil_bytes(tmp_path / f"tr{suffix}", suffix, 5, 300)
