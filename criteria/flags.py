"""Remarks on a time point that do not change its category, kept as bits inside the engine."""

from __future__ import annotations

from enum import IntFlag

import numpy as np
import polars as pl

from criteria.reads import Booleans, Integers


class Flag(IntFlag):
    """Why a reader of the table should look twice."""

    NO_BASELINE = 1
    NOT_DONE = 2
    EQUIVOCAL_NEW = 4
    NEW_NOT_EVALUABLE = 8
    BACKDATED = 16
    EARLY_SCAN = 32
    LATE_CONFIRM = 64
    RESET = 128
    POST_PROGRESSION = 256
    SURPLUS_TARGETS = 512
    PARTIAL = 1024
    PARTIAL_RESPONSE_KEPT = 2048
    PET_CONFIRMED = 4096
    CLINICALLY_STABLE = 8192
    CLINICALLY_UNSTABLE = 16384


def mark(where: Booleans, flag: Flag) -> Integers:
    """The flag's bit where the condition holds."""
    return where.astype(np.int64) * np.int64(flag)


def flag_text(bits: Integers) -> pl.Series:
    """Flag names joined by commas, null where there is none."""
    distinct, where = np.unique(bits, return_inverse=True)
    names = [",".join(str(flag.name) for flag in Flag if flag & int(value)) or None for value in distinct]
    return pl.Series("flags", names, dtype=pl.String).gather(where)
