"""What was measured: a table on the terminal, a page and a plot for the documentation."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Section:
    """One benchmark's results; ``outcome`` says whether its goal was reached."""

    title: str
    intro: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    outcome: str


@dataclass(frozen=True, slots=True)
class Curve:
    """Cost against the number of subjects: seconds of one named series, or GB where ``memory``."""

    name: str
    subjects: tuple[int, ...]
    values: tuple[float, ...]
    memory: bool = False


def printed(section: Section, console: Console) -> None:
    """The section as a table on the terminal, figures in rows so that it fits any width."""
    table = Table("", *(row[0] for row in section.rows), title=section.title, title_justify="left")
    for number, name in enumerate(section.header[1:], start=1):
        table.add_row(name, *(row[number] for row in section.rows))
    console.print(table)
    console.print(section.outcome)


def page(sections: Sequence[Section], *, plotted: str | None) -> str:
    """The documentation's page in Markdown; ``plotted`` is the name of the plot beside it, if there is one."""
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    software = f"Python {platform.python_version()}, Polars {version('polars')}, NumPy {version('numpy')}"
    parts = ["# Benchmarks", f"Made by `make bench` on {machine}; {software}."]
    for section in sections:
        rows = zip(section.header, *section.rows, strict=True)
        first, *others = (" | ".join(cells) for cells in rows)
        rule = " | ".join(["---", *["---:"] * len(section.rows)])
        table = "\n".join(f"| {line} |" for line in (first, rule, *others))
        parts += [f"## {section.title}", section.intro, table, section.outcome]
    if plotted is not None:
        parts.append(f"![Cost against the number of subjects]({plotted})")
    return "\n\n".join(parts) + "\n"


def plot(curves: Sequence[Curve], path: Path) -> bool:
    """Seconds and GB against subjects on logarithmic axes as SVG; False without matplotlib."""
    if find_spec("matplotlib") is None:
        return False
    import matplotlib as mpl  # noqa: PLC0415 - optional
    from matplotlib.figure import Figure  # noqa: PLC0415

    mpl.rcParams |= {"svg.hashsalt": "nadir", "svg.fonttype": "none", "font.size": 9}
    figure = Figure(figsize=(8, 3.4), layout="constrained")
    seconds, memory = figure.subplots(1, 2)
    for curve in curves:
        axes: Any = memory if curve.memory else seconds
        axes.loglog(curve.subjects, curve.values, marker="o", label=curve.name)
    for axes, label in ((seconds, "seconds"), (memory, "peak memory, GB")):
        axes.set(xlabel="subjects", ylabel=label)
        axes.grid(visible=True, which="major", alpha=0.3)
        axes.legend(frameon=False)
    figure.savefig(path, format="svg", metadata={"Date": None})
    return True
