-- One row per record, and field of it, that a later transfer changed.
select
    *,
    case when form in ('TR', 'RS', 'TU') or form like '%measurement' or form like '%recorded_response'
        then kind <> 'CORRECTED' end as ok_read_corrected,
    kind <> 'WITHDRAWN' as ok_record_withdrawn
from raw.change
where kind <> 'INSERTED'
