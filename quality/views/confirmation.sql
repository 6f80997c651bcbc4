-- One row per subject and evaluator with a progression that a criterion wants confirmed by a later assessment.
with progression as (
    select study_id, subject_id, evaluator, min(progression_date) as progression_date,
        string_agg(distinct criterion, ', ' order by criterion) as criteria
    from (
        select study_id, subject_id, evaluator, criterion, progression_date from analysis.best_response
        where origin = 'DERIVED' and progression_status in ('CONFIRMED', 'UNCONFIRMED')
        union all
        select study_id, subject_id, evaluator, criterion, assessment_date from analysis.timepoint_response
        where origin = 'DERIVED' and overall_response = 'iUPD'
    )
    group by all
),
assessed as (
    select study_id, subject_id, evaluator, timepoint, bool_or(state <> 'NOT_DONE') as performed,
        max(assessment_date) as scan_date
    from core.measurement
    where timepoint > 0
    group by all
),
following as (
    select study_id, subject_id, evaluator, arg_min(performed, scan_date) as performed, min(scan_date) as next_date
    from assessed
    join progression using (study_id, subject_id, evaluator)
    where scan_date > progression_date
    group by all
),
subject as (
    select study_id, subject_id, any_value(reference_date) as reference_date,
        least(any_value(death_date), any_value(end_of_study_date), any_value(new_therapy_date),
            any_value(discontinuation_date), $study.today) as followed_until
    from core.subject
    group by all
),
planned as (
    select study_id, max(planned_day) as last_day from quality.visit_window group by all
)
select
    study_id, subject_id, evaluator, progression_date, criteria, next_date,
    case when performed then next_date <= progression_date + $confirmation_scan_late.most_days end
        as ok_confirmation_scan_late,
    progression_date + $confirmation_scan_missing.most_days as confirm_by,
    case when confirm_by < followed_until and coalesce(confirm_by < reference_date + last_day, true)
        then next_date is not null end as ok_confirmation_scan_missing
from progression
semi join assessed using (study_id, subject_id, evaluator)
join subject using (study_id, subject_id)
left join following using (study_id, subject_id, evaluator)
left join planned using (study_id)
