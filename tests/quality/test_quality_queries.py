"""Queries: what data do, what people do, and how both meet."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from ingestion.tables import SUBJECT
from quality.answer import AnswerKind
from quality.operations import ACTIONS, QUERY_ACTION, Act, Operations, OperationsError, QueryAction, operations_url
from quality.queries import reconcile, undecided_rules, with_actions
from quality.tables import FINDING, QUERY

MONDAY = datetime(2024, 3, 4, 6, tzinfo=UTC)
SUBJECTS = SUBJECT.conform(pl.DataFrame({"study_id": ["ST-1"], "subject_id": ["S1"], "site": ["101"]}))
NOBODY = pl.DataFrame(schema=ACTIONS)


def day(number: int) -> datetime:
    """6 o'clock of the day ``number``, Monday = 0."""
    return MONDAY + timedelta(days=number)


def findings(**values: str) -> pl.DataFrame:
    """Findings by fingerprint and value."""
    rows = [
        {
            "study_id": "ST-1",
            "rule_id": "LESION_JUMPS",
            "fingerprint": fingerprint,
            "severity": "WARN",
            "table_name": "core.measurement",
            "subject_id": "S1",
            "row_key": fingerprint,
            "field": "longest_diameter_mm",
            "value": value,
            "message": f"{value} mm",
        }
        for fingerprint, value in values.items()
    ]
    return FINDING.conform(pl.DataFrame(rows)) if rows else FINDING.empty()


def acts(*taken: tuple[int, str, Act, str]) -> pl.DataFrame:
    """Actions of lines (day, fingerprint, act, text) by Ada at noon of that day."""
    rows = [
        (number, "ST-1", fingerprint, act.value, text, "Ada", day(at) + timedelta(hours=6), None)
        for number, (at, fingerprint, act, text) in enumerate(taken)
    ]
    return pl.DataFrame(rows, schema=ACTIONS, orient="row")


def after(*refreshes: dict[str, str], actions: pl.DataFrame = NOBODY) -> pl.DataFrame:
    """The queries after a refresh a day; actions taken before a refresh are known to it."""
    queries = QUERY.empty()
    for number, seen in enumerate(refreshes):
        known = actions.filter(pl.col("acted_at") <= day(number))
        queries = reconcile(queries, findings(**seen), SUBJECTS, known, day(number))
    return queries


def the(queries: pl.DataFrame, fingerprint: str = "f1") -> dict[str, object]:
    return queries.row(by_predicate=pl.col("fingerprint") == fingerprint, named=True)


def test_a_new_finding_opens_a_query_with_its_site() -> None:
    query = the(after({"f1": "80"}))
    assert (query["status"], query["site"], query["opened_at"], query["age_days"]) == ("OPEN", "101", day(0), 0)


def test_an_open_query_ages_and_keeps_the_day_it_was_opened() -> None:
    query = the(after({"f1": "80"}, {"f1": "80"}, {"f1": "80"}))
    assert (query["status"], query["opened_at"], query["last_seen_at"], query["age_days"]) == (
        "OPEN",
        day(0),
        day(2),
        2,
    )


def test_a_finding_that_is_gone_resolves_its_query_which_stays_on_record() -> None:
    query = the(after({"f1": "80"}, {}, {}))
    assert (query["status"], query["resolved_at"], query["last_seen_at"]) == ("RESOLVED", day(1), day(0))
    assert query["age_days"] == 1


def test_a_finding_that_comes_back_reopens_its_query() -> None:
    query = the(after({"f1": "80"}, {}, {"f1": "80"}))
    assert (query["status"], query["resolved_at"], query["reopened_at"]) == ("REOPENED", None, day(2))
    assert (query["times_reopened"], query["opened_at"]) == (1, day(0))


def test_an_answer_is_kept_with_who_gave_it() -> None:
    query = the(after({"f1": "80"}, {"f1": "80"}, actions=acts((0, "f1", Act.ANSWER, "measured again: 80"))))
    assert (query["status"], query["answer"], query["answered_by"]) == ("ANSWERED", "measured again: 80", "Ada")
    assert query["answered_at"] == day(0) + timedelta(hours=6)


def test_a_closed_query_stays_closed_while_the_value_stays() -> None:
    closed = acts((0, "f1", Act.CLOSE, "confirmed by the site"))
    query = the(after({"f1": "80"}, {"f1": "80"}, {"f1": "80"}, actions=closed))
    assert (query["status"], query["closing_reason"], query["closed_by"]) == ("CLOSED", "confirmed by the site", "Ada")
    assert query["age_days"] == 0


