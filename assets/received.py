"""Landing and raw: files kept by content, forms as received."""

from collections.abc import Iterator

import dagster as dg

from assets.partitions import studies
from assets.reporting import materialized, spec
from assets.session import StudySession
from ingestion.forms.received import STAGE as FORM_STAGE
from ingestion.forms.transfers import events_of, transferred
from ingestion.kinds import form_history
from ingestion.landing import LandingError, land
from protocol.form_names import DOMAINS, TEMPLATES
from warehouse.releases import Releases

LANDING = "landing.file"
CHANGE, TRANSFER = "raw.change", "raw.transfer"
RAW = {f"raw.{form.lower()}": form for form in (*DOMAINS, *TEMPLATES)}


@dg.multi_asset(specs=[spec(LANDING, deps=(), kinds={"file"})], partitions_def=studies, name="landing")
def landing(session: dg.ResourceParam[StudySession]) -> Iterator[dg.MaterializeResult]:
    """Keeps what came into incoming/ by its content; the only step that reads that folder."""
    study = session.study
    with session.warehouse() as warehouse:
        warehouse.create()
        Releases(study.releases).restore_audit(warehouse)
        try:
            landed = land(study.name, study.incoming, study.landing, warehouse.frame(LANDING), session.started_at)
        except LandingError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        if landed.removed and not landed.manifest["current"].any():
            raise dg.Failure(
                f"{study.incoming} is empty, but {len(landed.removed)} files were received before: is the folder "
                "mounted? A study whose files are all withdrawn is to be moved away as a whole",
                allow_retries=False,
            )
        rows = warehouse.put(LANDING, landed.manifest)
        warehouse.put_where("raw.reject", landed.rejects, "stage", LANDING)
    yield materialized(LANDING, rows, landed.rejects, new=len(landed.new), changed=len(landed.changed))


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
