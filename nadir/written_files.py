"""Files for other people, in the format of their suffix; what cannot be written is a message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import xlsxwriter

from nadir.errors import UserError

Content = TypeVar("Content")


def checked(out: Path, suffixes: tuple[str, ...]) -> Path:
    """The path of a report, whose suffix says what to write."""
    if out.suffix.lower() not in suffixes:
        raise UserError(f"{out}: cannot write {out.suffix or 'a file without suffix'}; use {', '.join(suffixes)}")
    return out


def write_file(content: Content, out: Path, writers: Mapping[str, Callable[[Content, Path], None]]) -> None:
    """Write the content by the writer of the file's suffix."""
    writer = writers[checked(out, tuple(writers)).suffix.lower()]
    try:
        writer(content, out)
    except OSError as error:
        raise UserError(f"{out}: cannot be written: {error.strerror or error}") from error
    except xlsxwriter.exceptions.XlsxWriterException as error:
        raise UserError(f"{out}: cannot be written: {error}") from error
