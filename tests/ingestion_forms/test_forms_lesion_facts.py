"""What TU, TR and PR say of a lesion beside its size: measurable, treated, seen on which scan (R11-BL, -FU, -NL)."""

from __future__ import annotations

from typing import Any

import polars as pl

from ingestion.reject import Parsed
from tests.ingestion_forms.small_trial import study

TR = """
USUBJID TRSEQ VISITNUM TRLNKID TRGRPID TRTESTCD TRSTRESN TRSTRESU TRMETHOD TRDTC
S1      1     1        T01     TARGET  LDIAM    20       mm       CT_SCAN  2024-01-02
S1      2     1        T02     TARGET  LDIAM    30       mm       CT_SCAN  2024-01-02
S1      3     2        T01     TARGET  LDIAM    20       mm       PET      2024-03-02
S1      4     2        T01     TARGET  LPERP    12       mm       CT_SCAN  2024-03-02
S1      5     2        T02     TARGET  LDIAM    30       mm       PET      2024-03-02
"""
TU = """
USUBJID TUSEQ VISITNUM TULNKID TUTESTCD TUSTRESC TULOC
S1      1     1        T01     TUMIDENT TARGET   LIVER
S1      2     1        T02     TUMIDENT TARGET   BONE
"""


def column(parsed: Parsed, name: str) -> list[Any]:
    """A column by lesion and time point."""
    return parsed.frame.sort("lesion_id", "timepoint")[name].to_list()


def test_R11_BL_04_MEASIND_says_whether_a_lesion_is_measurable() -> None:
    tu = TU + "S1 3 1 T02 MEASIND NON-MEASURABLE BONE\nS1 4 1 T01 MEASIND PERHAPS LIVER\n"
    parsed = study(tu=tu, tr=TR).measurement
    assert column(parsed, "measurable") == [None, None, False, False]
    assert parsed.rejects.select("field", "value", "reason").rows() == [
        ("TUSTRESC", "PERHAPS", "it does not say whether the lesion is measurable")
    ]


def test_R11_BL_05_qualifiers_say_that_a_lesion_was_treated_and_has_progressed_since() -> None:
    supptu = """
USUBJID IDVAR IDVARVAL QNAM    QVAL
S1      TUSEQ 1        PREVIR  Y
S1      TUSEQ 1        PREVIRP Y
S1      TUSEQ 2        PREVIR  Y
"""
    parsed = study(tu=TU, tr=TR, supptu=supptu).measurement
    assert column(parsed, "prior_local_therapy") == [True] * 4
    assert column(parsed, "measurable") == [True, True, None, None]
    assert parsed.rejects.is_empty()


PR = """
USUBJID PRTRT                       PRCAT            PRLNKID PROCCUR PRSTDTC
S1      SURGERY                     -                T01     Y       2024-02-01
S1      RADIOFREQUENCY_ABLATION     -                T01     Y       2024-01-20
S1      STEREOTACTIC_RADIOTHERAPY   -                T02     Y       2024-01-01
S1      BIOPSY                      -                T02     Y       2024-02-01
S1      INTRATUMORAL_INJECTION      LOCAL_TREATMENT  T02     Y       2024-02-01
S1      EMBOLIZATION                -                T02     N       2024-02-01
S1      RADIOTHERAPY                -                -       Y       2024-02-01
S1      LASER                       LOCAL_TREATMENT  T02     Y       -
"""


def test_R11_FU_06_local_therapy_by_lesion_the_first_after_the_baseline() -> None:
    parsed = study(tu=TU, tr=TR, pr=PR).measurement
    assert column(parsed, "local_therapy") == [None, "ABLATION", None, None]
    assert column(parsed, "prior_local_therapy") == [None, None, True, True]
    assert column(parsed, "injected") == [False, False, False, True]
    assert parsed.rejects.select("field", "reason").rows() == [("PRSTDTC", "no date of the local therapy")]


def test_R11_FU_06_every_kind_of_local_therapy() -> None:
    words = {
        "RESECTION": "SURGERY",
        "METASTASECTOMY": "SURGERY",
        "EXTERNAL_BEAM_RADIATION_THERAPY": "RADIOTHERAPY",
        "CHEMOEMBOLIZATION": "EMBOLISATION",
        "CRYOABLATION": "ABLATION",
        "LASER": "OTHER",
    }
    for word, kind in words.items():
        pr = f"USUBJID PRTRT PRCAT PRLNKID PRSTDTC\nS1 {word} LOCAL_THERAPY T01 2024-03-02\n"
        parsed = study(tu=TU, tr=TR, pr=pr).measurement
        assert column(parsed, "local_therapy") == [None, kind, None, None], word


def test_R11_FU_06_a_visit_that_was_missed_says_it_too() -> None:
    sv = "USUBJID VISITNUM SVOCCUR SVSTDTC\nS1 1.5 N 2024-02-15\n"
    pr = "USUBJID PRTRT PRLNKID PRSTDTC\nS1 SURGERY T01 2024-02-10\n"
    days = (("1", "2024-01-02"), ("1.5", "2024-02-15"))
    other = "".join(f"S2 9 {visit} T01 TARGET LDIAM 20 mm CT_SCAN {on}\n" for visit, on in days)
    frame = study(tu=TU, tr=TR + other, sv=sv, pr=pr).measurement.frame.filter(subject_id="S1", lesion_id="T01")
    assert frame.sort("timepoint").select("state", "local_therapy").rows() == [
        ("MEASURED", None),
        ("NOT_DONE", "SURGERY"),
        ("MEASURED", "SURGERY"),
    ]


def test_R11_NL_04_a_scan_that_is_no_PET_goes_first() -> None:
    parsed = study(tu=TU, tr=TR).measurement
    assert column(parsed, "method") == ["CT SCAN", "CT SCAN", "CT SCAN", "PET"]


def test_R11_BL_01_slice_thickness_and_CR_01_second_thoughts_come_as_qualifiers() -> None:
    supptr = """
USUBJID IDVAR IDVARVAL QNAM     QVAL
S1      TRSEQ 1        SLICETHK 7.5
S1      TRSEQ 2        SLICETHK THICK
S1      TRSEQ 5        INDISTFL Y
"""
    parsed = study(tu=TU, tr=TR, supptr=supptr).measurement
    assert column(parsed, "slice_thickness_mm") == [7.5, None, None, None]
    assert column(parsed, "indistinct_before") == [None, None, None, True]
    assert column(parsed, "longest_diameter_mm") == [20, 20, 30, 30], "the record keeps what else it says"
    assert parsed.rejects.select("field", "value", "reason").rows() == [("SLICETHK", "THICK", "no thickness of slices")]
    assert parsed.frame.filter(pl.col("measurable").is_not_null()).is_empty()