def test_a_closed_query_is_reopened_when_the_value_changes() -> None:
    closed = acts((0, "f1", Act.CLOSE, "confirmed by the site"))
    query = the(after({"f1": "80"}, {"f1": "80"}, {"f1": "95"}, actions=closed))
    assert (query["status"], query["value"], query["reopened_at"], query["closed_by"]) == (
        "REOPENED",
        "95",
        day(2),
        None,
    )


def test_a_query_closed_on_a_value_that_is_no_longer_there_is_reopened() -> None:
    closed = acts((0, "f1", Act.CLOSE, "confirmed by the site"))
    query = the(after({"f1": "80"}, {"f1": "95"}, actions=closed))
    assert (query["status"], query["reopened_at"]) == ("REOPENED", day(1))


def test_a_resolved_query_names_the_transfer_and_the_release() -> None:
    before = reconcile(QUERY.empty(), findings(f1="80"), SUBJECTS, NOBODY, day(0), day(0))
    by_data = reconcile(before, findings(), SUBJECTS, NOBODY, day(2), day(1))
    by_protocol = reconcile(before, findings(), SUBJECTS, NOBODY, day(2), day(0))
    assert (the(by_data)["resolved_by"], the(by_data)["resolved_in"]) == ("20240305T060000Z", "20240306T060000Z")
    assert (the(by_protocol)["resolved_by"], the(by_protocol)["resolved_in"]) == (None, "20240306T060000Z")


def test_a_query_is_not_resolved_while_its_rule_cannot_say() -> None:
    before = reconcile(QUERY.empty(), findings(f1="80"), SUBJECTS, NOBODY, day(0))
    statuses = {
        (status, failed): the(
            reconcile(before, findings(), SUBJECTS, NOBODY, day(1), None, undecided_rules(outcome(status, failed), 5))
        )["status"]
        for status, failed in (("ERROR", 0), ("FAIL", 6), ("FAIL", 5), ("PASS", 0), ("SKIPPED", 0))
    }
    assert [key for key, status in statuses.items() if status == "OPEN"] == [("ERROR", 0), ("FAIL", 6)]
    assert [key for key, status in statuses.items() if status == "RESOLVED"] == [
        ("FAIL", 5),
        ("PASS", 0),
        ("SKIPPED", 0),
    ]


def outcome(status: str, failed: int) -> pl.DataFrame:
    return pl.DataFrame({"rule_id": ["LESION_JUMPS"], "status": [status], "failed": [failed]})


def test_a_query_names_the_reader_of_its_row_key() -> None:
    about_a_read = findings(f1="80").with_columns(row_key=pl.lit('{"subject_id":"S1","evaluator":"READER 1"}'))
    assert the(reconcile(QUERY.empty(), about_a_read, SUBJECTS, NOBODY, day(0)))["evaluator"] == "READER 1"
    assert the(after({"f1": "80"}))["evaluator"] is None


def test_a_closed_query_whose_finding_went_and_came_back_is_reopened() -> None:
    closed = acts((0, "f1", Act.CLOSE, "confirmed by the site"))
    assert the(after({"f1": "80"}, {"f1": "80"}, {}, {"f1": "80"}, actions=closed))["status"] == "REOPENED"


def test_it_can_be_closed_again_after_it_was_reopened() -> None:
    twice = acts((0, "f1", Act.CLOSE, "as it is"), (2, "f1", Act.CLOSE, "95 is right too"))
    query = the(after({"f1": "80"}, {"f1": "80"}, {"f1": "95"}, {"f1": "95"}, actions=twice))
    assert (query["status"], query["closing_reason"]) == ("CLOSED", "95 is right too")


def test_a_person_reopens_a_closed_query() -> None:
    query = the(
        after(
            {"f1": "80"},
            {"f1": "80"},
            {"f1": "80"},
            actions=acts((0, "f1", Act.CLOSE, "as it is"), (1, "f1", Act.REOPEN, "ask again")),
        )
    )
    assert (query["status"], query["closed_by"]) == ("REOPENED", None)


def test_comments_and_the_owner_outlive_everything() -> None:
    said = acts((0, "f1", Act.COMMENT, "called"), (0, "f1", Act.ASSIGN, "Grace"), (1, "f1", Act.COMMENT, "mailed"))
    query = the(after({"f1": "80"}, {}, {"f1": "80"}, actions=said))
    assert (query["comments"], query["owner"]) == ("Ada: called | Ada: mailed", "Grace")


def test_actions_since_the_release_show_on_a_published_query() -> None:
    published = after({"f1": "80", "f2": "90"})
    now = with_actions(published, acts((0, "f1", Act.ANSWER, "80 it is")), day(1))
    assert (the(now)["status"], the(now, "f2")["status"], the(now)["age_days"]) == ("ANSWERED", "OPEN", 1)


