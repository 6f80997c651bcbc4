"""The command `nadir simulate`: checks what was asked for and says what was made."""

from __future__ import annotations

from pathlib import Path
from typing import cast, get_args

from rich.console import Console
from rich.markup import escape

from nadir.errors import UserError
from simulation.settings import FileFormat, Forms, Settings, SettingsError
from simulation.study import simulate_study


def simulate_into(out: Path, console: Console, *, subjects: int, seed: int, forms: str, file_format: str) -> None:
    """Simulate a trial into the folder ``out`` and print what it holds; raises `UserError`."""
    for option, given, allowed in (
        ("--forms", forms, get_args(Forms)),
        ("--format", file_format, get_args(FileFormat)),
    ):
        if given not in allowed:
            raise UserError(f"{option} {given}: write one of {', '.join(allowed)}")
    try:
        settings = Settings(subjects=subjects, seed=seed)
        made = simulate_study(settings, out, forms=cast(Forms, forms), file_format=cast(FileFormat, file_format))
    except (SettingsError, OSError) as error:
        raise UserError(str(error)) from error
    console.print(f"{made.subjects} simulated subjects are in {escape(str(made.folder))}, the truth in its truth/")
    for name, rows in made.rows.items():
        console.print(f"  {escape(name):<24}{rows:>10,} rows")
