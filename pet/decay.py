"""Radioactive decay (3.3): half-life and times in seconds."""

from __future__ import annotations

import math


def decay_constant(half_life: float) -> float:
    """ln 2 / half-life, 1/s."""
    return math.log(2) / half_life


def in_frame_factor(half_life: float, duration: float) -> float:
    """Activity at the start of a frame over its mean during the frame: lam*T / (1 - exp(-lam*T))."""
    turns = decay_constant(half_life) * duration
    return turns / -math.expm1(-turns) if turns > 0 else 1.0


def average_count_time(half_life: float, duration: float) -> float:
    """Time into a frame at which the count rate equals its average, s; 89.858 s of 180 s for F-18."""
    return math.log(in_frame_factor(half_life, duration)) / decay_constant(half_life)


def growth(half_life: float, seconds: float) -> float:
    """What an activity was ``seconds`` earlier, as a factor: exp(lam * seconds)."""
    return math.exp(decay_constant(half_life) * seconds)
