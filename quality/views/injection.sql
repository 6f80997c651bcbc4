-- One row per injection of a lesion.
with subject as (
    select study_id, subject_id, any_value(death_date) as death_date
    from core.subject
    group by all
),
lesion as (
    select distinct study_id, subject_id, lesion_id from core.measurement
),
read as (
    select distinct study_id, subject_id from core.measurement
)
select
    injection.*, injection_datetime::date as injection_date, subject.death_date,
    case when read.subject_id is not null then lesion.lesion_id is not null end as ok_injected_lesion_unknown,
    case when complication_grade is not null then coalesce(complication, 'NONE') <> 'NONE' end
        as ok_grade_without_complication,
    case when complication <> 'NONE' then complication_grade is not null end as ok_complication_without_grade,
    injection_datetime::date <= death_date as ok_injection_after_death
from core.injection as injection
left join subject using (study_id, subject_id)
left join lesion using (study_id, subject_id, lesion_id)
left join read using (study_id, subject_id)
