"""Small stand-ins for three services, on loopback, that answer as their documents say."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

ACCESS = "key-of-the-job-0123456789"
PAGE = 100
"""Comments that GitHub and GitLab give at once."""


@dataclass
class Note:
    id: int
    body: str
    author: str


@dataclass
class Reply:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class StandIn:
    """One pull request of one service."""

    me: str = "us"
    head: str = "a" * 40
    open: bool = True
    notes: list[Note] = field(default_factory=list)
    longest: int = 65_536
    faults: list[Reply | None] = field(default_factory=list)
    """Answers to the next writes in place of the right ones; None drops the connection after the
    write was done."""
    requests: list[Request] = field(default_factory=list)
    url: str = ""

    def add(self, body: str, author: str = "") -> Note:
        self.notes.append(Note(len(self.notes) + 1, body, author or self.me))
        return self.notes[-1]

    def written(self) -> list[Request]:
        return [request for request in self.requests if request.method != "GET"]

    def answer(self, request: Request) -> Reply:
        raise NotImplementedError

    def write(self, request: Request, note: Note | None, text: str) -> Reply:
        if len(text) > self.longest:
            return Reply(422, {"message": "body is too long"})
        if note is None:
            note = self.add(text)
        note.body = text.replace("\n", "\r\n")  # as a service may well do
        return Reply(201 if request.method == "POST" else 200, self.shown(note))

    def shown(self, note: Note) -> Any:
        raise NotImplementedError

    def note(self, identity: str) -> Note:
        return next(note for note in self.notes if str(note.id) == identity)


class GitHub(StandIn):
    """https://docs.github.com/rest/issues/comments"""

    def answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {ACCESS}":
            return Reply(401, {"message": "Bad credentials"})
        return self._routed(request)

    def _routed(self, request: Request) -> Reply:
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["user"]:
                return Reply(403, {"message": "Resource not accessible by integration"})
            case "GET", ["repos", "o", "r", "pulls", "7"]:
                state = "open" if self.open else "closed"
                return Reply(200, {"state": state, "head": {"sha": self.head}})
            case "GET", ["repos", "o", "r", "issues", "7", "comments"]:
                return self._page(request)
            case "POST", ["repos", "o", "r", "issues", "7", "comments"]:
                return self.write(request, None, request.body["body"])
            case "PATCH", ["repos", "o", "r", "issues", "comments", identity]:
                return self.write(request, self.note(identity), request.body["body"])
            case _:
                return Reply(404, {"message": "Not Found"})

    def _page(self, request: Request) -> Reply:
        page = int(request.query["page"])
        size = int(request.query["per_page"])
        shown = self.notes[(page - 1) * size : page * size]
        headers = {}
        if page * size < len(self.notes):
            address = f"{self.url}{request.path}?per_page={size}&page={page + 1}"
            headers["Link"] = f'<{address}>; rel="next"'
        return Reply(200, [self.shown(note) for note in shown], headers)

    def shown(self, note: Note) -> Any:
        login = "github-actions[bot]" if note.author == self.me else note.author
        return {"id": note.id, "body": note.body, "user": {"login": login}}


class AzureDevOps(StandIn):
    """https://learn.microsoft.com/rest/api/azure/devops/git/pull-request-threads"""

    def answer(self, request: Request) -> Reply:
        basic = base64.b64encode(f":{ACCESS}".encode()).decode()
        if request.headers.get("authorization") not in {f"Bearer {ACCESS}", f"Basic {basic}"}:
            return Reply(203, "<html>Sign in</html>", {"Content-Type": "text/html"})
        repository = ["p", "_apis", "git", "repositories", "r", "pullRequests", "7"]
        parts = request.path.strip("/").split("/")
        if request.method == "GET" and parts == ["_apis", "connectionData"]:
            return Reply(200, {"authenticatedUser": {"id": self.me}})
        if parts[:7] != repository or request.query.get("api-version") != "7.1":
            return Reply(404, {"message": "TF401019: The Git repository does not exist."})
        return self._routed(request, parts[7:])

    def _routed(self, request: Request, parts: list[str]) -> Reply:
        match request.method, parts:
            case "GET", []:
                status = "active" if self.open else "completed"
                commit = {"commitId": self.head}
                return Reply(200, {"status": status, "lastMergeSourceCommit": commit})
            case "GET", ["threads"]:
                return Reply(200, {"value": [self.shown(note) for note in self.notes]})
            case "POST", ["threads"]:
                return self.write(request, None, request.body["comments"][0]["content"])
            case "PATCH", ["threads", identity, "comments", "1"]:
                return self.write(request, self.note(identity), request.body["content"])
            case _:
                return Reply(404, {"message": "no such thread"})

    def shown(self, note: Note) -> Any:
        comment = {"id": 1, "content": note.body, "author": {"id": note.author}}
        return {"id": note.id, "comments": [comment], "isDeleted": False}


