"""The one comment: found by its hidden marker, edited in place, never a second one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from reconciler.forges.client import ForgeError, LostError


@dataclass(frozen=True, slots=True)
class Comment:
    id: str
    body: str
    ours: bool
    """Whether this token wrote it: a marker can be copied by anybody."""


@dataclass(frozen=True, slots=True)
class Pull:
    """What must be known of a pull request before something is written to it."""

    open: bool
    head: str
    """The newest commit of its branch, or empty where the service does not say."""


class Forge(Protocol):
    """What the services have in common."""

    budget: int
    """Bytes of a comment."""

    def pull(self) -> Pull: ...

    def comments(self) -> Iterator[Comment]:
        """All of them, the oldest first."""
        ...

    def create(self, body: str) -> None: ...

    def edit(self, comment: Comment, body: str) -> None: ...

    def close(self) -> None: ...


def post(forge: Forge, marker: str, body: str, *, create: bool = True) -> bool:
    """Write the comment that carries the marker, over the last one or, with `create`, anew; False
    if there was nothing to write.

    After a lost answer it is looked for again, so that it is never there twice.
    """
    existing = _marked(forge, marker)
    if existing is None and not create:
        return False
    if existing is None:
        try:
            forge.create(body)
        except LostError:
            existing = _marked(forge, marker)
            if existing is None:
                forge.create(body)
        return True
    if _same(existing.body, body):
        return False
    forge.edit(existing, body)
    return True


def _marked(forge: Forge, marker: str) -> Comment | None:
    """The first of ours whose first line is the marker."""
    lines = ((c, c.body.lstrip().partition("\n")[0].strip()) for c in forge.comments() if c.ours)
    return next((comment for comment, line in lines if line == marker), None)


def _same(before: str, after: str) -> bool:
    """Services change line ends and what stands at the end."""
    return before.replace("\r\n", "\n").strip() == after.strip()


__all__ = ["Comment", "Forge", "ForgeError", "Pull", "post"]
