"""Lesion results row by row (TR): what each row says, in millimetres and codes; rows that say nothing usable leave."""

from __future__ import annotations

import polars as pl

from criteria.vocabulary import State
from ingestion.forms import codes
from ingestion.forms.dates import date_checks
from ingestion.forms.sifting import ORDER, ROW, SOURCE_NAME, Check, join_rejects, sift
from ingestion.forms.visits import scan_not_performed
from ingestion.reject import Parsed

STAGE = "core.measurement"
LESION_VISIT = ("USUBJID", "evaluator", "visit_number", "lesion_id")
LARGEST_MM = 500
NORMAL_NODE_MM = 10

NUMBER, TOO_SMALL, NOT_EVALUABLE, NOT_PERFORMED, WORD = (
    "NUMBER",
    "TOO SMALL",
    "NOT EVALUABLE",
    "NOT PERFORMED",
    "WORD",
)
SEEN = (State.PRESENT, State.INCREASED, State.UNEQUIVOCAL_PROGRESSION, State.EQUIVOCAL, State.UNEQUIVOCAL)


def sift_tests(tr: pl.DataFrame, *, study_id: str) -> Parsed:
    """TR rows of the tests that are read (lesion results, sums, uptake on PET); others of SDTM's are left out."""
    test = codes.code("TRTESTCD")
    read = (*codes.LESION_TESTS, codes.SUM_TEST, *codes.PET_TESTS)
    known = (*read, *codes.TESTS_NOT_READ)
    unknown = Check(
        "TRTESTCD",
        test.is_null() | ~test.is_in(known),
        "unknown test",
        f"tests that are read: {', '.join(read)}",
        known=known,
    )
    kept, rejects = sift(tr, [unknown], study_id=study_id, stage=STAGE)
    return Parsed(kept.with_columns(test=test).filter(~pl.col("test").is_in(codes.TESTS_NOT_READ)), rejects)


def sift_lesions(rows: pl.DataFrame, lesions: pl.DataFrame, *, study_id: str, stage: str = STAGE) -> Parsed:
    """Rows whose lesion and its role are known (TRGRPID, else TU); adds what TU says of the lesion."""
    rows = rows.with_columns(lesion_id=pl.col("TRLNKID")).join(
        lesions, on=["USUBJID", "evaluator", "lesion_id"], how="left", maintain_order="left"
    )
    rows = rows.with_columns(
        pl.coalesce(codes.translated("TRGRPID", codes.ROLES), "tu_role").alias("role"),
        pl.col("is_node").fill_null(False),
        pl.col("injection_planned").fill_null(False),
    )
    checks = (
        Check("TRLNKID", pl.col("TRLNKID").is_null(), "no lesion identifier", "give the lesion's TULNKID in TRLNKID"),
        Check(
            "TRGRPID",
            pl.col("role").is_null(),
            "the lesion's role is unknown: neither TRGRPID nor a TU record of this evaluator names it",
            "write TARGET, NON-TARGET or NEW in TRGRPID, or send the lesion's TU record",
            known=tuple(codes.ROLES),
        ),
    )
    return sift(rows, checks, study_id=study_id, stage=stage)


def sift_values(rows: pl.DataFrame, *, study_id: str) -> Parsed:
    """Rows with a usable result; adds ``kind``, ``mm`` (exact conversion of mm and cm), ``state`` and ``change``.

    ``kind`` is NUMBER, TOO SMALL, NOT EVALUABLE, NOT PERFORMED or WORD. TRSTRESN counts, else TRSTRESC, else TRORRES.
    """
    checks = (*status_checks(), *diameter_checks(), *_word_checks())
    return sift(interpreted(rows), checks, study_id=study_id, stage=STAGE)


