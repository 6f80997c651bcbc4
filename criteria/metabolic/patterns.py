"""Patterns on PET: pseudoprogression and dissociated response (PT), the guideline's prompts (LG), signs of irAE (IRAE).

Prompts and signs speak to the reader; they change no response. Before a pattern is final ask for a second cancer, an
irAE, a sarcoid-like reaction and inflammatory uptake (PT-7).
"""

from __future__ import annotations

import polars as pl

from criteria.metabolic.irae_signs import irae_signs, symmetric_nodes
from criteria.metabolic.lesion_courses import lesion_courses
from criteria.metabolic.lesions import AT, KEY
from criteria.metabolic.marker_options import DEFAULT, MarkerOptions
from criteria.metabolic.percist import PERCIST
from criteria.metabolic.tables import PET_PATTERN

ASK = "before this is final: second cancer, irAE, sarcoid-like or inflammatory uptake?"


def pet_patterns(
    lesions: pl.DataFrame,
    references: pl.DataFrame,
    responses: pl.DataFrame,
    clinical: pl.DataFrame,
    options: MarkerOptions = DEFAULT,
) -> pl.DataFrame:
    """Every pattern, prompt and sign of every scan after the baseline, a frame of analysis.pet_pattern.

    ``lesions``, ``references`` and ``clinical`` are core.pet_lesion, core.pet_reference and core.clinical_status;
    ``responses`` is analysis.timepoint_response, of which the derived PERCIST responses count.
    """
    percist = responses.filter((pl.col("criterion") == PERCIST.name) & (pl.col("origin") == "DERIVED"))
    percist = percist.select(*AT, "assessment_date", "overall_response", "target_response").sort(
        *KEY, "assessment_date", "timepoint"
    )
    courses = lesion_courses(lesions, references, options)
    frames = (
        _second_look(percist, courses, clinical, options),
        _oligoprogression(percist, courses, options),
        _new_lesions(courses, options),
        _confirmation(percist, options),
        _sarcoid(courses, percist),
        _unquantified(courses),
        irae_signs(courses, references, options),
    )
    return PET_PATTERN.conform(pl.concat(frames, how="diagonal_relaxed").sort(PET_PATTERN.key))


def _second_look(
    percist: pl.DataFrame, courses: pl.DataFrame, clinical: pl.DataFrame, options: MarkerOptions
) -> pl.DataFrame:
    """PET1 shows progression, PET2 is the next scan that can be judged: what became of it (PT-1 to PT-4)."""
    judged = percist.filter(pl.col("overall_response") != "NE")
    first = judged.filter(pl.col("overall_response") == "PMD").group_by(KEY, maintain_order=True).first()
    first = first.select(*KEY, pet1="assessment_date")
    second = (
        judged.join(first, on=KEY)
        .filter(pl.col("assessment_date") > pl.col("pet1"))
        .group_by(KEY, maintain_order=True)
        .first()
    )
    counts = courses.group_by(AT).agg(
        responding=pl.col("responding").sum(),
        progressing=pl.col("progressing").sum(),
        stable=pl.col("stable").sum(),
        lesions=_ids(pl.col("responding") | pl.col("progressing")),
        sites=_sites(pl.col("responding") | pl.col("progressing")),
    )
    worse = clinical.filter(pl.col("clinical_progression").fill_null(False)).select(
        "study_id", "subject_id", worse="assessment_date"
    )
    worsened = (
        second.join(worse, on=["study_id", "subject_id"])
        .filter(pl.col("worse") <= pl.col("assessment_date"))
        .select(KEY)
        .unique()
        .with_columns(worsened=pl.lit(True))
    )
    rows = second.join(counts, on=AT, how="left").join(worsened, on=KEY, how="left")
    rows = rows.with_columns(pl.col("worsened").fill_null(False), pl.col("responding", "progressing").fill_null(0))
    again = pl.col("overall_response") == "PMD"
    both = (pl.col("responding") >= options.idr_min_responding) & (pl.col("progressing") >= options.idr_min_progressing)
    uniform = (pl.col("responding") == 0) & (pl.col("stable").fill_null(0) == 0)
    pattern = (
        pl.when(~again)
        .then(pl.lit("PSEUDOPROGRESSION"))
        .when(both)
        .then(pl.lit("IDR"))
        .when(uniform)
        .then(pl.lit("IPD_HOMOGENEOUS"))
        .otherwise(pl.lit("HETEROGENEOUS_STABLE"))
    )
    clauses = {"PSEUDOPROGRESSION": "PT-1", "IDR": "PT-3", "IPD_HOMOGENEOUS": "PT-2", "HETEROGENEOUS_STABLE": "PT-4"}
    return rows.with_columns(pattern=pattern).select(
        *AT,
        "assessment_date",
        "pattern",
        "lesions",
        "sites",
        present=pl.when((pl.col("pattern") == "PSEUDOPROGRESSION") & pl.col("worsened"))
        .then(pl.lit("N"))
        .otherwise(pl.lit("Y")),
        value=pl.col("responding").cast(pl.Float64),
        clause=pl.col("pattern").replace(clauses),
        explanation=pl.format(
            "PMD on {}, {} on {}: {} lesions respond, {} progress, {} stay{}; {}",
            "pet1",
            "overall_response",
            "assessment_date",
            "responding",
            "progressing",
            pl.col("stable").fill_null(0),
            pl.when("worsened").then(pl.lit("; clinically worse")).otherwise(pl.lit("")),
            pl.lit(ASK),
        ),
    )


def _ids(which: pl.Expr) -> pl.Expr:
    return pl.col("lesion_id").filter(which).sort().str.join(", ")


def _sites(which: pl.Expr) -> pl.Expr:
    return pl.col("organ").filter(which).drop_nulls().unique().sort().str.join(", ")


