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
  # A criterion with options that differ from its paper's reading:
  # - name: iRECIST
  #   options: {{late_confirmation: reject}}

evaluators:
  default_criterion: RECIST 1.1   # for recorded responses without a named criterion (RSCAT)
  primary: null            # whose reads the summaries show first, e.g. INVESTIGATOR; null: all alike
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
  reference_arm: null      # arm that hazard ratios compare with; null: the first in alphabetical order
  orr_population: itt      # who counts in response rates: itt; treated; measurable, with target lesions

patterns: {{}}               # readings of the atypical patterns, e.g. {{dissociated_def: tazdait2018}}

data_cutoff: null          # e.g. 2025-06-30: nothing after this date is used

blinding:
  blinded: false           # true: the open release has no arm and nothing by arm; a second one, for its owner only, has
"""
