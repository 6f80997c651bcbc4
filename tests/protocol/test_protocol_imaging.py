"""The imaging section of protocol.yaml: the charter and how scans name their subjects."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from protocol.load import ProtocolError, parse_protocol
from protocol.model import Protocol
from protocol.template import PROTOCOL_TEMPLATE


def parsed(imaging: str) -> Protocol:
    return parse_protocol("criteria: [RECIST 1.1]\nimaging:\n" + imaging, Path("protocol.yaml"))


def complaint(imaging: str) -> str:
    with pytest.raises(ProtocolError) as error:
        parsed(imaging)
    return str(error.value)


def test_nothing_needs_to_be_said() -> None:
    imaging = parse_protocol("criteria: [RECIST 1.1]\n", Path("protocol.yaml")).imaging
    assert (imaging.charter, imaging.subject.pattern, imaging.deidentification.ocr) == ((), None, False)


def test_the_charter_that_the_template_shows_is_one() -> None:
    text = PROTOCOL_TEMPLATE.format(name="TRIAL")
    begin = text.index('  #  - version: "1.0"')
    shown = text[begin : text.index("  deidentification:", begin)].replace("  #", "", 1).replace("\n  #", "\n")
    (charter,) = parsed("  charter:\n" + shown).imaging.charter
    assert [limit.modality for limit in charter.limits] == ["CT", "PT"]
    assert charter.limits[0].minor == ("same_scanner",)
    assert charter.expected[1].visits == ("SCREENING", "WEEK 8")
    assert charter.limits[0].kernels == tuple(yaml.safe_load("[B30f, STANDARD]"))


def test_modalities_and_regions_are_in_capitals() -> None:
    expected = "  charter: [{version: '1', expected: [{modality: ct, body_regions: [chest, whole body]}]}]\n"
    (scan,) = parsed(expected).imaging.charter[0].expected
    assert (scan.modality, scan.body_regions) == ("CT", ("CHEST", "WHOLE BODY"))


def test_versions_follow_each_other_by_date() -> None:
    two = "  charter: [{version: '1'}, {version: '2', effective: 2024-06-01}]\n"
    assert parsed(two).imaging.charter[1].effective == date(2024, 6, 1)


@pytest.mark.parametrize(
    ("imaging", "message"),
    [
        ("  charters: []\n", "imaging.charters: unknown key (did you mean 'charter'?)"),
        ("  charter: [{version: '1', limits: [{modality: CT, slice_thicknes_mm: {max: 5}}]}]\n", "did you mean"),
        ("  charter: [{version: '1', limits: [{modality: CT, kvp: {}}]}]\n", "give min, max or both"),
        ("  charter: [{version: '1', limits: [{modality: CT, kvp: {min: 9, max: 1}}]}]\n", "min 9 is larger"),
        ("  charter: [{version: '1', limits: [{modality: CT}, {modality: ct}]}]\n", "has limits for CT more than once"),
        ("  charter: [{version: '1'}, {version: '1', effective: 2024-06-01}]\n", "'1' is listed more than once"),
        ("  charter: [{version: '2', effective: 2024-06-01}, {version: '1'}]\n", "listed by their effective dates"),
        ("  charter: [{version: '1', expected: [{modality: CT, body_regions: [TORSO]}]}]\n", "TORSO"),
        ("  subject: {pattern: '(['}\n", "is not a regular expression"),
        ("  subject: {pattern: '^(?P<site>.)', subject_id: '{subject}'}\n", "names the group 'subject'; groups"),
        ("  deidentification: {options: [retain_everything]}\n", "retain_everything"),
        ("  visit_tolerance_days: -1\n", "imaging.visit_tolerance_days = -1"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_key(imaging: str, message: str) -> None:
    assert message in complaint(imaging)
