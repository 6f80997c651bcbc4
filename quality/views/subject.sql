-- One row per subject.
with subject as (
    select
        study_id, subject_id,
        any_value(reference_date) as reference_date,
        any_value(randomisation_date) as randomisation_date,
        any_value(first_dose_date) as first_dose_date,
        any_value(death_date) as death_date,
        any_value(last_alive_date) as last_alive_date,
        any_value(new_therapy_date) as new_therapy_date
    from core.subject
    group by all
),
baseline as (
    select study_id, subject_id, evaluator, max(assessment_date) as baseline_date
    from core.measurement
    where timepoint = 0 and state <> 'NOT_DONE'
    group by all
),
readers as (
    select
        study_id, subject_id,
        count(baseline_date) as dated_readers,
        count(distinct baseline_date) as baseline_dates,
        string_agg(evaluator || ' ' || baseline_date, ', ' order by evaluator) as baseline_by_reader
    from baseline
    group by all
),
followed as (
    select distinct study_id, subject_id from core.measurement where timepoint > 0
)
select
    subject.*,
    readers.baseline_by_reader,
    case when followed.subject_id is not null then subject.reference_date is not null end
        as ok_reference_date_missing,
    subject.last_alive_date <= subject.death_date as ok_alive_after_death,
    subject.new_therapy_date >= coalesce(subject.first_dose_date, subject.reference_date)
        as ok_new_therapy_before_first_dose,
    subject.first_dose_date >= subject.randomisation_date as ok_dosed_before_randomisation,
    case when readers.dated_readers > 1 then readers.baseline_dates = 1 end as ok_baseline_date_differs_by_reader
from subject
left join readers using (study_id, subject_id)
left join followed using (study_id, subject_id)
