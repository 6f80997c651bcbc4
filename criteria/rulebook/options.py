"""What every option of a criterion decides, and which rules it belongs to (section 14)."""

from __future__ import annotations

from types import MappingProxyType

OPTIONS = MappingProxyType(
    {
        "min_sd_days": "days from the reference date from which stable disease counts (R11-BOR-02, IR-18, WHO-07)",
        "confirm_min_days": "least days from a response to the one that confirms it (R11-BOR-03)",
        "confirm_max_days": "most days from a response to the one that confirms it, None for no limit (R11-BOR-03)",
        "max_nr_ne": "not evaluable assessments allowed between a response and its confirmation (R11-BOR-03)",
        "accept_sd_between_pr": "stable disease is allowed between two partial responses (R11-BOR-03)",
        "orr_confirmed": "the response rate counts confirmed responses only (11.2)",
        "cr_precedes_pd": "complete response is tested before progression (R11-TL-02)",
        "zero_nadir_rule": "what is progression over a nadir of zero (R11-TL-04)",
        "cr_reappearance": "what disease after a complete response means (CR-01)",
        "partial_pr_ok": "a category stands where missing targets cannot change it (R11-TL-05)",
        "pr_persistence": "how a partial response is shown at later time points (2.3)",
        "local_therapy_target": "what local treatment makes of a target (R11-FU-06)",
        "tstm_value_mm": "size of a lesion too small to measure, in mm (R11-FU-02, WHO-08)",
        "new_node_rule": "short axis from which a node is a new lesion (R11-NL-03)",
        "nl_ne_rule": "what a response becomes when new lesions were not looked for (R11-NL-05)",
        "equivocal_backdate": "a new lesion found equivocal first is dated back to that scan (R11-NL-02)",
        "icpd_reference": "sizes that further growth is compared with (C-T, C-NLT)",
        "early_tol_days": "days by which a confirming scan may be early (IR-04)",
        "late_confirmation": "whether a first look after the window may confirm (IR-06)",
        "nl_persist_rule": "when a new lesion that is left no longer keeps the progression open (IR-12)",
        "open_iupd_at_cutoff": "whether an iUPD still open at the cut-off is an event (IR-22)",
        "imbor_ignore_between_pd_and_confirmation": "assessments between a progression and its confirmation do not "
        "count for the best response (IM-06)",
        "imbor_stop_at_confirmed_pd": "no response counts after a confirmed progression (IM-06)",
        "impfs_only_early_followup": "what a progression is when only early or not evaluable scans follow (IM-05)",
        "nact_after_iupd": "what an unconfirmed progression is when new therapy starts before its confirmation (11.3)",
        "pd_date_rule": "the scan on which a progression is dated (DT-02)",
        "tp_response_date": "the scan on which a response is dated (DT-01)",
        "unconfirmed_pd_no_followup": "what a progression is when no assessment follows (IRC-10)",
        "cbr_days": "days of stable disease that are clinical benefit (11.2)",
        "drr_days": "days that a durable response lasts (11.2)",
        "drr_onset_months": "months from the start within which a durable response begins (11.2)",
        "who_pd_basis": "what must grow by 25 % (WHO-05)",
        "who_duration_origin": "where the duration of response starts (WHO-09)",
        "irrc_new_min": "least size of a measurable new lesion (IRC-03)",
        "irrc_index_min_mm": "least diameters of an index lesion (IRC-04)",
        "irrc_new_lesion_is_pd": "a new lesion is progression by itself (IRC-06)",
        "irrecist_variant": "whose irRECIST: with or without 5 mm and progression outside the sum (section 4)",
        "irrecist_strict_gt20": "progression needs more than 20 %, not 20 % (section 4)",
        "irrecist_new_lesion_is_pd": "a new lesion is progression by itself (section 4)",
        "imrecist_abs5": "progression also needs 5 mm (IM-04)",
        "imrecist_new_lesion_is_pd": "a new lesion is progression by itself (IM-07)",
        "itrecist_injected_reference": "which comparison stands for the injected targets (IT-10)",
        "itrecist_overall_target": "what the overall response takes as target response (7.3)",
        "itrecist_max_per_organ": "targets an organ within each class, None for no limit (IT-03)",
    }
)
"""One clause of meaning by option name."""

PATTERN_OPTIONS = MappingProxyType(
    {
        "pseudoprogression_def": "which definition of pseudoprogression the study reports (9.1)",
        "dissociated_def": "which definition of dissociated response the study reports (9.2)",
        "dissociated_ref": "what growth of a lesion is measured from; shrinkage always from the baseline (9.2)",
        "dissociated_inclusive": "30 % and 20 % are enough, and need not be exceeded (9.2)",
        "dissociated_new_counts": "whether a new lesion is growth; None: as the definition reads it (9.2)",
        "dissociated_level": "single lesions, or the sums of each organ (9.2)",
        "ref_gap_min": "least days from the scan before the baseline to the baseline (KIN-06)",
        "ref_gap_max": "most days of the same, None for no limit (KIN-06)",
        "exp_max_days": "most days from the baseline to the first scan on treatment, None for no limit (KIN-06)",
        "tgr_node_axis": "axis of lymph nodes in growth rates (KIN-02)",
        "tgr_floor_mm": "sum in mm that stands for a smaller one, None: a sum of 0 has no growth rate (10)",
        "negative_ref_policy": "what a ratio is when the disease did not grow before the baseline (10)",
        "tgk_requires_pd": "whether the TGK ratio also needs progression at the first evaluation (10)",
        "kato_pace": "pace in percent or in mm a month (KIN-08)",
        "lo_russo_requires_pd": "whether lo_russo2019 also needs progression at the first evaluation (10)",
        "lo_russo_ecog": "what clinical deterioration is: a status of 2 or more, or a fall by 2 (10)",
        "pseudo_hpd_ratio": "the TGR ratios, both excluded, between which growth did not change (10)",
        "durable_alt_ref": "whose median PFS is the reference: the same treatment or everybody (11.2)",
    }
)
"""One clause of meaning by option of `criteria.pattern_options`."""
