-- One row per series and finding of the de-identification check.
select
    study_id, subject_id, scan_id, check_name, attribute, value, files, source_name, sentence,
    severity <> 'MAJOR' as ok_identifier_left,
    severity <> 'MINOR' as ok_deidentification_remark
from core.deidentification_finding
