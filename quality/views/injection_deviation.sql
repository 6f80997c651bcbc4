-- One row per injection, and one per deviation of the injection log.
with record as (
    select study_id, subject_id, agent, visit_number, lesion_id, code, clause, message, severity
    from analysis.injection_deviation
    union all
    select study_id, subject_id, agent, visit_number, lesion_id, null, null, null, 'NONE'
    from core.injection
)
select
    *,
    severity <> 'ERROR' as ok_injection_deviation,
    severity <> 'WARN' as ok_injection_remark
from record
