-- One row per subject and planned assessment after baseline whose window has passed while the subject was followed.
with subject as (
    select
        study_id, subject_id, any_value(reference_date) as reference_date,
        least(any_value(death_date), any_value(end_of_study_date), any_value(new_therapy_date),
            any_value(discontinuation_date), $study.today) as followed_until
    from core.subject
    group by all
),
recorded as (
    select study_id, subject_id, visit, start_date from core.visit
    union
    select study_id, subject_id, visit, assessment_date from core.measurement
),
seen as (
    select study_id, subject_id, max(start_date) as last_date, list(distinct visit) as visits,
        list(distinct start_date) as dates
    from recorded
    group by all
),
planned as (
    select
        subject.*, own.visit, own.minus, own.plus,
        reference_date + own.planned_day - case when own.planned_day > 0 then 1 else 0 end as planned_date
    from subject
    join quality.visit_window as own using (study_id)
    where own.planned_day > 1
)
select
    study_id, subject_id, planned.visit, planned_date, planned_date - minus as window_start,
    planned_date + plus as window_end, last_date,
    list_contains(visits, planned.visit)
        or len(list_filter(dates, day -> day between planned_date - minus and planned_date + plus)) > 0 as is_recorded,
    case when planned_date + plus < last_date then is_recorded end as ok_visit_not_recorded,
    case when planned_date + plus >= last_date then is_recorded end as ok_visit_overdue
from planned
join seen using (study_id, subject_id)
where planned_date + plus + $visit_overdue.grace_days < followed_until
