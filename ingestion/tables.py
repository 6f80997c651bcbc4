"""The landing, raw and core tables: what was received and what it says, in canonical form."""

from __future__ import annotations

import polars as pl

from criteria.table import Column, Table
from criteria.vocabulary import Change, Component, LocalTherapy, Role, State, values

SUBJECT_KEY = (
    Column("study_id", pl.String, "study (the name of its folder)"),
    Column("subject_id", pl.String, "unique subject identifier (USUBJID)"),
)

SOURCE = (
    Column("source_sha256", pl.String, "SHA-256 of the file that the row came from"),
    Column("source_name", pl.String, "path of that file below incoming/ when it was received"),
    Column("source_record", pl.String, "row number in that file (header line = 1), or SOP Instance UID"),
)

READER = (
    Column("evaluator", pl.String, "who read: the evaluator's identifier, else the role (--EVALID, --EVAL)"),
    Column("reader_role", pl.String, "INVESTIGATOR, INDEPENDENT ASSESSOR, ADJUDICATOR, ..."),
    Column("accepted", pl.Boolean, "the record is marked as the accepted one (--ACPTFL = Y)"),
)

LANDING_FILE = Table(
    name="landing.file",
    meaning="Every file ever received for the study, by content",
    key=("source_name", "sha256"),
    columns=(
        Column("study_id", pl.String, "study (the name of its folder)"),
        Column("source_name", pl.String, "path below incoming/ when the file was received"),
        Column("sha256", pl.String, "SHA-256 of the content"),
        Column("size", pl.Int64, "size of the file", unit="byte"),
        Column("modified_ns", pl.Int64, "modification time of the file as received", unit="ns"),
        Column("landed_at", pl.Datetime("us", "UTC"), "when the file was first seen"),
        Column("landed_path", pl.String, "where the content lies below the study's folder; null for an archive"),
        Column("current", pl.Boolean, "this content is the newest under its name"),
        Column(
            "container", pl.String, "archive below incoming/ that the file came in, or DICOMWEB; null for a file itself"
        ),
        Column("changed_at", pl.List(pl.Datetime("us", "UTC")), "when `current` changed, first to last"),
    ),
)

LANDING_EVENT = Table(
    name="landing.event",
    meaning="What became of a file: one row per file and refresh that found it new, changed or gone",
    key=("landed_at", "source_name"),
    columns=(
        Column("study_id", pl.String, "study (the name of its folder)"),
        Column("landed_at", pl.Datetime("us", "UTC"), "when the refresh looked"),
        Column("source_name", pl.String, "name of the file, as in landing.file"),
        Column("sha256", pl.String, "SHA-256 of its content; of its last content where it was deleted"),
        Column(
            "event",
            pl.String,
            "ARRIVED; REPLACED by another content; MOVED from another name; DELETED; RETURNED after a deletion; "
            "DUPLICATE of a file that is there under another name",
            allowed=("ARRIVED", "REPLACED", "MOVED", "DELETED", "RETURNED", "DUPLICATE"),
        ),
        Column("other_name", pl.String, "MOVED: name before; DUPLICATE: name of the other file"),
        Column("previous_sha256", pl.String, "REPLACED: SHA-256 of the content before"),
    ),
)

LANDING_FEED = Table(
    name="landing.feed",
    meaning="How far each configured server was followed",
    key=("address",),
    columns=(
        Column("study_id", pl.String, "study (the name of its folder)"),
        Column("address", pl.String, "address of the server's DICOMweb service, or of its feed of changes"),
        Column("last_change", pl.Int64, "number of the last change of the feed that was taken"),
        Column("answered_at", pl.Datetime("us", "UTC"), "last refresh in which the server gave all that was asked for"),
        Column("problem", pl.String, "what went wrong at the last refresh"),
    ),
)

REJECT = Table(
    name="raw.reject",
    meaning="Rows and files that could not be used, each with its reason and a remedy",
    key=(),
    columns=(
        Column("study_id", pl.String, "study (the name of its folder)"),
        Column("stage", pl.String, "table that could not take the row or the file"),
        Column("source_name", pl.String, "file as received"),
        Column("source_sha256", pl.String, "SHA-256 of the file"),
        Column("source_record", pl.String, "row number in that file (header line = 1); null for a whole file"),
        Column("subject_id", pl.String, "subject where known"),
        Column("field", pl.String, "column that is wrong"),
        Column("value", pl.String, "the value as received"),
        Column("reason", pl.String, "what is wrong with it"),
        Column("remedy", pl.String, "what to do about it"),
    ),
)

