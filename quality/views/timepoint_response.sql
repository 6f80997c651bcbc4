-- One row per subject, evaluator and time point of responses derived by the criteria.
select
    study_id, subject_id, evaluator, timepoint, min(visit) as visit, max(assessment_date) as assessment_date,
    string_agg(criterion, ', ' order by criterion) filter (where flags like '%EARLY_SCAN%') as early_for,
    early_for is null as ok_confirmation_scan_early
from analysis.timepoint_response
where origin = 'DERIVED'
group by all
