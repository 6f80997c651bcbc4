"""Decision tables: category of targets, non-targets and new lesions to the overall response, as data.

Categories are small integers inside the engine; their names stand here once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int8]

CATEGORIES = ("NA", "NE", "CR", "PR", "SD", "PD", "NON-CR/NON-PD", "NED", "UPD", "CPD")
"""Response categories of the engine; their position is their code. UPD and CPD: unconfirmed, confirmed progression."""

NA, NE, CR, PR, SD, PD, NN, NED, UPD, CPD = (np.int8(code) for code in range(len(CATEGORIES)))

NEW_LESION = ("N", "Y", "EQUIVOCAL", "NE", "MEASURED", "WORSE")
"""New-lesion results of a time point; their position is their code. Decision tables may tell apart, among new lesions,
those MEASURED in the sum, and those outside of it that are unequivocally WORSE."""

NEW_N, NEW_Y, NEW_EQUIVOCAL, NEW_NE, NEW_MEASURED, NEW_WORSE = (np.int8(code) for code in range(len(NEW_LESION)))


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a decision table; an empty set of categories means any."""

    clause: str
    target: tuple[str, ...]
    nontarget: tuple[str, ...]
    new: tuple[str, ...]
    overall: str


class DecisionTable:
    """Rows in order of precedence: the first that fits decides. Every combination must be covered."""

    def __init__(self, *rows: Row) -> None:
        self.rows = rows
        shape = (len(CATEGORIES), len(CATEGORIES), len(NEW_LESION))
        self._overall = np.full(shape, -1, dtype=np.int8)
        self._row = np.full(shape, -1, dtype=np.int8)
        for number, row in reversed(tuple(enumerate(rows))):
            where = np.ix_(
                _codes(row.target, CATEGORIES), _codes(row.nontarget, CATEGORIES), _codes(row.new, NEW_LESION)
            )
            self._overall[where] = CATEGORIES.index(row.overall)
            self._row[where] = number

    def overall(self, target: Codes, nontarget: Codes, new: Codes) -> tuple[Codes, Codes]:
        """Overall category and number of the deciding row for arrays of categories of one shape."""
        return self._overall[target, nontarget, new], self._row[target, nontarget, new]

    def tells(self, new: str) -> bool:
        """Whether some row of progression names that new-lesion result."""
        return any(new in row.new and row.overall == "PD" for row in self.rows)

    @property
    def clauses(self) -> tuple[str, ...]:
        """The clause of every row, by row number."""
        return tuple(row.clause for row in self.rows)


def _codes(names: tuple[str, ...], among: tuple[str, ...]) -> list[int]:
    return [among.index(name) for name in names] if names else list(range(len(among)))
