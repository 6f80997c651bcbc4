-- One row per subject and evaluator with a progression that a criterion wants confirmed by a later assessment.
with progression as (
    select study_id, subject_id, evaluator, min(progression_date) as progression_date,
        string_agg(criterion, ', ' order by criterion) as criteria
    from analysis.best_response
    where origin = 'DERIVED' and progression_status = 'UNCONFIRMED'
    group by all
),
assessed as (
    select study_id, subject_id, evaluator, max(assessment_date) as last_scan
    from core.measurement
    where state <> 'NOT_DONE'
    group by all
),
subject as (
    select study_id, subject_id,
        least(any_value(death_date), any_value(end_of_study_date), any_value(new_therapy_date),
            any_value(discontinuation_date), $study.today) as followed_until
    from core.subject
    group by all
)
select
    *,
    progression_date + $confirmation_scan_missing.most_days as confirm_by,
    case when confirm_by < followed_until then last_scan > progression_date end as ok_confirmation_scan_missing
from progression
join assessed using (study_id, subject_id, evaluator)
join subject using (study_id, subject_id)
