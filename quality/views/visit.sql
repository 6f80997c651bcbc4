-- One row per subject and visit.
with measured as (
    select
        study_id, subject_id, timepoint,
        count(*) filter (where state <> 'NOT_DONE') as measured_lesions,
        min(assessment_date) filter (where state <> 'NOT_DONE') as first_scan,
        max(assessment_date) filter (where state <> 'NOT_DONE') as last_scan
    from core.measurement
    group by all
),
subject as (
    select study_id, subject_id, any_value(death_date) as death_date
    from core.subject
    group by all
)
select
    visit.study_id, visit.subject_id, visit.timepoint, visit.visit, visit.start_date,
    visit.end_date, measured.first_scan, measured.last_scan, subject.death_date,
    coalesce(measured.measured_lesions, 0) as measured_lesions,
    case when visit.timepoint >= 0 and coalesce(visit.occurred, true) then coalesce(measured.measured_lesions, 0) > 0
    end as ok_visit_without_reads,
    coalesce(visit.stated_date, visit.start_date) as dated,
    abs(date_diff('day', coalesce(visit.stated_date, visit.start_date), measured.first_scan)) <= $visit_date_differs.most_days
        as ok_visit_date_differs,
    case when coalesce(visit.occurred, true) then visit.start_date <= subject.death_date end as ok_visit_after_death,
    case when not visit.occurred then coalesce(measured.measured_lesions, 0) = 0 end as ok_visit_not_done_but_read
from core.visit as visit
left join measured using (study_id, subject_id, timepoint)
left join subject using (study_id, subject_id)
