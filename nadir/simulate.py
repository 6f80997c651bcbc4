"""The command `nadir simulate`: checks what was asked for and says what was made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast, get_args

import polars as pl
from rich.console import Console
from rich.markup import escape

from nadir.errors import UserError
from simulation.classes import LatentClass
from simulation.faults.catalogue import chosen_faults, listed
from simulation.settings import ARMS, PERFECT, FileFormat, Forms, ReaderErrors, Settings, SettingsError
from simulation.study import Written, simulate_study


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of the command as they were typed."""

    subjects: int = 100
    seed: int = 1
    forms: str = "sdtm"
    file_format: str = "csv"
    scans: str = "0"
    scan_visits: int | None = None
    classes: str | None = None
    perfect: bool = False
    faults: str | None = None


def simulate_into(out: Path, asked: Asked, console: Console) -> None:
    """Simulate a trial into the folder ``out`` and print what it holds; raises `UserError`."""
    for option, given, allowed in (
        ("--forms", asked.forms, get_args(Forms)),
        ("--format", asked.file_format, get_args(FileFormat)),
    ):
        if given not in allowed:
            raise UserError(f"{option} {given}: write one of {', '.join(allowed)}")
    try:
        made = simulate_study(
            _settings(asked),
            out,
            forms=cast(Forms, asked.forms),
            file_format=cast(FileFormat, asked.file_format),
            faults=chosen_faults(asked.faults) if asked.faults else (),
        )
    except (SettingsError, OSError) as error:
        raise UserError(str(error)) from error
    _say(made, console)


def fault_list() -> pl.DataFrame:
    """The faults that can be planted."""
    return listed()


def _settings(asked: Asked) -> Settings:
    shares = _shares(asked.classes) if asked.classes else None
    arms = tuple(replace(arm, classes=shares) for arm in ARMS) if shares else ARMS
    errors = PERFECT if asked.perfect else ReaderErrors()
    scans = _scans(asked.scans, asked.subjects)
    return Settings(
        subjects=asked.subjects,
        seed=asked.seed,
        arms=arms,
        errors=errors,
        scans=scans,
        scan_visits=asked.scan_visits,
    )


def _scans(text: str, subjects: int) -> int:
    """A whole number of subjects, or a share of them with a decimal point."""
    try:
        return round(float(text) * subjects) if "." in text else int(text)
    except ValueError as error:
        raise SettingsError(f"--scans {text!r}: write a number of subjects, or a share such as 0.1") from error


def _shares(text: str) -> dict[LatentClass, float]:
    shares = {}
    for part in text.split(","):
        name, _, share = part.partition("=")
        try:
            shares[LatentClass[name.strip().upper()]] = float(share)
        except (KeyError, ValueError) as error:
            names = ", ".join(latent.name for latent in LatentClass)
            raise SettingsError(f"--classes {part!r}: write NAME=SHARE with a NAME of {names}") from error
    return shares


def _say(made: Written, console: Console) -> None:
    console.print(f"{made.subjects} simulated subjects are in {escape(str(made.folder))}", soft_wrap=True)
    for name, rows in made.rows.items():
        console.print(f"  {escape(name):<28}{rows:>10,} rows")
    if made.scans:
        console.print(f"  {'dicom/':<28}{made.scans:>10,} files")
    if made.planted:
        console.print(f"  {made.planted} faults planted; which and where: truth/faults.csv")
    for fault, reason in made.not_planted.items():
        console.print(f"  not planted: {escape(fault)}: {escape(reason)}", soft_wrap=True)
