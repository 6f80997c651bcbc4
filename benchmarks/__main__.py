"""`python -m benchmarks`: every benchmark, as a table here, as docs/benchmarks.md and as docs/benchmarks.svg."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from benchmarks import collected, dashboard, derivation, forms, headers, pet, quality, refreshing
from benchmarks.report import Curve, page, plot, printed

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE, PLOT = "benchmarks.md", "benchmarks.svg"


def main() -> None:
    """Run all benchmarks; with --quick only small sizes, and nothing is written unless --out says where."""
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("--quick", action="store_true", help="small sizes, to see that everything runs")
    options.add_argument("--out", type=Path, help=f"folder for {PAGE} and {PLOT} (default: docs, none with --quick)")
    given = options.parse_args()
    out = given.out or (None if given.quick else DOCS)
    console = Console()

    section, sizes = derivation.run(given.quick)
    printed(section, console)
    others = []
    for measured in (headers, refreshing, forms, collected, pet, quality, dashboard):
        others.append(measured.run(given.quick))
        printed(others[-1], console)
    if out is None:
        return
    out.mkdir(parents=True, exist_ok=True)
    plotted = plot(_curves(sizes), out / PLOT)
    if not plotted:
        console.print("No plot: matplotlib is not installed (it belongs to the extra `dev`).")
    (out / PAGE).write_text(page([section, *others], plotted=PLOT if plotted else None), encoding="utf-8")
    console.print(f"Written to {out / PAGE}")


def _curves(sizes: list[derivation.Derivation]) -> list[Curve]:
    subjects = tuple(size.subjects for size in sizes)
    return [
        Curve("all criteria side by side", subjects, tuple(size.together for size in sizes)),
        Curve("RECIST 1.1 alone", subjects, tuple(size.alone["RECIST 1.1"] for size in sizes)),
        Curve("iRECIST alone", subjects, tuple(size.alone["iRECIST"] for size in sizes)),
        Curve("reference: read and one windowed sum", subjects, tuple(size.reference for size in sizes)),
        Curve("all criteria side by side", subjects, tuple(size.gigabytes for size in sizes), memory=True),
    ]


if __name__ == "__main__":
    main()
