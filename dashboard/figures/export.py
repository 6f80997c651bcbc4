"""Figures as PNG and SVG files, drawn without leaving the machine."""

from __future__ import annotations

from pathlib import Path

import plotly.graph_objects as go

FORMATS = (".png", ".svg", ".pdf")


class FigureExportError(RuntimeError):
    """A figure that could not be written: an unknown format, or no Chromium on the machine."""


def write_figure(drawn: go.Figure, path: Path, *, width: int = 1000, height: int | None = None) -> Path:
    """Write the figure as ``path``'s suffix says (`FORMATS`); ``width`` and ``height`` in pixels at scale 2.

    Raises `FigureExportError` with what to do about it.
    """
    if path.suffix not in FORMATS:
        raise FigureExportError(f"{path.name}: figures are written as {', '.join(FORMATS)}")
    try:
        drawn.write_image(path, width=width, height=height or drawn.layout.height, scale=2)
    except Exception as error:  # kaleido raises its own and the browser's errors
        raise FigureExportError(
            f"{path.name} cannot be drawn ({type(error).__name__}: {str(error).splitlines()[0]}); "
            "kaleido needs Chromium: install the package chromium"
        ) from error
    return path
