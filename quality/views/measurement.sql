-- One row per subject, evaluator, time point and lesion.
with subject as (
    select study_id, subject_id, true as known, any_value(death_date) as death_date
    from core.subject
    group by all
),
record as (
    select
        *,
        coalesce(is_node, false) as nodal,
        case when coalesce(is_node, false) then short_axis_mm else longest_diameter_mm end as size_mm,
        case when coalesce(is_node, false) then 'short axis' else 'longest diameter' end as size_name
    from core.measurement
),
seen as (
    select
        *,
        case when state = 'MEASURED' then size_mm end as measured_mm,
        case when state = 'MEASURED' then size_mm when state in ('ABSENT', 'TOO_SMALL') then 0 end as baseline_mm,
        case
            when state in ('NOT_EVALUABLE', 'NOT_DONE', 'MERGED') then null
            else state <> 'ABSENT' and not (state = 'MEASURED' and coalesce(size_mm, 1) = 0)
        end as visible
    from record
),
followed as (
    select
        *,
        lag(measured_mm ignore nulls) over lesion as previous_mm,
        lag(case when measured_mm is not null then assessment_date end ignore nulls) over lesion as previous_date,
        lag(visible ignore nulls) over lesion as previously_visible
    from seen
    window lesion as (partition by study_id, subject_id, evaluator, lesion_id order by timepoint)
),
lesion as (
    select distinct study_id, subject_id, evaluator, lesion_id from core.measurement
)
select
    followed.*,
    subject.death_date,
    coalesce(subject.known, false) as ok_measurement_subject_unknown,
    assessment_date <= subject.death_date as ok_measurement_after_death,
    length(assessment_dtc) >= 10 as ok_measurement_date_partial,
    case when role = 'TARGET' and (state = 'MEASURED' or not_done_reason = 'RECORD REJECTED')
        then size_mm is not null end as ok_target_size_missing,
    case when timepoint = 0 and role = 'TARGET' and not nodal then baseline_mm >= $target_below_10_mm.least_mm end as ok_target_below_10_mm,
    case when timepoint = 0 and role = 'TARGET' and nodal then baseline_mm >= $target_node_below_15_mm.least_mm end as ok_target_node_below_15_mm,
    case when role = 'NEW' then timepoint > 0 end as ok_new_lesion_at_baseline,
    coalesce(short_axis_mm, perpendicular_mm) <= longest_diameter_mm as ok_short_axis_exceeds_longest,
    case when measured_mm > 0 and previous_mm > 0
        then round(100 * greatest(measured_mm, previous_mm)) <= $size_jump.factor * round(100 * least(measured_mm, previous_mm))
    end as ok_size_jump,
    case when visible is not null and previously_visible is not null then previously_visible or not visible end
        as ok_lesion_reappears,
    case when role = 'TARGET' and timepoint = 0 and not nodal and slice_thickness_mm > 5
        then measured_mm >= 2 * slice_thickness_mm end as ok_target_below_twice_slice,
    case when role = 'TARGET' and timepoint = 0 then measurable end as ok_target_not_measurable,
    case when role = 'TARGET' and timepoint = 0 then not prior_local_therapy end as ok_target_in_treated_field,
    case when role = 'TARGET' and local_therapy is not null then measured_mm is null end as ok_treated_target_measured,
    case when role = 'NON-TARGET' and timepoint = 0 and nodal then short_axis_mm >= $non_target_node_normal.least_mm
    end as ok_non_target_node_normal,
    case when role = 'NEW' and nodal and state = 'UNEQUIVOCAL' and previously_visible is null
        then short_axis_mm >= $new_node_normal.least_mm end as ok_new_node_normal,
    case when state = 'ABSENT' and not nodal then coalesce(longest_diameter_mm, 0) = 0 end as ok_absent_with_size,
    case when state = 'TOO_SMALL' then coalesce(size_mm, 0) < $too_small_yet_measured.least_mm end
        as ok_too_small_yet_measured,
    case when state in ('NOT_EVALUABLE', 'NOT_DONE') then not_done_reason is not null end as ok_reason_missing,
    case when role = 'TARGET' and state = 'MEASURED' and longest_diameter_mm is not null
        and bool_or(perpendicular_mm is not null or short_axis_mm is not null) over (
            partition by followed.study_id, followed.subject_id, followed.evaluator
        ) then coalesce(perpendicular_mm, short_axis_mm) is not null end as ok_perpendicular_missing,
    case when other_lesion_id is not null then other.lesion_id is not null end as ok_joined_lesion_unknown,
    case when previously_visible and previous_mm >= $lesion_vanishes.least_mm then state <> 'ABSENT' end
        as ok_lesion_vanishes,
    case when state = 'UNEQUIVOCAL_PROGRESSION' then change_from_previous <> 'DECREASED' end
        as ok_progression_yet_smaller,
    read_date >= assessment_date as ok_read_before_scan
from followed
left join subject using (study_id, subject_id)
left join lesion as other
    on other.study_id = followed.study_id and other.subject_id = followed.subject_id
    and other.evaluator = followed.evaluator and other.lesion_id = followed.other_lesion_id