SUBJECT = Table(
    name="core.subject",
    meaning="One row per subject: dates and groups that responses and endpoints need",
    key=("study_id", "subject_id"),
    columns=(
        *SUBJECT_KEY,
        Column("site", pl.String, "study site"),
        Column("cohort", pl.String, "cohort by the protocol"),
        Column("arm", pl.String, "planned arm (DM.ARM)"),
        Column("sex", pl.String, "sex"),
        Column("reference_date", pl.Date, "randomisation, else first dose"),
        Column("randomisation_date", pl.Date, "date of randomisation"),
        Column("first_dose_date", pl.Date, "date of the first dose"),
        Column("death_date", pl.Date, "date of death"),
        Column("last_alive_date", pl.Date, "last date on which the subject is known to be alive"),
        Column("stated_alive_date", pl.Date, "the same as stated (DS LAST KNOWN ALIVE), even after death"),
        Column("new_therapy_date", pl.Date, "start of the first new anticancer therapy after the reference date"),
        Column("discontinuation_date", pl.Date, "permanent end of study treatment"),
        Column("discontinuation_reason", pl.String, "reason for it"),
        Column("end_of_study_date", pl.Date, "end of study participation"),
        Column("end_of_study_reason", pl.String, "COMPLETED, LOST TO FOLLOW-UP, WITHDRAWAL BY SUBJECT, DEATH, ..."),
        *SOURCE,
    ),
)

SUBJECT_GROUP = Table(
    name="core.subject_group",
    meaning="Subgroups and strata of the protocol: one row per subject and grouping",
    key=("study_id", "subject_id", "grouping"),
    columns=(
        *SUBJECT_KEY,
        Column("grouping", pl.String, "name of the grouping in the protocol, e.g. SEX or AGE GROUP"),
        Column("value", pl.String, "group of the subject; null where its value is not known"),
    ),
)

VISIT = Table(
    name="core.visit",
    meaning="One row per subject and tumour assessment visit",
    key=("study_id", "subject_id", "timepoint"),
    columns=(
        *SUBJECT_KEY,
        Column("timepoint", pl.Int32, "0 = baseline, 1 = first assessment after it; negative = before baseline"),
        Column("visit_number", pl.Float64, "VISITNUM as received"),
        Column("visit", pl.String, "visit name as received"),
        Column("planned_day", pl.Int32, "planned study day (VISITDY)", unit="d"),
        Column("occurred", pl.Boolean, "false when the visit is recorded as not performed"),
        Column("start_date", pl.Date, "first date of the visit's records"),
        Column("end_date", pl.Date, "last date of the visit's records"),
        Column("stated_date", pl.Date, "date of the visit as its own form states it (SVSTDTC)"),
        *SOURCE,
    ),
)

MEASUREMENT = Table(
    name="core.measurement",
    meaning="One row per subject, evaluator, time point and lesion: what the reader saw and measured",
    key=("study_id", "subject_id", "evaluator", "timepoint", "lesion_id"),
    columns=(
        *SUBJECT_KEY,
        *READER,
        Column("timepoint", pl.Int32, "0 = baseline, 1 = first assessment after it; negative = before baseline"),
        Column("visit", pl.String, "visit name as received"),
        Column("assessment_date", pl.Date, "date of the scan (partial dates completed, see assessment_dtc)"),
        Column("assessment_dtc", pl.String, "the date as received"),
        Column("lesion_id", pl.String, "lesion identifier, unique per subject and evaluator"),
        Column("role", pl.String, "role the reader gave the lesion", allowed=values(Role)),
        Column("organ", pl.String, "organ or site"),
        Column("is_node", pl.Boolean, "lymph node: the short axis counts"),
        Column("injected", pl.Boolean, "injected at or before this time point (intratumoural therapy)"),
        Column(
            "measurable", pl.Boolean, "the reader's word on whether it can be measured (R11-BL-04); null without one"
        ),
        Column("prior_local_therapy", pl.Boolean, "treated locally before the baseline (R11-BL-05)"),
        Column(
            "local_therapy",
            pl.String,
            "first local therapy of the lesion after the baseline, at or before the scan (R11-FU-06)",
            allowed=values(LocalTherapy),
        ),
        Column("state", pl.String, "what was seen", allowed=values(State)),
        Column("longest_diameter_mm", pl.Float64, "longest diameter", unit="mm"),
        Column("short_axis_mm", pl.Float64, "short axis of a node", unit="mm"),
        Column("perpendicular_mm", pl.Float64, "longest perpendicular to the longest diameter", unit="mm"),
        Column("change_from_previous", pl.String, "reader's word against the previous scan", allowed=values(Change)),
        Column("indistinct_before", pl.Boolean, "the reader: it was there, but indistinct, when called absent"),
        Column("other_lesion_id", pl.String, "lesion merged into, or split from"),
        Column("method", pl.String, "imaging method"),
        Column("slice_thickness_mm", pl.Float64, "slice thickness of the scan (R11-BL-01)", unit="mm"),
        Column("not_done_reason", pl.String, "why there is no value"),
        Column("read_date", pl.Date, "when the reader recorded it, where that is sent (READDTC of SUPPTR or SUPPRS)"),
        *SOURCE,
    ),
)

