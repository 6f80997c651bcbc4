"""From received SDTM frames to the canonical tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from criteria.vocabulary import Component
from ingestion.forms import codes
from ingestion.forms.clinical import clinical_status
from ingestion.forms.dates import Imputation, date_checks
from ingestion.forms.groups import subject_groups
from ingestion.forms.injections import first_injections, injections, sift_injections
from ingestion.forms.laboratory import laboratory
from ingestion.forms.lesion_treatments import local_therapies
from ingestion.forms.measurements import measurements
from ingestion.forms.pet_lesions import pet_lesions
from ingestion.forms.responses import recorded_responses, sift_responses
from ingestion.forms.results import sift_tests
from ingestion.forms.sifting import SHEET, join_rejects, no_rows, rejects_of, sift, subject_checks, with_columns_of
from ingestion.forms.subjects import sift_dispositions, sift_subjects, subjects_table, with_reference_dates
from ingestion.forms.sums import percentages, recorded_sums
from ingestion.forms.supplements import with_qualifiers
from ingestion.forms.therapies import therapies
from ingestion.forms.tumours import LESION, sift_tumours
from ingestion.forms.visits import AssessmentRecords, number_visits, sift_subject_visits, visit_number_check
from ingestion.reject import Parsed, no_rejects
from protocol.form_names import SUPPLEMENT
from protocol.model import Grouping

READ_DATE = "READDTC"
VISIT_COLUMNS = ("USUBJID", "VISITNUM", "VISIT", "VISITDY")
COLUMNS: dict[str, tuple[str, ...]] = {
    "DM": ("USUBJID",),
    "TU": (*VISIT_COLUMNS, "TUTESTCD", "TULNKID", "TUDTC"),
    "TR": (
        *VISIT_COLUMNS,
        *("TRTESTCD", "TRGRPID", "TRLNKID", "TRORRES", "TRORRESU", "TRSTRESC", "TRSTRESN", "TRSTRESU", "TRSTAT"),
        *("TRREASND", "TRREASNE", "TRMETHOD", "TREVAL", "TREVALID", "TRACPTFL", "TRDTC", "INDISTFL", "SLICETHK"),
        READ_DATE,
    ),
    "RS": (
        *VISIT_COLUMNS,
        *("RSTESTCD", "RSCAT", "RSORRES", "RSSTRESC", "RSSTRESN", "RSSTAT", "RSEVAL", "RSEVALID", "RSACPTFL", "RSDTC"),
        READ_DATE,
    ),
    "CM": ("USUBJID", "CMTRT", "CMCAT", "CMSCAT", "CMSTDTC", "CMENDTC"),
    "DS": ("USUBJID", "VISIT", "DSCAT", "DSSCAT", "DSDECOD", "DSTERM", "DSSTDTC"),
    "EX": ("USUBJID", "EXTRT", "EXSTDTC", "EXENDTC"),
    "SV": (*VISIT_COLUMNS, "SVOCCUR", "SVREASOC", "SVREASND", "SVSTDTC", "SVENDTC"),
    "LB": (
        *VISIT_COLUMNS,
        *("LBTESTCD", "LBORRES", "LBORRESU", "LBSTRESC", "LBSTRESN", "LBSTRESU", "LBSTAT", "LBDTC"),
        *("LBORNRLO", "LBORNRHI", "LBSTNRLO", "LBSTNRHI"),
    ),
    "PR": ("USUBJID", "PRTRT", "PRCAT", "PRSCAT", "PRLNKID", "PROCCUR", "PRSTDTC", "PRENDTC"),
    "QS": ("USUBJID", "VISIT", "QSTESTCD", "QSCAT", "QSORRES", "QSSTRESC", "QSSTRESN", "QSSTAT", "QSDTC"),
}

PET_LESION_OF = ("USUBJID", "evaluator", "TRLNKID")


@dataclass(frozen=True, slots=True)
class TemplateEvidence:
    """What nadir's own forms say that SDTM records are read beside.

    ``subjects`` are rows like DM's (`sift_subjects`), ``dated`` frames of USUBJID and --DTC by name (the subject was
    alive on these dates), ``therapies`` rows of `ingestion.tables.THERAPY`, ``injections`` first injections by lesion.
    """

    subjects: pl.DataFrame
    dated: Mapping[str, pl.DataFrame]
    therapies: pl.DataFrame
    injections: pl.DataFrame


def sdtm_tables(
    study_id: str,
    received: Mapping[str, pl.DataFrame],
    evidence: TemplateEvidence,
    *,
    cohort_column: str | None = None,
    groupings: Sequence[Grouping] = (),
    baseline_visits: Sequence[str] = (),
    data_cutoff: date | None = None,
    default_criterion: str = "RECIST 1.1",
    criterion_names: Mapping[str, str] | None = None,
    pd_impute: Imputation = "first",
    resp_impute: Imputation = "last",
) -> dict[str, Parsed]:
    """The canonical tables by name (``core.`` left out) from the received SDTM frames, one a domain.

    Records of a subject need a DM record, or one in ``evidence``. ``pd_impute`` completes partial dates of progressions
    and new anticancer therapy, ``resp_impute`` of responses (DT-06). Raises nothing for bad rows: they become rejects.
    """
    qualified = {domain: _qualified(received, domain, study_id) for domain in COLUMNS}
    frames = {domain: parsed.frame for domain, parsed in qualified.items()}
    demographics = pl.concat([frames["DM"], evidence.subjects], how="diagonal")
    dm, dm_rejects = sift_subjects(demographics, study_id=study_id, data_cutoff=data_cutoff)
    ds, ds_rejects = sift_dispositions(frames["DS"], dm, study_id=study_id, data_cutoff=data_cutoff)
    referenced = with_reference_dates(dm, ds, frames["EX"])
    references = referenced.select("USUBJID", "reference_date")
    therapy = therapies(
        frames["EX"],
        frames["CM"],
        frames["PR"],
        references,
        study_id=study_id,
        data_cutoff=data_cutoff,
        pd_impute=pd_impute,
    )
    clinical = clinical_status(
        frames["RS"], frames["QS"], ds, references, study_id=study_id, data_cutoff=data_cutoff, pd_impute=pd_impute
    )
    subject = subjects_table(
        referenced,
        ds,
        pl.concat([therapy.frame, evidence.therapies]),
        {**received, **evidence.dated},
        study_id=study_id,
        cohort_column=cohort_column,
        data_cutoff=data_cutoff,
    )
    tu, tu_rejects = _located(frames["TU"], "TU", references, study_id, "core.measurement", data_cutoff)
    tumours, role_rejects = sift_tumours(tu, study_id=study_id, stage="core.measurement")
    tr, tr_rejects = _located(frames["TR"], "TR", references, study_id, "core.measurement", data_cutoff)
    tests, test_rejects = sift_tests(tr, study_id=study_id)
    responses, rs_rejects = sift_responses(
        frames["RS"],
        study_id=study_id,
        default_criterion=default_criterion,
        criterion_names=criterion_names or {},
    )
    not_best = pl.col("component") != Component.BEST
    rs, place_rejects = _located(
        responses, "RS", references, study_id, "core.recorded_response", data_cutoff, needed=not_best
    )
    sv, sv_rejects = sift_subject_visits(frames["SV"], references, study_id=study_id, data_cutoff=data_cutoff)
    records = AssessmentRecords(tr=tests, tu=tumours, rs=rs.filter(not_best), sv=sv)
    visit = number_visits(records, references, study_id=study_id, baseline_visits=baseline_visits)
    known_dates = records.known_dates()
    given, injection_rejects = sift_injections(frames["PR"], references, study_id=study_id, data_cutoff=data_cutoff)
    injection = injections(given, study_id=study_id)
    local, local_rejects = local_therapies(frames["PR"], references, study_id=study_id)
    is_sum, on_pet = pl.col("test") == codes.SUM_TEST, pl.col("test").is_in(codes.PET_TESTS)
    measured = tests.filter(~is_sum & ~on_pet)
    uptake = tests.filter(on_pet)
    only_on_pet = tumours.join(uptake, left_on=LESION, right_on=PET_LESION_OF, how="semi").join(
        measured, left_on=LESION, right_on=PET_LESION_OF, how="anti"
    )
    measurement = measurements(
        measured,
        visit,
        sv,
        tumours=tumours.join(only_on_pet.select(LESION).unique(), on=LESION, how="anti"),
        injections=first_injections(given, evidence.injections),
        local_therapies=local,
        known_dates=known_dates,
        study_id=study_id,
    )
    pet_lesion = pet_lesions(uptake, visit, tumours=tumours, known_dates=known_dates, study_id=study_id)
    response = recorded_responses(
        rs, visit, known_dates, study_id=study_id, pd_impute=pd_impute, resp_impute=resp_impute
    )
    laboratory_results = laboratory(frames["LB"], references, study_id=study_id, data_cutoff=data_cutoff)
    of_tumours = [*(qualified[domain].rejects for domain in ("TU", "TR")), tu_rejects, role_rejects, tr_rejects]
    of_therapies = [qualified[domain].rejects for domain in ("CM", "EX", "PR", "DS")]
    return {
        "subject": Parsed(subject, join_rejects([qualified["DM"].rejects, dm_rejects, ds_rejects])),
        "subject_group": subject_groups(dm, groupings, study_id=study_id),
        "visit": Parsed(visit, join_rejects([qualified["SV"].rejects, sv_rejects])),
        "measurement": Parsed(
            measurement.frame, join_rejects([*of_tumours, test_rejects, local_rejects, measurement.rejects])
        ),
        "recorded_response": Parsed(
            response.frame, join_rejects([qualified["RS"].rejects, rs_rejects, place_rejects, response.rejects])
        ),
        "recorded_sum": recorded_sums(tests.filter(is_sum), visit, percentages(tr), study_id=study_id),
        "therapy": Parsed(therapy.frame, join_rejects([*of_therapies, therapy.rejects])),
        "clinical_status": Parsed(clinical.frame, join_rejects([qualified["QS"].rejects, clinical.rejects])),
        "laboratory": Parsed(
            laboratory_results.frame, join_rejects([qualified["LB"].rejects, laboratory_results.rejects])
        ),
        "injection": Parsed(injection.frame, join_rejects([injection_rejects, injection.rejects])),
        "pet_lesion": pet_lesion,
    }


def _qualified(received: Mapping[str, pl.DataFrame], domain: str, study_id: str) -> Parsed:
    """A domain's rows with the columns that are read and its supplemental qualifiers; empty when not received."""
    rows = with_columns_of(received.get(domain, no_rows()), (*COLUMNS[domain], SHEET))
    qualifiers = received.get(SUPPLEMENT + domain)
    if qualifiers is not None:
        qualifiers = with_columns_of(qualifiers, (SHEET,))
    return with_qualifiers(rows, qualifiers, study_id=study_id, stage=f"raw.{domain.lower()}")


