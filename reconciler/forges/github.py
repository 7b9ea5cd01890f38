"""GitHub: https://docs.github.com/rest/issues/comments"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.forges.client import Client, ForgeError, LostError
from reconciler.forges.comments import Comment, Pull
from reconciler.forges.place import Place

HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
JOB = "github-actions[bot]"
"""Who writes with the token of a job; only an installation may not ask who it is."""
REMEDY = (
    "give the job `permissions: {pull-requests: write}`; a pull request from a fork has a token"
    " that only reads: comment from a workflow_run job instead"
)


@dataclass(slots=True)
class GitHub:
    place: Place
    client: Client
    budget: int = 65_536
    _me: str = field(default="", init=False)

    def pull(self) -> Pull:
        found = self.client.get(f"repos/{self.place.project}/pulls/{self.place.number}").body
        return Pull(found["state"] == "open", str(found["head"]["sha"]))

    def comments(self) -> Iterator[Comment]:
        me, page = self._who(), 1
        while True:
            answer = self.client.get(self._issue, per_page="100", page=str(page))
            for each in answer.body:
                yield Comment(str(each["id"]), each["body"] or "", _login(each) == me)
            if 'rel="next"' not in answer.headers.get("Link", ""):
                return
            page += 1

    def create(self, body: str) -> None:
        self.client.send("POST", self._issue, {"body": body})

    def edit(self, comment: Comment, body: str) -> None:
        path = f"repos/{self.place.project}/issues/comments/{comment.id}"
        self.client.send("PATCH", path, {"body": body})

    def close(self) -> None:
        self.client.close()

    @property
    def _issue(self) -> str:
        return f"repos/{self.place.project}/issues/{self.place.number}/comments"

    def _who(self) -> str:
        if not self._me:
            try:
                self._me = str(self.client.get("user").body["login"])
            except LostError:
                raise
            except ForgeError:
                self._me = JOB
        return self._me


def _login(comment: Mapping[str, Any]) -> str:
    """Of who wrote it; whoever left the service has none any more."""
    return str((comment.get("user") or {}).get("login", ""))
