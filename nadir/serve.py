"""Serving the dashboard from the command line."""

from __future__ import annotations

import socket
from pathlib import Path

from nadir.errors import UserError


def serve_dashboard(
    home: Path,
    *,
    host: str,
    port: int,
    workers: int,
    unblinded: bool,
    user_header: str | None,
    groups_header: str | None,
) -> None:
    """Serve the dashboard until it is ended; what keeps it from starting is told as a `UserError`."""
    try:
        from dashboard.server import Server  # noqa: PLC0415
        from dashboard.settings import Settings  # noqa: PLC0415
    except ImportError as error:
        raise UserError(f"the dashboard needs the extra dashboard ({error}): pip install 'nadir[dashboard]'") from error
    if groups_header and not user_header:
        raise UserError("--groups-header needs --user-header: groups belong to a user that the proxy names")
    _port_is_free(host, port)
    settings = Settings(home, unblinded, user_header, groups_header)
    Server(settings, host=host, port=port, workers=workers).run()


def _port_is_free(host: str, port: int) -> None:
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        raise UserError(f"cannot listen on {host}:{port}: {error.strerror}; choose another --port") from error
