-- One row per dose of the study treatment or new anticancer therapy.
with subject as (
    select study_id, subject_id, any_value(death_date) as death_date,
        any_value(discontinuation_date) as discontinuation_date
    from core.subject
    group by all
)
select
    therapy.*, subject.death_date, subject.discontinuation_date,
    end_date >= start_date as ok_therapy_ends_before_start,
    case when category = 'STUDY TREATMENT' then start_date <= death_date end as ok_dose_after_death,
    case when category <> 'STUDY TREATMENT' then start_date <= death_date end as ok_therapy_after_death,
    case when category = 'STUDY TREATMENT' then start_date <= discontinuation_date end as ok_dose_after_discontinuation
from core.therapy as therapy
left join subject using (study_id, subject_id)
