"""mart.data_quality: counts by rule, site and reader over the releases; and what a blinded release says of findings."""

from __future__ import annotations

import polars as pl

from quality.blinding import blinded_quality
from quality.data_quality import data_quality, disagreements, over_releases
from quality.operations import Act
from quality.queries import reconcile
from quality.query_history import query_events
from quality.tables import DATA_QUALITY, QUERY, QUERY_EVENT, RULE
from tests.quality.test_quality_queries import NOBODY, SUBJECTS, acts, day, findings

RULES = RULE.conform(
    pl.DataFrame({"rule_id": ["LESION_JUMPS"], "category": ["PLAUSIBILITY"], "severity": ["WARN"], "blocking": [False]})
)
BY_READER = {"f1": "R1", "f2": "R1", "f3": "R2"}


def read(*seen: str) -> pl.DataFrame:
    """Findings of these fingerprints, each about its reader's read."""
    reader = pl.col("fingerprint").replace_strict(BY_READER, default=None)
    return findings(**dict.fromkeys(seen, "80")).with_columns(
        row_key=pl.concat_str(pl.lit('{"evaluator":"'), reader, pl.lit('"}'))
    )


def counted(frame: pl.DataFrame, release_id: str) -> list[tuple[object, ...]]:
    columns = ("site", "evaluator", "findings", "open", "answered", "closed", "reopened", "resolved", "oldest_days")
    return frame.filter(pl.col("release_id") == release_id).select(columns).rows()


def test_findings_and_queries_are_counted_by_site_and_reader_and_earlier_releases_stay() -> None:
    said = acts((0, "f1", Act.ANSWER, "right"))
    first = reconcile(QUERY.empty(), read("f1", "f2", "f3"), SUBJECTS, NOBODY, day(0))
    second = reconcile(first, read("f1", "f2"), SUBJECTS, said, day(3))
    one = over_releases(data_quality(read("f1", "f2", "f3"), first, RULES, "A"), DATA_QUALITY.empty())
    own = data_quality(read("f1", "f2"), second, RULES, "B")
    both = over_releases(own, one)
    assert counted(both, "A") == [("101", "R1", 2, 2, 0, 0, 0, 0, 0), ("101", "R2", 1, 1, 0, 0, 0, 0, 0)]
    assert counted(both, "B") == [("101", "R1", 2, 1, 1, 0, 0, 0, 3), ("101", "R2", 0, 0, 0, 0, 0, 1, None)]
    assert disagreements(both, own, one, "B") == []


def test_counts_that_cannot_be_made_again_are_told() -> None:
    queries = reconcile(QUERY.empty(), read("f1"), SUBJECTS, NOBODY, day(0))
    own, earlier = data_quality(read("f1"), queries, RULES, "B"), data_quality(read("f1"), queries, RULES, "A")
    wrong = own.with_columns(open=pl.lit(9, dtype=pl.Int64))
    assert "is not what findings" in disagreements(over_releases(wrong, earlier), own, earlier, "B")[0]
    assert "does not go on" in disagreements(own, own, earlier, "B")[0]
    assert disagreements(own, None, None, "B") == []


def test_a_finding_without_site_and_reader_is_counted_under_none() -> None:
    nobody = SUBJECTS.with_columns(site=pl.lit(None, dtype=pl.String))
    queries = reconcile(QUERY.empty(), findings(f9="80"), nobody, NOBODY, day(0))
    assert counted(data_quality(findings(f9="80"), queries, RULES, "A"), "A")[0][:3] == ("NONE", "NONE", 1)


def rule(keys: str = "study_id, subject_id", message: str = "Subject {subject_id}.") -> pl.DataFrame:
    told = {"title": ["Doses are as planned"], "row_keys": [keys], "message": [message]}
    return RULES.with_columns(pl.Series(name, value) for name, value in told.items())


def test_a_blinded_release_does_not_name_the_treatment_in_findings_and_queries() -> None:
    found = findings(f1="IPI 3 mg/kg")
    queries = reconcile(QUERY.empty(), found, SUBJECTS, NOBODY, day(0))
    events = query_events(QUERY_EVENT.empty(), QUERY.empty(), queries, NOBODY, day(0))
    about_treatment = (
        (found.with_columns(field=pl.lit("therapy")), rule()),
        (found, rule(keys="study_id, subject_id, agent")),
        (found, rule(message="Subject {subject_id} on {arm}.")),
        (found, rule().clear()),
    )
    for finding, rules in about_treatment:
        asked = queries.with_columns(field=pl.lit(finding["field"].item()))
        hidden = blinded_quality(finding, asked, events, rules)
        for frame in hidden.values():
            assert frame.height == 1
            assert "IPI" not in str(frame.rows())
        title = "Doses are as planned" if rules.height else "the rule of this query is no longer in use"
        assert hidden["quality.query"]["message"].item() == title
    shown = blinded_quality(found, queries, events, rule(keys="study_id, subject_id, lot_size"))
    assert shown["quality.query"].equals(queries)
    assert shown["quality.finding"].equals(found)
    assert shown["quality.query_event"].equals(events)
