"""From responses that readers recorded to best responses and times to event, against admiralonco in R."""

from __future__ import annotations

from benchmarks import cohort
from benchmarks.measure import Cost, cost, in_child
from benchmarks.report import Section
from criteria.best_response import best_responses
from criteria.event_time import event_times
from criteria.recorded import recorded_timepoint_responses
from criteria.registry import CRITERIA

ADMIRALONCO_CPU_SECONDS = 54.0
"""admiralonco 1.4.0 in R, 10,000 subjects, CPU time on a 2-core machine; measured once, not in this run."""

SUBJECTS = 10_000
QUICK_SUBJECTS = 300
GOAL = 100
REPEATS = 3


def run(quick: bool) -> Section:
    """Measure the parameters of one cohort of recorded responses."""
    subjects = QUICK_SUBJECTS if quick else SUBJECTS
    found, gigabytes = in_child(_measured, subjects)
    expected = ADMIRALONCO_CPU_SECONDS * subjects / SUBJECTS
    times = expected / found.cpu
    verdict = "not judged at this size" if subjects < SUBJECTS else "reached" if times >= GOAL else "missed"
    return Section(
        title="Collected responses: parameters and times to event",
        intro=(
            "Ten RECIST 1.1 responses a subject as the reader recorded them, to best response without and with "
            "confirmation, first responses, progression-free survival, duration of and time to response. The reference "
            f"is admiralonco 1.4.0 in R with {ADMIRALONCO_CPU_SECONDS:.0f} s of CPU for {SUBJECTS:,} subjects on a "
            "2-core machine, in proportion for fewer: a stated constant, not measured in this run."
        ),
        header=("subjects", "wall, s", "CPU, s", "reference CPU, s", "times as fast", "peak memory, GB"),
        rows=(
            (
                f"{subjects:,}",
                f"{found.wall:.2f}",
                f"{found.cpu:.2f}",
                f"{expected:.1f}",
                f"{times:.0f}",
                f"{gigabytes:.2f}",
            ),
        ),
        outcome=f"Goal: at least {GOAL} times as fast; {verdict}.",
    )


def _measured(subjects: int) -> Cost:
    people, recorded = cohort.subjects(subjects), cohort.collected_responses(subjects)
    declared = CRITERIA["RECIST 1.1"]

    def parameters() -> None:
        responses = recorded_timepoint_responses(recorded, declared, people)
        best = best_responses(responses, declared, people)
        event_times(responses, best, declared, people)

    return cost(parameters, REPEATS)
