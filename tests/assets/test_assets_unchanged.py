"""What may be passed over by a refresh is a function of tables and protocol alone."""

from __future__ import annotations

import inspect

import dagster as dg
import pytest

from assets.definitions import ASSETS


@pytest.mark.parametrize("asset", ASSETS, ids=lambda asset: asset.op.name)
def test_what_may_stay_depends_on_tables_and_protocol_alone(asset: dg.AssetsDefinition) -> None:
    """A body that reads the clock, the run, files or the operations database must not be passed over."""
    body = inspect.unwrap(asset.op.compute_fn.decorated_fn)  # type: ignore[union-attr]
    passed_over = body is not asset.op.compute_fn.decorated_fn  # type: ignore[union-attr]
    source = inspect.getsource(body)
    outside = [word for word in ("started_at", "today", "run_id", "operations", ".path", "incoming") if word in source]
    assert not (passed_over and outside)
