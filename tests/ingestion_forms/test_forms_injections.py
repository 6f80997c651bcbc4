"""The injection log from PR and its qualifiers (metabolic rule book 8.3)."""

from __future__ import annotations

import datetime as dt

from ingestion.forms.injections import QUALIFIERS
from tests.ingestion_forms.small_trial import study

PR = """
USUBJID PRSEQ PRTRT                  PRLNKID PRSTDTC          PROCCUR PRDOSE PRDOSU VISITNUM
S1      1     INTRATUMORAL_INJECTION T01     2024-02-01T14:30 Y       4e6    PFU    1
S1      2     INTRATUMORAL_INJECTION T02     2024-02          -       -      -      2.5
S1      3     INTRATUMORAL_INJECTION T03     2024-02-01       N       -      -      1
S1      4     BIOPSY                 T01     2024-02-01       Y       -      -      1
"""
SUPPPR = """
RDOMAIN USUBJID IDVAR IDVARVAL QNAM     QVAL
PR      S1      PRSEQ 1        INJAGENT T-VEC
PR      S1      PRSEQ 1        INJVOL   4.0
PR      S1      PRSEQ 1        GUIDANCE us
PR      S1      PRSEQ 1        LESNEW   Y
PR      S1      PRSEQ 1        NDLGAUGE thin
PR      S1      PRSEQ 1        KEYPRDTC 2024-02-01
"""


def test_injections_carry_dose_and_qualifiers_and_a_bad_qualifier_is_left_out() -> None:
    injection = study(pr=PR, supppr=SUPPPR).injection
    first, second = injection.frame.to_dicts()
    assert (first["lesion_id"], first["injection_datetime"]) == ("T01", dt.datetime(2024, 2, 1, 14, 30))  # noqa: DTZ001
    assert (first["dose"], first["dose_unit"], first["visit_number"]) == (4e6, "PFU", 1)
    assert (first["agent"], first["delivered_volume_ml"], first["guidance"]) == ("T-VEC", 4.0, "US")
    assert (first["is_new_lesion"], first["key_image_pre_date"]) == (True, dt.date(2024, 2, 1))
    assert (second["lesion_id"], second["injection_datetime"].date()) == ("T02", dt.date(2024, 2, 1))
    assert second["visit_number"] is None
    (reject,) = injection.rejects.to_dicts()
    assert (reject["field"], reject["value"], reject["reason"]) == ("NDLGAUGE", "thin", "not a whole number")


def test_qualifiers_have_names_of_at_most_eight_letters_each_once() -> None:
    assert len(set(QUALIFIERS.values())) == len(QUALIFIERS)
    assert all(len(name) <= 8 and name.isalnum() for name in QUALIFIERS.values())
