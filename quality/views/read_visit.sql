-- One row per subject and time point that was read, of subjects with scans, up to the last time point with scans.
with scan as (
    select study_id, subject_id, timepoint from core.visit_scan
    where kind = 'IMAGE' and series_instance_uid is not null and timepoint is not null
),
reach as (
    select study_id, max(timepoint) as last_timepoint from scan group by all
),
read as (
    select study_id, subject_id, timepoint, min(visit) as visit, max(assessment_date) as assessment_date
    from core.measurement
    where state <> 'NOT_DONE' and timepoint >= 0
    group by all
)
select
    read.*, here.timepoint is not null as ok_read_without_scan
from read
semi join scan using (study_id, subject_id)
join reach on reach.study_id = read.study_id and read.timepoint <= reach.last_timepoint
left join (select distinct study_id, subject_id, timepoint from scan) as here
    on here.study_id = read.study_id and here.subject_id = read.subject_id and here.timepoint = read.timepoint