RECORDED_RESPONSE = Table(
    name="core.recorded_response",
    meaning="Responses as the readers recorded them, one row per component",
    key=("study_id", "subject_id", "evaluator", "criterion", "timepoint", "component"),
    columns=(
        *SUBJECT_KEY,
        *READER,
        Column("criterion", pl.String, "response criterion id, e.g. RECIST 1.1"),
        Column("timepoint", pl.Int32, "number of the assessment after baseline (1 = first)"),
        Column("visit", pl.String, "visit name as received"),
        Column("assessment_date", pl.Date, "date of the response"),
        Column("component", pl.String, "part of the disease", allowed=values(Component)),
        Column("response", pl.String, "response in the criterion's codes"),
        Column("read_date", pl.Date, "when the reader recorded it, where that is sent (READDTC of SUPPTR or SUPPRS)"),
        *SOURCE,
    ),
)

RECORDED_SUM = Table(
    name="core.recorded_sum",
    meaning="Sums of diameters as the readers recorded them",
    key=("study_id", "subject_id", "evaluator", "timepoint"),
    columns=(
        *SUBJECT_KEY,
        *READER,
        Column("timepoint", pl.Int32, "0 = baseline, 1 = first assessment after it"),
        Column("sum_mm", pl.Float64, "recorded sum of diameters", unit="mm"),
        Column("pct_from_baseline", pl.Float64, "recorded change of the sum from baseline (PCBSD)", unit="%"),
        Column("pct_from_nadir", pl.Float64, "recorded change of the sum from the nadir (PCNSD)", unit="%"),
        *SOURCE,
    ),
)

THERAPY = Table(
    name="core.therapy",
    meaning="Study treatment, new anticancer therapy, and other therapies that PET checks ask for (Q-09 to Q-12)",
    key=("study_id", "subject_id", "source_sha256", "source_record"),
    columns=(
        *SUBJECT_KEY,
        Column(
            "category", pl.String, "what it is", allowed=("STUDY TREATMENT", "ANTI-CANCER THERAPY", "OTHER THERAPY")
        ),
        Column("therapy", pl.String, "name of the therapy"),
        Column("start_date", pl.Date, "start"),
        Column("end_date", pl.Date, "end"),
        *SOURCE,
    ),
)

CLINICAL_STATUS = Table(
    name="core.clinical_status",
    meaning="Clinical status, with which an unconfirmed progression is judged (IR-05, IR-07, IP-8, DT-07)",
    key=("study_id", "subject_id", "assessment_date"),
    columns=(
        *SUBJECT_KEY,
        Column("assessment_date", pl.Date, "date of the clinical assessment"),
        Column("visit", pl.String, "visit name as received"),
        Column("ecog", pl.Int32, "ECOG performance status, 0 to 5"),
        Column("clinically_stable", pl.Boolean, "no worse performance status, no relevant new symptom (IR-07)"),
        Column("new_symptoms", pl.Boolean, "new symptoms or signs that led to the scan"),
        Column("clinical_progression", pl.Boolean, "symptomatic deterioration or clinical progression (SYMPTDTR)"),
        Column("rapid_deterioration", pl.Boolean, "rapid clinical decline that ends the waiting period (IRC-12)"),
        Column("treatment_stopped", pl.Boolean, "study treatment was stopped because of it"),
        *SOURCE,
    ),
)