def interpreted(rows: pl.DataFrame) -> pl.DataFrame:
    """What each row says: word, number in mm, state, change and kind; nothing is rejected here."""
    standard, original = codes.number("TRSTRESN"), codes.number("TRORRES")
    as_text = pl.when(pl.col("TRSTRESN").is_null()).then(codes.number("TRSTRESC"))
    rows = rows.with_columns(
        word=pl.coalesce(codes.code("TRSTRESC"), codes.code("TRORRES")),
        _no_standard=pl.col("TRSTRESN").is_null() & pl.col("TRSTRESC").is_null(),
        _standard=pl.coalesce(standard, as_text),
    )
    rows = rows.with_columns(
        _number=pl.when("_no_standard").then(original).otherwise("_standard"),
        _unit=pl.when("_no_standard")
        .then(codes.code("TRORRESU"))
        .otherwise(
            pl.coalesce(codes.code("TRSTRESU"), pl.when(original == pl.col("_standard")).then(codes.code("TRORRESU")))
        ),
        _not_done=codes.not_done("TR"),
    )
    factor = pl.col("_unit").replace_strict(codes.MM_PER_UNIT, default=None, return_dtype=pl.Float64)
    is_diameter = pl.col("test").is_in([*codes.DIAMETERS, codes.SUM_TEST])
    said_too_small = (
        codes.code("TRSTRESC").is_in(codes.TOO_SMALL) | codes.code("TRORRES").is_in(codes.TOO_SMALL)
    ).fill_null(False)
    return rows.with_columns(
        is_diameter=is_diameter,
        mm=pl.when(is_diameter).then(
            pl.when(pl.col("_number") == 0).then(0.0).otherwise((pl.col("_number") * factor).round(6))
        ),
        state=pl.when(pl.col("test").is_in(codes.STATE_TESTS)).then(codes.translated("word", codes.TUMOUR_STATES)),
        change=pl.when(pl.col("test") == codes.CHANGE_TEST)
        .then(codes.translated("word", codes.CHANGES))
        .when(pl.col("test").is_in(codes.STATE_TESTS))
        .then(codes.translated("word", codes.STATE_CHANGES)),
        kind=pl.when(pl.col("_not_done") & scan_not_performed())
        .then(pl.lit(NOT_PERFORMED))
        .when("_not_done")
        .then(pl.lit(NOT_EVALUABLE))
        .when(~is_diameter)
        .then(pl.lit(WORD))
        .when(said_too_small)
        .then(pl.lit(TOO_SMALL))
        .when(pl.col("_number").is_not_null())
        .then(pl.lit(NUMBER))
        .when(pl.col("word").is_in(codes.NOT_EVALUABLE))
        .then(pl.lit(NOT_EVALUABLE)),
    )


def status_checks() -> tuple[Check, ...]:
    """What can be wrong with --STAT and the result beside it."""
    has_result = pl.col("_number").is_not_null() | (
        pl.col("word").is_not_null() & ~pl.col("word").is_in([*codes.NOT_EVALUABLE, codes.NOT_DONE])
    )
    return (
        Check(
            "TRSTAT",
            codes.code("TRSTAT") != codes.NOT_DONE,
            "unknown status",
            "write NOT DONE, or leave TRSTAT empty",
            known=(codes.NOT_DONE,),
        ),
        Check(
            "TRSTAT",
            pl.col("_not_done") & has_result,
            pl.format("NOT DONE, yet there is a result: {}", pl.coalesce("TRSTRESN", "TRSTRESC", "TRORRES")),
            "remove the status or the result",
        ),
        Check(
            "TRSTRESC",
            ~pl.col("_not_done") & pl.coalesce("TRSTRESN", "TRSTRESC", "TRORRES").is_null(),
            "no result",
            "give the result, or TRSTAT = NOT DONE with the reason in TRREASND",
        ),
    )


