-- One row per file and refresh that found it new, changed or gone.
select
    *, event <> 'DUPLICATE' as ok_file_sent_twice
from landing.event