LABORATORY = Table(
    name="core.laboratory",
    meaning="Laboratory results, one row per subject, test and sample",
    key=("study_id", "subject_id", "test", "collection_date", "source_sha256", "source_record"),
    columns=(
        *SUBJECT_KEY,
        Column("test", pl.String, "test by its CDISC code (LBTESTCD): NEUT, LYM, WBC, PLAT, LDH, GLUC, ..."),
        Column("visit", pl.String, "visit name as received"),
        Column("collection_date", pl.Date, "date of the sample"),
        Column("value", pl.Float64, "result in the standard unit"),
        Column("unit", pl.String, "standard unit"),
        Column("value_received", pl.String, "result as received"),
        Column("unit_received", pl.String, "unit as received"),
        Column("lower_limit", pl.Float64, "lower limit of the reference range, in the standard unit"),
        Column("upper_limit", pl.Float64, "upper limit of the reference range, in the standard unit"),
        *SOURCE,
    ),
)

INJECTION = Table(
    name="core.injection",
    meaning="The injection log: one row per lesion and injection (metabolic rule book 8.3)",
    key=("study_id", "subject_id", "lesion_id", "injection_datetime", "source_sha256", "source_record"),
    columns=(
        *SUBJECT_KEY,
        Column("visit_number", pl.Int32, "number of the treatment visit, 1 = first"),
        Column("injection_datetime", pl.Datetime("us"), "when; midnight where only the date is known"),
        Column("lesion_id", pl.String, "lesion, as in core.measurement"),
        Column("agent", pl.String, "what was injected"),
        Column("lot", pl.String, "lot"),
        Column("concentration", pl.Float64, "concentration in concentration_unit"),
        Column("concentration_unit", pl.String, "unit of the concentration, e.g. PFU/mL"),
        Column("planned_volume_ml", pl.Float64, "planned volume", unit="ml"),
        Column("delivered_volume_ml", pl.Float64, "delivered volume", unit="ml"),
        Column("dose", pl.Float64, "dose in dose_unit"),
        Column("dose_unit", pl.String, "unit of the dose, e.g. PFU"),
        Column("lesion_diameter_mm", pl.Float64, "diameter of the lesion at the injection", unit="mm"),
        Column("is_new_lesion", pl.Boolean, "the lesion is new since the last injection visit"),
        Column("axis", pl.String, "which diameter", allowed=("LONGEST", "SHORT")),
        Column("measured_on", pl.String, "modality of that measurement"),
        Column("measured_on_uid", pl.String, "SOP Instance UID of that measurement"),
        Column("guidance", pl.String, "guidance", allowed=("US", "CT", "MR", "PALPATION", "SURGICAL")),
        Column("operator", pl.String, "operator's identifier"),
        Column("needle_gauge", pl.Int32, "gauge of the needle"),
        Column("needle_passes", pl.Int32, "passes of the needle"),
        Column("anaesthesia", pl.String, "anaesthesia"),
        Column("adjunct", pl.String, "displacement", allowed=("HYDRODISSECTION", "CARBODISSECTION", "NONE")),
        Column("contrast_coinjected", pl.Boolean, "contrast agent was injected with it"),
        Column("fiducial", pl.Boolean, "a fiducial marker was placed"),
        Column("complication", pl.String, "NONE, BLEEDING, PNEUMOTHORAX, LEAK, NON_TARGET_INJECTION or OTHER"),
        Column("complication_grade", pl.Int32, "grade (CTCAE)"),
        Column("post_image_uid", pl.String, "image after the injection (SOP Instance UID)"),
        Column("key_image_uid_pre", pl.String, "key image before the injection (SOP Instance UID)"),
        Column("key_image_pre_date", pl.Date, "date of that image"),
        Column("key_image_uid_baseline", pl.String, "key image at baseline (SOP Instance UID)"),
        Column("key_image_baseline_date", pl.Date, "date of that image"),
        *SOURCE,
    ),
)

FORM_TABLES = (
    *(SUBJECT, SUBJECT_GROUP, VISIT, MEASUREMENT, RECORDED_RESPONSE, RECORDED_SUM, THERAPY),
    *(CLINICAL_STATUS, LABORATORY, INJECTION),
)
TABLES = (LANDING_FILE, LANDING_EVENT, LANDING_FEED, REJECT, *FORM_TABLES)
