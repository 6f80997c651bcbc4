-- One row per subject, evaluator and time point of a recorded sum of diameters.
with target as (
    select
        study_id, subject_id, evaluator, timepoint, visit, assessment_date,
        case
            when state = 'ABSENT' then coalesce(case when is_node then short_axis_mm end, 0)
            when state = 'MERGED' then 0
            when state in ('MEASURED', 'TOO_SMALL') then coalesce(
                case when coalesce(is_node, false) then short_axis_mm else longest_diameter_mm end,
                case when state = 'TOO_SMALL' then 5 end
            )
        end as counted_mm,
        case when state <> 'ABSENT' then longest_diameter_mm else 0 end as longest_mm
    from core.measurement
    where role = 'TARGET'
),
computed as (
    select
        study_id, subject_id, evaluator, timepoint,
        min(visit) as visit,
        max(assessment_date) as assessment_date,
        count(*) as targets,
        case when count(*) = count(counted_mm) then round(sum(counted_mm), 2) end as computed_mm,
        case when count(*) = count(longest_mm) then sum(longest_mm) end as longest_sum_mm
    from target
    group by all
)
select
    recorded.study_id, recorded.subject_id, recorded.evaluator, recorded.timepoint, recorded.sum_mm,
    recorded.pct_from_baseline, recorded.pct_from_nadir, computed.visit, computed.assessment_date, computed.targets, computed.computed_mm,
    case when round(abs(recorded.sum_mm - computed.longest_sum_mm), 4) <= 0.05
        then ' The recorded sum takes the longest diameter of nodes; their short axis counts.' else '' end as remark,
    derived.pct_from_baseline as derived_from_baseline, derived.pct_from_nadir as derived_from_nadir,
    round(abs(recorded.sum_mm - computed.computed_mm), 4) <= greatest(
        $sum_not_as_computed.tolerance_mm,
        case when bool_and(recorded.sum_mm = round(recorded.sum_mm)) over (
            partition by recorded.study_id, recorded.evaluator
        ) then 0.5 else 0 end
    ) as ok_sum_not_as_computed,
    round(abs(recorded.pct_from_baseline - derived.pct_from_baseline), 4) <= $change_from_baseline_not_as_derived.points
        as ok_change_from_baseline_not_as_derived,
    round(abs(recorded.pct_from_nadir - derived.pct_from_nadir), 4) <= $change_from_nadir_not_as_derived.points
        as ok_change_from_nadir_not_as_derived
from core.recorded_sum as recorded
left join computed using (study_id, subject_id, evaluator, timepoint)
left join (
    select * from analysis.timepoint_response where criterion = 'RECIST 1.1' and origin = 'DERIVED'
) as derived using (study_id, subject_id, evaluator, timepoint)
