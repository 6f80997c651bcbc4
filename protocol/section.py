"""What every section of protocol.yaml has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of the protocol: no unknown keys, never changed after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)
