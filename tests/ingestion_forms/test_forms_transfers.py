"""A later transfer corrects an earlier one: what counts, and what is told of the change."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from ingestion.forms.transfers import Transferred, events_of, transferred
from ingestion.kinds import form_history
from ingestion.landing import land
from ingestion.tables import LANDING_FILE
from protocol.forms import Forms
from tests.ingestion_forms.test_forms_formats import FULL, odm_file

START = datetime(2024, 3, 1, tzinfo=UTC)
HEADER = "USUBJID,TRSEQ,TRLNKID,TRTESTCD,TRSTRESN,VISITNUM,TRDTC\n"
A = "S1,1,T01,LDIAM,12,1,2024-01-01\n"
B = "S1,2,T02,LDIAM,20,1,2024-01-01\n"
C = "S1,3,T03,LDIAM,30,1,2024-01-01\n"


class Site:
    """A folder that files are put into and taken from, transfer by transfer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.incoming = folder / "incoming"
        self.incoming.mkdir()
        self.manifest = LANDING_FILE.empty()
        self.transfers = 0

    def send(self, **files: str | bytes | None) -> None:
        """One transfer: contents by file stem, None takes the file away."""
        for stem, content in files.items():
            path = self.incoming / (stem.replace("__", ".") if "__" in stem else f"{stem}.csv")
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.transfers += 1
        now = START + timedelta(days=self.transfers)
        self.manifest = land("S", self.incoming, self.folder / "landing", self.manifest, now).manifest

    def read(self, **forms: object) -> Transferred:
        """What all transfers come to."""
        return transferred("S", events_of(self.folder, form_history(self.manifest)), Forms(**forms))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def sizes(found: Transferred) -> dict[str, str]:
    return dict(found.frames["TR"].select("TRLNKID", "TRSTRESN").sort("TRLNKID").iter_rows())


def told(found: Transferred) -> list[tuple[str, ...]]:
    lesion = pl.col("record_key").str.extract(r"\| (T0\d)")
    return (
        found.changes.select("kind", lesion, "field", "old_value", "new_value").sort(pl.all(), nulls_last=True).rows()
    )


def test_a_first_transfer_changes_nothing(site: Site) -> None:
    site.send(tr=HEADER + A + B)
    found = site.read()
    assert sizes(found) == {"T01": "12", "T02": "20"}
    assert found.changes.is_empty()
    (transfer,) = found.transfers.to_dicts()
    assert (transfer["form"], transfer["records"], transfer["in_use"]) == ("TR", 2, 2)


def test_a_file_of_the_same_name_replaces_the_former_wholly(site: Site) -> None:
    site.send(tr=HEADER + A + B)
    site.send(tr=HEADER + A.replace(",12,", ",15,") + C)
    found = site.read()
    assert sizes(found) == {"T01": "15", "T03": "30"}
    assert told(found) == [
        ("CORRECTED", "T01", "TRSTRESN", "12", "15"),
        ("INSERTED", "T03", None, None, None),
        ("WITHDRAWN", "T02", None, None, None),
    ]
    change = found.changes.filter(kind="CORRECTED").row(0, named=True)
    assert (change["subject_id"], change["form"], change["transfer_at"]) == ("S1", "TR", START + timedelta(days=2))
    assert (change["old_source_name"], change["old_source_record"]) == ("tr.csv", "2")
    assert (change["new_source_name"], change["new_source_record"]) == ("tr.csv", "2")
    assert change["old_source_sha256"] != change["new_source_sha256"]
    assert set(site.manifest["sha256"]) == {change["old_source_sha256"], change["new_source_sha256"]}
    rows = found.transfers.select("records", "in_use", "inserted", "corrected", "withdrawn").rows()
    assert rows == [(2, 0, 0, 0, 0), (2, 2, 1, 1, 1)]


