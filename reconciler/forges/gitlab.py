"""GitLab: https://docs.gitlab.com/api/notes/#merge-requests"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from reconciler.forges.client import Client
from reconciler.forges.comments import Comment, Pull
from reconciler.forges.place import Place

REMEDY = "GITLAB_TOKEN must be a project access token with the scope api and the role Reporter"


@dataclass(slots=True)
class GitLab:
    place: Place
    client: Client
    budget: int = 1_000_000
    _me: str = field(default="", init=False)

    def pull(self) -> Pull:
        found = self.client.get(self._merge_request).body
        return Pull(found["state"] == "opened", str(found.get("sha") or ""))

    def comments(self) -> Iterator[Comment]:
        me, page = self._who(), "1"
        while page:
            query = {"per_page": "100", "page": page, "sort": "asc", "order_by": "created_at"}
            answer = self.client.get(self._notes, **query)
            for each in answer.body:
                ours = not each.get("system") and str(each["author"]["id"]) == me
                yield Comment(str(each["id"]), each["body"] or "", ours)
            page = answer.headers.get("X-Next-Page", "")

    def create(self, body: str) -> None:
        self.client.send("POST", self._notes, {"body": body})

    def edit(self, comment: Comment, body: str) -> None:
        self.client.send("PUT", f"{self._notes}/{comment.id}", {"body": body})

    def close(self) -> None:
        self.client.close()

    @property
    def _merge_request(self) -> str:
        project = quote(self.place.project, safe="")
        return f"projects/{project}/merge_requests/{self.place.number}"

    @property
    def _notes(self) -> str:
        return f"{self._merge_request}/notes"

    def _who(self) -> str:
        if not self._me:
            self._me = str(self.client.get("user").body["id"])
        return self._me
