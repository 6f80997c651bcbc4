-- One row per series of images.
with placed as (
    select study_id, series_instance_uid, any_value(subject_id) as subject_id, any_value(visit) as visit,
        any_value(timepoint) as timepoint
    from core.visit_scan
    where series_instance_uid is not null
    group by all
),
death as (
    select study_id, subject_id, any_value(death_date) as death_date
    from core.subject
    group by all
),
read as (
    select study_id, subject_id, timepoint, min(assessment_date) as first_scan, max(assessment_date) as last_scan
    from core.measurement
    where state <> 'NOT_DONE'
    group by all
),
image as (
    select
        series.study_id, series.series_instance_uid, series.modality, series.scan_date, series.files, series.instances,
        series.conflicting_instances, series.instances_without_pixels, series.duplicate_positions,
        series.missing_slices, placed.subject_id, placed.visit, placed.timepoint,
        concat_ws(' ', series.manufacturer, series.manufacturer_model,
            coalesce(series.device_serial_number, series.station_name)) as scanner,
        coalesce(placed.subject_id, series.subject_label) as subject_name
    from core.series as series
    left join placed using (study_id, series_instance_uid)
    where series.kind = 'IMAGE'
),
followed as (
    select
        *,
        first_value(case when timepoint = 0 then scanner end ignore nulls) over (
            partition by study_id, subject_id, modality order by timepoint
        ) as baseline_scanner
    from image
)
select
    followed.*, death.death_date, read.first_scan, read.last_scan,
    missing_slices = 0 as ok_series_incomplete,
    duplicate_positions = 0 as ok_slice_position_repeated,
    conflicting_instances = 0 as ok_instances_conflict,
    instances_without_pixels = 0 as ok_pixels_missing,
    files = instances as ok_file_of_series_repeated,
    case when timepoint > 0 then scanner = baseline_scanner end as ok_scanner_changes,
    scan_date <= death.death_date as ok_scan_after_death,
    case when timepoint >= 0 then read.first_scan is not null end as ok_scan_not_read,
    scan_date between read.first_scan - $scan_date_differs.most_days and read.last_scan + $scan_date_differs.most_days
        as ok_scan_date_differs
from followed
left join death using (study_id, subject_id)
left join read using (study_id, subject_id, timepoint)
