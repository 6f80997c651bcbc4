"""A study is a folder: where its protocol, transfers, working file and releases stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from protocol.load import load_protocol
from protocol.model import Protocol
from protocol.template import PROTOCOL_TEMPLATE

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class StudyError(ValueError):
    """A study folder that does not exist, exists already, or cannot have that name."""


@dataclass(frozen=True)
class Study:
    """The folder of one study below the home of all studies."""

    path: Path

    @property
    def name(self) -> str:
        """The study's id: the name of its folder."""
        return self.path.name

    @property
    def protocol_file(self) -> Path:
        """The study's protocol.yaml."""
        return self.path / "protocol.yaml"

    @property
    def rules(self) -> Path:
        """The study's own quality rules, one SQL file each."""
        return self.path / "rules"

    @property
    def incoming(self) -> Path:
        """Where people and transfers put files."""
        return self.path / "incoming"

    @property
    def templates(self) -> Path:
        """Empty forms, to be filled and put into incoming/."""
        return self.path / "templates"

    @property
    def landing(self) -> Path:
        """Content-addressed copies of everything received."""
        return self.path / "landing"

    @property
    def working_file(self) -> Path:
        """The DuckDB file that refreshes write and nobody else reads."""
        return self.path / "work" / "warehouse.duckdb"

    @property
    def operations_file(self) -> Path:
        """The database of what people said about queries, unless a setting names another one."""
        return self.path / "operations.sqlite"

    @property
    def lock_file(self) -> Path:
        """Held by a running refresh."""
        return self.path / "work" / "refresh.lock"

    @property
    def releases(self) -> Path:
        """Published releases; of a blinded study the blinded ones."""
        return self.path / "releases"

    @property
    def unblinded_releases(self) -> Path:
        """Releases of a blinded study with arms, readable by the owner only."""
        return self.path / "releases-unblinded"

    @cached_property
    def protocol(self) -> Protocol:
        """The validated protocol; raises `protocol.load.ProtocolError`."""
        return load_protocol(self.protocol_file)


def open_study(home: Path, name: str) -> Study:
    """The study of that name below ``home``; raises `StudyError` with the studies that exist."""
    study = Study(home / name)
    if NAME.fullmatch(name) is None or not study.protocol_file.is_file():
        known = ", ".join(existing.name for existing in list_studies(home)) or "none yet"
        raise StudyError(f"no study {name!r} in {home}; studies: {known}. `nadir init {name}` makes one")
    return study


def list_studies(home: Path) -> list[Study]:
    """All studies below ``home``, by name."""
    if not home.is_dir():
        return []
    return [Study(path) for path in sorted(home.iterdir()) if (path / "protocol.yaml").is_file()]


def init_study(home: Path, name: str) -> Study:
    """A new study folder with a commented protocol.yaml and an empty incoming/; never touches an existing one."""
    if NAME.fullmatch(name) is None:
        raise StudyError(
            f"{name!r} cannot be a study's name: use up to 64 letters, digits, '_', '-' and '.', "
            "beginning with a letter or digit"
        )
    study = Study(home / name)
    if study.protocol_file.exists():
        raise StudyError(f"study {name!r} exists already in {home}; edit {study.protocol_file}")
    for folder in ("forms", "dicom"):
        (study.incoming / folder).mkdir(parents=True, exist_ok=True)
    study.protocol_file.write_text(PROTOCOL_TEMPLATE.format(name=name), encoding="utf-8")
    return study
