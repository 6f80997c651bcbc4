"""Writing a report from the command line."""

from __future__ import annotations

import tempfile
from pathlib import Path

from nadir.errors import UserError

SUFFIXES = (".html", ".pdf")


def write_report(home: Path, name: str, out: Path, *, unblinded: bool) -> Path:
    """Write the report of the study's current release to ``out``; a mistake or a missing program is a `UserError`."""
    if out.suffix.lower() not in SUFFIXES:
        raise UserError(f"{out}: a report is written as {' or '.join(SUFFIXES)}")
    try:
        from dashboard.context import Page  # noqa: PLC0415
        from dashboard.published import NotPublishedError, Published  # noqa: PLC0415
        from dashboard.report import ReportError, report, write_pdf  # noqa: PLC0415
    except ImportError as error:
        raise UserError(f"reports need the extra dashboard ({error}): pip install 'nadir[dashboard]'") from error
    published = Published(home, unblinded)
    try:
        text = report(Page(published, published.study(name), published.release(name)))
        if out.suffix.lower() == ".html":
            out.write_text(text, encoding="utf-8")
            return out
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "report.html"
            page.write_text(text, encoding="utf-8")
            write_pdf(page, out)
    except (NotPublishedError, ReportError) as error:
        raise UserError(str(error)) from error
    except OSError as error:
        raise UserError(f"{out}: cannot be written: {error.strerror or error}") from error
    return out
