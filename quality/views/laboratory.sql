-- One row per laboratory result.
with subject as (
    select study_id, subject_id, any_value(death_date) as death_date
    from core.subject
    group by all
),
scanned as (
    select study_id, subject_id, visit, max(assessment_date) as scan_date
    from core.measurement
    where state <> 'NOT_DONE'
    group by all
),
limits(test, lowest, highest) as $laboratory_implausible.limits,
followed as (
    select
        *,
        lag(value ignore nulls) over sample as previous_value,
        lag(case when value is not null then collection_date end ignore nulls) over sample as previous_date,
        count(distinct value) over (partition by study_id, subject_id, test, collection_date) as values_of_day
    from core.laboratory
    window sample as (partition by study_id, subject_id, test order by collection_date, source_record)
)
select
    followed.*, subject.death_date, scanned.scan_date, limits.lowest, limits.highest,
    case when value is not null then value between lowest and highest end as ok_laboratory_implausible,
    case when value > 0 and previous_value > 0 and collection_date > previous_date
        then greatest(value, previous_value) <= $laboratory_jump.factor * least(value, previous_value) end
        as ok_laboratory_jump,
    case when value is not null then values_of_day = 1 end as ok_laboratory_contradicts,
    lower_limit <= upper_limit as ok_laboratory_limits_inverted,
    collection_date <= death_date as ok_laboratory_after_death,
    abs(date_diff('day', collection_date, scan_date)) <= $laboratory_outside_window.most_days
        as ok_laboratory_outside_window
from followed
left join subject using (study_id, subject_id)
left join scanned using (study_id, subject_id, visit)
left join limits using (test)
