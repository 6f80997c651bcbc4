-- One row per subject, evaluator and time point with responses by RECIST 1.1 as the reader recorded them.
with recorded as (
    select
        study_id, subject_id, evaluator, criterion, timepoint, min(visit) as visit,
        max(upper(trim(response))) filter (where component = 'OVERALL') as overall,
        max(upper(trim(response))) filter (where component = 'TARGET') as target,
        max(upper(trim(response))) filter (where component = 'NON-TARGET') as nontarget,
        max(upper(trim(response))) filter (where component = 'NEW LESION') as new_lesion
    from core.recorded_response
    where criterion = 'RECIST 1.1' and timepoint > 0
    group by all
)
select
    *,
    case when target = 'PD' or nontarget = 'PD' or new_lesion = 'Y' then overall = 'PD' end
        as ok_component_progression_not_overall,
    case when overall = 'PD' and target is not null and nontarget is not null
        then target = 'PD' or nontarget = 'PD' or coalesce(new_lesion = 'Y', false) end as ok_overall_progression_without_component,
    case when overall = 'CR' then coalesce(target, 'NA') in ('CR', 'NA', 'ND') and coalesce(nontarget, 'NA') in ('CR', 'NA', 'ND')
    end as ok_complete_response_with_residue
from recorded
