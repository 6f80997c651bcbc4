-- Responses in ADaM names (rule book 13.2): overall response by time point (OVR), best overall response without and
-- with confirmation (BOR, CBOR), whether that is CR or PR (BCP, CBCP), response (RSP, CRSP) and progression (PD; under
-- iRECIST the first unconfirmed IUPD and the first confirmed ICPD). The criterion's letter stands before each code.
WITH prefix (criterion, letter) AS (
    VALUES ('iRECIST', 'I'), ('imRECIST', 'M'), ('irRC', 'R'), ('irRECIST', 'X'), ('itRECIST', 'T')
),
severity (code, worst_first) AS (
    VALUES ('CPD', 1), ('PD', 1), ('UPD', 2), ('NON-CR/NON-PD', 3), ('NON-CR/NON-UPD', 3), ('SD', 4), ('PR', 5), ('CR', 6),
        ('MISSING', 7), ('NE', 8), ('Y', 1), ('N', 0)
),
best AS (
    SELECT
        study_id, subject_id, evaluator, criterion, origin, clause, explanation,
        best_response, best_response_date, confirmed_best_response, confirmed_date,
        first_response_date, confirmed_first_response_date, progression_date
    FROM analysis.best_response
),
progression AS (
    SELECT
        study_id, subject_id, evaluator, criterion, origin,
        min(assessment_date) FILTER (overall_response = 'iUPD') AS unconfirmed_date,
        min(assessment_date) FILTER (overall_response = 'iCPD') AS confirmed_date
    FROM analysis.timepoint_response
    WHERE criterion = 'iRECIST'
    GROUP BY ALL
),
response AS (
    SELECT
        study_id, subject_id, evaluator, criterion, origin,
        'OVR' AS parameter, 'Overall Response' AS label, timepoint AS visit_number, visit,
        assessment_date AS date, overall_response AS value, clause, explanation
    FROM analysis.timepoint_response
    UNION ALL BY NAME
    SELECT
        study_id, subject_id, evaluator, criterion, origin, 'BOR' AS parameter, 'Best Overall Response' AS label,
        best_response_date AS date, best_response AS value, clause, explanation
    FROM best
    UNION ALL BY NAME
    SELECT
        study_id, subject_id, evaluator, criterion, origin, 'CBOR' AS parameter,
        'Confirmed Best Overall Response' AS label,
        confirmed_date AS date, confirmed_best_response AS value, clause, explanation
    FROM best
    UNION ALL BY NAME
    SELECT
        study_id, subject_id, evaluator, criterion, origin, 'BCP' AS parameter,
        'Best Overall Response of CR/PR' AS label,
        CASE WHEN best_response IN ('CR', 'PR', 'iCR', 'iPR') THEN best_response_date END AS date,
        CASE WHEN best_response IN ('CR', 'PR', 'iCR', 'iPR') THEN 'Y' ELSE 'N' END AS value
    FROM best
    UNION ALL BY NAME
    SELECT
        study_id, subject_id, evaluator, criterion, origin, 'CBCP' AS parameter,
        'Best Confirmed Overall Response of CR/PR' AS label,
        CASE WHEN confirmed_best_response IN ('CR', 'PR', 'iCR', 'iPR') THEN confirmed_date END AS date,
        CASE WHEN confirmed_best_response IN ('CR', 'PR', 'iCR', 'iPR') THEN 'Y' ELSE 'N' END AS value
    FROM best
    UNION ALL BY NAME
    SELECT
        study_id, subject_id, evaluator, criterion, origin, 'RSP' AS parameter, 'Response' AS label,
        first_response_date AS date, CASE WHEN first_response_date IS NULL THEN 'N' ELSE 'Y' END AS value
    FROM best
    UNION ALL BY NAME
    SELECT
        study_id, subject_id, evaluator, criterion, origin, 'CRSP' AS parameter, 'Confirmed Response' AS label,
        confirmed_first_response_date AS date,
        CASE WHEN confirmed_first_response_date IS NULL THEN 'N' ELSE 'Y' END AS value
    FROM best
    UNION ALL BY NAME
    SELECT
        study_id, subject_id, evaluator, criterion, origin, 'PD' AS parameter, 'Disease Progression' AS label,
        progression_date AS date, CASE WHEN progression_date IS NULL THEN 'N' ELSE 'Y' END AS value
    FROM best
    WHERE criterion <> 'iRECIST'
    UNION ALL BY NAME
    SELECT
        study_id, subject_id, evaluator, criterion, origin, 'UPD' AS parameter,
        'Unconfirmed Disease Progression' AS label,
        unconfirmed_date AS date, CASE WHEN unconfirmed_date IS NULL THEN 'N' ELSE 'Y' END AS value
    FROM progression
    UNION ALL BY NAME
    SELECT
        study_id, subject_id, evaluator, criterion, origin, 'CPD' AS parameter,
        'Confirmed Disease Progression' AS label,
        confirmed_date AS date, CASE WHEN confirmed_date IS NULL THEN 'N' ELSE 'Y' END AS value
    FROM progression
)
SELECT
    study_id AS STUDYID,
    subject_id AS USUBJID,
    coalesce(prefix.letter, '') || parameter AS PARAMCD,
    label || ' by ' || criterion AS PARAM,
    'Tumor Response' AS PARCAT1,
    evaluator AS PARCAT2,
    criterion AS PARCAT3,
    origin AS ORIGIN,
    coalesce(visit_number, 0)::INTEGER AS AVISITN,
    visit AS AVISIT,
    date AS ADT,
    CASE
        WHEN date >= subject.reference_date THEN date - subject.reference_date + 1
        ELSE date - subject.reference_date
    END::INTEGER AS ADY,
    value AS AVALC,
    severity.worst_first::INTEGER AS AVAL,
    CASE
        WHEN parameter = 'OVR' AND date >= subject.reference_date
            AND (subject.new_therapy_date IS NULL OR date < subject.new_therapy_date)
            THEN 'Y'
    END AS ANL01FL,
    clause AS CLAUSE,
    explanation AS EXPLAIN
FROM response
LEFT JOIN prefix USING (criterion)
LEFT JOIN severity ON severity.code = regexp_replace(value, '(^|-|/)(ir|i)([A-Z])', '\1\3', 'g')
LEFT JOIN core.subject AS subject USING (study_id, subject_id)
