"""Addresses: every page and every choice on it has one, so that it can be mailed."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, unquote, urlencode


def study_address(study: str, page: str = "", **choices: str | None) -> str:
    """The address of a study's page with the choices made on it."""
    path = f"/study/{quote(study, safe='')}" + (f"/{page}" if page else "")
    return path + search_of(choices)


def subject_address(study: str, subject: str, **choices: str | None) -> str:
    """The address of a subject's page."""
    return study_address(study, f"subject/{quote(subject, safe='')}", **choices)


def picture_address(study: str, content: str) -> str:
    """The address of the picture whose file has that SHA-256."""
    return f"/picture/{quote(study, safe='')}/{quote(content, safe='')}.png"


def search_of(choices: Mapping[str, str | None]) -> str:
    """The choices as the search part of an address, those without a value left out."""
    made = {name: value for name, value in choices.items() if value}
    return f"?{urlencode(made)}" if made else ""


def choices_of(search: str | None) -> dict[str, str]:
    """The choices that the search part of an address names."""
    return dict(parse_qsl((search or "").lstrip("?")))


def parts_of(pathname: str | None) -> list[str]:
    """The parts of a path, decoded."""
    return [unquote(part) for part in (pathname or "").split("/") if part]