def _oligoprogression(percist: pl.DataFrame, courses: pl.DataFrame, options: MarkerOptions) -> pl.DataFrame:
    """At a progression, how many lesions progress and where; few are oligoprogression (PT-6)."""
    found = courses.group_by(AT).agg(
        value=pl.col("progressing").sum().cast(pl.Float64),
        lesions=_ids(pl.col("progressing")),
        sites=_sites(pl.col("progressing")),
    )
    rows = percist.filter(pl.col("overall_response") == "PMD").join(found, on=AT)
    few = pl.col("value").is_between(1, options.oligo_max)
    return _prompt(rows, "OLIGOPROGRESSION", few, "PT-6", pl.format("{} lesions progress: {}", "value", "sites"))


def _prompt(rows: pl.DataFrame, pattern: str, present: pl.Expr, clause: str, explanation: pl.Expr) -> pl.DataFrame:
    columns = ("lesions", "sites", "value")
    return rows.select(
        *AT,
        "assessment_date",
        *(name for name in columns if name in rows.columns),
        pattern=pl.lit(pattern),
        present=pl.when(present).then(pl.lit("Y")).otherwise(pl.lit("N")),
        clause=pl.lit(clause),
        explanation=explanation,
    )


def _new_lesions(courses: pl.DataFrame, options: MarkerOptions) -> pl.DataFrame:
    """Number and sites of new lesions, more than four of them, those without a nature, and new nodes (LG-1 to 3, 8)."""
    new, node = pl.col("new"), pl.col("new") & pl.col("is_node")
    unknown = new & pl.col("nature").is_null()
    found = courses.group_by(AT).agg(
        pl.col("assessment_date").max(),
        n=new.sum(),
        n_sites=pl.col("organ").filter(new).n_unique(),
        new_ids=_ids(new),
        new_sites=_sites(new),
        unknown=unknown.sum(),
        unknown_ids=_ids(unknown),
        nodes=node.sum(),
        node_ids=_ids(node),
    )
    some = found.filter(pl.col("n") > 0)
    counted = some.with_columns(lesions="new_ids", sites="new_sites", value=pl.col("n").cast(pl.Float64))
    causes = some.with_columns(lesions="unknown_ids", value=pl.col("unknown").cast(pl.Float64))
    nodes = some.with_columns(lesions="node_ids", value=pl.col("nodes").cast(pl.Float64))
    more = options.nml_more_than
    return pl.concat(
        [
            _prompt(counted, "NEW_LESIONS", pl.lit(True), "LG-1", pl.format("{} in {} sites", "n", "n_sites")),
            _prompt(
                counted,
                "MANY_NEW_LESIONS",
                pl.col("n") > more,
                "LG-8",
                pl.format("{} new lesions; more than {} make true progression likely", "n", pl.lit(more)),
            ),
            _prompt(
                causes,
                "NEW_LESION_NATURE",
                pl.col("unknown") > 0,
                "LG-2",
                pl.format("{} new lesions without a nature: irAE, sarcoid-like, infection, drainage node?", "unknown"),
            ),
            _prompt(
                nodes,
                "NEW_NODES",
                pl.col("nodes") > 0,
                "LG-3",
                pl.format("{} new nodes: in the drainage of a tumour, or symmetric?", "nodes"),
            ),
        ],
        how="diagonal_relaxed",
    )


def _confirmation(percist: pl.DataFrame, options: MarkerOptions) -> pl.DataFrame:
    """The scan after a first progression: whether it is late enough to confirm it (LG-5)."""
    first = percist.filter(pl.col("overall_response") == "PMD").group_by(KEY, maintain_order=True).first()
    later = percist.join(first.select(*KEY, pet1="assessment_date"), on=KEY)
    later = later.filter(pl.col("assessment_date") > pl.col("pet1")).group_by(KEY, maintain_order=True).first()
    days = (pl.col("assessment_date") - pl.col("pet1")).dt.total_days()
    return _prompt(
        later.with_columns(value=days.cast(pl.Float64)),
        "CONFIRMATORY_SCAN",
        days >= options.lopci_confirm_min_d,
        "LG-5",
        pl.format("{} d after the progression of {}; more than 4 weeks are asked for", days, "pet1"),
    )


def _sarcoid(courses: pl.DataFrame, percist: pl.DataFrame) -> pl.DataFrame:
    """New nodes, all hilar on both sides and mediastinal and alike, nothing else progressing: look again (LG-7)."""
    rows = symmetric_nodes(courses).join(percist.select(*AT, "target_response"), on=AT, how="left")
    alone = (
        (pl.col("target_response") != "PMD").fill_null(True)
        & (pl.col("new_others") == 0)
        & (pl.col("others_progressing") == 0)
    )
    return _prompt(
        rows,
        "SARCOID_LIKE_REVIEW",
        pl.col("symmetric") & alone,
        "LG-7",
        pl.format("new hilar nodes right {} and left {}; the response is provisional", "right", "left"),
    )


def _unquantified(courses: pl.DataFrame) -> pl.DataFrame:
    """Scans with tumour lesions whose volume or glycolysis is not known (LG-4)."""
    lacking = pl.col("present") & (pl.col("mtv_ml").is_null() | pl.col("tlg_g").is_null())
    rows = courses.group_by(AT).agg(
        pl.col("assessment_date").max(), lesions=_ids(lacking), value=lacking.sum().cast(pl.Float64)
    )
    return _prompt(
        rows.filter(pl.col("value") > 0),
        "VOLUME_MISSING",
        pl.lit(True),
        "LG-4",
        pl.format("MTV or TLG is not known of {} lesions", pl.col("value").cast(pl.Int64)),
    )
