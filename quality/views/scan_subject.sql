-- One row per series, and per file that belongs to no series or cannot be read.
select
    series.study_id, series.series_instance_uid as scan_id, series.subject_label, series.modality, series.scan_date,
    '' as source_name, '' as reason, '' as remedy, true as ok_scan_without_subject
from core.series as series
anti join core.unmatched_scan as unmatched
    on unmatched.study_id = series.study_id and unmatched.scan_id = series.series_instance_uid
union all by name
select
    study_id, scan_id, subject_label, modality, scan_date, source_name, reason, remedy, false as ok_scan_without_subject
from core.unmatched_scan
