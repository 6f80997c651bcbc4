-- One row per lesion read on PET.
with scan as (
    select distinct study_id, subject_id, timepoint from core.pet_scan
)
select
    lesion.*,
    round(suv_mean * mtv_ml, 3) as product_g,
    suv_peak <= 1.05 * suv_max as ok_pet_peak_above_max,
    suv_mean <= suv_max * (1 + 1e-9) as ok_pet_mean_above_max,
    suv_max <= $pet_suv_implausible.highest as ok_pet_suv_implausible,
    case when status = 'RESOLVED' then coalesce(suv_max, 0) = 0 end as ok_pet_resolved_with_uptake,
    case when measured_from in ('FORM', 'SR') and tlg_basis = 'SUV'
        then abs(tlg_g - suv_mean * mtv_ml) <= greatest($pet_glycolysis_wrong.percent / 100 * tlg_g, 0.05) end
        as ok_pet_glycolysis_wrong,
    scan.timepoint is not null as ok_pet_read_without_scan
from core.pet_lesion as lesion
left join scan using (study_id, subject_id, timepoint)
