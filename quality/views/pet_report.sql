-- One row per value of a structured report beside the same measured from the lesion's region.
select
    *,
    flag is null as ok_pet_report_differs
from core.pet_report
