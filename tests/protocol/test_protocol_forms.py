"""The section `forms` of protocol.yaml: what it may say, and what is said of its mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.forms import domains
from protocol import form_names
from protocol.forms import Forms
from protocol.load import ProtocolError, parse_protocol
from protocol.template import PROTOCOL_TEMPLATE


def forms_of(text: str) -> Forms:
    return parse_protocol(f"criteria: [iRECIST]\nforms:\n  {text}\n", Path("protocol.yaml")).forms


def test_without_the_section_nothing_is_mapped() -> None:
    assert parse_protocol("criteria: [iRECIST]\n", Path("p")).forms == Forms()


def test_the_template_says_the_defaults() -> None:
    assert parse_protocol(PROTOCOL_TEMPLATE.format(name="X"), Path("p")).forms == Forms()


def test_the_mapping_in_the_template_is_valid_when_its_comment_signs_are_taken_away() -> None:
    lines = PROTOCOL_TEMPLATE.format(name="X").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("  mappings:"))
    shown = [line.replace("  #", "  ", 1) for line in lines[start + 1 :] if line.startswith("  #")]
    end = next(number for number, line in enumerate(shown) if "ignore" in line)
    forms = forms_of("mappings:\n" + "\n".join(shown[: end + 1]))
    assert [mapping.form for mapping in forms.mappings] == ["TR", None]
    assert forms.mappings[0].codes == {"TRTESTCD": {"Longest": "LDIAM"}}


def test_the_names_of_forms_stand_in_one_place() -> None:
    assert tuple(domains.REQUIRED) == form_names.DOMAINS
    assert {form_names.form_of_table(name.lower()) for name in form_names.FORMS} == set(form_names.FORMS)


def test_numbers_are_words_too() -> None:
    forms = forms_of("mappings: [{codes: {VISITNUM: {10: 1, 20: '2'}}, constants: {TREVAL: 7}}]")
    assert forms.mappings[0].codes == {"VISITNUM": {"10": "1", "20": "2"}}
    assert forms.mappings[0].constants == {"TREVAL": "7"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("transfers: daily", "forms.transfers = 'daily': Input should be 'cumulative' or 'incremental'"),
        ("criteria: {House: RECIST}", "forms.criteria.House = 'RECIST': unknown criterion; allowed: WHO"),
        ("mappings: [{form: AE}]", "forms.mappings entry 1.form = 'AE': unknown form; allowed: DM, TU"),
        ("mappings: [{encoding: utf9}]", "unknown encoding; e.g. utf-8"),
        (
            "mappings: [{units: {a: furlong}}]",
            "entry 1.units.a = 'furlong': unknown unit; allowed: mm, cm",
        ),
        ("mappings: [{dates: euro}]", "unknown way to write dates; allowed: iso, day_first, month_first"),
        ("mappings: [{dates: ['%d.%m']}]", "a date format needs day, month and year"),
        ("mappings: [{colums: {a: b}}]", "unknown key (did you mean 'columns'?); allowed: codes, columns"),
        ("mappings: [{deleted: {colum: a, values: [x]}}]", "unknown key (did you mean 'column'?)"),
        ("mappings: [{match: x}]", "the mapping changes nothing"),
        ("mappings: [{columns: {a: USUBJID, b: usubjid}}]", "two columns are mapped to USUBJID"),
        ("mappings: [{codes: {SVOCCUR: {yes: Y}}}]", "write the value in quotes"),
        ("mappings: [{delimiter: ', '}]", "forms.mappings entry 1.delimiter"),
    ],
)
def test_a_mistake_names_its_key_and_what_is_allowed(text: str, message: str) -> None:
    with pytest.raises(ProtocolError) as error:
        forms_of(text)
    assert message in str(error.value)