def test_an_answer_to_a_resolved_query_does_not_reopen_it() -> None:
    query = the(after({"f1": "80"}, {}, {}, actions=acts((1, "f1", Act.ANSWER, "corrected"))))
    assert (query["status"], query["answer"]) == ("RESOLVED", "corrected")


def test_queries_of_other_fingerprints_are_left_alone() -> None:
    queries = after({"f1": "80", "f2": "90"}, {"f2": "90", "f3": "70"})
    assert dict(queries.select("fingerprint", "status").iter_rows()) == {"f1": "RESOLVED", "f2": "OPEN", "f3": "OPEN"}


def action(act: Act = Act.ANSWER, text: str | None = "80", author: str = "Ada") -> QueryAction:
    return QueryAction("ST-1", "f1", act, text, author, MONDAY)


def test_actions_are_kept_in_order_for_every_study(tmp_path: Path) -> None:
    url = operations_url(tmp_path / "operations.sqlite", None)
    Operations(url).record([action(), action(Act.CLOSE, "fine")])
    found = Operations(url).actions("ST-1")
    assert found.select("fingerprint", "action", "text", "author", "acted_at").rows() == [
        ("f1", "ANSWER", "80", "Ada", MONDAY),
        ("f1", "CLOSE", "fine", "Ada", MONDAY),
    ]
    assert Operations(url).actions("ST-2").is_empty()


@pytest.mark.parametrize("act", [Act.ANSWER, Act.COMMENT, Act.ASSIGN, Act.CLOSE])
@pytest.mark.parametrize("text", [None, " "])
def test_an_action_needs_its_text(act: Act, text: str | None) -> None:
    with pytest.raises(OperationsError, match="write a text"):
        action(act, text)


@pytest.mark.parametrize("author", ["", " ", "A" * 129])
def test_an_action_needs_a_name_that_every_database_takes(author: str) -> None:
    with pytest.raises(OperationsError, match="a name of 1 to 128 characters"):
        action(author=author)


def test_only_an_answer_has_a_kind() -> None:
    with pytest.raises(OperationsError, match="only an answer has a kind"):
        QueryAction("ST-1", "f1", Act.CLOSE, "fine", "Ada", MONDAY, AnswerKind.CONFIRMED)


def test_a_database_of_an_earlier_version_gains_the_kind_and_keeps_its_actions(tmp_path: Path) -> None:
    file = tmp_path / "operations.sqlite"
    with sqlite3.connect(file) as old:
        old.execute(
            "CREATE TABLE query_action (action_id INTEGER PRIMARY KEY, study_id VARCHAR(64), fingerprint VARCHAR(16), "
            "action VARCHAR(16), text TEXT, author VARCHAR(128), acted_at DATETIME)"
        )
        old.execute("INSERT INTO query_action VALUES (1,'ST-1','f1','ANSWER','80','Ada','2024-03-04 06:00:00.000000')")
    operations = Operations(operations_url(file, None))
    operations.record([QueryAction("ST-1", "f1", Act.ANSWER, "90", "Ada", MONDAY, AnswerKind.CORRECTED)])
    assert operations.actions("ST-1").select("text", "kind").rows() == [("80", None), ("90", "CORRECTED")]
    assert (operations.action_count("ST-1"), operations.action_count("ST-2")) == (2, 0)


def test_the_table_can_be_made_and_written_on_postgres() -> None:
    dialect = postgresql.dialect()
    made = str(CreateTable(QUERY_ACTION).compile(dialect=dialect))
    assert "action_id SERIAL NOT NULL" in made
    assert "acted_at TIMESTAMP WITHOUT TIME ZONE NOT NULL" in made
    widths = {column.name: column.type.length for column in QUERY_ACTION.columns if isinstance(column.type, sa.String)}
    longest = {"action": max(map(len, Act)), "kind": max(map(len, AnswerKind)), "fingerprint": 16, "study_id": 64}
    assert all(widths[name] is not None and widths[name] >= length for name, length in longest.items())


def test_a_database_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    with pytest.raises(OperationsError, match="cannot be used"):
        Operations(f"sqlite:///{tmp_path}/no/such/folder/operations.sqlite")
    with pytest.raises(OperationsError, match="cannot be used"):
        Operations("nosuchdialect://host/db")


def test_the_setting_goes_before_the_file(tmp_path: Path) -> None:
    assert operations_url(tmp_path / "a.sqlite", "postgresql://db/ops") == "postgresql://db/ops"