def diameter_checks(largest_mm: int = LARGEST_MM) -> tuple[Check, ...]:
    """What can be wrong with a length: no number, no or unknown unit, negative, larger than any lesion."""
    done = pl.col("is_diameter") & ~pl.col("_not_done")
    no_number = "write a plain number with a decimal point, e.g. 12.5, or TOO SMALL TO MEASURE in TRSTRESC"
    not_a_word = pl.col("kind").is_null()
    from_standard = ~pl.col("_no_standard")
    measured = done & (pl.col("_number") != 0)
    unit_known = pl.col("_unit").is_in(list(codes.MM_PER_UNIT))
    unit = "write mm or cm"
    return (
        Check(
            "TRSTRESN",
            done & pl.col("TRSTRESN").is_not_null() & codes.number("TRSTRESN").is_null(),
            "not a number",
            no_number,
        ),
        Check("TRSTRESC", done & not_a_word & from_standard, "not a number", no_number),
        Check("TRORRES", done & not_a_word, "not a number", no_number),
        Check("TRSTRESU", measured & from_standard & pl.col("_unit").is_null(), "the length has no unit", unit),
        Check("TRSTRESU", measured & from_standard & ~unit_known, "unknown unit of length", unit, known=("mm", "cm")),
        Check("TRORRESU", measured & pl.col("_unit").is_null(), "the length has no unit", unit),
        Check("TRORRESU", measured & ~unit_known, "unknown unit of length", unit, known=("mm", "cm")),
        *(
            Check(field, chosen & wrong, reason, remedy)
            for field, chosen in _number_fields()
            for wrong, reason, remedy in (
                (pl.col("mm") < 0, "negative length", "correct the sign or the value"),
                (
                    pl.col("mm") > largest_mm,
                    pl.format("{} mm is longer than can be true (limit " + str(largest_mm) + " mm)", pl.col("mm")),
                    "correct the value or its unit",
                ),
            )
        ),
    )


def _number_fields() -> tuple[tuple[str, pl.Expr], ...]:
    in_standard = pl.col("TRSTRESN").is_not_null()
    return (
        ("TRSTRESN", in_standard),
        ("TRSTRESC", ~in_standard & pl.col("TRSTRESC").is_not_null()),
        ("TRORRES", pl.col("_no_standard")),
    )


def _word_checks() -> tuple[Check, ...]:
    is_state, is_change = pl.col("test").is_in(codes.STATE_TESTS), pl.col("test") == codes.CHANGE_TEST
    word = pl.col("kind") == WORD
    return tuple(
        Check(field, word & here & wrong, reason, remedy, known)
        for field, here in (("TRSTRESC", pl.col("TRSTRESC").is_not_null()), ("TRORRES", pl.col("TRSTRESC").is_null()))
        for wrong, reason, remedy, known in (
            (
                is_state & pl.col("state").is_null(),
                "unknown state of a lesion",
                "write ABSENT, PRESENT, EQUIVOCAL, UNEQUIVOCAL or UNEQUIVOCAL PROGRESSION",
                tuple(codes.TUMOUR_STATES),
            ),
            (
                is_change & pl.col("change").is_null(),
                "unknown change of a lesion",
                "write INCREASED, UNCHANGED or DECREASED",
                tuple(codes.CHANGES),
            ),
        )
    )


def sift_conflicts(
    rows: pl.DataFrame, field: str, unit: tuple[str, ...], said: pl.Expr, *, study_id: str, stage: str
) -> Parsed:
    """Rows of one result (``unit``) that repeat or contradict the first of them leave; the first by row stays."""
    rows = rows.sort(ORDER).with_columns(_said=said.fill_null(""))
    first = pl.col("_said").first().over(unit)
    later = ~pl.struct(unit).is_first_distinct()
    where = pl.format("row {} of {}", pl.col(ROW).first().over(unit), pl.col(SOURCE_NAME).first().over(unit))
    rows = rows.with_columns(_first=first, _later=later, _where=where)
    checks = (
        Check(
            "",
            pl.col("_later") & (pl.col("_said") == pl.col("_first")),
            pl.format("repeats {}", pl.col("_where")),
            "send each record once",
        ),
        Check(
            field,
            pl.col("_later"),
            pl.format("contradicts {}, which says {} and is kept", pl.col("_where"), pl.col("_first")),
            "send one record per result; correct the wrong one",
        ),
    )
    kept, rejects = sift(rows, checks, study_id=study_id, stage=stage)
    return Parsed(kept.drop("_said", "_first", "_later", "_where"), rejects)


