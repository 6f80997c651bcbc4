"""The commented protocol.yaml that a new study starts from."""

PROTOCOL_TEMPLATE = """\
# Protocol of study {name}. Every key but `criteria` may be left out; the values below are the defaults.

title: ""

visits:
  interval_days: 56        # planned time between tumour assessments
  window_days: 7           # tolerated deviation; two intervals and two windows without assessment censor (fda)
  baseline: []             # names of the baseline visit as in the data, e.g. [SCREENING]; empty: the first visit read
  baseline_max_age_days: 28  # oldest baseline scan before the first dose
  schedule: []             # planned visits, for the check of visit windows, e.g.
  #  - {{visit: WEEK 8, day: 57, before: 7, after: 7}}

criteria:                  # one or more; WHO, mWHO and irRC need the perpendicular diameters
  - RECIST 1.1
  - iRECIST
  - imRECIST
  - irRECIST
  - itRECIST
  - irRC
  - WHO
  - mWHO
  # A criterion with options that differ from its paper's reading:
  # - name: iRECIST
  #   options: {{late_confirmation: reject}}

evaluators:
  default_criterion: RECIST 1.1   # for recorded responses without a named criterion (RSCAT)
  primary: null            # whose reads the summaries show first, e.g. INVESTIGATOR; null: all alike
  adjudication: none       # subject: the reader whose records are accepted (--ACPTFL) is also shown as one evaluator
  accepted_name: ACCEPTED READER
  adj_vars: [BOR, RSPDT, PDDT]  # what triggers adjudication of two central readers; also RESPONDER, UPDDT
  adj_date_tol: 0          # days by which dates may differ
  agree_choice: R1         # accepted where both agree: R1, the first by name; random, drawn with agree_seed
  agree_seed: 0

censoring:
  profiles: [fda, ema_itt]  # also fda_sensitivity_inv, or profiles of your own, e.g.
  #  - {{name: fda_nact_ignored, based_on: fda, nact: ignore}}
  #  nact: censor | event | ignore; missed_assessments: censor | ignore; no_baseline: censor | event

cohorts:
  column: null             # column of DM or SUPPDM that names a subject's cohort, e.g. COHORT
  reference_arm: null      # arm that hazard ratios compare with; null: the first in alphabetical order

patterns: {{}}               # readings of the atypical patterns, e.g. {{dissociated_def: tazdait2018}}

data_cutoff: null          # e.g. 2025-06-30: nothing after this date is used

blinding:
  blinded: false           # true: the open release has no arm and nothing by arm; a second one, for its owner only, has

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
"""
