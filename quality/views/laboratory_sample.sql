-- One row per subject and day of a blood count.
select
    study_id, subject_id, collection_date, min(visit) as visit,
    max(value) filter (where test = 'NEUT') as neutrophils,
    max(value) filter (where test = 'LYM') as lymphocytes,
    max(value) filter (where test = 'WBC') as leukocytes,
    round(neutrophils + coalesce(lymphocytes, 0), 3) <= round(1.02 * leukocytes, 3) as ok_neutrophils_above_leukocytes
from core.laboratory
group by all
having max(value) filter (where test = 'NEUT') is not null