def test_a_file_of_another_name_adds_and_corrects(site: Site) -> None:
    site.send(tr_january=HEADER + A + B)
    site.send(tr_february=HEADER + B.replace(",20,", ",25,") + C)
    found = site.read()
    assert sizes(found) == {"T01": "12", "T02": "25", "T03": "30"}
    assert told(found) == [("CORRECTED", "T02", "TRSTRESN", "20", "25"), ("INSERTED", "T03", None, None, None)]
    assert found.rejects.is_empty()


def test_incremental_transfers_of_one_name_withdraw_nothing(site: Site) -> None:
    site.send(tr=HEADER + A + B)
    site.send(tr=HEADER + B.replace(",20,", ",25,"))
    site.send(tr=HEADER + C)
    found = site.read(transfers="incremental")
    assert sizes(found) == {"T01": "12", "T02": "25", "T03": "30"}
    assert told(found) == [("CORRECTED", "T02", "TRSTRESN", "20", "25"), ("INSERTED", "T03", None, None, None)]
    assert sizes(site.read()) == {"T03": "30"}


def test_a_file_that_goes_takes_its_rows_and_its_corrections_with_it(site: Site) -> None:
    site.send(tr=HEADER + A)
    site.send(tr_more=HEADER + A.replace(",12,", ",15,") + C)
    site.send(tr_more=None)
    found = site.read()
    assert sizes(found) == {"T01": "12"}
    assert [row[:2] for row in told(found)] == [
        ("CORRECTED", "T01"),
        ("CORRECTED", "T01"),
        ("INSERTED", "T03"),
        ("WITHDRAWN", "T03"),
    ]
    assert found.changes["transfer_at"].max() == START + timedelta(days=3)


def test_the_last_file_of_a_form_takes_the_form_with_it(site: Site) -> None:
    site.send(tr=HEADER + A, dm="USUBJID,ARM\nS1,A\n")
    site.send(tr=None)
    found = site.read()
    assert set(found.frames) == {"DM"}
    assert [row[:2] for row in told(found)] == [("WITHDRAWN", "T01")]


def test_an_earlier_content_that_comes_back_counts_again(site: Site) -> None:
    site.send(tr=HEADER + A)
    site.send(tr=HEADER + A.replace(",12,", ",15,"))
    site.send(tr=HEADER + A)
    found = site.read()
    assert sizes(found) == {"T01": "12"}
    assert [row[3:] for row in told(found)] == [("12", "15"), ("15", "12")]


def test_a_file_that_goes_and_comes_back_is_told_twice(site: Site) -> None:
    site.send(tr=HEADER + A)
    site.send(tr_more=HEADER + C)
    site.send(tr_more=None)
    site.send(tr_more=HEADER + C)
    found = site.read()
    assert sizes(found) == {"T01": "12", "T03": "30"}
    assert found.changes.sort("transfer_at")["kind"].to_list() == ["INSERTED", "WITHDRAWN", "INSERTED"]


def test_files_of_one_transfer_do_not_correct_each_other(site: Site) -> None:
    site.send(sv_a="USUBJID,VISITNUM,VISIT\nS1,1,WEEK 1\n", sv_b="USUBJID,VISITNUM,VISIT\nS1,1,WEEK 2\nS1,1.0,WEEK 1\n")
    found = site.read()
    assert found.frames["SV"]["VISIT"].to_list() == ["WEEK 1"]
    assert found.rejects.select("source_name", "source_record", "reason").rows() == [
        (
            "sv_b.csv",
            "2",
            "contradicts row 2 of sv_a.csv, which has the same key (USUBJID, VISITNUM) and is kept",
        ),
        (
            "sv_b.csv",
            "3",
            "contradicts row 2 of sv_a.csv, which has the same key (USUBJID, VISITNUM) and is kept",
        ),
    ]


def test_sequence_numbers_and_the_spelling_of_numbers_are_no_change(site: Site) -> None:
    site.send(tr=HEADER + A + B)
    site.send(tr=HEADER + B.replace("S1,2", "S1,1").replace(",20,1", ",20.0,1.0") + A.replace("S1,1", "S1,2"))
    assert site.read().changes.is_empty()


