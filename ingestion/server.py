"""A configured image server over HTTP: only this address, with timeouts, bounded retries and no redirects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from dicomweb_client.api import DICOMwebClient
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from protocol.sources import DicomWeb

FOR_A_WHILE = (429, 502, 503, 504)
PAUSE_SECONDS = 0.5
PAGE = 200
_LATER = "nothing is lost: refresh again later"


class ServerError(Exception):
    """The server cannot be used now: it is not there, does not let us in, or says what nobody understands."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.remedy = remedy


class RefusedError(Exception):
    """The server is there, but does not give what was asked for."""


class Server:
    """Answers of one server, by address.

    ``environment`` holds the credentials under the names that the protocol gives.
    """

    def __init__(self, config: DicomWeb, environment: Mapping[str, str]) -> None:
        self._timeout = (min(config.timeout_seconds, 10.0), config.timeout_seconds)
        self._session = _Session()
        retry = Retry(
            total=config.retries,
            status_forcelist=FOR_A_WHILE,
            backoff_factor=PAUSE_SECONDS,
            respect_retry_after_header=False,
            raise_on_status=False,
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=retry))
        self._session.verify = config.ca_bundle or True
        if config.user_variable and config.password_variable:
            self._session.auth = (_of(environment, config.user_variable), _of(environment, config.password_variable))
        if config.token_variable:
            self._session.headers["Authorization"] = f"Bearer {_of(environment, config.token_variable)}"

    def dicomweb(self, url: str) -> DICOMwebClient:
        """A client for the DICOMweb services at ``url`` that goes the same way."""
        client = DICOMwebClient(url, session=self._session, timeout=self._timeout, permissive_uid=True)
        client.set_http_retry_params(retry=False)
        return client

    def json(self, url: str, **params: Any) -> Any:
        """The answer in JSON."""
        with answering(url):
            return self._get(url, {"Accept": "application/json"}, params).json()

    def content(self, url: str, accept: str) -> requests.Response:
        """The whole answer."""
        with answering(url):
            return self._get(url, {"Accept": accept}, {})

    def _get(self, url: str, headers: Mapping[str, str], params: Mapping[str, Any]) -> requests.Response:
        response = self._session.get(url, headers=headers, params=params, timeout=self._timeout)
        if not response.ok or response.is_redirect:
            raise requests.HTTPError(f"{response.status_code} {response.reason}", response=response)
        return response


class answering:  # noqa: N801 - reads as what the server does in the with block
    """Turns what goes wrong while a server answers into `ServerError` and `RefusedError`."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        match error:
            case requests.HTTPError() if error.response is not None and error.response.status_code in (401, 403):
                remedy = "check the environment variables that ingestion.dicomweb names"
                raise ServerError(f"{self._url} does not let us in ({error.response.status_code})", remedy) from error
            case requests.HTTPError():
                raise RefusedError(f"{self._url} answers {error}") from error
            case requests.exceptions.SSLError():
                remedy = "give its certificate authority as ingestion.dicomweb.ca_bundle"
                raise ServerError(f"the certificate of {self._url} cannot be trusted", remedy) from error
            case requests.Timeout() | requests.ConnectionError():
                raise ServerError(f"{_root(self._url)} cannot be reached", _LATER) from error
            case ValueError() | KeyError() | TypeError() | IndexError():
                remedy = "check that the address in ingestion.dicomweb is that of its DICOMweb service or feed"
                raise ServerError(f"{self._url} gives an answer that is none", remedy) from error
            case requests.RequestException():
                raise ServerError(f"{self._url}: {error}", "check ingestion.dicomweb in protocol.yaml") from error


class _Session(requests.Session):
    """Goes where it is told to and nowhere else: no redirects, no proxies or passwords from the surroundings."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """A QIDO-RS wild card goes as it is: Orthanc takes an encoded one for a letter."""
        request.url = str(request.url).replace("%2A", "*")
        return super().prepare_request(request)

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


def _root(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _of(environment: Mapping[str, str], name: str) -> str:
    if not environment.get(name):
        raise ServerError(f"the environment variable {name} is not set", f"set {name} before the refresh")
    return environment[name]
