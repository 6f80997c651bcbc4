"""The commented protocol.yaml that a new study starts from."""

PROTOCOL_TEMPLATE = """\
# Protocol of study {name}. Every key but `criteria` may be left out; the values below are the defaults.

title: ""

visits:
  interval_days: 56        # planned time between tumour assessments
  window_days: 7           # tolerated deviation; two intervals and two windows without assessment censor (fda)
  baseline: []             # names of the baseline visit as in the data, e.g. [SCREENING]; empty: the first visit read
  baseline_max_age_days: 28  # oldest baseline scan before the first dose
  interval_changes: []     # another interval from a study day on, e.g. [{{from_day: 337, interval_days: 84}}]
  schedule: []             # planned visits: windows, missed assessments, progression between visits; e.g.
  #  - {{visit: WEEK 8, day: 57, before: 7, after: 7}}

criteria_profile: rule_book  # options of the criteria: seed_review reads them as the seed review prints them
options: {{}}                # options of all criteria that have them, e.g. {{min_sd_days: 49}}; see docs/criteria

dates:
  tp_response_date: last_scan  # or first_scan: the scan of a time point that dates its response
  pd_date_rule: by_trigger  # or earliest_scan_in_tp, last_scan_in_tp: the scan that dates a progression
  pd_impute: first         # or last: day of a progression or new therapy whose date has no day
  resp_impute: last        # or first: day of a response whose date has no day

criteria:                  # one or more; WHO, mWHO and irRC need the perpendicular diameters
  - RECIST 1.1
  - iRECIST
  - imRECIST
  - irRECIST
  - itRECIST
  - irRC
  - WHO
  - mWHO
  # On PET: EORTC, PERCIST, PERCIST5, PECRIT (needs RECIST 1.1), PERCIMT, imPERCIST5, iPERCIST.
  # A criterion with options that differ from its paper's reading:
  # - name: iRECIST
  #   options: {{late_confirmation: reject}}
  # - name: PERCIST
  #   options: {{percist_liver_formula: B, qc_fail_action: NE}}

evaluators:
  default_criterion: RECIST 1.1   # for recorded responses without a named criterion (RSCAT)
  primary: null            # whose reads the summaries show first, e.g. INVESTIGATOR; null: all alike
  readers: []              # who is to read every visit; empty: who read a subject's baseline
  adjudication: none       # subject or timepoint: the reader whose records are accepted (--ACPTFL) for it is also
                           # shown as one evaluator
  accepted_name: ACCEPTED READER
  adj_unit: subject        # what the adjudicator accepts a reader for: subject, timepoint or endpoint
  adj_vars: [BOR, RSPDT, PDDT]  # what triggers adjudication of two central readers; also RESPONDER, UPDDT
  adj_date_tol: 0          # days by which dates may differ
  agree_choice: R1         # accepted where both agree: R1, the first by name; random, drawn with agree_seed
  agree_seed: 0

censoring:
  profiles: [fda, ema_itt]  # also fda_sensitivity_inv, or profiles of your own, e.g.
  #  - {{name: fda_nact_ignored, based_on: fda, nact: ignore}}
  #  nact: censor | event | ignore; missed_assessments: censor | ignore; no_baseline: censor | event;
  #  discontinuation: censor | follow; clinical: ignore | predefined | event; progression_date: scan | scheduled_visit;
  #  gap_max as below
  gap_max: intervals_and_windows  # longest gap: two intervals and windows; or intervals, or missed_windows (two)
  clinical_pd_is_event: false  # true: clinical progression is an event where a profile says "predefined"

cohorts:
  column: null             # column of DM or SUPPDM that names a subject's cohort, e.g. COHORT
  reference_arm: null      # arm that the others are compared with; null: the first in alphabetical order
  orr_population: itt      # who counts in response rates: itt; treated; measurable, with target lesions
  subgroups: []            # columns of DM or SUPPDM, e.g. [SEX, {{name: AGE GROUP, column: AGE, cuts: [65, 75]}}]
  strata: []               # the same, for stratified tests and models
  landmarks_months: [6, 12, 18, 24]
  restricted_mean_months: null  # null: the shortest of the compared groups' follow-ups
  smallest_cell: 0         # 5: aggregates with a cell of 1 to 4 subjects are published without their values

forms:
  transfers: cumulative    # a file with the name of an earlier one replaces it; incremental: it adds and corrects.
                           # Files with new names always add and correct, the newest value of a record counts
  criteria: {{}}             # foreign names of criteria (RSCAT), e.g. {{RECIST-LUNG: RECIST 1.1}}
  mappings: []             # what files say in other words than the default, the first that matches a file counts, e.g.
  #  - match: "lesions*.csv"       # path below incoming/ or name; * and ? stand for anything
  #    sheet: "*"                  # sheet, data set or ItemGroupOID
  #    form: TR                    # domain or template; without it by DOMAIN or by name
  #    encoding: windows-1252      # found out when left out, like the delimiter
  #    decimal: comma
  #    dates: day_first            # or month_first, or formats such as ["%d%b%Y"]; ISO 8601 is always read
  #    columns: {{PATIENT: USUBJID, "Size (cm)": TRORRES}}
  #    constants: {{TREVAL: INVESTIGATOR}}
  #    codes: {{TRTESTCD: {{Longest: LDIAM}}}}
  #    units: {{TRORRES: cm}}        # mm, cm, inch, ml, l, g, kg, min, h, ...
  #    deleted: {{column: STATUS, values: [DELETED]}}   # rows that withdraw a record
  #  - {{match: "ae*.csv", ignore: true}}

patterns: {{}}               # readings of the atypical patterns, e.g. {{dissociated_def: tazdait2018}}
markers: {{}}                # readings of PET patterns and markers, e.g. {{idr_reference: PREVIOUS}}
injection: {{}}              # intratumoural therapy: T-VEC by its label; readings or agents of your own, e.g.
#  agents: [{{name: X-1, bands: [{{up_to_mm: 20, volume_ml: 1}}, {{up_to_mm: null, volume_ml: 2}}], visit_total_ml: 4,
#    first_concentration: 1, later_concentration: 1, concentration_unit: mg/mL, second_visit_days: 14, later_days: 14}}]

pet: {{}}                    # how PET is quantified (docs/pet.md), e.g. {{lbm: JAMES128, liver_names: 'liver|leber'}}

data_cutoff: null          # e.g. 2025-06-30: nothing after this date is used

ingestion:
  archives:                # what a ZIP or TAR archive in incoming/ may hold; with more it is not used
    max_files: 500000
    max_gigabytes: 200
    max_ratio: 200         # unpacked size by size of the archive
    max_nesting: 1         # archives within archives
  dicomweb: null           # a server to fetch scans from, e.g.
  #  url: https://pacs.example.org/dicom-web
  #  search: {{ClinicalTrialProtocolID: {name}}}  # QIDO-RS filters; all studies of the server without them
  #  changes: https://pacs.example.org          # an Orthanc's own address: its feed of changes instead of searching
  #  user_variable: PACS_USER                   # names of environment variables, never the words themselves
  #  password_variable: PACS_PASSWORD           # or token_variable: PACS_TOKEN
  #  ca_bundle: /etc/ssl/hospital.pem           # certificate authority of the server
  #  timeout_seconds: 30
  #  retries: 3

blinding:
  blinded: false           # true: the open release has no arm and nothing by arm; a second one, for its owner only, has

dashboard:
  groups: []               # groups that may see the study, where the dashboard trusts a proxy that names them
  unblinded_groups: []     # of those, the ones that may see the arms of a blinded study in an unblinded dashboard
imaging:
  subject:                 # how scans name their subjects; compared without regard to case
    label: subject_label   # Clinical Trial Subject ID, else Patient ID; or clinical_trial_subject_id, or patient_id
    pattern: null          # regular expression with named groups, e.g. '^(?P<site>\\d{{2}})(?P<subject>\\d{{3}})$'
    subject_id: "{{subject}}"  # what the groups make, e.g. "TRIAL-{{site}}-{{subject}}"
    known_as: {{}}           # labels that fit no pattern, e.g. {{TEST01: TRIAL-01-001}}
  visit_tolerance_days: 14 # days outside of a window within which a scan still counts for the visit, as EARLY or LATE
  observers: {{}}            # observers of structured reports as evaluators, e.g. {{"Doe^Jane": RADIOLOGIST 1}}
  charter: []              # versions of the imaging charter by effective date; what is left out is not judged, e.g.
  #  - version: "1.0"
  #    effective: null     # null: from the start; a later version needs its date
  #    expected:           # visits left out: every planned visit
  #      - {{modality: CT, body_regions: [CHEST, ABDOMEN, PELVIS]}}
  #      - {{modality: PT, visits: [SCREENING, WEEK 8]}}
  #    limits:
  #      - modality: CT
  #        slice_thickness_mm: {{max: 5}}
  #        gap_mm: {{max: 0}}
  #        reconstruction_interval_mm: {{max: 5}}
  #        missing_slices: {{max: 0}}
  #        coverage_mm: {{min: 400}}
  #        kernels: [B30f, STANDARD]
  #        kvp: {{min: 100, max: 140}}
  #        contrast_agent: "."          # regular expressions; of the phase in the series' description
  #        contrast_route: "(?i)^iv$|intravenous"
  #        contrast_phase: "(?i)portal|venous"
  #        same_scanner: true           # as the subject's baseline scan
  #        same_software: false
  #        same_reconstruction: true
  #        lossless: true
  #        minor: [same_scanner]        # limits whose deviations are minor; all others are major
  #      - modality: PT
  #        uptake_min: {{min: 50, max: 70}}
  #        dose_mbq: {{min: 150, max: 500}}
  deidentification:        # checked against PS3.15 annex E; a finding never changes data
    options:               # of the Basic Profile, as the trial's de-identification is to apply them
      - clean_descriptors
      - clean_structured_content
      - retain_modified_dates
      - retain_patient_characteristics   # weight and height, without which there is no SUV
      - retain_device_identity
      - retain_safe_private
    safe_private_creators: []  # private creators known to be safe beside those of the standard
    ocr: false             # look for text in the pixels with tesseract (nadir[ocr]); slow

quality:
  rules: {{}}                # rules by id (docs/quality_rules.md) with other limits or another severity, or off, e.g.
  #  SIZE_JUMP: {{factor: 4}}
  #  LABORATORY_IMPLAUSIBLE: {{limits: {{LDH: [40, 6000]}}}}
  #  SCAN_UNSCHEDULED: {{off: true}}
  #  Rules of your own are SQL files in rules/ (docs/own_rules.md).
"""
