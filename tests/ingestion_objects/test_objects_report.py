"""Measurements of structured reports (TID 1500), against what highdicom reads in them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from typing import Any

import highdicom as hd
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from ingestion.dicom.headers import Unreadable
from ingestion.objects.report import read_report
from tests.ingestion_objects import made

TWO = (
    {"id": "T01", "long": 42.5, "short": 30.0},
    {"id": "T02", "long": 18.0, "short": 12.25, "site": codes.SCT.LymphNode},
)


def saved(folder: Path, dataset: Dataset) -> Path:
    made.write(folder, dataset)
    return next(folder.glob(f"*{dataset.SOPInstanceUID}.dcm"))


def rows(path: Path) -> list[dict[str, Any]]:
    found = read_report(path)
    assert not isinstance(found, Unreadable), found
    return found


def shown(found: list[dict[str, Any]], *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in found]


@pytest.mark.parametrize("kind", [hd.sr.EnhancedSR, hd.sr.ComprehensiveSR, hd.sr.Comprehensive3DSR])
def test_two_lesions_with_both_axes(tmp_path: Path, kind: type) -> None:
    images = made.ct()
    found = rows(saved(tmp_path, made.report(images, TWO, kind=kind)))
    assert shown(found, "group_number", "tracking_id", "quantity", "value", "unit", "refusal") == [
        (1, "T01", "LONG_AXIS", 42.5, "mm", None),
        (1, "T01", "SHORT_AXIS", 30.0, "mm", None),
        (2, "T02", "LONG_AXIS", 18.0, "mm", None),
        (2, "T02", "SHORT_AXIS", 12.25, "mm", None),
    ]
    first = found[0]
    assert (first["observer"], first["observer_type"], first["finding_site"]) == ("Reader^One", "PERSON", "Liver")
    assert (first["content_date"], first["content_time"]) == (date(2024, 4, 1), time(12, 0))
    assert first["referenced_sop_instance_uids"] == images[0].SOPInstanceUID
    assert first["evidence_series_uids"] == images[0].SeriesInstanceUID
    assert (first["completion"], first["remarks"], found[2]["finding_site"]) == ("COMPLETE", None, "Lymph Node")


def test_the_reading_agrees_with_highdicom(tmp_path: Path) -> None:
    path = saved(tmp_path, made.report(made.ct(), TWO))
    assert by_highdicom(path) == [
        (row["tracking_id"], row["tracking_uid"], row["name"], row["value"]) for row in rows(path)
    ]


def by_highdicom(path: Path) -> list[tuple[str, str, str, float]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        content = hd.sr.srread(path).content
    groups = (
        *content.get_planar_roi_measurement_groups(),
        *content.get_volumetric_roi_measurement_groups(),
        *content.get_image_measurement_groups(),
    )
    return [
        (group.tracking_identifier, group.tracking_uid, measured.name.meaning, measured.value)
        for group in groups
        for measured in group.get_measurements()
    ]


def test_centimetres_become_millimetres_and_foreign_units_are_refused(tmp_path: Path) -> None:
    lesion = {"id": "T01", "long": 4.25, "unit": codes.UCUM.Centimeter}
    assert shown(rows(saved(tmp_path, made.report(made.ct(), [lesion]))), "value", "unit", "value_received") == [
        (42.5, "mm", "4.25")
    ]
    wrong = {"id": "T01", "long": 4.25, "unit": codes.UCUM.Percent}
    (row,) = rows(saved(tmp_path, made.report(made.ct(), [wrong], number=2)))
    assert (row["value"], row["refusal"]) == (None, "has the unit %; cm, m, mm, um are understood")


def test_old_codes_mean_the_same(tmp_path: Path) -> None:
    report = made.report(made.ct(), TWO[:1])
    old = {"103339001": "G-A185", "103340004": "G-A186", "363698007": "G-C0E3"}

    def rewrite(dataset: Dataset, element: pydicom.DataElement) -> None:
        if element.keyword == "CodeValue" and element.value in old:
            dataset.CodeValue, dataset.CodingSchemeDesignator = old[element.value], "SRT"

    report.walk(rewrite)
    assert shown(rows(saved(tmp_path, report)), "quantity", "name_code", "finding_site") == [
        ("LONG_AXIS", "SRT:G-A185", "Liver"),
        ("SHORT_AXIS", "SRT:G-A186", "Liver"),
    ]


@pytest.mark.parametrize(
    ("lesion", "refusals"),
    [
        ({"long": -396.0}, ["Long axis is negative"]),
        (
            {"long": 10.0, "short": 12.0},
            ["the short axis 12 mm is longer than the long axis 10 mm"] * 2,
        ),
        ({"long": 10.0, "short": 10.0}, [None, None]),
    ],
)
def test_sizes_that_cannot_be_are_refused(tmp_path: Path, lesion: dict[str, Any], refusals: list[str | None]) -> None:
    found = rows(saved(tmp_path, made.report(made.ct(), [{"id": "T01", **lesion}, {"id": "T02", "long": 9.0}])))
    assert [row["refusal"] for row in found] == [*refusals, None]
    assert [row["value"] is None for row in found] == [refusal is not None for refusal in [*refusals, None]]


def test_a_group_that_highdicom_refuses_loses_no_other(tmp_path: Path) -> None:
    report = made.report(made.ct(), TWO)
    groups = [
        item
        for item in report.ContentSequence[-1].ContentSequence
        if item.ConceptNameCodeSequence[0].CodeValue == "125007"
    ]
    broken = next(item for item in groups[0].ContentSequence if item.ValueType == "NUM")
    del broken.ConceptNameCodeSequence
    path = saved(tmp_path, report)
    with pytest.raises(AttributeError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        hd.sr.srread(path)
    assert shown(rows(path), "tracking_id", "quantity", "value") == [
        ("T01", None, 42.5),
        ("T01", "SHORT_AXIS", 30.0),
        ("T02", "LONG_AXIS", 18.0),
        ("T02", "SHORT_AXIS", 12.25),
    ]


def test_a_damaged_report_says_why(tmp_path: Path) -> None:
    path = saved(tmp_path, made.report(made.ct(), TWO))
    path.write_bytes(path.read_bytes()[:1500])
    found = read_report(path)
    assert isinstance(found, Unreadable)
    assert found.remedy


def test_the_report_of_a_real_pet(shared: Callable[[str], Path]) -> None:
    found = rows(shared("dicom_sr") / "sr.dcm")
    named = (row for row in found if row["statistic"] or row["quantity"] != "SUVBW")
    read = {(row["quantity"], row["statistic"]): row["value"] for row in named}
    expected = {
        ("SUVBW", "MEAN"): 6.01529,
        ("SUVBW", "MINIMUM"): 2.91136,
        ("SUVBW", "MAXIMUM"): 10.3814,
        ("SUVBW", "PEAK"): 9.45534,
        ("SUVBW", "SD"): 1.62653,
        ("SUVBW", "MEDIAN"): 5.71824,
        ("VOLUME", None): 33.5824,
        ("TLG", None): 202.008,
        ("SAM", None): 107.283,
    }
    assert expected.items() <= read.items()
    assert read["TLG", None] == pytest.approx(read["SUVBW", "MEAN"] * read["VOLUME", None], rel=1e-5)
    quarters = [row["value"] for row in found if "Glycolysis Within" in (row["name"] or "")]
    assert sum(quarters) == pytest.approx(202.008, rel=1e-4)
    first = found[0]
    assert (first["tracking_id"], first["finding_site"]) == ("primary tumor", "pharyngeal tonsil (adenoid)")
    assert (first["observer"], first["observer_type"]) == ("User2", "PERSON")
    assert {row["refusal"] for row in found} == {None}
    of_groups = [
        (row["tracking_id"], row["tracking_uid"], row["name"], row["value"]) for row in found if row["group_number"]
    ]
    assert of_groups == by_highdicom(shared("dicom_sr") / "sr.dcm")


def test_pydicoms_report_without_concept_names_is_read_as_far_as_it_goes() -> None:
    path = Path(pydicom.__file__).parent / "data" / "test_files" / "test-SR.dcm"
    assert isinstance(read_report(path), list)
