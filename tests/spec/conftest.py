"""Every test of the rule book runs against both implementations."""

from __future__ import annotations

import pytest

from tests.spec.evaluate import IMPLEMENTATIONS, Evaluate


@pytest.fixture(params=IMPLEMENTATIONS)
def evaluate(request: pytest.FixtureRequest) -> Evaluate:
    """One implementation."""
    return Evaluate(request.param)
