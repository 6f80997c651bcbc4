"""The last failed refresh of a study, for those who look at its releases: when, at which step, and why."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from protocol.study import Study

NAME = Path("work") / "failed_refresh.json"


@dataclass(frozen=True, slots=True)
class Failure:
    """A refresh that published nothing: its moment (UTC), the step that failed, and what that step said."""

    at: datetime
    step: str
    reason: str


def remember(study: Study, failure: Failure) -> None:
    """Note the failure in the study's folder, in place of an earlier one."""
    file = study.path / NAME
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".part")
    partial.write_text(json.dumps(asdict(failure) | {"at": failure.at.isoformat()}), encoding="utf-8")
    partial.replace(file)


def forget(study: Study) -> None:
    """A refresh ended well: no failure stands any more."""
    (study.path / NAME).unlink(missing_ok=True)


def last_failure(study: Study) -> Failure | None:
    """The failure of the last refresh; None when it ended well or never ran."""
    try:
        noted = json.loads((study.path / NAME).read_text(encoding="utf-8"))
        return Failure(datetime.fromisoformat(noted["at"]), noted["step"], noted["reason"])
    except (OSError, ValueError, KeyError):
        return None
