"""How a dashboard is started: which studies, which releases, and whether a proxy is believed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one dashboard process.

    ``user_header`` names the header in which a reverse proxy passes the user; None: no proxy is trusted, everybody is
    the user ``local``. ``groups_header`` names that of the user's groups, separated by commas. An open page looks every
    ``look_seconds`` whether a newer release is there.
    """

    home: Path
    unblinded: bool = False
    user_header: str | None = None
    groups_header: str | None = None
    look_seconds: float = 60

    @property
    def trusted(self) -> bool:
        """Whether a proxy is trusted to say who asks."""
        return self.user_header is not None
