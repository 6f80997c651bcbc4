"""The dashboard with 20 users at once on a study of 2,000 subjects: how long its callbacks take (design.md, 9)."""

from __future__ import annotations

import json
import random
import statistics
import time
import urllib.request
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.error import URLError

import polars as pl
from rich.console import Console

from benchmarks.report import Section
from dashboard.server import Server
from dashboard.settings import Settings
from nadir.published import query, release_of
from nadir.refresh import refresh_study
from nadir.simulate import Asked, simulate_into
from protocol.study import Study

SUBJECTS, QUICK_SUBJECTS = 2_000, 40
USERS, PAGES_EACH, QUICK_PAGES_EACH = 20, 15, 2
THINKS_SECONDS = (2.0, 8.0)
GOAL_MS = 300
WORKERS, PORT = 2, 8059
SHARED_PAGES = ("", "visits", "queries", "criteria", "cohort", "readers", "transfers", "sql")
CHOICES = ("", "?criterion=iRECIST", "?criterion=imRECIST", "?evaluator=INVESTIGATOR", "?group_by=ARM")
SUBJECT_SHARE = 0.5
"""Half of what people open is a subject's page, another one each time."""


def run(quick: bool) -> Section:
    """Serve the study with gunicorn and let the users look at pages, thinking between them."""
    subjects, pages = (QUICK_SUBJECTS, QUICK_PAGES_EACH) if quick else (SUBJECTS, PAGES_EACH)
    with TemporaryDirectory() as folder:
        study = Study(Path(folder) / "SIM")
        simulate_into(study.path, Asked(subjects=subjects), Console(quiet=True))
        refresh_study(study, Console(quiet=True))
        return measured(study, pages, judged=not quick)


def measured(study: Study, pages: int, *, judged: bool) -> Section:
    """The latencies of the callbacks of a study that has a release."""
    names = query(release_of(study), "SELECT subject_id FROM core.subject ORDER BY 1")["subject_id"].to_list()
    with served(Settings(study.path.parent)):
        for page in (*SHARED_PAGES, f"subject/{names[0]}"):
            asked(study.name, page, "")
        with ThreadPoolExecutor(USERS) as users:
            looked = [users.submit(_looks, study.name, names, pages, seed) for seed in range(USERS)]
        rows = [row for user in looked for row in user.result()]
    took = pl.DataFrame(rows, schema={"page": pl.String, "ms": pl.Float64}, orient="row")
    slow = float(took["ms"].quantile(0.95) or 0)
    verdict = "not judged at this size" if not judged else "reached" if slow <= GOAL_MS else "missed"
    return Section(
        title=f"Dashboard, {len(names):,} subjects, {USERS} users",
        intro=(
            f"{USERS} users at once open {pages} pages each, half of them subjects, thinking {THINKS_SECONDS[0]:g} to "
            f"{THINKS_SECONDS[1]:g} seconds between them; gunicorn with {WORKERS} workers on the machine of the users. "
            "A page is one callback, from the request to its last byte; each page was opened once before."
        ),
        header=("page", "callbacks", "median, ms", "95 %, ms"),
        rows=tuple(
            (name, f"{part.height}", f"{statistics.median(part['ms']):.0f}", f"{part['ms'].quantile(0.95):.0f}")
            for name, part in [("all", took), *((str(key[0]), part) for key, part in took.group_by("page"))]
        ),
        outcome=f"Goal: 95 % of the callbacks under {GOAL_MS} ms; {slow:.0f} ms, {verdict}.",
    )


def _looks(study: str, subjects: list[str], pages: int, seed: int) -> list[tuple[str, float]]:
    draws = random.Random(seed)
    found = []
    for _ in range(pages):
        time.sleep(draws.uniform(*THINKS_SECONDS))
        if draws.random() < SUBJECT_SHARE:
            page, choices, name = f"subject/{draws.choice(subjects)}", "", "subject"
        else:
            page, choices = draws.choice(SHARED_PAGES), draws.choice(CHOICES)
            name = page or "study"
        found.append((name, asked(study, page, choices)))
    return found


def asked(study: str, page: str, choices: str) -> float:
    """Milliseconds of the callback that draws a page."""
    body = {
        "output": "..content.children...release-seen.data..",
        "outputs": [{"id": "content", "property": "children"}, {"id": "release-seen", "property": "data"}],
        "inputs": [
            {"id": "address", "property": "pathname", "value": f"/study/{study}/{page}".rstrip("/")},
            {"id": "address", "property": "search", "value": choices},
        ],
        "changedPropIds": ["address.pathname"],
    }
    started = time.perf_counter()
    _fetched("/_dash-update-component", json.dumps(body).encode())
    return (time.perf_counter() - started) * 1000


def _fetched(path: str, body: bytes | None = None) -> bytes:
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}{path}", data=body, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        content: bytes = answer.read()
    return content


@contextmanager
def served(settings: Settings) -> Generator[None]:
    """The dashboard in processes of its own."""
    process: Any = get_context("spawn").Process(target=_serve, args=(settings,))
    process.start()
    try:
        for _ in range(600):
            try:
                _fetched("/")
                break
            except URLError:
                time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.join()


def _serve(settings: Settings) -> None:
    Server(settings, host="127.0.0.1", port=PORT, workers=WORKERS).run()
