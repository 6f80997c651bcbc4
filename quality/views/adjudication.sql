-- One row per subject and time point that an adjudicator read.
with dated as (
    select study_id, subject_id, timepoint, visit, reader_role, read_date from core.measurement
    union all
    select study_id, subject_id, timepoint, visit, reader_role, read_date from core.recorded_response
)
select
    study_id, subject_id, timepoint, min(visit) as visit,
    min(read_date) filter (where reader_role like 'ADJUDICAT%') as adjudicated_on,
    max(read_date) filter (where reader_role = 'INDEPENDENT ASSESSOR') as last_read,
    adjudicated_on >= last_read as ok_adjudicated_before_reads
from dated
group by all
having bool_or(reader_role like 'ADJUDICAT%')
