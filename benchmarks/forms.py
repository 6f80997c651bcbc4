"""Large forms in CSV, SAS transport and ODM, against plain reading of the same file by Polars, pyreadstat and lxml."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pyreadstat
from lxml import etree

from benchmarks.measure import Cost, cost, in_child
from benchmarks.report import Section
from ingestion.forms.received import read_forms
from ingestion.reject import Source

ROWS = {".csv": 5_000_000, ".xpt": 1_000_000, ".xml": 200_000}
QUICK_ROWS = 2_000
REFERENCE = {".csv": "Polars", ".xpt": "pyreadstat", ".xml": "lxml"}
WORDS = ("CT SCAN", "MRI", "PET/CT SCAN")
ROWS_WRITTEN_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Reading:
    """One file read as a form and by the reference; times in seconds of wall clock, memory in GB."""

    suffix: str
    rows: int
    size_mb: float
    own: Cost
    reference: Cost
    gigabytes: float


def run(quick: bool) -> Section:
    """Measure each format, each reading in a process of its own."""
    found = []
    for suffix, rows in ROWS.items():
        count = QUICK_ROWS if quick else rows
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"tr{suffix}"
            in_child(_write, path, count)
            own, gigabytes = in_child(_own, path, count)
            reference, _ = in_child(_reference, path)
            found.append(Reading(suffix, count, path.stat().st_size / 1e6, own, reference, gigabytes))
    return Section(
        title="Forms: reading a large file",
        intro=(
            "Tumour results (20 SDTM columns) from a file to text rows of one form with provenance: encoding, header, "
            "ragged lines, domain and mapping are checked. The reference reads the same file without any of this: "
            "Polars with all columns as text, pyreadstat to a Polars frame, lxml over all elements."
        ),
        header=(
            "format",
            "rows",
            "file, MB",
            "s",
            "rows per s",
            "reference",
            "reference, s",
            "ratio",
            "peak memory, GB",
        ),
        rows=tuple(_row(reading) for reading in found),
        outcome="No goal is set; the memory of a large CSV stays below five times its size.",
    )


def _row(reading: Reading) -> tuple[str, ...]:
    return (
        reading.suffix.removeprefix("."),
        f"{reading.rows:,}",
        f"{reading.size_mb:.0f}",
        f"{reading.own.wall:.2f}",
        f"{reading.rows / reading.own.wall:,.0f}",
        REFERENCE[reading.suffix],
        f"{reading.reference.wall:.2f}",
        f"{reading.own.wall / reading.reference.wall:.1f}",
        f"{reading.gigabytes:.2f}",
    )


def _own(path: Path, rows: int) -> Cost:
    def read() -> None:
        (form,) = read_forms(path, Source(path.name, "sha"), study_id="BENCHMARK")
        assert form.frame.height == rows, (form.frame.height, form.rejects)

    return cost(read)


def _reference(path: Path) -> Cost:
    readers: dict[str, Callable[[], object]] = {
        ".csv": lambda: pl.read_csv(path, infer_schema=False),
        ".xpt": lambda: pyreadstat.read_xport(str(path), output_format="polars"),
        ".xml": lambda: _elements(path),
    }
    return cost(readers[path.suffix])


def _elements(path: Path) -> int:
    count = 0
    for _, element in etree.iterparse(str(path), tag="{*}ItemGroupData"):
        count += len(element)
        element.clear()
    return count


def results(first: int, count: int) -> pl.DataFrame:
    """``count`` rows of TR from number ``first`` on."""
    number = pl.int_range(first, first + count, dtype=pl.Int64)
    size = (10 + number % 700 / 10).round(1)
    visit = number // 20 % 12 + 1
    return pl.select(
        STUDYID=pl.lit("BENCHMARK").repeat_by(count).explode(),
        DOMAIN=pl.lit("TR"),
        USUBJID=pl.format("BENCHMARK-{}-{}", number // 240 % 90 + 10, (number // 240).cast(pl.String).str.zfill(6)),
        TRSEQ=(number % 240 + 1).cast(pl.Float64),
        TRGRPID=pl.when(number % 20 < 10).then(pl.lit("TARGET")).otherwise(pl.lit("NON-TARGET")),
        TRLNKID=pl.format("T{}", number % 20),
        TRTESTCD=pl.when(number % 2 == 0).then(pl.lit("LDIAM")).otherwise(pl.lit("LPERP")),
        TRTEST=pl.when(number % 2 == 0).then(pl.lit("Longest Diameter")).otherwise(pl.lit("Longest Perpendicular")),
        TRORRES=size.cast(pl.String),
        TRORRESU=pl.lit("mm"),
        TRSTRESC=size.cast(pl.String),
        TRSTRESN=size,
        TRSTRESU=pl.lit("mm"),
        TRMETHOD=pl.when(number % 3 == 0).then(pl.lit(WORDS[0])).otherwise(pl.lit(WORDS[1])),
        TREVAL=pl.lit("INDEPENDENT ASSESSOR"),
        TREVALID=pl.format("RADIOLOGIST {}", number % 2 + 1),
        VISITNUM=visit.cast(pl.Float64),
        VISIT=pl.format("WEEK {}", visit * 6),
        TRDTC=(pl.date(2024, 1, 1) + pl.duration(days=visit * 42)).cast(pl.String),
        TRDY=(visit * 42).cast(pl.Float64),
    )


def _write(path: Path, rows: int) -> None:
    if path.suffix == ".xpt":
        pyreadstat.write_xport(results(0, rows).to_pandas(), str(path), table_name="TR", file_format_version=5)
        return
    with path.open("w", encoding="utf-8") as file:
        if path.suffix == ".xml":
            file.write('<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" FileType="Snapshot" ODMVersion="1.3.2">')
            file.write('<ClinicalData StudyOID="S" MetaDataVersionOID="V">\n')
        for first in range(0, rows, ROWS_WRITTEN_AT_ONCE):
            part = results(first, min(ROWS_WRITTEN_AT_ONCE, rows - first))
            file.write(
                part.write_csv(include_header=first == 0) if path.suffix == ".csv" else _item_groups(part, first)
            )
        if path.suffix == ".xml":
            file.write("</ClinicalData></ODM>\n")


def _item_groups(part: pl.DataFrame, first: int) -> str:
    items = [pl.format(f'<ItemData ItemOID="IT.TR.{name}" Value="{{}}"/>', name) for name in part.columns]
    group = pl.format(
        '<SubjectData SubjectKey="{}"><StudyEventData StudyEventOID="SE"><FormData FormOID="F.TR">'
        '<ItemGroupData ItemGroupOID="IG.TR" ItemGroupRepeatKey="{}">{}</ItemGroupData></FormData></StudyEventData>'
        "</SubjectData>",
        "USUBJID",
        pl.int_range(first, first + part.height),
        pl.concat_str(items),
    )
    return "\n".join(part.select(group).to_series()) + "\n"
