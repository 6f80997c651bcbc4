"""From received frames, SDTM domains and nadir's own forms in any mixture, to the canonical tables of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date

import polars as pl

from ingestion.forms.dates import Imputation
from ingestion.forms.sdtm import sdtm_tables
from ingestion.forms.sifting import join_rejects
from ingestion.forms.templates.evidence import evidence_of, template_subjects
from ingestion.forms.templates.placed import with_missed_visits, with_own_injections, with_visits_of_reads
from ingestion.forms.templates.tables import template_tables
from ingestion.forms.united import united, united_subjects
from ingestion.pet_tables import PET_LESION, PET_REFERENCE, PET_SCAN
from ingestion.reject import Parsed
from ingestion.tables import FORM_TABLES, SUBJECT
from protocol.model import Grouping

TABLES = {table.name.split(".", 1)[1]: table for table in (*FORM_TABLES, PET_SCAN, PET_LESION, PET_REFERENCE)}


@dataclass(frozen=True, slots=True)
class Forms:
    """The canonical tables of a study's forms, each with what could not be used (`TABLES`)."""

    subject: Parsed
    subject_group: Parsed
    visit: Parsed
    measurement: Parsed
    recorded_response: Parsed
    recorded_sum: Parsed
    therapy: Parsed
    clinical_status: Parsed
    laboratory: Parsed
    injection: Parsed
    pet_scan: Parsed
    pet_lesion: Parsed
    pet_reference: Parsed

    @property
    def rejects(self) -> pl.DataFrame:
        """All rejects in one frame."""
        return join_rejects(getattr(self, field.name).rejects for field in fields(self))


def canonical(
    study_id: str,
    received: Mapping[str, pl.DataFrame],
    *,
    cohort_column: str | None = None,
    groupings: Sequence[Grouping] = (),
    baseline_visits: Sequence[str] = (),
    data_cutoff: date | None = None,
    default_criterion: str = "RECIST 1.1",
    criterion_names: Mapping[str, str] | None = None,
    pd_impute: Imputation = "first",
    resp_impute: Imputation = "last",
) -> Forms:
    """The canonical form tables of a study from its received frames (one per form, `transfers.transferred`).

    ``cohort_column`` names the column of DM or SUPPDM that holds the cohort, ``groupings`` those of subgroups and
    strata; ``baseline_visits`` are the visits that are baseline; records after ``data_cutoff`` are rejected;
    ``default_criterion`` stands for an empty RSCAT or criterion, and ``criterion_names`` translates foreign names of
    criteria. ``pd_impute`` completes partial dates of progressions and new anticancer therapy in SDTM, ``resp_impute``
    of responses (DT-06). Where an SDTM record and a row of a template have the same key, the SDTM record stays. Raises
    nothing for bad rows: they become rejects.
    """
    names = criterion_names or {}
    own_subjects = template_subjects(study_id, received, data_cutoff)
    templates = template_tables(
        study_id, received, own_subjects, data_cutoff=data_cutoff, default_criterion=default_criterion, names=names
    )
    sdtm = sdtm_tables(
        study_id,
        received,
        evidence_of(received, own_subjects.frame, templates),
        cohort_column=cohort_column,
        groupings=groupings,
        baseline_visits=baseline_visits,
        data_cutoff=data_cutoff,
        default_criterion=default_criterion,
        criterion_names=names,
        pd_impute=pd_impute,
        resp_impute=resp_impute,
    )
    templates = with_missed_visits(with_visits_of_reads(templates, sdtm["visit"].frame))
    templates = with_own_injections(templates, sdtm["injection"].frame)
    made = {
        name: united(table, sdtm.get(name), templates.get(name), study_id=study_id)
        for name, table in TABLES.items()
        if table is not SUBJECT
    }
    subject = united_subjects(sdtm["subject"], own_subjects)
    return Forms(subject=subject, **made)
