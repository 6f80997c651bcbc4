"""The Basic Application Level Confidentiality Profile (PS3.15 table E.1-1) as data.

``basic_profile.csv`` has a line an attribute: tag, keyword, the profile's action (D dummy value, Z empty, X remove,
U new UID, and their combinations), and which option lets its value stay (`protocol.imaging.OPTION_CODES`; ``trial``:
the identifiers of the trial itself). Source: PS3.15 2026c.
"""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib import resources

TRIAL = "trial"
CLEANED = "clean_descriptors"
NEW_UID = "U"
SAFE_PRIVATE: dict[str, frozenset[int]] = {
    "PHILIPS PET PRIVATE GROUP": frozenset({0x00, 0x09}),
    "GEMS_PETD_01": frozenset(range(0x100)),
    "GEMS_GENIE_1": frozenset({0x10}),
    "CTP": frozenset({0x10, 0x11, 0x12, 0x13}),
}
"""Private creators and the elements of theirs that an SUV or the trial's own bookkeeping needs."""


@dataclass(frozen=True, slots=True)
class Protected:
    """One attribute of the profile."""

    tag: int
    keyword: str
    action: str
    kept_by: str


@cache
def basic_profile() -> dict[int, Protected]:
    """Every attribute of the profile by its tag."""
    text = resources.files("ingestion.deidentification").joinpath("basic_profile.csv").read_text(encoding="utf-8")
    rows = [(int(row.pop("tag"), 16), row) for row in csv.DictReader(text.splitlines())]
    return {tag: Protected(tag, row["keyword"], row["action"], row["kept_by"]) for tag, row in rows}


@cache
def to_remove(options: tuple[str, ...]) -> dict[int, Protected]:
    """The attributes whose values must not be there under these options, by tag.

    New UIDs cannot be told from old ones, and the trial's own identifiers are meant to be there.
    """
    kept: Collection[str] = (TRIAL, *options)
    if "retain_full_dates" in options:
        kept = (*kept, "retain_modified_dates")
    replaced = (NEW_UID, "U*")
    protected = basic_profile().items()
    return {tag: one for tag, one in protected if not one.action.endswith(replaced) and one.kept_by not in kept}
