-- One row per deviation of the injection log.
select
    *,
    case when severity = 'ERROR' then false end as ok_injection_error,
    case when severity = 'WARN' then false end as ok_injection_warn
from analysis.injection_deviation
