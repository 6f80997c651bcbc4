"""Serving the dashboard to several people: gunicorn with a few worker processes."""

from __future__ import annotations

from typing import Any

from gunicorn.app.base import BaseApplication

from dashboard.app import build_app
from dashboard.settings import Settings


class Server(BaseApplication):
    """Gunicorn around the dashboard's WSGI application."""

    def __init__(self, settings: Settings, *, host: str, port: int, workers: int) -> None:
        self._settings = settings
        self._options = {
            "bind": f"{host}:{port}",
            "workers": workers,
            "threads": 4,
            "worker_class": "gthread",
            "timeout": 60,
            "preload_app": True,
            "accesslog": None,
            "loglevel": "warning",
        }
        super().__init__()

    def load_config(self) -> None:
        """Take the options of this server."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The WSGI application."""
        return build_app(self._settings).server
