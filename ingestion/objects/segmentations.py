"""SEG and RTSTRUCT files to `core.segmentation`."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ingestion.dicom.index import ScanFile
from ingestion.objects.place import placed_objects
from ingestion.objects.reading import read_once
from ingestion.objects.segments import RTSTRUCT_CLASS, SEG_CLASSES, read_segments
from ingestion.objects.tables import SEGMENTATION
from ingestion.reject import Parsed
from protocol.imaging import SubjectLabels

CLASSES = (*SEG_CLASSES, RTSTRUCT_CLASS)


def segmentations(
    study_id: str,
    files: Sequence[ScanFile],
    known: pl.DataFrame,
    instances: pl.DataFrame,
    series: pl.DataFrame,
    scans: pl.DataFrame,
    subject_ids: pl.Series,
    rule: SubjectLabels,
) -> Parsed:
    """One row per segment or region of the study's SEG and RTSTRUCT files (`SEGMENTATION`).

    ``files`` are all received scans, ``known`` the rows of an earlier run, ``instances``, ``series`` and ``scans``
    core.instance, core.series and core.visit_scan. A file without a segment that can be named is a reject.
    """
    wanted = set(instances.filter(pl.col("sop_class_uid").is_in(CLASSES))["sha256"])
    read = read_once(
        study_id,
        [file for file in files if file.sha256 in wanted],
        known,
        SEGMENTATION,
        lambda file: read_segments(file.path),
    )
    frame = placed_objects(_what_is_here(read.frame, instances), series, scans, subject_ids, rule)
    return Parsed(SEGMENTATION.conform(frame.sort(SEGMENTATION.key)), read.rejects)


def _what_is_here(segments: pl.DataFrame, instances: pl.DataFrame) -> pl.DataFrame:
    received = instances["sop_instance_uid"].unique().implode()
    series = instances["series_instance_uid"].unique().implode()
    named = pl.col("referenced_sop_instance_uids").str.split("\\")
    whole = pl.col("referenced_series_uids").str.split("\\")
    here = segments.with_row_index("_row").select(
        "_row", instances=named.list.eval(pl.element().is_in(received)).list.sum(), series=whole
    )
    return segments.with_columns(
        instances_here=here["instances"].cast(pl.Int32).fill_null(0),
        series_here=here["series"].list.eval(pl.element().is_in(series)).list.all(),
    )
