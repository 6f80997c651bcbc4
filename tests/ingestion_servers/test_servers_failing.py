"""A server that fails in many ways: bounded retries, no redirects, and nothing lost (a real one, on this machine)."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.ingestion_servers.conftest import Fetcher

STUDY, SERIES = "1.2.3", "1.2.3.4"
Answer = tuple[int, Mapping[str, str], bytes]


class Failing:
    """A DICOMweb server with three instances; ``answers`` replace what it says to a path, one after the other."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, list[Answer]] = {}
        self.pause = 0.0
        found = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                found.asked.append(path)
                time.sleep(found.pause)
                planned = found.answers.get(path, [])
                status, headers, body = planned.pop(0) if planned else usual(path)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = _Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A client that has gone is no error here."""


def usual(path: str) -> Answer:
    found = {
        "/studies": [{"0020000D": {"vr": "UI", "Value": [STUDY]}}],
        f"/studies/{STUDY}/series": [{"0020000E": {"vr": "UI", "Value": [SERIES]}}],
        f"/studies/{STUDY}/series/{SERIES}/instances": [
            {"00080018": {"vr": "UI", "Value": [f"1.{number}"]}} for number in (1, 2, 3)
        ],
    }
    if path in found:
        return 200, {"Content-Type": "application/dicom+json"}, json.dumps(found[path]).encode()
    return 200, {"Content-Type": 'multipart/related; type="application/dicom"; boundary=xx'}, part(path.encode())


def part(content: bytes) -> bytes:
    return b"--xx\r\nContent-Type: application/dicom\r\n\r\n" + content + b"\r\n--xx--\r\n"


def instance(number: int) -> str:
    return f"/studies/{STUDY}/series/{SERIES}/instances/1.{number}"


@pytest.fixture
def failing() -> Iterator[Failing]:
    server = Failing()
    yield server
    server.close()


@pytest.fixture
def ask(fetcher: Fetcher, failing: Failing) -> Callable[..., Any]:
    def once(**config: Any) -> Any:
        none = {"user_variable": None, "password_variable": None}
        return fetcher.fetch({}, **{"url": failing.url, **none, **config})

    return once


def test_the_content_is_what_stands_between_the_boundaries(ask: Callable[..., Any], fetcher: Fetcher) -> None:
    assert ask().count == 3
    assert fetcher.contents() == {instance(number).encode() for number in (1, 2, 3)}


def test_an_instance_that_is_refused_is_a_reject_and_asked_for_again(ask: Callable[..., Any], failing: Failing) -> None:
    failing.answers = {instance(2): [(500, {}, b"")]}
    fetched = ask()
    assert fetched.count == 2
    (reject,) = fetched.rejects.to_dicts()
    assert reject["source_name"] == f"dicomweb/{STUDY}/{SERIES}/1.2"
    assert "500" in reject["reason"]
    assert ask().events["source_name"].to_list() == [f"dicomweb/{STUDY}/{SERIES}/1.2"]


@pytest.mark.parametrize(("retries", "count"), [(2, 3), (1, 2)])
def test_a_busy_server_is_asked_again_as_often_as_the_protocol_says(
    ask: Callable[..., Any], failing: Failing, retries: int, count: int
) -> None:
    failing.answers = {instance(1): [(503, {"Retry-After": "3600"}, b""), (503, {}, b"")]}
    assert ask(retries=retries).count == count
    assert failing.asked.count(instance(1)) == retries + 1


def test_no_other_server_is_ever_asked(ask: Callable[..., Any], failing: Failing) -> None:
    other = Failing()
    failing.answers = {
        instance(1): [(302, {"Location": f"{other.url}{instance(1)}"}, b"")],
        "/studies": [(200, {}, json.dumps([{"0020000D": {"Value": [STUDY]}}]).encode())],
    }
    assert ask().count == 2
    other.close()
    assert other.asked == []


def test_a_server_that_does_not_answer_in_time_is_given_up(ask: Callable[..., Any], failing: Failing) -> None:
    failing.pause = 2.0
    (reject,) = ask(timeout_seconds=0.2).rejects.to_dicts()
    assert reject["reason"] == f"{failing.url} cannot be reached"


def test_what_came_before_the_connection_was_lost_is_kept(ask: Callable[..., Any], failing: Failing) -> None:
    failing.answers = {instance(3): [(200, {"Content-Length": "100000"}, b"cut")]}
    fetched = ask()
    assert fetched.count == 2
    assert fetched.rejects.height == 1
    assert ask().count == 1


@pytest.mark.parametrize(
    "body", [b"<html>", b"{}", b"[1]", b'[{"0020000D": {"Value": ["../../etc"]}}]', b'[{"0020000D": {}}]']
)
def test_an_answer_that_is_none_is_a_reject(ask: Callable[..., Any], failing: Failing, body: bytes) -> None:
    failing.answers = {"/studies": [(200, {"Content-Type": "application/dicom+json"}, body)]}
    (reject,) = ask().rejects.to_dicts()
    assert "gives an answer that is none" in reject["reason"]


@pytest.mark.parametrize("body", [b"--xx\r\nContent-Type: application/dicom\r\n\r\nhalf", b"", b"no parts"])
def test_a_cut_answer_is_refused(ask: Callable[..., Any], failing: Failing, body: bytes) -> None:
    failing.answers = {instance(1): [(200, {"Content-Type": "multipart/related; boundary=xx"}, body)]}
    fetched = ask()
    assert fetched.count == 2
    assert fetched.rejects["reason"].to_list() == ["an answer that ends before its content does"]


def test_an_empty_answer_is_no_study(ask: Callable[..., Any], failing: Failing) -> None:
    failing.answers = {"/studies": [(204, {}, b"")]}
    fetched = ask()
    assert (fetched.count, fetched.rejects.height) == (0, 0)
