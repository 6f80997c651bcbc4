"""The list of queries that a site fills in: what it shows, what is to be filled in, and what came back.

It never shows an arm or a treatment: the columns are these, and a blinded release has no others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from criteria.vocabulary import values
from ingestion.tables import REJECT
from quality.answer import AnswerKind
from quality.operations import LONGEST_AUTHOR, Act, QueryAction
from quality.query_choice import PREFIX, query_name

SHOWN = (
    "query",
    "site",
    "subject_id",
    "rule_id",
    "severity",
    "status",
    "asked_at",
    "age_days",
    "owner",
    "message",
    "field",
    "value",
    "last_answer",
)
TO_FILL = ("answer", "answer_kind", "answered_by")
NEEDED = ("query", "answer")
OPTIONAL = ("asked_at", "answer_kind", "answered_by")
MOMENT = "%Y%m%dT%H%M%SZ"
LONGEST_NAME = LONGEST_AUTHOR - 40
"""Room for who imports the answer."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a filled list says: actions to record, how many rows said nothing new or nothing, and the wrong rows."""

    actions: list[QueryAction]
    known: int
    empty: int
    rejects: pl.DataFrame


def asked_at() -> pl.Expr:
    """When the query was last asked: opened, or reopened by the data, as text that no spreadsheet takes for a date."""
    return pl.coalesce("reopened_at", "opened_at").dt.strftime(MOMENT)


def sheet(queries: pl.DataFrame) -> pl.DataFrame:
    """The list of these queries (`quality.tables.QUERY`), with empty columns to fill in."""
    shown = queries.with_columns(
        query=query_name(pl.col("fingerprint")), asked_at=asked_at(), last_answer=pl.col("answer")
    ).select(SHOWN)
    return shown.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in TO_FILL)


def answers(
    filled: pl.DataFrame,
    queries: pl.DataFrame,
    actions: pl.DataFrame,
    *,
    study_id: str,
    source_name: str,
    importer: str,
    now: datetime,
) -> Answers:
    """What the rows of a filled list do to the study's queries as they stand now.

    ``filled`` has ``row`` (number in the file) and `NEEDED`, perhaps ``asked_at``, ``answer_kind`` and ``answered_by``,
    all text. A row without answer says nothing. An answer that is on record since the query was asked is known, so a
    file that is imported twice changes nothing. Without a kind an answer is OTHER.
    """
    rows = _judged(filled, queries, actions)
    wrong = rows.filter(pl.col("reason").is_not_null())
    right = rows.filter(pl.col("reason").is_null() & pl.col("says"))
    new = right.filter(~pl.col("known")).unique("fingerprint", keep="first", maintain_order=True)
    taken = [
        QueryAction(
            study_id,
            row["fingerprint"],
            Act.ANSWER,
            row["answer"],
            f"{row['answered_by']} (imported by {importer})" if row["answered_by"] else importer,
            now,
            AnswerKind(row["kind"]),
        )
        for row in new.iter_rows(named=True)
    ]
    rejects = wrong.select(
        study_id=pl.lit(study_id),
        stage=pl.lit("quality.query"),
        source_name=pl.lit(source_name),
        source_record="row",
        subject_id="subject_id",
        field="wrong_field",
        value="wrong_value",
        reason="reason",
        remedy="remedy",
    )
    return Answers(taken, right.height - new.height, rows.filter(~pl.col("says")).height, REJECT.conform(rejects))


def _judged(filled: pl.DataFrame, queries: pl.DataFrame, actions: pl.DataFrame) -> pl.DataFrame:
    """The rows with ``says`` (there is an answer), ``known`` (it is on record), and what is wrong with them."""
    known = actions.filter(pl.col("action") == Act.ANSWER.value).select(
        "fingerprint", answer="text", kind=pl.col("kind").fill_null(AnswerKind.OTHER.value), known_at="acted_at"
    )
    read = ("row", *NEEDED, *OPTIONAL)
    absent = [name for name in OPTIONAL if name not in filled.columns]
    rows = (
        filled.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in absent)
        .select(read)
        .with_columns(
            fingerprint=pl.col("query")
            .str.strip_chars()
            .str.to_uppercase()
            .str.strip_prefix(PREFIX)
            .str.to_lowercase(),
            kind=pl.col("answer_kind").str.to_uppercase().fill_null(AnswerKind.OTHER.value),
            says=pl.any_horizontal(pl.col("answer", "answer_kind").is_not_null()),
        )
        .join(
            queries.select("fingerprint", "subject_id", "status", "closed_by", now_asked=asked_at()),
            on="fingerprint",
            how="left",
            maintain_order="left",
        )
        .with_columns(since=pl.coalesce("asked_at", "now_asked"))
    )
    on_record = (
        rows.select("row", "fingerprint", "answer", "kind", "since")
        .join(known, on=["fingerprint", "answer", "kind"])
        .filter(pl.col("known_at").dt.strftime(MOMENT) >= pl.col("since"))
    )
    first = (
        rows.filter(pl.col("answer").is_not_null())
        .unique("fingerprint", keep="first", maintain_order=True)
        .select("fingerprint", first_row="row", first_answer="answer")
    )
    return (
        rows.join(first, on="fingerprint", how="left", maintain_order="left")
        .with_columns(known=pl.col("row").is_in(on_record["row"].implode()))
        .with_columns(_wrong())
    )


def _wrong() -> list[pl.Expr]:
    """Field, value, reason and remedy of the first thing that is wrong with a row that says something."""
    nothing = pl.lit(None, dtype=pl.String)
    checks = (
        ("query", pl.col("query").is_null(), pl.lit("the name of the query is missing"), "copy whole rows of the list"),
        (
            "query",
            pl.col("status").is_null(),
            pl.lit("the study has no such query"),
            "see that the list was made for this study, and copy whole rows of it",
        ),
        (
            "answer_kind",
            ~pl.col("kind").is_in(values(AnswerKind)),
            pl.lit("not a kind of answer"),
            f"choose one of {', '.join(values(AnswerKind))}",
        ),
        ("answer", pl.col("answer").is_null(), pl.lit("a kind of answer without an answer"), "write the answer"),
        (
            "answered_by",
            pl.col("answered_by").str.len_chars() > LONGEST_NAME,
            pl.lit("the name is too long"),
            f"write at most {LONGEST_NAME} characters",
        ),
        (
            "answer",
            ~pl.col("known") & (pl.col("answer") != pl.col("first_answer")),
            pl.format("the query has another answer in row {}", "first_row"),
            "leave one of the rows in the file",
        ),
        (
            "asked_at",
            ~pl.col("known") & (pl.col("asked_at") != pl.col("now_asked")),
            pl.format("the query was asked again at {}, after this list was made", "now_asked"),
            "export the list again and answer what is asked now",
        ),
        (
            "query",
            ~pl.col("known") & (pl.col("status") == "CLOSED"),
            pl.format("the query was closed by {}", "closed_by"),
            "reopen the query first, if the answer says something new",
        ),
    )
    field, value, reason, remedy = nothing, nothing, nothing, nothing
    for name, wrong, why, what_to_do in reversed(checks):
        holds = (pl.col("says") & wrong).fill_null(False)
        field = pl.when(holds).then(pl.lit(name)).otherwise(field)
        value = pl.when(holds).then(pl.col(name)).otherwise(value)
        reason = pl.when(holds).then(why).otherwise(reason)
        remedy = pl.when(holds).then(pl.lit(what_to_do)).otherwise(remedy)
    return [field.alias("wrong_field"), value.alias("wrong_value"), reason.alias("reason"), remedy.alias("remedy")]
