-- One row per read lesion, and per size of it that differs in a structured report.
select
    lesion.study_id, lesion.subject_id, lesion.evaluator, lesion.timepoint, lesion.lesion_id, lesion.visit,
    conflict.field, conflict.form_value, conflict.report_value, conflict.report_sop_instance_uid,
    conflict.field is null as ok_report_differs_from_form
from core.measurement as lesion
left join core.measurement_conflict as conflict using (study_id, subject_id, evaluator, timepoint, lesion_id)
