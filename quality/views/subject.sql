-- One row per subject.
with subject as (
    select
        study_id, subject_id,
        any_value(reference_date) as reference_date,
        any_value(randomisation_date) as randomisation_date,
        any_value(first_dose_date) as first_dose_date,
        any_value(death_date) as death_date,
        coalesce(any_value(stated_alive_date), any_value(last_alive_date)) as last_alive_date,
        any_value(new_therapy_date) as new_therapy_date,
        any_value(discontinuation_date) as discontinuation_date,
        any_value(discontinuation_reason) as discontinuation_reason,
        any_value(end_of_study_date) as end_of_study_date,
        any_value(end_of_study_reason) as end_of_study_reason,
        any_value(sex) as sex,
        any_value(site) as site
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
    select study_id, subject_id, bool_or(timepoint > 0) as after_baseline from core.measurement group by all
),
treated as (
    select study_id, subject_id, min(start_date) as first_treatment
    from core.therapy
    where category = 'STUDY TREATMENT'
    group by all
)
select
    subject.*,
    readers.baseline_by_reader,
    case when followed.after_baseline then subject.reference_date is not null end
        as ok_reference_date_missing,
    subject.last_alive_date <= subject.death_date as ok_alive_after_death,
    subject.new_therapy_date >= coalesce(subject.first_dose_date, subject.reference_date)
        as ok_new_therapy_before_first_dose,
    subject.first_dose_date >= subject.randomisation_date as ok_dosed_before_randomisation,
    treated.first_treatment,
    subject.death_date >= subject.reference_date as ok_death_before_reference,
    case when upper(subject.end_of_study_reason) = 'DEATH' then subject.death_date is not null end as ok_death_date_missing,
    case when upper(subject.end_of_study_reason) = 'DEATH' then subject.end_of_study_date = subject.death_date end
        as ok_death_dates_differ,
    subject.discontinuation_date >= subject.first_dose_date as ok_discontinued_before_first_dose,
    subject.discontinuation_date <= subject.death_date as ok_discontinued_after_death,
    case when subject.discontinuation_date is not null then subject.discontinuation_reason is not null end
        as ok_discontinuation_reason_missing,
    subject.new_therapy_date <= subject.death_date as ok_new_therapy_after_death,
    subject.first_dose_date = treated.first_treatment as ok_first_dose_differs,
    upper(subject.sex) in ('F', 'M', 'U', 'UNDIFFERENTIATED') as ok_sex_not_coded,
    subject.site is not null as ok_site_missing,
    case when subject.first_dose_date <= $study.today - $subject_without_reads.most_days
        then followed.subject_id is not null end as ok_subject_without_reads,
    case when readers.dated_readers > 1 then readers.baseline_dates = 1 end as ok_baseline_date_differs_by_reader
from subject
left join readers using (study_id, subject_id)
left join followed using (study_id, subject_id)
left join treated using (study_id, subject_id)
