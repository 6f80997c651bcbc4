"""Uptake on PET as TR reports it: one row a lesion and time point, units, refusals."""

from __future__ import annotations

import pytest

from tests.ingestion_forms.small_trial import study

HEADER = "USUBJID VISITNUM TRLNKID TRGRPID TRTESTCD TRSTRESN TRSTRESU TRSTAT TRREASND TRDTC\n"
BASELINE = """
S1 1 T01 TARGET LDIAM   30   mm    -        - 2024-01-02
S1 1 T01 TARGET SUVMAX  8.4  g/mL  -        - 2024-01-02
S1 1 T01 TARGET SULPEAK 5.1  -     -        - 2024-01-02
S1 1 T01 TARGET MTV     12.5 cm3   -        - 2024-01-02
S1 1 T01 TARGET TLG     60   g     -        - 2024-01-02
S1 1 P02 TARGET SUVMAX  3.3  g/mL  -        - 2024-01-02
S1 2 T01 TARGET SUVMAX  -    -     NOT_DONE NOT_EVALUABLE 2024-03-02
"""
TU = """
USUBJID TULNKID TUTESTCD TUSTRESC TULOC      TUDTC
S1      T01     TUMIDENT TARGET   LIVER      2024-01-02
S1      P02     TUMIDENT TARGET   LYMPH_NODE 2024-01-02
"""


def test_uptake_is_one_row_a_lesion_and_time_point() -> None:
    forms = study(tr=HEADER + BASELINE.strip(), tu=TU)
    assert forms.rejects.is_empty(), forms.rejects
    rows = forms.pet_lesion.frame.select(
        *("timepoint", "lesion_id", "role", "organ", "is_node", "status", "suv_max", "sul_peak", "mtv_ml", "tlg_g")
    ).rows()
    assert rows == [
        (0, "P02", "TARGET", "LYMPH NODE", True, "PRESENT", 3.3, None, None, None),
        (0, "T01", "TARGET", "LIVER", False, "PRESENT", 8.4, 5.1, 12.5, 60.0),
        (1, "T01", "TARGET", "LIVER", False, "NE", None, None, None, None),
    ]
    assert forms.pet_lesion.frame["measured_from"].unique().to_list() == ["FORM"]
    assert forms.measurement.frame.select("lesion_id", "timepoint").rows() == [("T01", 0)]


def test_the_volume_method_and_the_basis_of_glycolysis_are_qualifiers() -> None:
    supptr = "RDOMAIN USUBJID IDVAR IDVARVAL QNAM QVAL\n" + "".join(
        f"TR S1 TRSEQ 1 {name} {value}\n" for name, value in (("MTVMETH", "mtv_41"), ("TLGBASIS", "sul"))
    )
    tr = HEADER.replace("USUBJID", "USUBJID TRSEQ") + "S1 1 1 T01 TARGET MTV 12.5 mL - - 2024-01-02"
    row = study(tr=tr, supptr=supptr).pet_lesion.frame.row(0, named=True)
    assert (row["mtv_method"], row["tlg_basis"]) == ("MTV_41", "SUL")


@pytest.mark.parametrize(
    ("result", "field", "reason"),
    [
        ("SUVMAX high g/mL", "TRSTRESN", "not a number"),
        ("SUVMAX -1 g/mL", "TRSTRESN", "cannot be negative"),
        ("SUVMAX 5000 g/mL", "TRSTRESN", "larger than can be true"),
        ("SUVMAX 5 mm", "TRSTRESU", "no unit of SUVMAX that is read"),
        ("MTV 5 -", "TRSTRESU", "no unit of MTV that is read"),
        ("SUVMAXX 5 g/mL", "TRTESTCD", "unknown test"),
    ],
)
def test_a_result_that_cannot_be_used_is_a_reject(result: str, field: str, reason: str) -> None:
    forms = study(tr=f"{HEADER}S1 1 T01 TARGET {result} - - 2024-01-02")
    assert forms.pet_lesion.frame.is_empty()
    (reject,) = forms.rejects.to_dicts()
    assert reject["field"] == field and reason in reject["reason"]


def test_a_visit_with_pet_alone_before_the_first_ct_is_not_the_baseline() -> None:
    tr = HEADER + "S1 1 T01 TARGET SUVMAX 8 g/mL - - 2024-01-01\nS1 2 T01 TARGET LDIAM 30 mm - - 2024-01-03\n"
    forms = study(tr=tr)
    assert forms.measurement.frame["timepoint"].to_list() == [0]
    assert forms.pet_lesion.frame["timepoint"].to_list() == [-1]
