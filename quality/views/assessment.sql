-- One row per subject, evaluator and time point.
with subject as (
    select study_id, subject_id, any_value(reference_date) as reference_date,
        any_value(first_dose_date) as first_dose_date
    from core.subject
    group by all
),
record as (
    select
        *,
        state <> 'NOT_DONE' as performed,
        case when is_node then 'LYMPH NODES'
            else trim(regexp_replace(upper(organ), '\b(LEFT|RIGHT|BILATERAL)\b', '', 'g'), ' ,') end as counted_organ
    from core.measurement
),
per_organ as (
    select study_id, subject_id, evaluator, timepoint, counted_organ, count(distinct lesion_id) as targets
    from record
    where timepoint = 0 and role = 'TARGET' and counted_organ is not null
    group by all
),
crowded as (
    select study_id, subject_id, evaluator, timepoint, max(targets) as most_in_organ,
        string_agg(counted_organ || ' (' || targets || ')', ', ' order by counted_organ) filter (where targets > 2)
            as crowded_organs
    from per_organ
    group by all
),
assessment as (
    select
        study_id, subject_id, evaluator, timepoint,
        min(visit) as visit,
        bool_or(performed) as performed,
        count(distinct lesion_id) filter (where performed) as lesions,
        count(distinct lesion_id) filter (where role = 'TARGET') as targets,
        min(assessment_date) filter (where performed) as first_scan,
        max(assessment_date) filter (where performed) as last_scan
    from record
    group by all
),
ordered as (
    select
        assessment.*, subject.reference_date, subject.first_dose_date,
        lag(last_scan ignore nulls) over course as previous_scan
    from assessment
    left join subject using (study_id, subject_id)
    window course as (partition by study_id, subject_id, evaluator order by timepoint)
),
visit as (
    select study_id, subject_id, timepoint, any_value(planned_day) as planned_day
    from core.visit
    group by all
),
planned as (
    select
        ordered.*,
        coalesce(own.planned_day, visit.planned_day) as planned_day,
        coalesce(own.minus, every.minus) as minus,
        coalesce(own.plus, every.plus) as plus,
        ordered.reference_date + coalesce(own.planned_day, visit.planned_day)
            - case when coalesce(own.planned_day, visit.planned_day) > 0 then 1 else 0 end as planned_date
    from ordered
    left join visit using (study_id, subject_id, timepoint)
    left join quality.visit_window as own on own.study_id = ordered.study_id and own.visit = ordered.visit
    left join quality.visit_window as every on every.study_id = ordered.study_id and every.visit = '*'
),
reader as (
    select distinct study_id, evaluator from core.recorded_response where component = 'OVERALL'
),
answered as (
    select distinct study_id, subject_id, evaluator, timepoint from core.recorded_response where component = 'OVERALL'
)
select
    planned.*,
    planned_date - minus as window_start,
    planned_date + plus as window_end,
    crowded.crowded_organs,
    date_diff('day', first_scan, reference_date) as days_before_reference,
    case when timepoint = 0 then targets <= 5 end as ok_baseline_more_than_5_targets,
    case when timepoint = 0 then most_in_organ <= 2 end as ok_baseline_more_than_2_targets_in_organ,
    case when timepoint = 0 then date_diff('day', first_scan, reference_date) <= 28 end as ok_baseline_too_old,
    case when timepoint = 0 then last_scan <= coalesce(first_dose_date, reference_date) end
        as ok_baseline_after_first_dose,
    first_scan > previous_scan as ok_assessment_out_of_order,
    first_scan >= planned_date - minus and last_scan <= planned_date + plus as ok_assessment_outside_window,
    case when timepoint > 0 and performed and reader.evaluator is not null then answered.evaluator is not null end
        as ok_measurements_without_response
from planned
left join crowded using (study_id, subject_id, evaluator, timepoint)
left join reader using (study_id, evaluator)
left join answered using (study_id, subject_id, evaluator, timepoint)