class GitLab(StandIn):
    """https://docs.gitlab.com/api/notes/"""

    def answer(self, request: Request) -> Reply:
        if request.headers.get("private-token") != ACCESS:
            return Reply(401, {"message": "401 Unauthorized"})
        return self._routed(request)

    def _routed(self, request: Request) -> Reply:
        notes = ["projects", "42", "merge_requests", "7", "notes"]
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["user"]:
                return Reply(200, {"id": self.me})
            case "GET", parts if parts == notes[:-1]:
                return Reply(200, {"state": "opened" if self.open else "merged", "sha": self.head})
            case "GET", parts if parts == notes:
                page = int(request.query["page"])
                shown = self.notes[(page - 1) * PAGE : page * PAGE]
                following = str(page + 1) if page * PAGE < len(self.notes) else ""
                found = [self.shown(note) for note in shown]
                return Reply(200, found, {"X-Next-Page": following})
            case "POST", parts if parts == notes:
                return self.write(request, None, request.body["body"])
            case "PUT", [*parts, identity] if parts == notes:
                return self.write(request, self.note(identity), request.body["body"])
            case _:
                return Reply(404, {"message": "404 Not found"})

    def shown(self, note: Note) -> Any:
        return {"id": note.id, "body": note.body, "system": False, "author": {"id": note.author}}


@contextmanager
def serving(service: StandIn) -> Iterator[StandIn]:
    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
            headers = {key.lower(): value for key, value in self.headers.items()}
            request = Request(self.command, parts.path, query, headers, body)
            service.requests.append(request)
            fault = service.faults.pop(0) if self.command != "GET" and service.faults else False
            reply = fault if isinstance(fault, Reply) else service.answer(request)
            if fault is None:
                self.close_connection = True  # done, and nobody hears of it
                return
            text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
            self.send_response(reply.status)
            sent = {"Content-Type": "application/json", **reply.headers}
            for key, value in {**sent, "Content-Length": str(len(text.encode()))}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = do_PATCH = do_PUT = handle_any  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            """Nothing: the requests are kept."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def variables(service: StandIn) -> dict[str, str]:
    """What a job of that service is told."""
    match service:
        case GitHub():
            return {
                "GITHUB_ACTIONS": "true",
                "GITHUB_API_URL": service.url,
                "GITHUB_REPOSITORY": "o/r",
                "GITHUB_REF": "refs/pull/7/merge",
                "GITHUB_TOKEN": ACCESS,
                "GITHUB_SERVER_URL": "https://github.com",
                "GITHUB_RUN_ID": "99",
            }
        case AzureDevOps():
            return {
                "TF_BUILD": "True",
                "SYSTEM_COLLECTIONURI": f"{service.url}/",
                "SYSTEM_TEAMPROJECT": "p",
                "BUILD_REPOSITORY_ID": "r",
                "SYSTEM_PULLREQUEST_PULLREQUESTID": "7",
                "SYSTEM_ACCESSTOKEN": ACCESS,
            }
        case _:
            return {
                "GITLAB_CI": "true",
                "CI_API_V4_URL": service.url,
                "CI_PROJECT_ID": "42",
                "CI_MERGE_REQUEST_IID": "7",
                "GITLAB_TOKEN": ACCESS,
            }
