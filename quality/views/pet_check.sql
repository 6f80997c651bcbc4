-- One row per quality check of a PET scan.
select
    *,
    case when check_id = 'Q-03' then result <> 'WARN' end as ok_pet_glucose_missing,
    case when check_id = 'Q-04' then result <> 'WARN' end as ok_pet_fasting_missing,
    case when check_id = 'Q-01' then result <> 'FAIL' end as ok_pet_q_01,
    case when check_id = 'Q-02' then result <> 'FAIL' end as ok_pet_q_02,
    case when check_id = 'Q-03' then result <> 'FAIL' end as ok_pet_q_03,
    case when check_id = 'Q-04' then result <> 'FAIL' end as ok_pet_q_04,
    case when check_id = 'Q-05' then result <> 'FAIL' end as ok_pet_q_05,
    case when check_id = 'Q-06' then result <> 'FAIL' end as ok_pet_q_06,
    case when check_id = 'Q-07' then result <> 'FAIL' end as ok_pet_q_07,
    case when check_id = 'Q-08' then result <> 'FAIL' end as ok_pet_q_08,
    case when check_id = 'Q-09' then result <> 'FAIL' end as ok_pet_q_09,
    case when check_id = 'Q-10' then result <> 'FAIL' end as ok_pet_q_10,
    case when check_id = 'Q-11' then result <> 'FAIL' end as ok_pet_q_11,
    case when check_id = 'Q-12' then result = 'PASS' end as ok_pet_q_12,
    case when check_id = 'Q-13' then result <> 'FAIL' end as ok_pet_q_13,
    case when check_id = 'Q-14' then result <> 'FAIL' end as ok_pet_q_14,
    case when check_id = 'Q-15' then result <> 'FAIL' end as ok_pet_q_15,
    case when check_id = 'Q-16' then result <> 'FAIL' end as ok_pet_q_16,
    case when check_id = 'Q-17' then result <> 'FAIL' end as ok_pet_q_17,
    case when check_id = 'Q-18' then result <> 'FAIL' end as ok_pet_q_18
from analysis.pet_check
