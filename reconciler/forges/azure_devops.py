"""Azure DevOps: https://learn.microsoft.com/rest/api/azure/devops/git/pull-request-threads"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from reconciler.forges.client import Client
from reconciler.forges.comments import Comment, Pull
from reconciler.forges.place import Place

VERSION = "7.1"
CLOSED = 4
"""A thread that is open keeps a pull request from being completed where a policy says so."""
TEXT = 1
REMEDY = (
    "let the build service contribute to pull requests (Project settings, Repositories,"
    " Security), and hand $(System.AccessToken) to the step"
)


@dataclass(slots=True)
class AzureDevOps:
    place: Place
    client: Client
    budget: int = 150_000
    _me: str = field(default="", init=False)

    def pull(self) -> Pull:
        found = self.client.get(self._pull, **{"api-version": VERSION}).body
        head = (found.get("lastMergeSourceCommit") or {}).get("commitId", "")
        return Pull(found["status"] == "active", str(head))

    def comments(self) -> Iterator[Comment]:
        me = self._who()
        for thread in self.client.get(f"{self._pull}/threads", **{"api-version": VERSION}).body[
            "value"
        ]:
            if thread.get("isDeleted"):
                continue
            for each in thread.get("comments", ())[:1]:
                identity = f"{thread['id']}/comments/{each['id']}"
                ours = str((each.get("author") or {}).get("id", "")) == me
                yield Comment(identity, each.get("content") or "", ours)

    def create(self, body: str) -> None:
        first = {"parentCommentId": 0, "content": body, "commentType": TEXT}
        thread = {"comments": [first], "status": CLOSED}
        self.client.send("POST", f"{self._pull}/threads?api-version={VERSION}", thread)

    def edit(self, comment: Comment, body: str) -> None:
        path = f"{self._pull}/threads/{comment.id}?api-version={VERSION}"
        self.client.send("PATCH", path, {"content": body})

    def close(self) -> None:
        self.client.close()

    @property
    def _pull(self) -> str:
        return f"{self.place.project}/pullRequests/{self.place.number}"

    def _who(self) -> str:
        if not self._me:
            found = self.client.get("_apis/connectionData").body
            self._me = str(found["authenticatedUser"]["id"])
        return self._me
