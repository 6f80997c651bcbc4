"""Body regions that a series covers, by Body Part Examined and its descriptions (PS3.16 annex L and common words)."""

from __future__ import annotations

import polars as pl

WORDS = {
    "HEAD": r"HEAD|BRAIN|SKULL|CRANI|CEREBR|SCHAEDEL",
    "NECK": r"NECK|HALS|CERVICAL|HEADNECK",
    "CHEST": r"CHEST|THORA|LUNG|TAP\b|CAP\b|CHESTABD",
    "ABDOMEN": r"ABD|LIVER|HEPA|TAP\b|CAP\b|\bAP\b|PANCREA|KIDNEY",
    "PELVIS": r"PELV|BECKEN|TAP\b|CAP\b|\bAP\b|PROSTATE|UTERUS|ABDOMENPELVIS|ABDPEL",
    "SPINE": r"SPINE|LSPINE|TSPINE|CSPINE|VERTEBR",
    "EXTREMITY": r"EXTREMITY|\bLEG\b|\bARM\b|FEMUR|KNEE|SHOULDER|THIGH|HAND\b|FOOT",
    "WHOLE BODY": r"WHOLE ?BODY|WHOLEBODY|\bWB\b|SKULL ?(?:BASE)? ?TO|EYES ?TO",
}


def covered_regions() -> pl.Expr:
    """The regions of `protocol.imaging.REGIONS` that a row of core.series names, as a list."""
    text = (
        pl.concat_str(
            "body_part", "series_description", "protocol_name", "study_description", separator=" ", ignore_nulls=True
        )
        .str.to_uppercase()
        .str.replace_all("[_^]", " ")
    )
    named = [pl.when(text.str.contains(words)).then(pl.lit(region)) for region, words in WORDS.items()]
    return pl.concat_list(named).list.drop_nulls()
