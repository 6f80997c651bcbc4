"""Pieces of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

HEADER = "<!-- Written by `make docs` from the declarations; changes made here are lost. -->\n"


def page(*blocks: str) -> str:
    """A generated page from its blocks, one empty line apart."""
    return "\n".join([HEADER, *(block.rstrip("\n") + "\n" for block in blocks)])


def table(header: Iterable[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; cells are text, None is empty."""
    header = tuple(header)
    lines: list[Sequence[object]] = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(value) for value in line) + " |" for line in lines)


def code(text: str) -> str:
    """A block of preformatted text."""
    return f"```text\n{text.rstrip()}\n```"


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = f"{value:.1f}" if isinstance(value, float) else str(value)
    return text.replace("|", "\\|").replace("\n", " ")
