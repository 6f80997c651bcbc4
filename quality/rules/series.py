"""Rules on series of images: complete, read, dated as the forms say, and made on one scanner."""

from __future__ import annotations

from functools import partial

from ingestion.dicom.tables import SERIES, VISIT_SCAN
from ingestion.tables import MEASUREMENT
from quality.rule import Category, Parameter, Rule

_series = partial(
    Rule, table=SERIES.name, rows="series", keys=SERIES.key, category=Category.CONFORMANCE, shows=("subject_id",)
)
_WHERE = "Subject {subject_name}, {visit}, {modality} of {scan_date} (series {series_instance_uid}): "
_AGAIN = " Please send the series again."

RULES: tuple[Rule, ...] = (
    _series(
        id="SERIES_INCOMPLETE",
        title="A series has no gap",
        category=Category.COMPLETENESS,
        source="metabolic G-4, imaging charter",
        message=_WHERE + "{missing_slices} slices are missing between the first and the last." + _AGAIN,
        field="missing_slices",
    ),
    _series(
        id="SLICE_POSITION_REPEATED",
        title="No two slices of a series lie at one position",
        source="metabolic G-4",
        message=_WHERE + "{duplicate_positions} slices lie where another lies already." + _AGAIN,
        field="duplicate_positions",
    ),
    _series(
        id="INSTANCES_CONFLICT",
        title="An image came with one content",
        source="DICOM PS3.3 C.12.1, SOP Instance UID",
        message=_WHERE + "{conflicting_instances} images came with different contents under one identifier. Please say "
        "which holds.",
        field="conflicting_instances",
    ),
    _series(
        id="PIXELS_MISSING",
        title="Images have pixels",
        category=Category.COMPLETENESS,
        source="DICOM PS3.3 C.7.6.3",
        message=_WHERE + "{instances_without_pixels} images came without pixel data." + _AGAIN,
        field="instances_without_pixels",
    ),
    _series(
        id="FILE_OF_SERIES_REPEATED",
        title="An image came once",
        source="duplicate transfers",
        message=_WHERE + "{files} files hold {instances} images. Please send each image once.",
        field="files",
    ),
    _series(
        id="SCANNER_CHANGES",
        title="A subject is scanned on the scanner of the baseline",
        source="imaging charter, E09 4.1",
        message=_WHERE + "scanner {scanner}, at baseline {baseline_scanner}. Please confirm, and record the reason.",
        field="scanner",
        needs=(VISIT_SCAN.name,),
    ),
    _series(
        id="SCAN_AFTER_DEATH",
        title="No scan after death",
        category=Category.TIMING,
        source="SDTMIG DM, DTHDTC",
        message=_WHERE + "scanned after the death on {death_date}. Please check both dates, and whose scan it is.",
        field="scan_date",
        needs=(VISIT_SCAN.name,),
    ),
    _series(
        id="SCAN_NOT_READ",
        title="A scan that came is read",
        category=Category.COMPLETENESS,
        source="scans without reads",
        message=_WHERE + "no reader has assessed a lesion at this visit. Please submit the read.",
        field="scan_date",
        needs=(VISIT_SCAN.name, MEASUREMENT.name),
    ),
    _series(
        id="SCAN_DATE_DIFFERS",
        title="A scan has the date of its form",
        category=Category.RECONCILIATION,
        source="scan dates against form dates",
        message=_WHERE
        + "the readers date the scans of this visit {first_scan} to {last_scan}. Please check the dates.",
        field="scan_date",
        needs=(VISIT_SCAN.name, MEASUREMENT.name),
        parameters=(Parameter(name="most_days", value=2, meaning="days between scan and form", unit="d"),),
    ),
    Rule(
        id="READ_WITHOUT_SCAN",
        title="A read has its scan, for subjects whose scans are sent",
        table=VISIT_SCAN.name,
        rows="read_visit",
        keys=("study_id", "subject_id", "timepoint"),
        category=Category.COMPLETENESS,
        source="reads without scans",
        message="Subject {subject_id}, {visit}: read with scans of {assessment_date}, but no scan of this visit was "
        "received. Please send it.",
        field="visit",
        needs=(MEASUREMENT.name,),
    ),
)
