-- One row per reference region on PET.
select
    *,
    case when region = 'LIVER' and coalesce(usable, true)
        then suv_mean between $pet_liver_implausible.lowest and $pet_liver_implausible.highest end
        as ok_pet_liver_implausible
from core.pet_reference
