-- One row per scan received or expected.
select
    study_id, subject_id, visit, modality, scan_id, scan_date, planned_date, window_start, window_end, status, reason,
    case when status <> 'UNREADABLE' and (kind = 'IMAGE' or kind is null) then status <> 'MISSING' end as ok_scan_missing,
    case when status in ('RECEIVED', 'EARLY', 'LATE') and kind = 'IMAGE' then status = 'RECEIVED'
    end as ok_scan_outside_window,
    case when scan_date is not null and kind = 'IMAGE' then status <> 'UNSCHEDULED' end as ok_scan_unscheduled,
    case when status <> 'MISSING' and status <> 'NOT_DUE' then status <> 'UNREADABLE' end as ok_scan_unreadable
from core.visit_scan
