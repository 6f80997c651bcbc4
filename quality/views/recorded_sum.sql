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
    recorded.*, computed.visit, computed.assessment_date, computed.targets, computed.computed_mm,
    case when round(abs(recorded.sum_mm - computed.longest_sum_mm), 4) <= 0.05
        then ' The recorded sum takes the longest diameter of nodes; their short axis counts.' else '' end as remark,
    round(abs(recorded.sum_mm - computed.computed_mm), 4) <= 0.05 as ok_sum_not_as_computed
from core.recorded_sum as recorded
left join computed using (study_id, subject_id, evaluator, timepoint)
