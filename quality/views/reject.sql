-- One row per file in use, and one per row or file that could not be used.
with refused as (
    select study_id, source_name, source_record, stage, field, subject_id, value, reason, remedy from raw.reject
)
select
    *,
    concat_ws(', ', source_name, 'row ' || source_record, 'subject ' || subject_id, field || coalesce(' = ' || value, ''))
        as place,
    false as ok_row_refused
from refused
union all by name
select study_id, source_name, true as ok_row_refused
from landing.file
where current
