"""The public edges of the suite, as the outside world uses them: nothing here knows its inside."""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import requests
from twilio.request_validator import RequestValidator

from shared.config import SERVICES

_TIMEOUT_S = 60


@dataclass(frozen=True)
class Edges:
    """Where everything is and the secret that Twilio signs with."""

    urls: Mapping[str, str]
    twilio_url: str
    twilio_token: str
    twilio_number: str
    intake_public_url: str

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Edges":
        urls = {name: f"http://{environment[f'AVARIYKA_{name.upper()}_BIND']}" for name in SERVICES}
        return cls(
            urls=urls,
            twilio_url=environment["AVARIYKA_TWILIO_API_URL"].rstrip("/"),
            twilio_token=environment["AVARIYKA_TWILIO_AUTH_TOKEN"],
            twilio_number=environment["AVARIYKA_TWILIO_FROM"],
            intake_public_url=environment.get("AVARIYKA_INTAKE_PUBLIC_URL", urls["intake"]).rstrip("/"),
        )

    def text(self, phone: str, body: str) -> str:
        """A resident's SMS, delivered and signed as Twilio does it; returns the answer's text."""
        form = {
            "MessageSid": f"SM{uuid4().hex}",
            "AccountSid": "AC" + "0" * 32,
            "From": phone,
            "To": self.twilio_number,
            "Body": body,
            "NumMedia": "0",
        }
        signed_url = f"{self.intake_public_url}/twilio/sms"
        signature = RequestValidator(self.twilio_token).compute_signature(signed_url, form)
        answer = _session().post(
            f"{self.urls['intake']}/twilio/sms",
            data=form,
            headers={"X-Twilio-Signature": signature},
            timeout=_TIMEOUT_S,
        )
        answer.raise_for_status()
        return " ".join(ElementTree.fromstring(answer.content).itertext()).strip()  # noqa: S314 - our own answer

    def outgoing(self) -> list[dict[str, Any]]:
        """Every message that the suite asked Twilio to send."""
        answer = _session().get(f"{self.twilio_url}/_stand-in/messages", timeout=_TIMEOUT_S)
        answer.raise_for_status()
        found = answer.json()
        return list(found["messages"] if isinstance(found, dict) else found)

    def calls(self) -> list[dict[str, Any]]:
        """Every call that the suite asked Twilio to make, with what was said."""
        answer = _session().get(f"{self.twilio_url}/_stand-in/calls", timeout=_TIMEOUT_S)
        answer.raise_for_status()
        return list(answer.json()["calls"])

    def login(self, service: str, path: str, login: str, password: str) -> "Client":
        answer = _session().post(
            f"{self.urls[service]}{path}", json={"login": login, "password": password}, timeout=_TIMEOUT_S
        )
        answer.raise_for_status()
        return Client(self, answer.json())

    def refreshed(self, refresh_token: str) -> dict[str, Any]:
        """The next access and refresh token."""
        url = f"{self.urls['crews']}/v1/tokens/refresh"
        answer = _session().post(url, json={"refresh_token": refresh_token}, timeout=_TIMEOUT_S)
        answer.raise_for_status()
        given: dict[str, Any] = answer.json()
        return given


@dataclass
class Client:
    """Someone who logged in, and stays in: access tokens live a quarter of an hour."""

    edges: Edges
    given: dict[str, Any]

    def get(self, service: str, path: str, **query: Any) -> Any:
        return self._call("GET", service, path, params=query)

    def post(
        self,
        service: str,
        path: str,
        body: Mapping[str, Any],
        key: str | None = None,
        version: str | None = None,
    ) -> Any:
        headers = {"Idempotency-Key": key, "If-Match": version and f'"{version}"'}
        return self._call("POST", service, path, json=dict(body), headers=_given(headers))

    def put(self, service: str, path: str, body: Mapping[str, Any], version: str | None = None) -> Any:
        """Keep something, changed from the version that was read (None: it is new)."""
        headers = {"If-Match": f'"{version}"'} if version is not None else {}
        return self._call("PUT", service, path, json=dict(body), headers=headers)

    def _call(self, verb: str, service: str, path: str, **kwargs: Any) -> Any:
        answer = self._send(verb, service, path, **kwargs)
        if answer.status_code == 401:
            self.given = self.edges.refreshed(self.given["refresh_token"])
            answer = self._send(verb, service, path, **kwargs)
        if answer.status_code >= 400:
            raise Refused(answer)
        return answer.json()

    def _send(self, verb: str, service: str, path: str, **kwargs: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.given['access_token']}", **kwargs.pop("headers", {})}
        url = f"{self.edges.urls[service]}{path}"
        return _session().request(verb, url, headers=headers, timeout=_TIMEOUT_S, **kwargs)


def _given(headers: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if value is not None}


class Refused(Exception):
    """The suite said no, and why."""

    def __init__(self, answer: requests.Response) -> None:
        problem = answer.json() if "json" in answer.headers.get("Content-Type", "") else {}
        self.status = answer.status_code
        self.code = str(problem.get("code", ""))
        super().__init__(f"{answer.request.method} {answer.request.path_url}: {self.status} {self.code}")


def number_in(answer: str) -> str | None:
    """The request number in a text to a resident, if it names one."""
    found = re.search(r"(?:№|N|No)\s*(\d{4,})", answer) or re.search(r"\b(\d{4,})\b", answer)
    return found[1] if found else None


def now() -> str:
    return datetime.now(UTC).isoformat()


_local = threading.local()


def _session() -> requests.Session:
    """One kept-alive connection pool a thread."""
    if not hasattr(_local, "session"):
        _local.session = requests.Session()
    session: requests.Session = _local.session
    return session
