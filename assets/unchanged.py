"""Steps that are not repeated while what they read is as it was."""

import json
from collections.abc import Callable, Iterator
from functools import wraps
from hashlib import sha256

import dagster as dg

from assets.code_version import code_version
from assets.session import StudySession
from warehouse.steps import Trace, record_step, results_of_unchanged

Body = Callable[[StudySession], dg.MaterializeResult | Iterator[dg.MaterializeResult]]


def unless_unchanged(body: Body) -> Callable[[StudySession], Iterator[dg.MaterializeResult]]:
    """An asset body that is passed over when protocol, code and the tables that it read are those of its last run.

    For bodies that are functions of tables of the working file and of the protocol alone: nothing of the clock, the
    run, or other files. The tables stay as they are, and Dagster is told the same of them with ``unchanged``.
    """

    @wraps(body)
    def step(session: StudySession) -> Iterator[dg.MaterializeResult]:
        key = _key(session)
        with session.warehouse() as warehouse:
            known = results_of_unchanged(warehouse.connection, body.__name__, key)
        if known is not None:
            for asset, metadata in known:
                yield dg.MaterializeResult(asset_key=dg.AssetKey(asset), metadata={**metadata, "unchanged": True})
            return
        with session.traced() as trace:
            made = body(session)
            results = [made] if isinstance(made, dg.MaterializeResult) else list(made)
        _record(session, body.__name__, key, trace, results)
        yield from results

    return step


def _key(session: StudySession) -> str:
    protocol = session.study.protocol_file.read_text(encoding="utf-8")
    return sha256(json.dumps([protocol, code_version()]).encode()).hexdigest()


def _record(session: StudySession, step: str, key: str, trace: Trace, results: list[dg.MaterializeResult]) -> None:
    told = [[result.asset_key.path, dict(result.metadata or {})] for result in results if result.asset_key]
    with session.warehouse() as warehouse:
        record_step(warehouse.connection, step, key, trace, told)