def test_events_are_found_again_by_their_sequence_number(site: Site) -> None:
    header = "USUBJID,CMSEQ,CMTRT,CMCAT,CMSTDTC\n"
    site.send(cm=header + "S1,1,X,ANTI-CANCER THERAPY,2024-02-01\n")
    site.send(cm=header + "S1,1,X,ANTI-CANCER THERAPY,2024-03-01\n")
    change = site.read().changes.row(0, named=True)
    assert (change["kind"], change["record_key"], change["field"]) == ("CORRECTED", "S1 | 1", "CMSTDTC")


def test_a_column_that_comes_later_does_not_make_other_records(site: Site) -> None:
    site.send(tr=HEADER + A)
    site.send(tr=HEADER.replace("\n", ",TREVALID,TRMETHOD\n") + A.replace("\n", ",,CT\n"))
    assert told(site.read()) == [("CORRECTED", "T01", "TRMETHOD", None, "CT")]


def test_events_without_sequence_numbers_are_known_by_what_they_say(site: Site) -> None:
    site.send(cm="USUBJID,CMTRT,CMCAT,CMSTDTC,CMENDTC\nS1,X,C,2024-02-01,\nS1,X,C,2024-03-01,\n")
    site.send(cm="USUBJID,CMSEQ,CMTRT,CMCAT,CMSTDTC,CMENDTC\nS1,1,X,C,2024-02-01,2024-02-09\nS1,2,X,C,2024-03-01,\n")
    change = site.read().changes.row(0, named=True)
    assert (change["kind"], change["field"], change["new_value"]) == ("CORRECTED", "CMENDTC", "2024-02-09")


def test_templates_are_corrected_by_the_key_of_their_table(site: Site) -> None:
    header = "subject_id,timepoint,assessment_date,lesion_id,role,longest_diameter_mm\n"
    row = "S1,1,2024-01-01,T01,TARGET,{}\n"
    site.send(measurement_1=header + row.format(12))
    site.send(measurement_2="evaluator," + header + "investigator," + row.format(14))
    found = site.read()
    assert found.frames["measurement"]["longest_diameter_mm"].to_list() == ["14"]
    change = found.changes.filter(field="longest_diameter_mm").row(0, named=True)
    assert (change["record_key"], change["old_value"], change["new_value"]) == (
        "S1 | INVESTIGATOR | 1 | T01",
        "12",
        "14",
    )


def test_qualifiers_are_corrected_too(site: Site) -> None:
    header = "RDOMAIN,USUBJID,IDVAR,IDVARVAL,QNAM,QVAL\n"
    site.send(supptu=header + "TU,S1,TULNKID,T01,INJFL,N\n")
    site.send(supptu_2=header + "TU,S1,TULNKID,T01,INJFL,Y\n")
    found = site.read()
    assert found.frames["SUPPTU"]["QVAL"].to_list() == ["Y"]
    assert found.changes["field"].to_list() == ["QVAL"]


def test_a_deletion_flag_withdraws_a_record_of_an_earlier_file(site: Site) -> None:
    mapping = {"deleted": {"column": "STATUS", "values": ["D"]}}
    site.send(tr_1=HEADER + A + B)
    site.send(tr_2=HEADER.replace("\n", ",STATUS\n") + A.replace("\n", ",D\n"))
    found = site.read(mappings=(mapping,))
    assert sizes(found) == {"T02": "20"}
    assert [row[:2] for row in told(found)] == [("WITHDRAWN", "T01")]


