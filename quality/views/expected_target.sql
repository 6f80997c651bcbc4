-- One row per subject, evaluator, time point after baseline and target lesion measured at baseline.
with assessment as (
    select study_id, subject_id, evaluator, timepoint, min(visit) as visit, max(assessment_date) as assessment_date
    from core.measurement
    where timepoint > 0
    group by all
),
target as (
    select
        study_id, subject_id, evaluator, lesion_id,
        any_value(organ) filter (where timepoint = 0) as organ,
        min(timepoint) filter (where state = 'MERGED') as merged_at
    from core.measurement
    group by all
    having bool_or(timepoint = 0 and role = 'TARGET' and state = 'MEASURED')
)
select
    assessment.*, target.lesion_id, target.organ,
    case when target.merged_at is null or assessment.timepoint <= target.merged_at then record.lesion_id is not null
    end as ok_target_without_record
from assessment
join target using (study_id, subject_id, evaluator)
left join (select distinct study_id, subject_id, evaluator, timepoint, lesion_id from core.measurement) as record
    using (study_id, subject_id, evaluator, timepoint, lesion_id)
