"""Landing and raw: files kept by content, forms as received."""

import os
from collections.abc import Iterator

import dagster as dg

from assets.partitions import studies
from assets.reporting import materialized, spec
from assets.session import StudySession
from ingestion.blobs import LandingError
from ingestion.fetching import Fetched, fetch
from ingestion.forms.domains import REQUIRED
from ingestion.forms.received import STAGE as FORM_STAGE
from ingestion.forms.received import gather, read_form
from ingestion.kinds import received_forms
from ingestion.landing import Landed, land
from ingestion.reject import no_rejects
from warehouse.releases import Releases
from warehouse.store import Warehouse

LANDING, EVENT, FEED = "landing.file", "landing.event", "landing.feed"
RAW = {f"raw.{domain.lower()}": domain for domain in REQUIRED}


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
    specs=[spec(table, deps=(LANDING,), kinds={"sdtm"}) for table in RAW], partitions_def=studies, name="raw_forms"
)
def raw_forms(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Reads the current forms into one table a domain, every value as received; SUPP-- stand beside their domains."""
    study = session.study
    with session.warehouse() as warehouse:
        received = received_forms(study.path, warehouse.frame(LANDING))
        forms = [read_form(file.path, file.source, study_id=study.name) for file in received]
        domains, rejects = gather(study.name, forms)
        for domain, frame in domains.items():
            warehouse.put_received(domain.lower(), frame)
        warehouse.keep_received([domain.lower() for domain in domains])
        warehouse.put_where("raw.reject", rejects, "stage", FORM_STAGE)
    remarks = {form.domain: form.remarks for form in forms if form.remarks}
    for table, domain in RAW.items():
        rows = domains[domain].height if domain in domains else 0
        yield materialized(table, rows, remarks="; ".join(remarks.get(domain, ())))
