"""Injections of talimogene laherparepvec against the volume table and the rules of the visit (8.2)."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from simulation.forms.injection_log import injection_log
from simulation.injections import volume_ml
from simulation.trial import Trial


@pytest.mark.parametrize(
    ("diameter_mm", "ml"),
    [(5.0, 0.1), (5.1, 0.5), (15.0, 0.5), (15.1, 1.0), (25.0, 1.0), (25.1, 2.0), (50.0, 2.0), (50.1, 4.0)],
)
def test_volume_by_diameter(diameter_mm: float, ml: float) -> None:
    """8.2: upper bounds are included."""
    assert volume_ml(np.array([diameter_mm]))[0] == ml


def test_visits_keep_to_the_rules(trial: Trial) -> None:
    """8.2: 4 ml a visit at most, the table's volume a lesion, 1e6 PFU/mL at first and 1e8 later, 3 then 2 weeks."""
    log = injection_log(trial)
    assert log.height > 200
    totals: dict[tuple[str, int], float] = defaultdict(float)
    days: dict[tuple[str, int], object] = {}
    for row in log.iter_rows(named=True):
        assert row["delivered_volume_ml"] <= volume_ml(np.array([row["lesion_diameter_mm"]]))[0]
        assert row["concentration"] == (1e6 if row["visit_number"] == 1 else 1e8)
        assert row["dose"] == pytest.approx(row["concentration"] * row["delivered_volume_ml"])
        assert row["lesion_diameter_mm"] > (15 if row["axis"] == "SHORT" else 10)
        totals[row["subject_id"], row["visit_number"]] += row["delivered_volume_ml"]
        days[row["subject_id"], row["visit_number"]] = row["injection_datetime"].date()
    assert max(totals.values()) <= 4.0 + 1e-9
    for (subject, number), day in days.items():
        earlier = days.get((subject, number - 1))
        if earlier is not None:
            assert (day - earlier).days == (21 if number == 2 else 14)  # type: ignore[operator]


def test_the_largest_lesion_comes_first(trial: Trial) -> None:
    """8.2: at the first visit the largest lesion gets its full volume."""
    log = injection_log(trial)
    for _, visit in log.filter(log["visit_number"] == 1).group_by("subject_id"):
        largest = visit.sort("lesion_diameter_mm", descending=True).row(0, named=True)
        assert largest["delivered_volume_ml"] == volume_ml(np.array([largest["lesion_diameter_mm"]]))[0]
