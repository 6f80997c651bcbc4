"""Which lesions a criterion follows by their size: the largest within its limits (R11-BL-03, IRC-02, IRC-03, IT-03)."""

from __future__ import annotations

import numpy as np

from criteria.declaration import Morphologic
from criteria.measures import Selection
from criteria.reads import Booleans, Integers, Records


def largest_within(
    wanted: Booleans, size: Integers, organ: Integers, apart: Booleans, taken: Booleans, selection: Selection
) -> Booleans:
    """The lesions taken, with those ``wanted`` that find a free place; all of the shape (courses, lesions).

    Larger ones come first, then those with the lower identifier. ``apart`` marks the lesions that have a limit of
    their own (of the skin, injected); places of an organ are counted within either kind.
    """
    mine = taken.copy()
    everywhere = np.arange(len(wanted))
    order = np.argsort(-np.where(wanted, size, np.int64(-2)), axis=1, kind="stable")
    own = selection.cutaneous if selection.cutaneous is not None else selection.injected
    total = np.inf if selection.total is None else selection.total
    for place in order.T:
        kind = apart[everywhere, place]
        alike = mine & (apart == kind[:, None])
        free = wanted[everywhere, place] & (alike.sum(axis=1) < np.where(kind, own or 0, total))
        if selection.per_organ is not None:
            of_organ = alike & (organ == organ[everywhere, place][:, None])
            free &= of_organ.sum(axis=1) < selection.per_organ
        mine[everywhere, place] |= free
    return mine


def countable(records: Records, declared: Morphologic) -> Booleans:
    """Lesions that may be followed by size, whatever that is: by the reader's word, else unless treated before.

    Shape (courses, lesions) (R11-BL-04, R11-BL-05, ``prior_local_tx_ok``).
    """
    treated = records.treated_before
    if declared.options.prior_local_tx_ok or declared.treated_lesions_measurable:
        treated = np.zeros_like(treated)
    return (records.measurable == 1) | ((records.measurable != 0) & ~treated)


def chosen_targets(records: Records, size: Integers, organ: Integers, declared: Morphologic) -> Booleans:
    """Lesions read as targets that are targets of this criterion (``target_selection``); shape (courses, lesions).

    The largest at the baseline, within the numbers of the criterion; one without a size there comes last. A fragment
    goes with the lesion that it came from.
    """
    if declared.options.target_selection == "as_read":
        return np.ones_like(records.split_off)
    selection = declared.targets
    whole = (records.first < records.recorded.shape[1]) & ~records.split_off
    eligible = whole & countable(records, declared)
    at_baseline = size[:, 0]
    if selection.strict and selection.minimum_mm:
        enough = declared.measure.is_measurable(records, size, selection)[:, 0]
        eligible &= enough | (at_baseline < 0)
    limits = (selection.total, selection.per_organ, selection.cutaneous, selection.injected)
    fewest = min((limit for limit in limits if limit is not None), default=None)
    chosen = eligible
    if fewest is not None:
        many = np.flatnonzero(eligible.sum(axis=1) > fewest)
        apart = _apart(records, selection)[many]
        chosen = eligible.copy()
        chosen[many] = largest_within(
            eligible[many], at_baseline[many], organ[many], apart, np.zeros_like(apart), selection
        )
    chosen = chosen | ~whole
    if records.split_off.any():
        for _ in range(chosen.shape[1]):
            of_parent = np.take_along_axis(chosen, np.maximum(records.parent, 0), axis=1) | (records.parent < 0)
            chosen = np.where(records.split_off, of_parent, chosen)
    return chosen


def _apart(records: Records, selection: Selection) -> Booleans:
    """Lesions with a limit of their own: of the skin, or injected by the first time point after the baseline."""
    if selection.injected is not None:
        return np.logical_or.reduce(records.injected[:, :2], axis=1)
    return records.cutaneous & np.bool_(selection.cutaneous is not None)