def sift_dates(rows: pl.DataFrame, unit: tuple[str, ...], *, study_id: str, stage: str) -> Parsed:
    """One date per unit (a lesion at a visit): rows of another full date than the first row's leave.

    Two assessments under one visit number cannot be told apart by their visit; the first stays whole.
    """
    rows = rows.sort(ORDER)
    full = pl.when(pl.col("TRDTC").str.len_chars() >= 10).then(pl.col("TRDTC").str.head(10))
    rows = rows.with_columns(_day=full).with_columns(_first_day=pl.col("_day").drop_nulls().first().over(unit))
    other = Check(
        "TRDTC",
        pl.col("_day") != pl.col("_first_day"),
        pl.format("another record of the same at this visit is of {}, which is kept", pl.col("_first_day")),
        "give the second assessment a visit number of its own, or correct the date",
    )
    kept, rejects = sift(rows, [other], study_id=study_id, stage=stage)
    return Parsed(kept.drop("_day", "_first_day"), rejects)


def sift_contradictions(rows: pl.DataFrame, *, study_id: str) -> Parsed:
    """Rows that cannot be true beside the lesion's other rows of the visit leave.

    A zero beside a lesion that is seen, a zero in one direction only, and ABSENT beside a size (a node: beside a
    pathological short axis) would otherwise turn into a complete response or hide one.
    """

    def of(test: str) -> pl.Expr:
        return pl.col("mm").filter(pl.col("test") == test).first().over(LESION_VISIT)

    rows = rows.with_columns(
        _longest=of("LDIAM"),
        _perpendicular=of("LPERP"),
        _diameter=of("DIAMETER"),
        _state=pl.col("state").drop_nulls().first().over(LESION_VISIT),
    )
    size = (
        pl.when("is_node")
        .then(pl.coalesce("_perpendicular", "_diameter"))
        .otherwise(pl.coalesce("_longest", "_diameter"))
    )
    is_zero = pl.col("is_diameter") & (pl.col("mm") == 0)
    there = pl.when("is_node").then(size >= NORMAL_NODE_MM).otherwise(size > 0)
    remedy = "correct the record that is wrong"
    checks = (
        Check(
            "TRSTRESN",
            is_zero & pl.col("_state").is_in(SEEN),
            pl.format("0 mm, yet the lesion is {}", pl.col("_state")),
            remedy,
        ),
        Check(
            "TRSTRESN",
            is_zero & (pl.col("test") == "LDIAM") & (pl.col("_perpendicular") > 0),
            pl.format("0 mm, yet the perpendicular is {} mm", pl.col("_perpendicular")),
            remedy,
        ),
        Check(
            "TRSTRESN",
            is_zero & (pl.col("test") == "LPERP") & (pl.col("_longest") > 0),
            pl.format("0 mm, yet the longest diameter is {} mm", pl.col("_longest")),
            remedy,
        ),
        Check(
            "TRSTRESC",
            (pl.col("state") == State.ABSENT) & there,
            pl.format("ABSENT, yet the size is {} mm", size),
            remedy,
        ),
    )
    kept, rejects = sift(rows, checks, study_id=study_id, stage=STAGE)
    return Parsed(kept.drop("_longest", "_perpendicular", "_diameter", "_state"), rejects)


def lesion_results(rows: pl.DataFrame, *, study_id: str) -> Parsed:
    """All sifts of lesion results in order: dates, one date per visit, values, conflicts, contradictions."""
    dated, misdated = sift(rows, date_checks("TRDTC"), study_id=study_id, stage=STAGE)
    one_date, of_other_date = sift_dates(dated, LESION_VISIT, study_id=study_id, stage=STAGE)
    valued, without_value = sift_values(one_date, study_id=study_id)
    said = pl.coalesce(pl.format("{} mm", pl.col("mm")), "word", "kind")
    unit = (*LESION_VISIT, "test")
    single, conflicting = sift_conflicts(valued, "TRSTRESC", unit, said, study_id=study_id, stage=STAGE)
    consistent, contradicting = sift_contradictions(single, study_id=study_id)
    return Parsed(consistent, join_rejects([misdated, of_other_date, without_value, conflicting, contradicting]))
