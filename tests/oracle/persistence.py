"""A partial response that stays one until PD or CR (section 2.3, ``pr_persistence`` = rwg_sticky)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from tests.oracle.best import generic


def keep_partial(responses: list[dict[str, Any]], codes: Mapping[str, str], confirmation_required: bool) -> None:
    """Show stable disease after a partial response as partial response, with a flag; confirmed where required."""
    literal = [generic(response) for response in responses]
    for number, response in enumerate(responses):
        if literal[number] != "SD":
            continue
        earlier = list(zip(literal[:number], responses[:number], strict=True))
        last_end = max((k for k, (what, _) in enumerate(earlier) if what in ("PD", "UPD", "CPD", "CR")), default=-1)
        if kept([(what, row["assessment_date"]) for what, row in earlier[last_end + 1 :]], confirmation_required):
            response["overall_response"] = codes.get("PR", "PR")
            response["target_response"] = "PR" if response["target_response"] == "SD" else response["target_response"]
            response["flags"] = ",".join(filter(None, (response["flags"], "PARTIAL_RESPONSE_KEPT")))


def kept(since: list[tuple[str, date]], confirmation_required: bool) -> bool:
    """Among the responses since the last PD or CR there is a PR, followed by another 28 days later where required."""
    for k, (what, first) in enumerate(since):
        if what != "PR":
            continue
        if not confirmation_required:
            return True
        for later, day in since[k + 1 :]:
            if later == "PR" and day - first >= timedelta(days=28):
                return True
            if later not in ("PR", "NE"):
                break
    return False
