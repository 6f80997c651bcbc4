"""Landing and raw: files kept by content, forms as received."""

import os
from collections.abc import Iterator

import dagster as dg

from assets.partitions import studies
from assets.reporting import materialized, spec
from assets.session import StudySession
from ingestion.blobs import LandingError
from ingestion.fetching import Fetched, fetch
from ingestion.forms.received import STAGE as FORM_STAGE
from ingestion.forms.transfers import events_of, transferred
from ingestion.kinds import form_history
from ingestion.landing import Landed, land
from ingestion.reject import no_rejects
from protocol.form_names import DOMAINS, TEMPLATES
from warehouse.releases import Releases
from warehouse.store import Warehouse

LANDING, EVENT, FEED = "landing.file", "landing.event", "landing.feed"
CHANGE, TRANSFER = "raw.change", "raw.transfer"
RAW = {f"raw.{form.lower()}": form for form in (*DOMAINS, *TEMPLATES)}


@dg.multi_asset(
    specs=[spec(table, deps=(), kinds={"file"}) for table in (LANDING, EVENT, FEED)],
    partitions_def=studies,
    name="landing",
)
def landing(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Keeps what came into incoming/, or onto the configured server, by its content; no other step looks there."""
    study = session.study
    with session.warehouse() as warehouse:
        warehouse.create()
        Releases(study.releases).restore_audit(warehouse)
        try:
            landed = _land(session, warehouse)
            fetched = _fetch(session, warehouse)
        except LandingError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        rows = [warehouse.query(f"SELECT count(*) FROM {table}").item() for table in (LANDING, EVENT, FEED)]
    yield materialized(LANDING, rows[0], landed.rejects, new=len(landed.new), changed=len(landed.changed))
    yield materialized(EVENT, rows[1], new=landed.events.height)
    problems = fetched.rejects["reason"].to_list() if fetched else []
    yield materialized(FEED, rows[2], fetched=fetched.count if fetched else 0, problems="; ".join(problems))


def _land(session: StudySession, warehouse: Warehouse) -> Landed:
    study = session.study
    landed = land(
        study.name,
        study.incoming,
        study.landing,
        warehouse.frame(LANDING),
        session.started_at,
        limits=study.protocol.ingestion.archives,
        rejects=warehouse.frame("raw.reject"),
    )
    if landed.removed and not landed.manifest["current"].any():
        raise dg.Failure(
            f"{study.incoming} is empty, but {len(landed.removed)} files were received before: is the folder "
            "mounted? A study whose files are all withdrawn is to be moved away as a whole",
            allow_retries=False,
        )
    warehouse.put(LANDING, landed.manifest)
    warehouse.append(EVENT, landed.events)
    warehouse.put_where("raw.reject", landed.rejects, "stage", LANDING)
    return landed


def _fetch(session: StudySession, warehouse: Warehouse) -> Fetched | None:
    study, config = session.study, session.study.protocol.ingestion.dicomweb
    if config is None:
        warehouse.put_where("raw.reject", no_rejects(), "stage", FEED)
        return None
    known, feed = warehouse.frame(LANDING), warehouse.frame(FEED)
    fetched = fetch(study.name, config, study.landing, known, feed, session.started_at, os.environ)
    warehouse.put(LANDING, fetched.manifest)
    warehouse.append(EVENT, fetched.events)
    warehouse.put(FEED, fetched.feed)
    warehouse.put_where("raw.reject", fetched.rejects, "stage", FEED)
    return fetched


@dg.multi_asset(
    specs=[spec(table, deps=(LANDING,), kinds={"form"}) for table in (*RAW, CHANGE, TRANSFER)],
    partitions_def=studies,
    name="raw_forms",
)
def raw_forms(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Reads the forms of all transfers into one table a form, every value as received, and what changed between them.

    SUPP-- stand beside their domains.
    """
    study = session.study
    with session.warehouse() as warehouse:
        events = events_of(study.path, form_history(warehouse.frame(LANDING)))
        found = transferred(study.name, events, study.protocol.forms)
        for form, frame in found.frames.items():
            warehouse.put_received(form.lower(), frame)
        warehouse.keep_received([form.lower() for form in found.frames])
        warehouse.put_where("raw.reject", found.rejects, "stage", FORM_STAGE)
        yield materialized(CHANGE, warehouse.put(CHANGE, found.changes))
        yield materialized(TRANSFER, warehouse.put(TRANSFER, found.transfers))
    for table, form in RAW.items():
        yield materialized(table, found.frames[form].height if form in found.frames else 0)
