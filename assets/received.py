"""Landing and raw: files kept by content, forms as received."""

from collections.abc import Iterator

import dagster as dg

from assets.partitions import studies
from assets.reporting import materialized, spec
from assets.session import StudySession
from ingestion.forms.domains import REQUIRED
from ingestion.forms.received import STAGE as FORM_STAGE
from ingestion.forms.received import gather, read_form
from ingestion.kinds import received_forms
from ingestion.landing import LandingError, land
from warehouse.releases import Releases

LANDING = "landing.file"
RAW = {f"raw.{domain.lower()}": domain for domain in REQUIRED}


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
