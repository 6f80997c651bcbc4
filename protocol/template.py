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
  reference_arm: null      # arm that the others are compared with; null: the first in alphabetical order
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

data_cutoff: null          # e.g. 2025-06-30: nothing after this date is used

blinding:
  blinded: false           # true: the open release has no arm and nothing by arm; a second one, for its owner only, has
"""
