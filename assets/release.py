"""Release: the immutable file that users read, published when the inputs are others than those of the current one."""

import getpass
from hashlib import sha256

import dagster as dg
import polars as pl

from assets.code_version import code_version
from assets.core import FORM_TABLES
from assets.partitions import studies
from assets.reporting import materialized, spec
from assets.session import StudySession
from assets.tables import TABLES
from ingestion.forms.received import STAGE as FORM_STAGE
from ingestion.landing import has_news
from protocol.study import Study
from quality.blinding import blinded_quality
from quality.operations import OperationsError, operations_of
from quality.run import blocking_failures
from quality.study_rules import rule_texts
from warehouse.audit import Event, record
from warehouse.blinding import blinded
from warehouse.errors import WarehouseError
from warehouse.failures import forget
from warehouse.fingerprint import input_fingerprint
from warehouse.releases import Releases, contents, release_id_at
from warehouse.store import Warehouse

RELEASE = "audit.release"
SCHEMAS = ("landing", "raw", "core", "analysis", "mart", "quality", "audit")
FORM_PREFIX = "core.form_"
"""Tables of what forms say; the core tables that they are merged into are inputs of a release."""

INPUTS = tuple(
    table.name
    for table in TABLES
    if table.name.split(".")[0] in ("core", "analysis", "mart", "quality") and not table.name.startswith(FORM_PREFIX)
)


def fingerprint(study: Study, warehouse: Warehouse) -> str:
    """The hash over all that a release of the study is made from: files, protocol, rules, code, people's answers."""
    protocol = study.protocol_file.read_text(encoding="utf-8") + rule_texts(study)
    actions = operations_of(study).action_count(study.name)
    return input_fingerprint(warehouse.frame("landing.file"), protocol, code_version(), actions)


def release_with_same_inputs(study: Study) -> str | None:
    """The current release when its inputs are the files and the protocol that are there now; costs a stat a file.

    None for a study with a server: only a refresh asks that for news.
    """
    current = Releases(study.releases).current()
    if current is None or not study.working_file.is_file() or study.protocol.ingestion.dicomweb is not None:
        return None
    try:
        with Warehouse(study.working_file, TABLES, study_id=study.name) as warehouse:
            news = has_news(study.incoming, warehouse.frame("landing.file"))
            same = not news and current.input_fingerprint == fingerprint(study, warehouse)
    except (WarehouseError, OperationsError):
        return None
    return current.release_id if same else None


@dg.multi_asset(specs=[spec(RELEASE, INPUTS, {"file"})], partitions_def=studies, name="release")
def release(session: dg.ResourceParam[StudySession]) -> dg.MaterializeResult:
    """Publishes a release; with the inputs of the current release there is nothing new to publish."""
    with session.warehouse() as warehouse:
        stops = blocking_failures(warehouse.frame("quality.outcome"))
        if stops:
            raise dg.Failure(f"not published: blocking rules failed: {', '.join(stops)}", allow_retries=False)
        emptied = tables_emptied(session.study, warehouse)
        unusable = unusable_forms(warehouse)
        if emptied and unusable:
            raise dg.Failure(
                f"not published: {', '.join(emptied)} had rows in the current release and has none now, and "
                f"{', '.join(unusable)} cannot be used (see raw.reject in the working file); send the file again, or "
                "take it out of incoming/",
                allow_retries=False,
            )
        inputs = fingerprint(session.study, warehouse)
        current = Releases(session.study.releases).current()
        forget(session.study)
        if current is not None and current.input_fingerprint == inputs:
            return materialized(RELEASE, 0, published=False, release=current.release_id, reason="nothing new")
        published = publish(session, warehouse, inputs)
        return materialized(RELEASE, 1, published=True, release=published)


def tables_emptied(study: Study, warehouse: Warehouse) -> list[str]:
    """Core tables of the forms that lost all their rows since the current release."""
    current = Releases(study.releases).current()
    if current is None:
        return []
    before = contents(current)
    names = (*FORM_TABLES, "core.measurement")
    return [name for name in names if name in before and before[name].rows and warehouse.frame(name).is_empty()]


def unusable_forms(warehouse: Warehouse) -> list[str]:
    """Names of the current form files that cannot be used as a whole."""
    whole = warehouse.frame("raw.reject").filter((pl.col("stage") == FORM_STAGE) & pl.col("source_record").is_null())
    return whole["source_name"].drop_nulls().unique().sort().to_list()


def publish(session: StudySession, warehouse: Warehouse, inputs: str) -> str:
    """Publish the working file; of a blinded study the open release without arms, and one with them for its owner."""
    study = session.study
    release_id = release_id_at(session.started_at)
    outcomes = warehouse.frame("quality.outcome").select("rule_id", "status", "failed").to_dicts()
    manifest = {
        "code_version": code_version(),
        "protocol_sha256": sha256(study.protocol_file.read_bytes()).hexdigest(),
        "run_id": session.run_id,
        "data_cutoff": str(study.protocol.data_cutoff) if study.protocol.data_cutoff else None,
        "blinded": study.protocol.blinding.blinded,
        "checks": outcomes,
    }
    event = Event(
        at=session.started_at,
        actor=getpass.getuser(),
        system=f"nadir {code_version()}",
        object=f"release {release_id}",
        new=inputs,
        reason="refresh with new inputs",
        run_id=session.run_id,
    )
    record(warehouse, [event])
    if study.protocol.blinding.blinded:
        study.unblinded_releases.mkdir(mode=0o700, exist_ok=True)
        Releases(study.unblinded_releases).publish(
            warehouse,
            release_id=release_id,
            input_fingerprint=inputs,
            manifest={**manifest, "blinded": False},
            schemas=SCHEMAS,
        )
    Releases(study.releases).publish(
        warehouse,
        release_id=release_id,
        input_fingerprint=inputs,
        manifest=manifest,
        schemas=SCHEMAS,
        instead=without_treatment(warehouse) if study.protocol.blinding.blinded else {},
    )
    return release_id


def without_treatment(warehouse: Warehouse) -> dict[str, pl.DataFrame]:
    """The tables of a blinded release that differ from the working file's, by name."""
    names = ("quality.finding", "quality.query", "quality.query_event", "quality.rule")
    findings, queries, events, rules = (warehouse.frame(name) for name in names)
    return {**blinded(warehouse), **blinded_quality(findings, queries, events, rules)}
