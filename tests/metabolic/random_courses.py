"""Random courses of PET reads, many of whose values sit on a published threshold."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from tests.metabolic.pet_table import DAY_1

Row = dict[str, Any]
ORGANS = ("lung", "liver", "adrenal", "bone", "skin", None)
FACTORS = (0.7, 1.3, 0.85, 1.155, 0.75, 1.25, 1.0, 0.5, 1.6, 0.69999, 1.30001, 2.0, 0.2)
BASELINES = (2.4, 2.5, 2.55, 2.6, 5.0, 6.0, 6.2, 8.0, 10.0, 12.0)
WIDTHS = (7.0, 10.0, 10.1, 12.0, 15.0, 15.1, 18.0, 20.0, 21.6, 25.0)
VOLUMES = (0.5, 0.52359877559829882, 0.6, 1.7671458676442586, 2.0)
NATURES = (None, None, None, None, None, "TUMOUR", "UNCERTAIN", "IRAE", "INFECTION", "PHYSIOLOGIC", "TREATMENT_EFFECT")
RECIST = ("CR", "PR", "SD", "SD", "SD", "PD", "NE", "NON-CR/NON-PD")


class RandomCourse:
    """One subject: lesion rows, references, cycles, RECIST responses and clinical status."""

    def __init__(self, subject: str, pick: random.Random) -> None:
        self.pick = pick
        self.key = {"study_id": "STUDY", "subject_id": subject, "evaluator": "READER"}
        gaps = [pick.choice((14, 27, 28, 29, 42, 56, 57, 70)) for _ in range(pick.randint(1, 4))]
        self.dates = {0: DAY_1} | {n + 1: DAY_1 + timedelta(days=sum(gaps[: n + 1])) for n in range(len(gaps))}
        self.rows: list[Row] = []
        self.calm = pick.random() < 0.4
        self.by_reader = pick.random() < 0.15
        for number in range(pick.choice((0, 1, 1, 2, 3, 3, 4, 7))):
            self._old(f"L{number}")
        for number in range(pick.choice((0, 0, 0, 1, 1, 2, 3, 4, 5))):
            self._new(f"N{number}")
        self.references = self._references()
        self.cycles = {at: pick.choice((0, 1, 1, 2, 4)) for at in self.dates if at and pick.random() < 0.8}
        self.recist = {at: pick.choice(RECIST) for at in self.dates if at and pick.random() < 0.95}
        self.clinical = self._clinical()

    def _record(self, lesion: str, at: int, organ: str | None, node: bool, **found: Any) -> None:
        place = {"lesion_id": lesion, "timepoint": at, "assessment_date": self.dates[at], "organ": organ}
        self.rows.append(self.key | place | {"is_node": node} | found)

    def _measures(self, value: float) -> Row:
        pick = self.pick
        found: Row = {"sul_peak": value, "suv_max": value * 1.5, "suv_mean_bsa": value * 0.6}
        if pick.random() < 0.6:
            found["functional_diameter_mm"] = pick.choice(WIDTHS)
        if pick.random() < 0.5:
            found["mtv_ml"] = pick.choice(VOLUMES)
        if pick.random() < 0.4:
            found |= {
                "longest_diameter_mm": pick.choice((20.0, 24.0, 25.0, 26.0)),
                "short_axis_mm": pick.choice((15.0, 18.0, 20.0)),
            }
        if pick.random() < 0.5:
            found |= {"tlg_g": pick.choice((20.0, 35.0, 36.0, 40.0)), "mtv_method": "MTV_41", "tlg_basis": "SUL"}
        return found

    def _state(self, value: float) -> Row:
        pick, chance = self.pick, self.pick.random()
        if chance < (0.03 if self.calm else 0.15):
            return {"status": "RESOLVED"}
        if not self.calm and chance < 0.2:
            return {"status": "NE"}
        found: Row = {"status": "PRESENT"}
        if self.calm or chance < 0.95:
            found |= self._measures(value)
        if pick.random() < 0.1:
            found["above_background"] = False
            if "sul_peak" in found and pick.random() < 0.5:
                found["sul_peak"] = pick.choice((1.0, 1.4, 1.5))
        if not self.calm:
            found["nature"] = pick.choice(NATURES)
        return found

    def _old(self, lesion: str) -> None:
        pick = self.pick
        base, organ, node = pick.choice(BASELINES), pick.choice(ORGANS), pick.random() < 0.2
        role = pick.choice(("TARGET", "NON-TARGET", None)) if self.by_reader else None
        start = {"status": "PRESENT", "role": role} | self._measures(base)
        if not self.calm and pick.random() < 0.1:
            start |= {"nature": pick.choice(NATURES), "above_background": pick.choice((False, True, None))}
        if not self.calm and pick.random() < 0.05:
            start = {"status": pick.choice(("NE", "RESOLVED"))}
        self._record(lesion, 0, organ, node, **start)
        gone = False
        for at in list(self.dates)[1:]:
            if not self.calm and pick.random() < 0.06:
                continue
            value = base * pick.choice(FACTORS)
            if pick.random() < 0.1:
                value = base + pick.choice((0.8, -0.8, 0.79, 0.81))
            found = {"status": "RESOLVED"} if gone or (pick.random() < 0.12) else self._state(value)
            gone = gone or (found["status"] == "RESOLVED" and pick.random() < 0.7)
            self._record(lesion, at, organ, node, role=role, **found)

    def _new(self, lesion: str) -> None:
        pick = self.pick
        organ, node, start = pick.choice(ORGANS), pick.random() < 0.3, pick.randint(1, len(self.dates) - 1)
        for at in list(self.dates)[start:]:
            if pick.random() < 0.85:
                self._record(
                    lesion,
                    at,
                    organ,
                    node,
                    role=pick.choice(("NEW", None)),
                    **self._state(pick.choice((2.0, 2.5, 2.6, 3.38, 4.0, 9.0))),
                )

    def _references(self) -> list[Row]:
        pick, found = self.pick, []
        if pick.random() < 0.3:
            return []
        for at in self.dates:
            place = self.key | {"timepoint": at, "assessment_date": self.dates[at]}
            usable = pick.random() < 0.7
            found.append(
                place
                | {"region": "LIVER", "usable": usable, "sul_mean": 1.4, "sul_sd": pick.choice((0.15, 0.15, None))}
            )
            if pick.random() < 0.7:
                found.append(place | {"region": "BLOOD_POOL", "usable": None, "sul_mean": 1.2, "sul_sd": 0.1})
        return found

    def _clinical(self) -> list[Row]:
        pick = self.pick
        if pick.random() < 0.5:
            return []
        return [
            {
                "study_id": "STUDY",
                "subject_id": self.key["subject_id"],
                "assessment_date": DAY_1 + timedelta(days=pick.choice((20, 60, 90, 200))),
                "clinical_progression": pick.choice((True, False, None)),
                "clinically_stable": pick.choice((True, False, None)),
                "treatment_stopped": pick.choice((True, True, False)),
            }
        ]


def many(count: int, seed: int) -> list[RandomCourse]:
    pick = random.Random(seed)
    return [RandomCourse(f"S{number:06}", pick) for number in range(count)]