def _located(
    rows: pl.DataFrame,
    domain: str,
    subjects: pl.DataFrame,
    study_id: str,
    stage: str,
    cutoff: date | None,
    needed: pl.Expr | None = None,
) -> Parsed:
    """Rows of a known subject, with a visit number where ``needed``, not after the cut-off; adds number and reader."""
    after_cutoff = date_checks(f"{domain}DTC", cutoff)[2:]
    checks = (
        *subject_checks(subjects),
        *([visit_number_check(domain, needed)] if domain != "TU" else []),
        *after_cutoff,
    )
    kept, rejects = sift(rows, checks, study_id=study_id, stage=stage)
    kept, undated = _read_dates(kept, study_id, stage)
    reader = with_columns_of(kept, (f"{domain}EVAL", f"{domain}EVALID", f"{domain}ACPTFL"))
    return Parsed(
        reader.with_columns(
            codes.role_of_reader(domain),
            codes.evaluator(domain),
            codes.accepted(domain),
            visit_number=codes.number("VISITNUM"),
        ),
        join_rejects([rejects, undated]),
    )


def _read_dates(rows: pl.DataFrame, study_id: str, stage: str) -> Parsed:
    """A read date that is none becomes null and leaves a reject; the record stays."""
    if READ_DATE not in rows.columns:
        return Parsed(rows, no_rejects())
    rejects = []
    for check in date_checks(READ_DATE):
        wrong = check.wrong.fill_null(False)
        rejects.append(rejects_of(rows.filter(wrong), check, study_id=study_id, stage=stage))
        rows = rows.with_columns(pl.when(~wrong).then(READ_DATE))
    return Parsed(rows, join_rejects(rejects))
