-- Times to event in ADaM names (rule book 13.2). The criterion's own endpoint names (iPFS, imDOR, ...) become
-- the ADaM parameter behind the criterion's letter; DOR is RSD. OS belongs to no criterion.
WITH prefix (criterion, letter) AS (
    VALUES ('iRECIST', 'I'), ('imRECIST', 'M'), ('irRC', 'R'), ('irRECIST', 'X'), ('itRECIST', 'T')
),
parameter (base, code, label) AS (
    VALUES
        ('PFS', 'PFS', 'Progression-Free Survival'),
        ('OS', 'OS', 'Overall Survival'),
        ('DOR', 'RSD', 'Duration of Response'),
        ('TTR', 'TTR', 'Time to Response'),
        ('TTP', 'TTP', 'Time to Progression')
),
censoring (reason, code) AS (
    VALUES
        ('new anticancer therapy', 2),
        ('two or more missed assessments', 3),
        ('no baseline assessment', 4),
        ('no post-baseline assessment', 5),
        ('lost to follow-up', 6),
        ('withdrew consent', 6)
),
event_time AS (
    SELECT *, regexp_replace(endpoint, '^(im|ir|it|i)([A-Z])', '\2') AS base
    FROM analysis.event_time
)
SELECT
    study_id AS STUDYID,
    subject_id AS USUBJID,
    CASE WHEN base = 'OS' THEN '' ELSE coalesce(prefix.letter, '') END || coalesce(parameter.code, base) AS PARAMCD,
    coalesce(parameter.label, base) || CASE WHEN base = 'OS' THEN '' ELSE ' by ' || criterion END AS PARAM,
    'Tumor Response' AS PARCAT1,
    evaluator AS PARCAT2,
    criterion AS PARCAT3,
    origin AS ORIGIN,
    profile AS PROFILE,
    start_date AS STARTDT,
    end_date AS ADT,
    days AS AVAL,
    'DAYS' AS AVALU,
    months AS MONTHS,
    CASE WHEN event THEN 0 ELSE coalesce(censoring.code, 1) END::INTEGER AS CNSR,
    event_time.reason AS EVNTDESC,
    CASE WHEN NOT event THEN event_time.reason END AS CNSDTDSC,
    source_table AS SRCDOM,
    source_key AS SRCKEY
FROM event_time
LEFT JOIN prefix USING (criterion)
LEFT JOIN parameter USING (base)
LEFT JOIN censoring ON censoring.reason = lower(event_time.reason)
