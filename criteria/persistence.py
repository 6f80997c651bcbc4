"""How a partial response is shown at later time points (section 2.3, ``pr_persistence``)."""

from __future__ import annotations

import numpy as np

from criteria.courses import Courses
from criteria.decision import CPD, CR, NA, NE, PD, PR, SD, UPD
from criteria.declaration import Morphologic
from criteria.evaluated import Evaluation
from criteria.flags import Flag, mark


def with_partial_responses_kept(result: Evaluation, courses: Courses, declared: Morphologic) -> Evaluation:
    """The responses with stable disease after a partial response shown as partial response, until PD or CR.

    With ``pr_persistence`` = literal they stay as they are. Where a response must be confirmed, so must the partial
    response that is kept. What is kept carries a flag, by which best responses and endpoints read it as stable disease.
    """
    if declared.options.pr_persistence == "literal":
        return result
    n, positions = courses.shape
    row = next(number for number, row in enumerate(declared.table.rows) if row.overall == "PR" and "PR" in row.target)
    holds, responding = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    since = np.zeros(n, dtype=np.int64)
    for k in range(1, positions):
        overall, day = result.overall[:, k].copy(), courses.day[:, k]
        live = courses.exists[:, k] & (overall != NA)
        ends = live & np.isin(overall, (PD, UPD, CPD, CR))
        kept = live & holds & (overall == SD)
        result.overall[kept, k], result.table_row[kept, k] = PR, row
        result.target[kept & (result.target[:, k] == SD), k] = PR
        result.flags[:, k] |= mark(kept, Flag.PARTIAL_RESPONSE_KEPT)
        begins = live & (overall == PR) & ~responding
        since = np.where(begins, day, since)
        responding = (responding | begins) & ~(live & ~np.isin(overall, (PR, NE)))
        confirmed = responding & (day - since >= declared.options.confirm_min_days)
        holds |= live & (overall == PR) & (confirmed | (not declared.response_needs_confirmation))
        holds &= ~ends
    return result
