-- One row per subject, evaluator, time point and lesion that was recorded before it and is no target.
with assessment as (
    select study_id, subject_id, evaluator, timepoint, min(visit) as visit, max(assessment_date) as assessment_date
    from core.measurement
    where timepoint > 0
    group by all
),
lesion as (
    select
        study_id, subject_id, evaluator, lesion_id,
        any_value(organ) as organ,
        min(timepoint) as first_timepoint,
        min(timepoint) filter (where state = 'MERGED') as merged_at,
        bool_or(timepoint = 0 and role = 'NON-TARGET') as is_non_target,
        bool_and(role = 'NEW') as is_new
    from core.measurement
    where timepoint >= 0
    group by all
),
expected as (
    select assessment.*, lesion.lesion_id, lesion.organ, lesion.is_non_target, lesion.is_new,
        record.lesion_id is not null as is_recorded
    from assessment
    join lesion using (study_id, subject_id, evaluator)
    left join core.measurement as record using (study_id, subject_id, evaluator, timepoint, lesion_id)
    where assessment.timepoint > lesion.first_timepoint
        and (lesion.merged_at is null or assessment.timepoint <= lesion.merged_at)
)
select
    *,
    case when is_non_target then is_recorded end as ok_non_target_without_record,
    case when is_new then is_recorded end as ok_new_lesion_without_record
from expected
