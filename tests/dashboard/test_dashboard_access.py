"""Who may see what: headers of a proxy, groups, pictures that cannot leave their folder, queries that are there."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import duckdb
import pytest
from flask.testing import FlaskClient

from dashboard.app import build_app
from dashboard.context import Page, Visitor
from dashboard.elements import row_data, table
from dashboard.pages.queries import taken
from dashboard.published import Published
from dashboard.router import visible
from dashboard.settings import Settings
from protocol.study import Study, init_study
from quality.operations import Act, OperationsError

RELEASE = "20240101T000000Z"
IMAGE = b"\x89PNG\r\n\x1a\nkey image"
SECRET = b"\x89PNG\r\n\x1a\nnobody's business"


def content(data: bytes) -> str:
    return sha256(data).hexdigest()


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A study with a release that names a picture, a file outside of the picture folder, and a picture that changed."""
    made = init_study(tmp_path_factory.mktemp("home"), "ONE")
    text = made.protocol_file.read_text()
    assert "  groups: []" in text and "  unblinded_groups: []" in text
    text = text.replace("  groups: []", "  groups: [onco]").replace("blinded: false", "blinded: true")
    made.protocol_file.write_text(text.replace("  unblinded_groups: []", "  unblinded_groups: [dsmb]"))
    pictures = made.path / "work" / "pictures"
    pictures.mkdir(parents=True)
    (pictures / "a.png").write_bytes(IMAGE)
    (pictures / "changed.png").write_bytes(b"other")
    (made.path / "secret.png").write_bytes(SECRET)
    (pictures / "link.png").symlink_to(made.path / "secret.png")
    folder = made.releases / RELEASE
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    (made.releases / "current").symlink_to(RELEASE)
    rows = [
        ("work/pictures/a.png", content(IMAGE)),
        ("work/pictures/../../secret.png", content(SECRET)),
        ("work/pictures/link.png", content(SECRET)),
        (str(made.path / "secret.png"), content(SECRET)),
        ("work/pictures/changed.png", content(b"what it was")),
    ]
    with duckdb.connect(str(folder / "release.duckdb")) as connection:
        connection.execute("create schema core; create schema quality")
        connection.execute("create table core.picture (path varchar, sha256 varchar)")
        connection.executemany("insert into core.picture values (?, ?)", rows)
        connection.execute("create table quality.query (fingerprint varchar)")
        connection.execute("insert into quality.query values ('known')")
    return made


def client(study: Study, **settings: str | bool) -> FlaskClient:
    return build_app(Settings(study.path.parent, **settings)).server.test_client()  # type: ignore[arg-type]


PICTURE = f"/picture/ONE/{content(IMAGE)}.png"
TRUSTING = {"user_header": "X-User", "groups_header": "X-Groups"}


def test_a_picture_of_the_release_is_served(study: Study) -> None:
    answer = client(study).get(PICTURE)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, IMAGE, "image/png")


@pytest.mark.parametrize(
    "address",
    [
        f"/picture/ONE/{content(SECRET)}.png",
        f"/picture/ONE/{content(b'what it was')}.png",
        "/picture/ONE/../../secret.png",
        "/picture/ONE/%2e%2e%2f%2e%2e%2fsecret.png",
        "/picture/ONE/' or '1'='1.png",
        "/picture/../ONE/secret.png",
        f"/picture/TWO/{content(IMAGE)}.png",
    ],
)
def test_no_other_file_is_served(study: Study, address: str) -> None:
    """What is no address of a picture is a page of the dashboard, drawn by the browser."""
    answer = client(study).get(address)
    assert answer.status_code == 404 or answer.mimetype == "text/html"
    assert SECRET not in answer.data


def test_without_trust_the_headers_say_nothing(study: Study) -> None:
    """Everybody is the same user then, whatever a header claims, and groups hide nothing."""
    assert client(study).get(PICTURE, headers={"X-User": "eve", "X-Groups": "nobody"}).status_code == 200


@pytest.mark.parametrize(("groups", "status"), [("onco", 200), ("other, onco", 200), ("other", 404), ("", 404)])
def test_with_trust_one_of_the_studys_groups_is_needed(study: Study, groups: str, status: int) -> None:
    answer = client(study, **TRUSTING).get(PICTURE, headers={"X-User": "ann", "X-Groups": groups})
    assert answer.status_code == status


def test_groups_of_a_header_that_is_not_trusted_do_not_count(study: Study) -> None:
    answer = client(study, user_header="X-User").get(PICTURE, headers={"X-User": "ann", "X-Groups": "onco"})
    assert answer.status_code == 404


def test_a_download_is_as_closed_as_a_page(study: Study) -> None:
    address = "/download/ONE/core.picture.csv"
    assert client(study).get(address).status_code == 200
    assert client(study, **TRUSTING).get(address, headers={"X-User": "eve"}).status_code == 404


@pytest.mark.parametrize(
    ("groups", "unblinded", "sees"),
    [(("onco",), False, True), (("onco",), True, False), (("onco", "dsmb"), True, True), (("dsmb",), True, False)],
)
def test_arms_need_an_unblinded_group_too(study: Study, groups: tuple[str, ...], unblinded: bool, sees: bool) -> None:
    assert visible(study, Visitor("ann", groups), trusted=True, unblinded=unblinded) is sees


def test_a_study_whose_protocol_cannot_be_read_is_shown_to_nobody_behind_a_proxy(tmp_path: Path) -> None:
    broken = Study(tmp_path / "BROKEN")
    broken.path.mkdir()
    broken.protocol_file.write_text("criteria: [none]\n")
    assert visible(broken, Visitor("ann", ("onco",)), trusted=True, unblinded=False) is False


def test_a_page_may_load_nothing_from_elsewhere(study: Study) -> None:
    answer = client(study).get("/")
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert b'src="http' not in answer.data


def test_only_queries_of_the_release_are_acted_on(study: Study) -> None:
    published = Published(study.path.parent)
    page = Page(published, study, published.release("ONE"))
    with pytest.raises(OperationsError, match="no query 'made up'"):
        taken(page, "made up", Act.COMMENT, "x")
    with pytest.raises(OperationsError, match="at most 4,000"):
        taken(page, "known", Act.COMMENT, "x" * 4001)
    assert not study.operations_file.exists()


def test_a_table_takes_every_type_that_a_query_can_give() -> None:
    with duckdb.connect() as connection:
        given = connection.sql(
            "select ['A', 'B'] as flags, {'a': 1} as pair, time '10:00' as at, "
            "'x'::blob as bytes, 1.5::decimal(4, 1) as number, true as yes, null as nothing, date '2024-01-02' as day"
        ).pl()
    (row,) = row_data(given, {})
    assert (row["flags"], row["day"], row["number"]) == ("A, B", "2024-01-02", 1.5)
    assert table(given, "types", grid_id="types").children[0].children == "types"
