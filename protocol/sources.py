"""Where a study's files come from beside incoming/, and what archives may hold."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, model_validator

from protocol.section import Section


class ArchiveLimits(Section):
    """What a ZIP or TAR archive in incoming/ may hold, all archives within it counted; more, and it is not used."""

    max_files: int = Field(default=500_000, gt=0)
    max_gigabytes: float = Field(default=200, gt=0)
    max_ratio: float = Field(default=200, gt=1)
    max_nesting: int = Field(default=1, ge=0)


class DicomWeb(Section):
    """A server that scans are fetched from; only this one is contacted, credentials come from the environment."""

    url: str
    search: dict[str, str] = Field(default_factory=dict)
    changes: str | None = None
    user_variable: str | None = None
    password_variable: str | None = None
    token_variable: str | None = None
    ca_bundle: str | None = None
    timeout_seconds: float = Field(default=30, gt=0)
    retries: int = Field(default=3, ge=0, le=10)

    @model_validator(mode="after")
    def _consistent(self) -> DicomWeb:
        for given in filter(None, (self.url, self.changes)):
            parts = urlsplit(given)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise ValueError(f"{given!r} is no address such as https://pacs.example.org/dicom-web")
            if parts.username or parts.password:
                raise ValueError("an address must not hold a password; name an environment variable instead")
        if self.changes and self.search:
            raise ValueError("the feed of changes gives all scans of the server: leave out either changes or search")
        if (self.user_variable is None) != (self.password_variable is None):
            raise ValueError("user_variable and password_variable go together")
        if self.token_variable and self.user_variable:
            raise ValueError("give either token_variable or user_variable and password_variable")
        return self


class Ingestion(Section):
    """Where files come from beside incoming/, and what archives may hold."""

    archives: ArchiveLimits = Field(default_factory=ArchiveLimits)
    dicomweb: DicomWeb | None = None
