"""The life of queries: the state machine as a table, its history, and any course against a naive oracle."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.operations import ACTIONS, Act
from quality.queries import reconcile, with_actions
from quality.query_history import query_events, with_people
from quality.tables import QUERY, QUERY_EVENT
from tests.quality.test_quality_queries import SUBJECTS, day, findings

LIVES = """
80                               | OPEN
80 80                            | OPEN
80 -                             | RESOLVED
80 - 80                          | REOPENED
80 ANSWER                        | ANSWERED
80 ANSWER 80                     | ANSWERED
80 ANSWER 95                     | ANSWERED
80 ANSWER -                      | RESOLVED
80 ANSWER - 80                   | REOPENED
80 CLOSE 80                      | CLOSED
80 CLOSE 95                      | REOPENED
80 CLOSE 95 CLOSE 95             | CLOSED
80 CLOSE - 80                    | REOPENED
80 CLOSE REOPEN                  | REOPENED
80 CLOSE REOPEN ANSWER           | ANSWERED
80 CLOSE REOPEN CLOSE 80         | CLOSED
80 - ANSWER                      | RESOLVED
80 - CLOSE 80                    | REOPENED
80 - REOPEN                      | RESOLVED
80 COMMENT ASSIGN                | OPEN
80 ANSWER COMMENT                | ANSWERED
80 ANSWER ANSWER CLOSE           | CLOSED
80 - 80 - 80                     | REOPENED
"""


@dataclass
class Course:
    """Refreshes and actions one after the other; an action takes place an hour after what came before it."""

    at: datetime = field(default_factory=lambda: day(0))
    queries: pl.DataFrame = field(default_factory=QUERY.empty)
    history: pl.DataFrame = field(default_factory=QUERY_EVENT.empty)
    acts: list[tuple[object, ...]] = field(default_factory=list)

    @property
    def actions(self) -> pl.DataFrame:
        return pl.DataFrame(self.acts, schema=ACTIONS, orient="row")

    def refresh(self, seen: dict[str, str]) -> None:
        self.at += timedelta(hours=1)
        after = reconcile(self.queries, findings(**seen), SUBJECTS, self.actions, self.at)
        self.history = query_events(self.history, self.queries, after, self.actions, self.at)
        self.queries = after

    def act(self, fingerprint: str, act: Act) -> None:
        self.at += timedelta(hours=1)
        self.acts.append(
            (len(self.acts), "ST-1", fingerprint, act.value, f"text {len(self.acts)}", "Ada", self.at, None)
        )

    def now(self) -> pl.DataFrame:
        return with_actions(self.queries, self.actions, self.at)


@dataclass
class Oracle:
    """One query after the other, one step after the other, without any table."""

    status: dict[str, str] = field(default_factory=dict)
    value: dict[str, str] = field(default_factory=dict)
    reopened: dict[str, int] = field(default_factory=dict)
    history: dict[str, list[str]] = field(default_factory=dict)

    def refresh(self, seen: dict[str, str]) -> None:
        for fingerprint in {*self.status, *seen}:
            happened = self._refreshed(fingerprint, seen.get(fingerprint))
            if happened:
                self.history.setdefault(fingerprint, []).append(happened)

    def _refreshed(self, fingerprint: str, value: str | None) -> str | None:
        status = self.status.get(fingerprint)
        if value is None:
            self.status[fingerprint] = "RESOLVED"
            return None if status == "RESOLVED" else "RESOLVED"
        changed = self.value.get(fingerprint) != value
        self.value[fingerprint] = value
        if status is None:
            self.status[fingerprint], self.reopened[fingerprint] = "OPEN", 0
            return "OPENED"
        if status == "RESOLVED" or (status == "CLOSED" and changed):
            self.status[fingerprint] = "REOPENED"
            self.reopened[fingerprint] += 1
            return "CAME BACK" if status == "RESOLVED" else "CHANGED"
        return None

    def act(self, fingerprint: str, act: Act) -> None:
        after = {Act.ANSWER: "ANSWERED", Act.CLOSE: "CLOSED", Act.REOPEN: "REOPENED"}.get(act)
        if after and self.status[fingerprint] != "RESOLVED":
            self.status[fingerprint] = after
        self.history[fingerprint].append(act.value)


def lives() -> list[tuple[str, str]]:
    lines = (line.split("|") for line in LIVES.strip().splitlines())
    return [(steps.strip(), status.strip()) for steps, status in lines]


@pytest.mark.parametrize(("steps", "status"), lives())
def test_the_state_follows_from_refreshes_and_actions(steps: str, status: str) -> None:
    course, oracle = Course(), Oracle()
    for step in steps.split():
        if step in Act.__members__:
            course.act("f1", Act(step))
            oracle.act("f1", Act(step))
        else:
            seen = {} if step == "-" else {"f1": step}
            course.refresh(seen)
            oracle.refresh(seen)
    assert course.now()["status"].to_list() == [status]
    assert oracle.status["f1"] == status, "the oracle says the same"


FINGERPRINTS, VALUES = ("f1", "f2"), ("80", "95")
REFRESHES = st.dictionaries(st.sampled_from(FINGERPRINTS), st.sampled_from(VALUES))
ACTS = st.tuples(st.sampled_from(FINGERPRINTS), st.sampled_from(Act))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(REFRESHES, REFRESHES, ACTS), max_size=9))
def test_any_course_ends_as_the_oracle_says(steps: list[dict[str, str] | tuple[str, Act]]) -> None:
    course, oracle = Course(), Oracle()
    for step in steps:
        if isinstance(step, dict):
            course.refresh(step)
            oracle.refresh(step)
        elif step[0] in oracle.status:
            course.act(*step)
            oracle.act(*step)
    now = course.now()
    assert dict(now.select("fingerprint", "status").iter_rows()) == oracle.status
    assert dict(now.select("fingerprint", "times_reopened").iter_rows()) == oracle.reopened
    assert dict(now.select("fingerprint", "value").iter_rows()) == oracle.value
    told = with_people(course.history, course.actions)
    by_query = told.sort("number").group_by("fingerprint").agg("event", "number")
    assert dict(by_query.select("fingerprint", "event").iter_rows()) == oracle.history
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in by_query["number"].to_list())
