"""All quality rules on a simulated study: time of each, memory, share of the refresh, cost of Great Expectations."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from assets.tables import TABLES
from benchmarks.measure import Cost, cost, in_child
from benchmarks.report import Section
from nadir.refresh import refresh_study
from protocol.study import Study
from quality.catalogue import RULES
from quality.run import run_checks
from simulation.settings import Settings
from simulation.study import simulate_study
from warehouse.store import Warehouse

SUBJECTS, QUICK_SUBJECTS = 2_000, 20
VISITS = 10
SLOWEST = 10
LIBRARY = "great_expectations"


@dataclass(frozen=True, slots=True)
class Checked:
    """All rules at once, and each by itself; how many rows they looked at and what they found."""

    together: Cost
    alone: dict[str, Cost]
    rows: int
    findings: int


@dataclass(frozen=True, slots=True)
class Refreshing:
    """A refresh, and whether it loaded Great Expectations."""

    cost: Cost
    loaded: bool


def run(quick: bool) -> Section:
    """Simulate and refresh the study, then check it, each in a process of its own."""
    subjects = QUICK_SUBJECTS if quick else SUBJECTS
    with TemporaryDirectory() as folder:
        study = Path(folder) / "LOAD"
        in_child(_simulated, study, subjects)
        full, refresh_memory = in_child(_refreshed, study)
        nothing, nothing_memory = in_child(_refreshed, study)
        checked, memory = in_child(_checked, study)
        imported, import_memory = in_child(_imported)
    bare = in_child(_bare)[1]
    assert full.loaded, "a refresh with news runs the rules"
    unused = "does not load it" if not nothing.loaded else "LOADS IT"
    every = checked.together
    slowest = sorted(checked.alone.items(), key=lambda item: -item[1].wall)[:SLOWEST]
    rows = [
        (f"all {len(RULES)} rules", every, memory),
        *((name, one, None) for name, one in slowest),
        ("import of Great Expectations", imported, import_memory - bare),
        ("refresh, everything new", full.cost, refresh_memory),
        ("refresh, nothing new", nothing.cost, nothing_memory),
    ]
    return Section(
        title="Quality: all rules on one study",
        intro=(
            f"A simulated study of {subjects:,} subjects and up to {VISITS} visits, refreshed once; all rules on its "
            f"working file, which look at {checked.rows:,} rows and give {checked.findings:,} findings, then the "
            f"{SLOWEST} slowest rules, each by itself and so with its view and its start of Great Expectations. Each "
            "line in a process of its own; the memory of the import is what it adds to an empty process."
        ),
        header=("what", "wall, s", "CPU, s", "share of the refresh", "peak memory, GB"),
        rows=tuple(
            (
                name,
                f"{one.wall:.2f}",
                f"{one.cpu:.2f}",
                f"{one.wall / full.cost.wall:.1%}",
                "" if gigabytes is None else f"{gigabytes:.2f}",
            )
            for name, one, gigabytes in rows
        ),
        outcome=f"No goal is set for the rules. A refresh that needs no Great Expectations {unused}.",
    )


def _simulated(path: Path, subjects: int) -> None:
    simulate_study(Settings(subjects=subjects, visits=VISITS - 1), path)


def _refreshed(path: Path) -> Refreshing:
    spent = cost(lambda: refresh_study(Study(path), Console(quiet=True)))
    return Refreshing(spent, LIBRARY in sys.modules)


def _checked(path: Path) -> Checked:
    study = Study(path)
    with Warehouse(study.working_file, TABLES, study_id=study.name) as warehouse:
        run_checks(warehouse.query, RULES[:1])
        found = run_checks(warehouse.query)
        together = cost(lambda: run_checks(warehouse.query))
        alone = {rule.id: cost(lambda rule=rule: run_checks(warehouse.query, [rule])) for rule in RULES}
    return Checked(together, alone, int(found.outcomes["checked"].sum()), found.findings.height)


def _imported() -> Cost:
    return cost(lambda: __import__(LIBRARY))


def _bare() -> None:
    """Nothing: the process itself."""
