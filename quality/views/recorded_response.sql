-- One row per subject, evaluator, criterion, time point and component of a recorded response.
with subject as (
    select study_id, subject_id, true as known, any_value(death_date) as death_date
    from core.subject
    group by all
),
derived as (
    select study_id, subject_id, evaluator, criterion, timepoint, clause, explanation, part.component, part.response
    from (
        select
            *,
            unnest([
                {'component': 'OVERALL', 'response': overall_response},
                {'component': 'TARGET', 'response': target_response},
                {'component': 'NON-TARGET', 'response': nontarget_response}
            ]) as part
        from analysis.timepoint_response
        where origin = 'DERIVED'
    )
),
assessed as (
    select distinct study_id, subject_id, evaluator, timepoint
    from core.measurement
    where state <> 'NOT_DONE'
),
compared as (
    select
        recorded.*,
        subject.death_date,
        coalesce(subject.known, false) as subject_known,
        assessed.timepoint is not null as is_assessed,
        derived.response as derived_response,
        coalesce(derived.clause, '') as clause,
        coalesce(derived.explanation, '') as explanation,
        upper(trim(recorded.response)) = upper(derived.response) as agrees
    from core.recorded_response as recorded
    left join subject using (study_id, subject_id)
    left join derived using (study_id, subject_id, evaluator, criterion, timepoint, component)
    left join assessed using (study_id, subject_id, evaluator, timepoint)
)
select
    *,
    subject_known as ok_response_subject_unknown,
    assessment_date <= death_date as ok_response_after_death,
    case when component = 'OVERALL' and timepoint > 0 and upper(trim(response)) not in ('NE', 'ND', 'NOT DONE', 'IRNE')
        then is_assessed end as ok_response_without_measurements,
    case when component = 'OVERALL' then agrees end as ok_overall_response_not_as_derived,
    case when component = 'TARGET' then agrees end as ok_target_response_not_as_derived,
    case when component = 'NON-TARGET' then agrees end as ok_non_target_response_not_as_derived
from compared
