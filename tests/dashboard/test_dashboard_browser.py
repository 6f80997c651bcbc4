"""The dashboard in a browser: every page of a blinded study, choices, downloads, answers, and a newer release."""

from __future__ import annotations

import io
import json
from collections.abc import Generator
from datetime import UTC, datetime

import polars as pl
import pytest

from dashboard.settings import Settings
from protocol.study import Study
from quality.operations import Act, operations_of
from tests.assets.refreshing import ask, current, refresh
from tests.assets.small_study import ARM_CODES, ARMS, make_study, put_forms
from tests.dashboard.browsing import Browser, browser, served
from warehouse.failures import Failure, forget, remember

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dashboard_browser")]

PAGES = ("", "visits", "queries", "criteria", "cohort", "readers", "transfers", "sql", "subject/S-01")
TELLING = (*ARMS, *(arm.split(maxsplit=1)[0] for arm in ARMS), *ARM_CODES)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A blinded study of six subjects and two readers, with a subject whose visit is late, refreshed."""
    made = make_study(tmp_path_factory.mktemp("home"), "BLIND", {"blinded: false": "blinded: true"})
    assert refresh(made).failed == {}
    return made


@pytest.fixture(scope="module")
def tab(study: Study) -> Generator[Browser]:
    """A tab on the dashboard of that study's home."""
    with served(Settings(study.path.parent, look_seconds=2)) as address, browser(address) as opened:
        yield opened


@pytest.fixture(autouse=True)
def nothing_went_wrong(tab: Browser) -> Generator[None]:
    """No test may leave an error on the console, a failed answer or a request to elsewhere."""
    tab.problems.clear()
    yield
    assert tab.problems == []


def test_the_overview_leads_to_the_study(tab: Browser) -> None:
    tab.open("/")
    assert "first release" in tab.read()
    tab.page.get_by_role("link", name="BLIND").click()
    tab.page.wait_for_selector("text=Changed since the release before")
    assert tab.page.url.endswith("/study/BLIND")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_its_release_and_no_arm(tab: Browser, study: Study, page: str) -> None:
    answers: list[str] = []
    tab.page.on("response", lambda answer: "_dash-update" in answer.url and answers.append(answer.text()))
    tab.open(f"/study/BLIND/{page}")
    assert current(study).release_id in tab.read()
    source = tab.page.evaluate("document.documentElement.outerHTML")
    told = " ".join([source, *answers])
    assert len(told) > 5000
    assert [word for word in TELLING if word in told] == []


@pytest.mark.parametrize("page", PAGES)
def test_figures_tables_and_pictures_have_names(tab: Browser, page: str) -> None:
    tab.open(f"/study/BLIND/{page}")
    unnamed = tab.page.evaluate(
        "[...document.querySelectorAll('figure')].filter(f => !f.getAttribute('aria-label') && "
        "!f.querySelector('figcaption')).length"
    )
    assert unnamed == 0
    assert tab.page.locator("img:not([alt])").count() == 0
    assert tab.page.locator("html[lang=en]").count() == 1


def test_no_download_names_an_arm(tab: Browser, study: Study) -> None:
    listed = "select table_schema || '.' || table_name as name from information_schema.tables"
    names = ask(current(study), f"{listed} where table_schema in ('core', 'analysis', 'mart', 'quality', 'raw')")[
        "name"
    ]
    assert names.len() > 50
    for name in names:
        answer = tab.page.request.get(f"{tab.address}/download/BLIND/{name}.csv")
        assert answer.ok, name
        assert [word for word in TELLING if word in answer.text()] == [], name


def test_the_keyboard_reaches_the_content(tab: Browser) -> None:
    tab.open("/study/BLIND")
    tab.page.keyboard.press("Tab")
    assert tab.page.evaluate("document.activeElement.textContent") == "Skip to the content"
    tab.page.keyboard.press("Enter")
    assert tab.page.evaluate("document.activeElement.id") == "content"


def test_a_choice_stands_in_the_address_and_the_address_makes_the_choice(tab: Browser) -> None:
    tab.open("/study/BLIND/cohort")
    tab.choose("Criterion", "iRECIST")
    tab.page.wait_for_url("**/cohort?criterion=iRECIST")
    tab.page.wait_for_selector("text=iPFS by iRECIST")
    mailed = tab.page.url
    tab.open("/")
    tab.open(mailed.removeprefix(tab.address))
    assert tab.page.wait_for_selector("text=iPFS by iRECIST")


