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
                {'component': 'NON-TARGET', 'response': nontarget_response},
                {'component': 'NEW LESION', 'response': new_lesion}
            ]) as part
        from analysis.timepoint_response
        where origin = 'DERIVED'
    )
),
assessed as (
    select study_id, subject_id, evaluator, timepoint, min(assessment_date) as first_scan,
        max(assessment_date) as last_scan
    from core.measurement
    where state <> 'NOT_DONE'
    group by all
),
compared as (
    select
        recorded.*,
        subject.death_date,
        coalesce(subject.known, false) as subject_known,
        assessed.timepoint is not null as is_assessed,
        derived.response as derived_response,
        assessed.first_scan, assessed.last_scan,
        regexp_replace(upper(trim(recorded.response)), '^(I|IM|IR)?(CR|PR|SD|PD|UPD|CPD|NE)$', '\2') as said,
        regexp_replace(upper(derived.response), '^(I|IM|IR)?(CR|PR|SD|PD|UPD|CPD|NE)$', '\2') as found,
        best.best_response, best.confirmed_best_response,
        coalesce(derived.clause, best.clause, '') as clause,
        coalesce(derived.explanation, best.explanation, '') as explanation,
        upper(trim(recorded.response)) = upper(derived.response) as agrees
    from core.recorded_response as recorded
    left join subject using (study_id, subject_id)
    left join derived using (study_id, subject_id, evaluator, criterion, timepoint, component)
    left join assessed using (study_id, subject_id, evaluator, timepoint)
    left join (select * from analysis.best_response where origin = 'DERIVED') as best
        on recorded.component = 'BEST' and best.study_id = recorded.study_id and best.subject_id = recorded.subject_id
        and best.evaluator = recorded.evaluator and best.criterion = recorded.criterion
),
judged as (
    select
        *,
        component = 'OVERALL' and found is not null as is_compared,
        said in ('PD', 'UPD', 'CPD') as said_progression,
        found in ('PD', 'UPD', 'CPD') as found_progression,
        said in ('CR', 'PR') as said_response,
        found in ('CR', 'PR') as found_response
    from compared
)
select
    *,
    subject_known as ok_response_subject_unknown,
    assessment_date <= death_date as ok_response_after_death,
    case when component = 'OVERALL' and timepoint > 0 and upper(trim(response)) not in ('NE', 'ND', 'NOT DONE', 'IRNE')
        then is_assessed end as ok_response_without_measurements,
    case when is_compared then found_progression or not said_progression end as ok_progression_not_derived,
    case when is_compared then said_progression or not found_progression end as ok_progression_not_recorded,
    case when is_compared and not said_progression and not found_progression then found_response or not said_response
    end as ok_response_not_derived,
    case when is_compared and not said_progression and not found_progression then said_response or not found_response
    end as ok_response_not_recorded,
    case when is_compared and said_progression = found_progression and said_response = found_response then agrees
    end as ok_overall_response_not_as_derived,
    case when component = 'NEW LESION' then agrees end as ok_new_lesion_not_as_derived,
    case when component = 'BEST' and best_response is not null
        then upper(trim(response)) in (upper(best_response), upper(confirmed_best_response)) end
        as ok_best_response_not_as_derived,
    case when component <> 'BEST' then assessment_date between first_scan - $response_date_differs.most_days
        and last_scan + $response_date_differs.most_days end as ok_response_date_differs,
    case when component <> 'NEW LESION' then (criterion = 'RECIST 1.1' and regexp_matches(trim(response), '^(i|im|ir)[A-Z]'))
        is not true end as ok_response_of_other_criterion,
    case when component = 'TARGET' then agrees end as ok_target_response_not_as_derived,
    case when component = 'NON-TARGET' then agrees end as ok_non_target_response_not_as_derived
from judged
