"""What only the whole transfer shows: series, paths and subjects that do not go together."""

from __future__ import annotations

import polars as pl

from ingestion.deidentification.texts import signs
from ingestion.deidentification.values import MAJOR, MINOR
from ingestion.dicom.series_kind import Kind
from ingestion.imaging.subject_labels import subjects_of
from protocol.imaging import SubjectLabels

SHOWS_TEXT = ("US", "XA", "RF", "ES", "OT", "SC", "GM", "XC", "OP")
PATH_SIGNS = ("PERSON_NAME", "EMAIL", "NATIONAL_ID", "INSTITUTION")
KEY = ("study_id", "scan_id")


def finding(frame: pl.DataFrame, check: str, attribute: str, severity: str, sentence: pl.Expr) -> pl.DataFrame:
    """The rows of a frame as findings of one check."""
    return frame.with_columns(
        check_name=pl.lit(check), attribute=pl.lit(attribute), severity=pl.lit(severity), sentence=sentence
    )


def subjects_differ(series: pl.DataFrame, ids: pl.Series, rule: SubjectLabels) -> pl.DataFrame:
    """Patient ID and Clinical Trial Subject ID of one series name different subjects, or files differ in them."""
    both = series.select(*KEY, "patient_id", "clinical_trial_subject_id")
    for name in ("patient_id", "clinical_trial_subject_id"):
        known = subjects_of(both[name], ids, rule).rename({"label": name, "subject_id": f"by_{name}"})
        both = both.join(known, on=name, how="left")
    differ = both.filter(pl.col("by_patient_id") != pl.col("by_clinical_trial_subject_id"))
    said = pl.format(
        "Patient ID names subject {}, Clinical Trial Subject ID subject {}",
        "by_patient_id",
        "by_clinical_trial_subject_id",
    )
    several = both.filter(
        pl.any_horizontal(
            pl.col(c).str.contains("\\", literal=True) for c in ("patient_id", "clinical_trial_subject_id")
        )
    )
    return pl.concat(
        [
            finding(differ, "SUBJECT_MISMATCH", "PatientID", MAJOR, said),
            finding(
                several, "SUBJECT_MISMATCH", "files", MAJOR, pl.lit("the files of the series name several patients")
            ),
        ]
    )


def paths(scans: pl.DataFrame, ids: pl.Series, rule: SubjectLabels) -> pl.DataFrame:
    """Paths that name another subject than the header, or hold what looks like a person's name."""
    files = scans.select(*KEY, "source_name", label=pl.coalesce("clinical_trial_subject_id", "patient_id"))
    own = subjects_of(files["label"], ids, rule)
    parts = (
        files.join(own, on="label", how="left").with_columns(part=pl.col("source_name").str.split("/")).explode("part")
    )
    in_path = subjects_of(parts["part"], ids, rule).rename({"label": "part", "subject_id": "in_path"})
    other = parts.join(in_path, on="part").filter(pl.col("in_path") != pl.col("subject_id"))
    telling = [part for part in parts["part"].unique() if any(kind in PATH_SIGNS for kind, _ in signs(part))]
    named = parts.filter(pl.col("part").is_in(telling))
    grouped = [pl.len().alias("files"), pl.col("source_name").min()]
    return pl.concat(
        [
            finding(
                other.group_by(KEY).agg(*grouped, pl.col("in_path", "subject_id").first()),
                "SUBJECT_MISMATCH",
                "path",
                MAJOR,
                pl.format("the path names subject {}, the header subject {}", "in_path", "subject_id"),
            ).drop("in_path", "subject_id"),
            finding(
                named.group_by(KEY).agg(grouped), "PATH", "path", MAJOR, pl.lit("the path holds what looks like a name")
            ),
        ]
    )