def test_a_subject_is_reached_from_the_list(tab: Browser) -> None:
    tab.open("/study/BLIND")
    tab.page.get_by_role("link", name="S-05").first.click()
    tab.page.wait_for_selector("text=Subject S-05")
    said = tab.read()
    assert "iUPD" in said
    assert "R11-TL-03" in said


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/study/BLIND/subject/S-99", "has no subject 'S-99'"),
        ("/study/BLIND/nowhere", "has no page"),
        ("/study/../../etc", "There is no page"),
        ("/study/OTHER", "There is no study 'OTHER'"),
        ("/study/BLIND/subject/%27%20or%20%271%27%3D%271", "has no subject"),
        ("/study/BLIND/cohort?criterion=%27%3B%20drop%20table%20core.subject&evaluator=%3Cscript%3E", "RECIST 1.1"),
        ("/study/BLIND/queries?status=x&rule=y&query=z", "Queries of these choices"),
        ("/study/BLIND/visits?subjects=99-&status=%00", "Calendar"),
        ("/study/BLIND/sql?q=drop%20table%20core.subject", "Only reading statements"),
        ("/study/BLIND/sql?q=from%20read_text('/etc/hosts')", "disabled"),
    ],
)
def test_a_wrong_address_is_told_and_harms_nothing(tab: Browser, study: Study, path: str, said: str) -> None:
    tab.open(path)
    assert said in tab.read()
    assert ask(current(study), "select count(*) from core.subject").item() == 6


def test_sql_runs_and_its_rows_come_as_files(tab: Browser) -> None:
    tab.open("/study/BLIND/sql")
    tab.page.fill("#sql-asked", "select subject_id, site from core.subject order by 1")
    tab.page.click("#sql-run")
    tab.page.wait_for_selector("text=6 rows")
    with tab.page.expect_download() as waited:
        tab.page.get_by_role("link", name="CSV").click()
    assert pl.read_csv(waited.value.path())["subject_id"].to_list()[0] == "S-01"
    address = tab.page.get_by_role("link", name="PARQUET").get_attribute("href")
    parquet = tab.page.request.get(tab.address + address).body()
    assert pl.read_parquet(io.BytesIO(parquet)).shape == (6, 2)


def test_what_is_answered_stays_through_a_refresh_that_swaps_the_release(tab: Browser, study: Study) -> None:
    """The answer is in the operations database at once; the page that is open tells of the new release."""
    first = current(study).release_id
    tab.open("/study/BLIND/queries")
    tab.page.locator(".ag-center-cols-container [row-index='0'] [col-id='rule_id']").click()
    tab.page.wait_for_selector("text=Address of this query")
    tab.page.click("#query-answer")
    tab.page.wait_for_selector("text=write a text")
    tab.page.fill("#query-text", "The date is right; the visit was late.")
    tab.page.click("#query-answer")
    tab.page.wait_for_selector("text=Saved: answer by local.")
    assert "The date is right" in tab.page.locator(".history").inner_text()
    (row,) = operations_of(study).actions(study.name).to_dicts()
    assert (row["action"], row["author"]) == (Act.ANSWER, "local")
    assert row["text"] == "The date is right; the visit was late."

    put_forms(study, {"cm.csv": "DOMAIN,USUBJID,CMTRT,CMSTDTC\nCM,S-01,ASPIRIN,2024-02-01\n"})
    assert refresh(study).failed == {}
    second = current(study)
    assert second.release_id != first
    answered = ask(second, "select status, answer from quality.query where answer is not null").rows()
    assert answered == [("ANSWERED", "The date is right; the visit was late.")]
    tab.page.wait_for_selector(f"text=Release {second.release_id} was published; this page shows {first}.")
    tab.page.get_by_role("link", name="Show the new one").click()
    tab.page.wait_for_selector(f"text=release {second.release_id}")
    tab.open("/study/BLIND")
    assert "cm.csv" in tab.read()
    tab.open(f"/study/BLIND/queries?query={row['fingerprint']}")
    assert "local: answer The date is right" in tab.read()


def test_a_failed_refresh_and_a_study_without_release_say_what_to_do(tab: Browser, study: Study) -> None:
    make_study(study.path.parent, "NEW")
    remember(study, Failure(datetime(2024, 1, 2, tzinfo=UTC), "release", "blocking rules failed: X"))
    try:
        tab.open("/study/BLIND")
        assert "The last refresh failed on 2024-01-02 00:00 UTC at the step release" in tab.read()
        tab.open("/study/NEW")
        assert "run nadir refresh NEW" in tab.read()
    finally:
        forget(study)


def test_the_unblinded_dashboard_shows_the_arms(study: Study, tab: Browser) -> None:
    with served(Settings(study.path.parent, unblinded=True)) as address:
        other = Browser(tab.page.context.browser.new_page(), address)
        other.open("/study/BLIND")
        assert ARMS[0] in json.dumps(other.page.content()) and "unblinded release" in other.read()
        other.page.close()