def test_odm_transactions_correct_what_came_in_an_earlier_file(site: Site, tmp_path: Path) -> None:
    first = [{**FULL, "key": 1, "type": "Insert"}, {**FULL, "key": 2, "TRLNKID": "T02", "type": "Insert"}]
    second = [
        {"key": 1, "type": "Update", "TRSTRESN": "15", "reason": "typing error"},
        {"key": 2, "type": "Remove"},
        {**FULL, "key": 3, "TRLNKID": "T03", "type": "Insert"},
    ]
    sent = [odm_file(tmp_path / f"{n}.xml", groups).read_bytes() for n, groups in enumerate((first, second))]
    site.send(january__xml=sent[0])
    site.send(february__xml=sent[1])
    found = site.read()
    assert sizes(found) == {"T01": "15", "T03": "12"}
    assert told(found) == [
        ("CORRECTED", "T01", "TRSTRESN", "12", "15"),
        ("INSERTED", "T03", None, None, None),
        ("WITHDRAWN", "T02", None, None, None),
    ]
    assert found.changes.filter(kind="CORRECTED")["reason"].to_list() == ["typing error"]
    assert found.frames["TR"].filter(TRLNKID="T01").select("VISITNUM", "TRTESTCD").row(0) == ("1", "LDIAM")


def test_a_csv_corrects_what_came_as_odm(site: Site, tmp_path: Path) -> None:
    site.send(january__xml=odm_file(tmp_path / "a.xml", [FULL]).read_bytes())
    site.send(tr=HEADER.replace("TRSEQ,", "") + "S1,T01,LDIAM,15,1,2024-01-01\n")
    assert sizes(site.read()) == {"T01": "15"}


@pytest.mark.parametrize("seed", range(6))
def test_what_counts_is_what_a_naive_reader_of_all_transfers_finds(site: Site, seed: int) -> None:
    """Random transfers, no lesion in two files of one: of each record the value of the newest present file."""
    choice = random.Random(seed)
    present: dict[str, tuple[int, dict[str, str]]] = {}
    state: dict[str, str] = {}
    expected: list[tuple[str, str, str | None, str | None]] = []
    for number in range(6):
        sent: dict[str, str | None] = {}
        lesions = [f"T0{lesion}" for lesion in choice.sample(range(1, 7), k=6)]
        for name in choice.sample(["tr_a", "tr_b", "tr_c"], k=choice.randint(1, 2)):
            if name in present and choice.random() < 0.2:
                sent[name] = None
                del present[name]
                continue
            rows = {lesions.pop(): str(choice.randint(5, 7)) for _ in range(3)}
            if name not in present or list(present[name][1].items()) != list(rows.items()):
                present[name] = (number, rows)
            sent[name] = HEADER + "".join(f"S1,,{lesion},LDIAM,{mm},1,2024-01-01\n" for lesion, mm in rows.items())
        site.send(**sent)
        newest: dict[str, tuple[int, str, str]] = {}
        for name, (moment, rows) in sorted(present.items()):
            for lesion, mm in rows.items():
                if lesion not in newest or newest[lesion][0] < moment:
                    newest[lesion] = (moment, name, mm)
        after = {lesion: mm for lesion, (_, _, mm) in newest.items()}
        if number:
            expected += [("WITHDRAWN", k, None, None) for k in state.keys() - after.keys()]
            expected += [("INSERTED", k, None, None) for k in after.keys() - state.keys()]
            expected += [
                ("CORRECTED", k, state[k], after[k]) for k in state.keys() & after.keys() if state[k] != after[k]
            ]
        state = after
    found = site.read()
    assert (sizes(found) if "TR" in found.frames else {}) == state
    assert sorted((row[0], row[1], row[3] or "", row[4] or "") for row in told(found)) == sorted(
        (kind, lesion, old or "", new or "") for kind, lesion, old, new in expected
    )


def test_rows_are_neither_lost_nor_doubled(site: Site) -> None:
    site.send(tr=HEADER + A + B + B + "S1,9,T09\n")
    site.send(tr_2=HEADER + B.replace(",20,", ",21,"))
    found = site.read()
    first = found.transfers.row(0, named=True)
    superseded = 1
    assert first["records"] == 4
    repeats = found.rejects.filter(pl.col("reason").str.starts_with("repeats")).height
    ragged = found.rejects.filter(pl.col("reason").str.contains("fields, the header has")).height
    assert (first["in_use"], repeats, ragged) == (1, 0, 1)
    assert first["in_use"] + ragged + superseded * 2 == first["records"]
