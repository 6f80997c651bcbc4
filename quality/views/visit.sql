-- One row per subject and visit.
with measured as (
    select study_id, subject_id, timepoint, count(*) filter (where state <> 'NOT_DONE') as measured_lesions
    from core.measurement
    group by all
)
select
    visit.study_id, visit.subject_id, visit.timepoint, visit.visit, visit.start_date,
    coalesce(measured.measured_lesions, 0) as measured_lesions,
    case when visit.timepoint >= 0 and coalesce(visit.occurred, true) then coalesce(measured.measured_lesions, 0) > 0
    end as ok_visit_without_reads,
    case when not visit.occurred then coalesce(measured.measured_lesions, 0) = 0 end as ok_visit_not_done_but_read
from core.visit as visit
left join measured using (study_id, subject_id, timepoint)
