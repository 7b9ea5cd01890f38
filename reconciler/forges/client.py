"""Requests to a service's REST API: patient where that helps, plain where it does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

LOOPBACK = ("127.0.0.1", "localhost", "::1")
TRIES = 5
LONGEST = 120.0
"""Seconds that a service may ask us to wait; a job should not hang for its comment."""
SECONDS = 30.0
"""For one answer."""
OK, NO_CONTENT, SERVER = 200, 204, 500
NON_AUTHORITATIVE = 203
"""Azure DevOps answers a token that it does not know with its page to sign in."""
REFUSALS = {
    NON_AUTHORITATIVE: "does not accept the token",
    302: "does not accept the token",
    401: "does not accept the token",
    403: "does not let this token do that",
    404: "does not show this to the token, or it is not there",
}


class ForgeError(Exception):
    """The service did not do what it was asked; the message has its own words."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class LostError(ForgeError):
    """No answer came, or one that says nothing: what was asked may have been done."""


class BusyError(ForgeError):
    """It was asked too often, and did nothing."""

    def __init__(self, message: str, wait: float) -> None:
        super().__init__(message, "run the job again later")
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Answer:
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Client:
    """One service, one token. The token goes to `api` and nowhere else."""

    name: str
    api: str
    headers: Mapping[str, str]
    sleep: Callable[[float], None]
    remedy: str = ""
    """What to do about a token that is not accepted, or may too little."""
    session: requests.Session = field(default_factory=requests.Session)

    def close(self) -> None:
        self.session.close()

    def get(self, path: str, **query: str) -> Answer:
        """Read; repeated after whatever can pass."""
        return self._patient((BusyError, LostError), "GET", path, params=query)

    def send(self, method: str, path: str, body: Mapping[str, object]) -> Answer:
        """Write; repeated only where it was refused for being asked too often."""
        return self._patient((BusyError,), method, path, json=body)

    def _patient(
        self, passing: tuple[type[Exception], ...], method: str, path: str, **request: object
    ) -> Answer:
        retrying = Retrying(
            sleep=self.sleep,
            retry=retry_if_exception_type(passing),
            wait=_wait,
            stop=stop_after_attempt(TRIES),
            reraise=True,
        )
        return retrying(self._once, method, path, request)

    def _once(self, method: str, path: str, request: Mapping[str, Any]) -> Answer:
        address = path if path.startswith(f"{self.api}/") else f"{self.api}/{path}"
        if urlsplit(address).scheme != "https" and urlsplit(address).hostname not in LOOPBACK:
            raise ForgeError(f"{self.name} is not asked over an open line: {self.api}")
        try:
            answer = self.session.request(
                method,
                address,
                headers=dict(self.headers),
                timeout=SECONDS,
                allow_redirects=False,
                **request,
            )
        except requests.RequestException as error:
            raise LostError(f"{self.name} did not answer: {_first_line(str(error))}") from error
        return self._read(answer)

    def _read(self, answer: requests.Response) -> Answer:
        status = answer.status_code
        if (wait := _wanted_pause(answer)) is not None:
            said = f"{self.name} is asked too often: {_words(answer)}"
            if wait > LONGEST:
                raise ForgeError(f"{said}; it wants {wait:.0f} s", "run the job again later")
            raise BusyError(said, wait)
        if status >= SERVER:
            raise LostError(f"{self.name} failed ({status}): {_words(answer)}")
        if not answer.ok or status in REFUSALS:
            what = REFUSALS.get(status, "refused")
            remedy = self.remedy if status in REFUSALS else ""
            raise ForgeError(f"{self.name} {what} ({status}): {_words(answer)}", remedy)
        try:
            body = answer.json() if status != NO_CONTENT else None
        except ValueError as error:
            raise LostError(f"{self.name} answered with something else than JSON") from error
        return Answer(body, answer.headers)


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return error.wait if isinstance(error, BusyError) else float(2**state.attempt_number)


def _wanted_pause(answer: requests.Response) -> float | None:
    """Seconds to wait; None where it is not about that.

    GitHub says 403 as well as 429:
    https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    after = answer.headers.get("Retry-After", "")
    spent = answer.headers.get("X-RateLimit-Remaining") == "0"
    throttled = answer.status_code == requests.codes.too_many_requests
    if not throttled and not (answer.status_code == requests.codes.forbidden and (after or spent)):
        return None
    if after.isdecimal():
        return float(after)
    return LONGEST + 1 if spent and not throttled else 10.0


def _words(answer: requests.Response) -> str:
    """What the service said, on one line."""
    try:
        body = answer.json()
    except ValueError:
        return "no reason given"
    told = body.get("message") or body.get("error") if isinstance(body, dict) else None
    return _first_line(str(told)) if told else "no reason given"


def _first_line(text: str) -> str:
    return " ".join(text.split())[:300]
