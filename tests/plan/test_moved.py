"""A tag that leads to another image than when its deployment was written is said, not acted on."""

from __future__ import annotations

import pytest

from reconciler.diff import Action, Change, Reason
from reconciler.model import Observed, Origin, Resource, ResourceId, Severity
from reconciler.plan.referred import moved

IMAGE = ResourceId("Image", "tools", "v1:aa")
DEPLOYMENT = ResourceId("Deployment", "line-1", "v1:bb")
REFERENCE = "contoso.azurecr.io/tools:1.4"
PATH = ("modules", "tools", "image")
WANT = Resource(DEPLOYMENT, {}, {PATH: IMAGE}, Origin("line-1.yaml", 3))


def image(digest: str) -> Change:
    status = {"location": REFERENCE, "digest": digest}
    have = Observed(IMAGE, {}, address=REFERENCE, status=status)
    return Change(IMAGE, Action.NOOP, Reason.SAME, have, Resource(IMAGE, {}))


def deployment(digest: str, action: Action = Action.NOOP) -> Change:
    noted = {"modules.tools.image": digest} if digest else {}
    have = Observed(DEPLOYMENT, {}, owned=True, status={"digests": noted})
    return Change(DEPLOYMENT, action, Reason.SAME, have, WANT)


@pytest.mark.parametrize("action", [Action.NOOP, Action.UPDATE])
def test_a_tag_that_moved_is_a_warning_where_it_is_used(action: Action) -> None:
    [said] = moved([deployment("sha256:old", action), image("sha256:new")])
    assert (said.severity, said.code, said.subject) == (
        Severity.WARNING,
        "image.moved",
        DEPLOYMENT,
    )
    assert said.summary == f"{REFERENCE} was sha256:old, and is sha256:new now"
    assert "use a unique tag" in said.hint
    assert (said.path, said.origin) == (PATH, WANT.origin)


@pytest.mark.parametrize(
    ("then", "now"),
    [("sha256:same", "sha256:same"), ("", "sha256:new"), ("sha256:old", "")],
)
def test_nothing_is_said_of_what_did_not_move_or_is_not_known(then: str, now: str) -> None:
    assert list(moved([deployment(then), image(now)])) == []


def test_nothing_is_said_of_what_is_written_anew() -> None:
    want = Change(DEPLOYMENT, Action.CREATE, Reason.MISSING, None, WANT)
    assert list(moved([want, image("sha256:new")])) == []
