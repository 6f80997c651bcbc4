-- One row per subject, evaluator and time point.
with subject as (
    select study_id, subject_id, any_value(reference_date) as reference_date,
        any_value(first_dose_date) as first_dose_date, any_value(end_of_study_date) as end_of_study_date
    from core.subject
    group by all
),
record as (
    select
        *,
        case when state = 'MEASURED' then case when coalesce(is_node, false) then short_axis_mm else longest_diameter_mm end
        end as measured_mm,
        replace(upper(method), 'CONTRAST ENHANCED ', '') as method_name,
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
        string_agg(counted_organ || ' (' || targets || ')', ', ' order by counted_organ) filter (where targets > $baseline_more_than_2_targets_in_organ.most)
            as crowded_organs
    from per_organ
    group by all
),
followed as (
    select
        *,
        lag(measured_mm) over lesion as previous_mm,
        first_value(method_name ignore nulls) over lesion as first_method
    from record
    window lesion as (partition by study_id, subject_id, evaluator, lesion_id order by timepoint)
),
assessment as (
    select
        study_id, subject_id, evaluator, timepoint,
        min(visit) as visit,
        any_value(reader_role) as reader_role,
        count(*) filter (where role = 'TARGET' and measured_mm > 0 and previous_mm > 0) as compared_targets,
        count(*) filter (where role = 'TARGET' and measured_mm > 0 and measured_mm = previous_mm) as equal_targets,
        count(method_name) as lesions_with_method,
        string_agg(distinct first_method, ', ' order by first_method) filter (where method_name <> first_method)
            as methods_before,
        string_agg(distinct method_name, ', ' order by method_name) filter (where method_name <> first_method)
            as methods_now,
        string_agg(lesion_id, ', ' order by lesion_id) filter (where method_name <> first_method) as changed_lesions,
        max(read_date) as read_date,
        bool_or(performed) as performed,
        count(distinct lesion_id) filter (where performed) as lesions,
        count(distinct lesion_id) filter (where role = 'TARGET') as targets,
        min(assessment_date) filter (where performed) as first_scan,
        max(assessment_date) filter (where performed) as last_scan
    from followed
    group by all
),
ordered as (
    select
        assessment.*, subject.reference_date, subject.first_dose_date, subject.end_of_study_date,
        lag(last_scan ignore nulls) over course as previous_scan,
        lag(read_date ignore nulls) over course as previous_read
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
),
central as (
    select study_id, subject_id, timepoint, count(distinct evaluator) as central_readers,
        string_agg(distinct evaluator, ', ' order by evaluator) as central_names
    from core.measurement
    where reader_role = 'INDEPENDENT ASSESSOR'
    group by all
),
readers as (
    select study_id, subject_id, count(distinct evaluator) as readers_of_subject
    from core.measurement
    where reader_role = 'INDEPENDENT ASSESSOR'
    group by all
)
select
    planned.*,
    planned_date - minus as window_start,
    planned_date + plus as window_end,
    crowded.crowded_organs,
    date_diff('day', first_scan, reference_date) as days_before_reference,
    case when timepoint = 0 then targets <= $baseline_more_than_5_targets.most end as ok_baseline_more_than_5_targets,
    case when timepoint = 0 then most_in_organ <= $baseline_more_than_2_targets_in_organ.most end as ok_baseline_more_than_2_targets_in_organ,
    case when timepoint = 0 then date_diff('day', first_scan, reference_date) <= $baseline_too_old.most_days end as ok_baseline_too_old,
    case when timepoint = 0 then last_scan <= coalesce(first_dose_date, reference_date) end
        as ok_baseline_after_first_dose,
    first_scan > previous_scan as ok_assessment_out_of_order,
    first_scan >= planned_date - minus and last_scan <= planned_date + plus as ok_assessment_outside_window,
    central.central_names,
    case when compared_targets >= $copied_forward.targets then equal_targets < compared_targets end as ok_copied_forward,
    case when lesions_with_method > 0 then changed_lesions is null end as ok_method_changes,
    case when planned.reader_role = 'INDEPENDENT ASSESSOR' and readers_of_subject > 1 and performed
        then central_readers = readers_of_subject end as ok_second_read_missing,
    case when performed then last_scan <= end_of_study_date end as ok_assessment_after_end_of_study,
    read_date >= previous_read as ok_reads_out_of_order,
    case when timepoint > 0 and performed and reader.evaluator is not null then answered.evaluator is not null end
        as ok_measurements_without_response
from planned
left join crowded using (study_id, subject_id, evaluator, timepoint)
left join reader using (study_id, evaluator)
left join answered using (study_id, subject_id, evaluator, timepoint)
left join central using (study_id, subject_id, timepoint)
left join readers using (study_id, subject_id)
