"""Reading without a word: what pydicom warns of has been remarked on by the index already."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from pydicom import config


@contextmanager
def quiet() -> Iterator[None]:
    """Neither warnings nor log messages of pydicom."""
    config.logger.addFilter(_nothing)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        config.logger.removeFilter(_nothing)


def _nothing(record: logging.LogRecord) -> bool:
    return False
