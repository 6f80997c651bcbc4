-- One row per subject whose scans several central readers read.
with marked as (
    select study_id, subject_id, evaluator, timepoint, accepted, 'READ' as kind from core.measurement
    where reader_role = 'INDEPENDENT ASSESSOR'
    union all
    select study_id, subject_id, evaluator, timepoint, accepted, 'RESPONSE' as kind from core.recorded_response
    where reader_role = 'INDEPENDENT ASSESSOR'
),
at_timepoint as (
    select study_id, subject_id, timepoint, kind, count(distinct evaluator) filter (where accepted) as accepted_here
    from marked
    group by all
),
several as (
    select study_id, subject_id, max(accepted_here) as most_accepted from at_timepoint group by all
),
of_kind as (
    select study_id, subject_id, kind, coalesce(bool_or(accepted), false) as has_accepted from marked group by all
),
none as (
    select study_id, subject_id, bool_or(not has_accepted) as lacks_accepted
    from of_kind
    semi join (select study_id, kind from of_kind where has_accepted) as used using (study_id, kind)
    group by all
),
subject as (
    select study_id, subject_id, count(distinct evaluator) as readers,
        string_agg(distinct evaluator, ', ' order by evaluator) as names,
        string_agg(distinct evaluator, ', ' order by evaluator) filter (where accepted) as accepted_names
    from marked
    group by all
)
select
    *,
    case when accepted_names is not null then most_accepted <= 1 end as ok_several_readers_accepted,
    not lacks_accepted as ok_no_reader_accepted
from subject
join several using (study_id, subject_id)
left join none using (study_id, subject_id)
where readers > 1
