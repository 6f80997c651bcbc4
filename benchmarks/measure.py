"""Measuring: wall and CPU time, and the peak memory of a child process of its own."""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

KILOBYTES = 1024 if sys.platform != "darwin" else 1
"""What one unit of ru_maxrss stands for, in bytes."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one call took: seconds of wall clock and of CPU over all threads."""

    wall: float
    cpu: float


def cost(call: Callable[[], object], repeats: int = 1) -> Cost:
    """The median cost of the call over some repeats."""
    costs = [_once(call) for _ in range(repeats)]
    return Cost(statistics.median(c.wall for c in costs), statistics.median(c.cpu for c in costs))


def _once(call: Callable[[], object]) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def in_child(function: Callable[..., Any], *given: Any) -> tuple[Any, float]:
    """The function's result and the peak memory in GB, both of a fresh process that runs nothing else."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_with_peak, function, *given).result()


def _with_peak(function: Callable[..., Any], *given: Any) -> tuple[Any, float]:
    result = function(*given)
    return result, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KILOBYTES / 1e9
