-- One row per PET scan.
with subject as (
    select study_id, subject_id, any_value(death_date) as death_date
    from core.subject
    group by all
),
read as (
    select distinct study_id, subject_id, timepoint from core.pet_lesion
)
select
    scan.*, subject.death_date, coalesce(scan.status, 'units') as refusal,
    coalesce(scan.status_reason, scan.units) as why,
    coalesce(status, 'QUANTIFIED') = 'QUANTIFIED' and coalesce(units, 'BQML') in ('BQML', 'GML', 'CM2ML', 'CNTS')
        as ok_pet_not_quantified,
    case when timepoint >= 0 then read.timepoint is not null end as ok_pet_not_read,
    uptake_min > 0 and coalesce(injection_datetime < reference_datetime, true) as ok_pet_injected_after_scan,
    assessment_date <= death_date as ok_pet_after_death,
    body_median_suv between $pet_body_implausible.lowest and $pet_body_implausible.highest as ok_pet_body_implausible,
    case when scan.status is not null then not regexp_matches(coalesce(flags, ''), 'MISMATCH|CONFLICT|IN_MBQ|IN_GRAMS|IN_CM') end
        as ok_pet_header_doubtful
from core.pet_scan as scan
left join subject using (study_id, subject_id)
left join read using (study_id, subject_id, timepoint)
