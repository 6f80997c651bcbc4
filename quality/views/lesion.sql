-- One row per subject, evaluator and lesion.
with lesion as (
    select
        study_id, subject_id, evaluator, lesion_id,
        count(*) as records,
        string_agg(distinct role, ', ' order by role) as roles,
        count(distinct role) as different_roles,
        string_agg(distinct upper(trim(organ)), ', ' order by upper(trim(organ))) as organs,
        count(distinct upper(trim(organ))) as different_organs,
        min(assessment_date) as first_date,
        bool_or(role = 'TARGET') as is_target,
        bool_or(state = 'SPLIT') as is_fragment,
        bool_or(timepoint = 0) as at_baseline,
        bool_or(role = 'NON-TARGET') as is_non_target,
        count(distinct is_node) as kinds,
        count(*) filter (where state = 'EQUIVOCAL') as times_equivocal
    from core.measurement
    group by all
)
select
    *,
    case when records > 1 then different_roles <= 1 end as ok_lesion_role_changes,
    case when records > 1 then different_organs <= 1 end as ok_lesion_organ_changes,
    case when is_target and not is_fragment and bool_or(at_baseline) over (partition by study_id, subject_id, evaluator)
        then at_baseline end as ok_target_without_baseline,
    case when is_non_target and not is_fragment
        and bool_or(at_baseline) over (partition by study_id, subject_id, evaluator) then at_baseline end
        as ok_non_target_without_baseline,
    different_organs > 0 as ok_organ_missing,
    case when records > 1 then kinds <= 1 end as ok_lesion_node_changes,
    case when times_equivocal > 0 then times_equivocal <= $new_lesion_stays_equivocal.most end
        as ok_new_lesion_stays_equivocal
from lesion
