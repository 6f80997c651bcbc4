"""From an address to a page: who may see it, which release it shows, and what is said when there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from dash import html

from dashboard.address import choices_of, parts_of, study_address
from dashboard.context import Page, Visitor
from dashboard.elements import link, message
from dashboard.pages.cohort import cohort_page
from dashboard.pages.criteria import criteria_page
from dashboard.pages.overview import overview, told
from dashboard.pages.queries import queries_page
from dashboard.pages.readers import readers_page
from dashboard.pages.sql import sql_page
from dashboard.pages.study import study_page
from dashboard.pages.subject import subject_page
from dashboard.pages.transfers import transfers_page
from dashboard.pages.visits import visits_page
from dashboard.published import NotPublishedError, Published
from protocol.load import ProtocolError
from protocol.study import Study
from quality.operations import OperationsError
from warehouse.errors import WarehouseError
from warehouse.failures import Failure, last_failure
from warehouse.releases import Release

PAGES: Mapping[str, tuple[str, Callable[[Page], list[Any]]]] = MappingProxyType(
    {
        "": ("Study", study_page),
        "visits": ("Visits", visits_page),
        "queries": ("Queries", queries_page),
        "criteria": ("Criteria", criteria_page),
        "cohort": ("Cohort", cohort_page),
        "readers": ("Readers", readers_page),
        "transfers": ("Transfers", transfers_page),
        "sql": ("SQL", sql_page),
    }
)

SUBJECT, LIVE = "subject", ("queries", "sql")
"""The page of a subject, and the pages that change while the release stays."""

KEPT_PAGES = 64


def visible(study: Study, visitor: Visitor, trusted: bool, unblinded: bool) -> bool:
    """Whether the visitor may see the study: where a proxy is trusted, one of the study's groups is theirs.

    Arms of a blinded study, which only an ``unblinded`` dashboard shows, also need one of its unblinded groups. Who
    may see a study whose protocol cannot be read is not known: nobody.
    """
    if not trusted:
        return True
    try:
        allowed, blinding = study.protocol.dashboard, study.protocol.blinding
    except ProtocolError:
        return False
    needed = [allowed.groups, *([allowed.unblinded_groups] if unblinded and blinding.blinded else [])]
    return all(not groups or set(groups) & set(visitor.groups) for groups in needed)


def opened(published: Published, name: str, visitor: Visitor, trusted: bool) -> Study:
    """The study of that name, if the visitor may see it; raises `NotPublishedError` as if there were none."""
    study = published.study(name)
    if not visible(study, visitor, trusted, published.unblinded):
        raise NotPublishedError(f"There is no study {name!r} here.")
    return study


def render(
    published: Published, pathname: str | None, search: str | None, visitor: Visitor, *, trusted: bool = False
) -> list[Any]:
    """The elements of the page at an address; a mistake in it, and a study that fails, are told on the page."""
    parts = parts_of(pathname)
    try:
        if not parts:
            studies = [study for study in published.studies() if visible(study, visitor, trusted, published.unblinded)]
            return overview(published, studies, visitor, datetime.now(UTC))
        if parts[0] == "study" and len(parts) >= 2:
            return _of_study(published, parts[1], parts[2:], choices_of(search), visitor, trusted)
    except NotPublishedError as error:
        return [html.H1("Not here"), message(str(error), kind="problem"), link("All studies", "/")]
    except (ProtocolError, WarehouseError, OperationsError) as error:
        return [html.H1("This page cannot be shown"), message(str(error), kind="problem"), link("All studies", "/")]
    return [html.H1("Not here"), message(f"There is no page {pathname}.", kind="problem"), link("All studies", "/")]


def shown(published: Published, pathname: str | None, visitor: Visitor, *, trusted: bool) -> str | None:
    """The release that the page at an address shows now; None of a page that shows no release."""
    parts = parts_of(pathname)
    if len(parts) < 2 or parts[0] != "study":
        return None
    try:
        return published.release(opened(published, parts[1], visitor, trusted).name).release_id
    except (NotPublishedError, ProtocolError, WarehouseError):
        return None


def news(seen: str | None, now: str | None) -> list[Any]:
    """What to tell somebody who has a page open that shows the release ``seen``: that another one is current."""
    if seen is None or now is None or now == seen:
        return []
    return [f"Release {now} was published; this page shows {seen}. ", html.A("Show the new one", href="")]


def _of_study(
    published: Published, name: str, rest: list[str], choices: dict[str, str], visitor: Visitor, trusted: bool
) -> list[Any]:
    study = opened(published, name, visitor, trusted)
    page = Page(published, study, published.release(name), choices, visitor)
    at = rest[0] if rest else ""
    if len(rest) == 2 and at == SUBJECT:
        return [*_head(page, SUBJECT), *_drawn(page, SUBJECT, rest[1])]
    if len(rest) > 1 or at not in PAGES:
        raise NotPublishedError(f"Study {name} has no page {'/'.join(rest)!r}.")
    return [*_head(page, at), *(PAGES[at][1](page) if at in LIVE else _drawn(page, at))]


def _drawn(page: Page, at: str, subject: str = "") -> list[Any]:
    """The elements of a page that follows from the release and the choices alone."""
    return _kept(page.published, page.study, page.release, tuple(sorted(page.choices.items())), at, subject)


@lru_cache(maxsize=KEPT_PAGES)
def _kept(
    published: Published, study: Study, release: Release, choices: tuple[tuple[str, str], ...], at: str, subject: str
) -> list[Any]:
    page = Page(published, study, release, dict(choices))
    return subject_page(page, subject) if at == SUBJECT else PAGES[at][1](page)


def _head(page: Page, at: str) -> list[Any]:
    """The study's name, its pages, and the release with its age."""
    name = page.study.name
    links = [
        html.Li(link(title, study_address(name, path)), **({"aria-current": "page"} if path == at else {}))
        for path, (title, _) in PAGES.items()
    ]
    age = told(datetime.now(UTC) - page.release.published_at.replace(tzinfo=UTC))
    kind = "unblinded " if page.published.unblinded and page.study.protocol.blinding.blinded else ""
    failure = last_failure(page.study)
    return [
        html.H1(f"{name}: {page.study.protocol.title}" if page.study.protocol.title else name),
        html.P(f"{kind}release {page.release.release_id}, {age} old", className="release"),
        html.Nav(html.Ul(links), **{"aria-label": "pages of the study"}),
        *([_failed(name, failure)] if failure else []),
    ]


def _failed(study: str, failure: Failure) -> html.P:
    return message(
        f"The last refresh failed on {failure.at:%Y-%m-%d %H:%M} UTC at the step {failure.step}: {failure.reason}. "
        f"Shown is the release before it. Mend the cause, then run nadir refresh {study}.",
        kind="problem",
    )
