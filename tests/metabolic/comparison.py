"""The engine against the naive reading on many random courses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from criteria.metabolic.outcomes import all_best_metabolic_responses
from criteria.metabolic.registry import metabolic_criterion
from criteria.metabolic.tables import PET_CHECK
from criteria.metabolic.timepoint import PetReads, metabolic_responses
from criteria.tables import TIMEPOINT_RESPONSE
from ingestion.pet_tables import PET_LESION, PET_REFERENCE, PET_SCAN
from ingestion.tables import CLINICAL_STATUS, RECORDED_RESPONSE, SUBJECT
from tests.metabolic import oracle
from tests.metabolic.pet_table import DAY_1, frame
from tests.metabolic.random_courses import RandomCourse


def together(courses: Sequence[RandomCourse]) -> PetReads:
    """All courses as the frames that the engine takes."""
    scans = [
        {"study_id": "STUDY", "subject_id": c.key["subject_id"], "timepoint": at, "cycles_before": n}
        for c in courses
        for at, n in c.cycles.items()
    ]
    recist = [
        c.key | {"criterion": "RECIST 1.1", "origin": "DERIVED", "timepoint": at, "overall_response": response}
        for c in courses
        for at, response in c.recist.items()
    ]
    subjects = [
        {"study_id": "STUDY", "subject_id": c.key["subject_id"], "reference_date": DAY_1, "first_dose_date": DAY_1}
        for c in courses
    ]
    return PetReads(
        lesions=frame(PET_LESION, [row for c in courses for row in c.rows]),
        references=frame(PET_REFERENCE, [row for c in courses for row in c.references]),
        scans=frame(PET_SCAN, scans),
        checks=PET_CHECK.empty(),
        clinical=frame(CLINICAL_STATUS, [row for c in courses for row in c.clinical]),
        subjects=frame(SUBJECT, subjects),
        recorded=RECORDED_RESPONSE.empty(),
        responses=frame(TIMEPOINT_RESPONSE, recist),
    )


def differences(courses: Sequence[RandomCourse], name: str, **options: Any) -> tuple[Counter[str], Counter[str]]:
    """Kinds of differences with their numbers, and the categories that the naive reading gave."""
    reads, declared = together(courses), metabolic_criterion(name, **options)
    found = metabolic_responses(reads, declared).responses
    engine = {
        (row["subject_id"], row["timepoint"]): (row["overall_response"], row["target_sum"]) for row in found.to_dicts()
    }
    bests = all_best_metabolic_responses(found, reads.lesions, reads.subjects, [declared]).to_dicts()
    best_of = {row["subject_id"]: row["best_response"] for row in bests}
    kinds: Counter[str] = Counter()
    categories: Counter[str] = Counter()
    seen = set()
    for course in courses:
        subject = course.key["subject_id"]
        expected = oracle.responses(
            course.rows, name, course.references, course.cycles, course.recist, course.clinical, options
        )
        for at, (response, total) in expected.items():
            seen.add((subject, at))
            categories[response] += 1
            theirs = engine.get((subject, at))
            if theirs is None:
                kinds[f"scan missing, e.g. {subject} {at}"] += 1
            elif theirs[0] != response:
                kinds[f"{response} expected, {theirs[0]} found, e.g. {subject} {at}"] += 1
            elif options.get("eortc_aggregation") != "WORST_LESION" and not _same(total, theirs[1]):
                kinds[f"aggregate {total} expected, {theirs[1]} found, e.g. {subject} {at}"] += 1
        if subject in best_of and not declared.predictor:
            plain = [(course.dates[at], r.replace("CPMD_CLINICAL", "CPMD")) for at, (r, _) in expected.items()]
            if (wanted := oracle.best(sorted(plain))) != best_of[subject]:
                kinds[f"best {wanted} expected, {best_of[subject]} found, e.g. {subject}"] += 1
    kinds.update(f"scan {key} should not be there" for key in engine.keys() - seen)
    return kinds, categories


def _same(expected: float | None, found: float | None) -> bool:
    if expected is None or found is None:
        return expected is found
    return abs(expected - found) < 1e-9