def study_dates(scans: pl.DataFrame) -> pl.DataFrame:
    """Series of one DICOM study that differ in Study Date: they were not shifted together."""
    dates = scans.filter(pl.col("study_date").is_not_null() & pl.col("study_instance_uid").is_not_null())
    usual = dates.group_by("study_id", "study_instance_uid").agg(usual=pl.col("study_date").mode().min())
    off = (
        dates.join(usual, on=["study_id", "study_instance_uid"])
        .filter(pl.col("study_date") != pl.col("usual"))
        .group_by(KEY)
        .agg(
            pl.len().alias("files"),
            pl.col("source_name").min(),
            days=(pl.col("study_date") - pl.col("usual")).dt.total_days().first(),
        )
    )
    said = pl.format("Study Date lies {} days from that of the other files of the study", "days")
    return finding(off, "DATES_DIFFER", "StudyDate", MAJOR, said)


def trial(series: pl.DataFrame, subjects: pl.DataFrame, ids: pl.Series, rule: SubjectLabels) -> pl.DataFrame:
    """Protocol and site of the Clinical Trial module that disagree with the study."""
    stated = series.filter(pl.col("clinical_trial_protocol_id").is_not_null())
    usual = stated.group_by("study_id").agg(usual=pl.col("clinical_trial_protocol_id").mode().min())
    protocol = stated.join(usual, on="study_id").filter(pl.col("clinical_trial_protocol_id") != pl.col("usual"))
    labels = series.select(*KEY, "clinical_trial_site_id", label=rule.label)
    sites = (
        labels.join(subjects_of(labels["label"], ids, rule), on="label")
        .join(subjects.select("subject_id", "site"), on="subject_id")
        .filter(pl.col("clinical_trial_site_id") != pl.col("site"))
    )
    return pl.concat(
        [
            finding(
                protocol.select(*KEY, "usual"),
                "TRIAL_MODULE",
                "ClinicalTrialProtocolID",
                MINOR,
                pl.lit("Clinical Trial Protocol ID differs from that of the study's other series"),
            ).drop("usual"),
            finding(
                sites.select(*KEY, "clinical_trial_site_id", "site"),
                "TRIAL_MODULE",
                "ClinicalTrialSiteID",
                MINOR,
                pl.format("Clinical Trial Site ID {} is not the subject's site {}", "clinical_trial_site_id", "site"),
            ).drop("clinical_trial_site_id", "site"),
        ]
    )


def references(scans: pl.DataFrame) -> pl.DataFrame:
    """Objects that refer to instances or series that were not received: not sent yet, or UIDs replaced apart."""
    parts = []
    for column, own, attribute in (
        ("referenced_series_uids", "series_instance_uid", "SeriesInstanceUID"),
        ("referenced_sop_instance_uids", "sop_instance_uid", "ReferencedSOPInstanceUID"),
    ):
        received = pl.concat([scans.select(named=own), scans.select(named="study_instance_uid")]).unique()
        named = (
            scans.select(*KEY, "source_name", named=pl.col(column).str.split("\\")).explode("named").drop_nulls("named")
        )
        lost = named.drop_nulls("named").join(received, on="named", how="anti")
        files = pl.col("source_name").n_unique().alias("files")
        counted = lost.group_by(KEY).agg(files, pl.col("source_name").min(), lost=pl.col("named").n_unique())
        said = pl.format("{} UIDs that it refers to were not received", "lost")
        parts.append(finding(counted, "REFERENCE_NOT_HERE", attribute, MINOR, said).drop("lost"))
    return pl.concat(parts)


def burned_in(series: pl.DataFrame) -> pl.DataFrame:
    """Burned In Annotation is YES, or says nothing of images that often show text."""
    stated = pl.col("burned_in_annotation")
    yes = series.filter(stated.str.contains("YES").fill_null(False))
    silent = series.filter(
        stated.is_null() & ((pl.col("kind") == Kind.SCREENSHOT) | pl.col("modality").is_in(SHOWS_TEXT)).fill_null(False)
    )
    return pl.concat(
        [
            finding(yes.select(KEY), "BURNED_IN", "BurnedInAnnotation", MAJOR, pl.lit("Burned In Annotation is YES")),
            finding(
                silent.select(KEY),
                "BURNED_IN",
                "BurnedInAnnotation",
                MINOR,
                pl.lit("images of this kind often show text, and Burned In Annotation does not say NO"),
            ),
        ]
    )
