"""Whatever stands in a cell: no exception, no row lost, no lesion lost."""

from __future__ import annotations

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.forms.canonical import canonical
from ingestion.forms.codes import TESTS_NOT_READ
from tests.ingestion_forms.small_trial import rows_of

HEADER = (
    "USUBJID VISITNUM VISIT TRLNKID TRGRPID TRTESTCD TRSTRESN TRSTRESC TRSTRESU TRORRES TRORRESU TRSTAT TRREASND "
    "TREVAL TRDTC\n"
)
TR = HEADER + "".join(
    f"{subject} {visit} V{visit} {name} {role} {test} {size} {word} {unit} {size} {unit} - - INVESTIGATOR {day}\n"
    for subject in ("S1", "S2")
    for visit, day in ((1, "2024-01-02"), (2, "2024-02-14"), (3, "2024-03-27"))
    for name, role, test, size, word, unit in (
        ("T01", "TARGET", "LDIAM", "20", "20", "mm"),
        ("T01", "TARGET", "LPERP", "12", "12", "mm"),
        ("T02", "TARGET", "LDIAM", "30", "30", "mm"),
        ("NT01", "NON-TARGET", "TUMSTATE", "-", "PRESENT", "-"),
        ("NT01", "NON-TARGET", "CHGPREV", "-", "UNCHANGED", "-"),
        ("NEW01", "NEW", "TUMSTATE", "-", "EQUIVOCAL", "-"),
        ("-", "TARGET", "SUMDIAM", "50", "50", "mm"),
    )
)
DM = "USUBJID RFSTDTC\nS1 2024-01-05\nS2 2024-01-06"
WORDS = (
    *("0", "-1", "1e9", "nan", "inf", "12,5", "cm", "ABSENT", "PRESENT", "UNEQUIVOCAL", "TOO SMALL TO MEASURE"),
    *("NOT DONE", "SCAN NOT PERFORMED", "2024-02-30", "2024-01", "2024", "LDIAM", "TUMSTATE", "SUMDIAM", "TARGET"),
    *("NEW", "T01", "S1", "S9", "1", "2", "2.5", "PRE-BASELINE", "VOLUME", "MERGED", "9999-99-99", "-"),
)
CELLS = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.sampled_from(WORDS),
)
VALID = rows_of(TR, "sha of tr")
COLUMNS = HEADER.split()
CORRUPTIONS = st.lists(st.tuples(st.integers(0, VALID.height - 1), st.sampled_from(COLUMNS), CELLS), max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(corruptions=CORRUPTIONS, shuffled=st.booleans())
def test_every_row_is_in_the_output_or_rejected_or_of_a_test_that_is_not_read(corruptions, shuffled):
    cells = VALID.to_dict(as_series=False)
    for row, column, value in corruptions:
        cells[column][row] = value
    tr = pl.DataFrame(cells, schema=VALID.schema)
    if shuffled:
        tr = tr.sample(fraction=1.0, shuffle=True, seed=1)
    forms = canonical("STUDY", {"DM": rows_of(DM), "TR": tr})
    used = [
        record
        for frame in (forms.measurement.frame, forms.recorded_sum.frame)
        for records in frame["source_record"].to_list()
        for record in records.split(",")
    ]
    rejected = forms.rejects["source_record"].to_list()
    not_read = tr.filter(pl.col("TRTESTCD").str.to_uppercase().is_in(TESTS_NOT_READ))["_row"].cast(pl.String).to_list()
    assert set(used) | set(rejected) | set(not_read) == set(tr["_row"].cast(pl.String).to_list())
    assert len(used) == len(set(used)), "a row stands in two places"
    assert len(rejected) == len(set(rejected)), "a row is rejected twice"
    assert forms.rejects.select("source_name", "reason", "remedy").null_count().sum_horizontal()[0] == 0


@settings(max_examples=25, deadline=None)
@given(
    row=st.integers(0, VALID.height - 1),
    column=st.sampled_from(["TRSTRESN", "TRSTRESC", "TRSTRESU", "TRSTAT", "TRDTC"]),
    value=CELLS,
)
def test_a_spoilt_result_never_makes_its_lesion_vanish(row, column, value):
    cells = VALID.to_dict(as_series=False)
    cells[column][row] = value
    forms = canonical("STUDY", {"DM": rows_of(DM), "TR": pl.DataFrame(cells, schema=VALID.schema)})
    assert (
        forms.measurement.frame.height
        == VALID.filter(pl.col("TRLNKID").is_not_null()).select("USUBJID", "VISITNUM", "TRLNKID").n_unique()
    )
