-- One row per file in use, and one per row or file that could not be used.
select study_id, source_name, null as source_record, null as stage, null as field, null as subject_id, null as value,
    null as reason, null as remedy, true as ok_row_refused
from landing.file
where current
union all by name
select study_id, source_name, source_record, stage, field, subject_id, value, reason, remedy, false as ok_row_refused
from raw.reject
