-- One row per clinical assessment.
with subject as (
    select study_id, subject_id, any_value(death_date) as death_date
    from core.subject
    group by all
)
select
    status.*, subject.death_date,
    ecog between 0 and 5 as ok_ecog_out_of_range,
    case when rapid_deterioration or clinical_progression then clinically_stable is not true end
        as ok_stable_yet_deteriorating,
    assessment_date <= death_date as ok_clinical_status_after_death
from core.clinical_status as status
left join subject using (study_id, subject_id)
