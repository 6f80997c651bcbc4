-- Diameters of target lesions (LDIAMn, of nodes the short axis NLDIAMn; n counts the reader's target lesions by their
-- identifier) and the sums that each criterion made of them (SDIAM; SUMPPD where a criterion multiplies) in ADaM names
-- (rule book 13.2).
WITH lesion AS (
    SELECT
        study_id, subject_id, evaluator, timepoint, visit, assessment_date, lesion_id, organ, state,
        coalesce(is_node, false) AS is_node,
        CASE WHEN is_node THEN short_axis_mm ELSE longest_diameter_mm END AS value,
        dense_rank() OVER (PARTITION BY study_id, subject_id, evaluator ORDER BY lesion_id) AS number
    FROM core.measurement
    WHERE role = 'TARGET'
),
lesion_course AS (
    SELECT
        *,
        max(value) FILTER (timepoint = 0) OVER course AS baseline,
        min(value) OVER (course ORDER BY timepoint ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS nadir
    FROM lesion
    WHERE timepoint >= 0
    WINDOW course AS (PARTITION BY study_id, subject_id, evaluator, lesion_id)
),
baseline AS (
    SELECT study_id, subject_id, evaluator, max(assessment_date) AS date, any_value(visit) AS visit
    FROM core.measurement
    WHERE timepoint = 0 AND role = 'TARGET'
    GROUP BY ALL
),
sums AS (
    SELECT
        study_id, subject_id, evaluator, criterion, origin, timepoint, visit, assessment_date,
        target_sum AS value, baseline_sum AS baseline, nadir_sum AS nadir, target_response
    FROM analysis.timepoint_response
    WHERE origin = 'DERIVED'
    UNION ALL BY NAME
    SELECT
        study_id, subject_id, evaluator, criterion, origin, 0 AS timepoint, baseline.visit AS visit,
        baseline.date AS assessment_date, baseline_sum AS value, baseline_sum AS baseline
    FROM (
        SELECT study_id, subject_id, evaluator, criterion, origin, max(baseline_sum) AS baseline_sum
        FROM analysis.timepoint_response
        WHERE origin = 'DERIVED' AND baseline_sum IS NOT NULL
        GROUP BY ALL
    )
    LEFT JOIN baseline USING (study_id, subject_id, evaluator)
),
measured AS (
    SELECT
        study_id, subject_id, evaluator, 'ALL' AS criterion, 'MEASURED' AS origin, timepoint, visit, assessment_date,
        CASE WHEN is_node THEN 'NLDIAM' ELSE 'LDIAM' END || number AS parameter,
        'Target Lesion ' || number
        || CASE WHEN is_node THEN ' Short Axis Diameter of Node' ELSE ' Longest Diameter' END AS label,
        'mm' AS unit, lesion_id, organ, state, value, baseline, nadir
    FROM lesion_course
    UNION ALL BY NAME
    SELECT
        study_id, subject_id, evaluator, criterion, origin, timepoint, visit, assessment_date,
        CASE WHEN criterion IN ('WHO', 'mWHO', 'irRC') THEN 'SUMPPD' ELSE 'SDIAM' END AS parameter,
        CASE
            WHEN criterion IN ('WHO', 'mWHO', 'irRC') THEN 'Sum of the Products of Diameters'
            ELSE 'Sum of Diameters'
        END || ' by ' || criterion AS label,
        CASE WHEN criterion IN ('WHO', 'mWHO', 'irRC') THEN 'mm2' ELSE 'mm' END AS unit,
        value, baseline, nadir, target_response
    FROM sums
)
SELECT
    study_id AS STUDYID,
    subject_id AS USUBJID,
    parameter AS PARAMCD,
    label AS PARAM,
    'Tumor Measurement' AS PARCAT1,
    evaluator AS PARCAT2,
    criterion AS PARCAT3,
    origin AS ORIGIN,
    lesion_id AS LESIONID,
    organ AS LOC,
    timepoint::INTEGER AS AVISITN,
    visit AS AVISIT,
    assessment_date AS ADT,
    value AS AVAL,
    unit AS AVALU,
    CASE WHEN value IS NULL THEN state END AS AVALC,
    CASE WHEN timepoint = 0 THEN 'Y' END AS ABLFL,
    baseline AS BASE,
    CASE WHEN timepoint > 0 THEN value - baseline END AS CHG,
    CASE WHEN timepoint > 0 AND baseline > 0 THEN 100 * (value - baseline) / baseline END AS PCHG,
    CASE WHEN timepoint > 0 THEN nadir END AS NADIR,
    CASE WHEN timepoint > 0 THEN value - nadir END AS CHGNAD,
    CASE WHEN timepoint > 0 AND nadir > 0 THEN 100 * (value - nadir) / nadir END AS PCHGNAD,
    CASE WHEN target_response IN ('CR', 'iCR') THEN 'Y' END AS CRFL,
    CASE WHEN target_response IN ('PD', 'iUPD', 'iCPD') THEN 'Y' END AS PDFL,
    CASE
        WHEN timepoint > 0 AND assessment_date >= subject.reference_date
            AND (subject.new_therapy_date IS NULL OR assessment_date < subject.new_therapy_date)
            THEN 'Y'
    END AS ANL01FL
FROM measured
LEFT JOIN core.subject AS subject USING (study_id, subject_id)
