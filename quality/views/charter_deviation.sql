-- One row per series, or visit, and limit of the imaging charter that it does not keep.
select
    study_id, subject_id, visit, modality, scan_id, limit_name, expected, value, sentence,
    severity <> 'MAJOR' as ok_charter_deviation,
    severity <> 'MINOR' as ok_charter_remark
from core.charter_deviation
