"""The quality section of protocol.yaml: which rules a study switches off, and with which limits it takes the others."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from protocol.section import Section


class RuleSettings(BaseModel):
    """What a study wants of one rule; further keys are the rule's own limits, judged with the rule catalogue."""

    model_config = ConfigDict(extra="allow", frozen=True)

    severity: Literal["ERROR", "WARN"] | None = None
    off: bool = False

    @model_validator(mode="before")
    @classmethod
    def _off_is_a_word(cls, given: Any) -> Any:
        """YAML reads the key ``off`` as false."""
        if not isinstance(given, dict):
            return given
        return {"off" if name is False else name: value for name, value in given.items()}

    @property
    def limits(self) -> dict[str, Any]:
        """The rule's own limits as given."""
        return dict(self.model_extra or {})


class Quality(Section):
    """The quality rules of the study, by rule id."""

    rules: dict[str, RuleSettings] = Field(default_factory=dict)
