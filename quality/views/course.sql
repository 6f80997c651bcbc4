-- One row per subject and evaluator.
with course as (
    select
        study_id, subject_id, evaluator,
        bool_or(timepoint = 0) as has_baseline,
        min(timepoint) filter (where timepoint > 0) as first_timepoint,
        min(assessment_date) filter (where timepoint > 0) as first_date
    from core.measurement
    group by all
),
spelling as (
    select study_id, upper(trim(evaluator)) as name, string_agg(distinct evaluator, ', ' order by evaluator) as spellings,
        count(distinct evaluator) as different
    from core.measurement
    group by all
)
select
    course.*,
    spelling.spellings,
    spelling.name <> '' and spelling.different = 1 as ok_evaluator_coded,
    case when course.first_timepoint is not null then course.has_baseline end as ok_baseline_missing
from course
left join spelling on spelling.study_id = course.study_id and spelling.name = upper(trim(course.evaluator))
