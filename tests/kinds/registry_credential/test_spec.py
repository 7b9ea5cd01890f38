from __future__ import annotations

from reconciler.kinds.registry_credential.spec import KIND
from reconciler.model import FieldRule, Spec

OURS: Spec = {
    "loginServer": "Contoso.azurecr.io",
    "username": "puller",
    "password": {"secretRef": {"env": "ACR_PASSWORD"}},
}
WORKSPACE: Spec = {"password": {"secretRef": {"workspaceRegistry": True}}}


def test_the_workspace_knows_its_own_registry_and_user() -> None:
    assert list(KIND.check("c", WORKSPACE, {})) == []
    assert KIND.normalize(WORKSPACE, {}) == WORKSPACE


def test_a_password_of_our_own_needs_its_registry_and_user() -> None:
    assert list(KIND.check("c", OURS, {})) == []
    alone: Spec = {"password": OURS["password"]}
    summaries = [fault.summary for fault in KIND.check("c", alone, {})]
    assert summaries == ["spec.loginServer is missing", "spec.username is missing"]


def test_a_host_name_has_one_spelling() -> None:
    assert KIND.normalize(OURS, {})["loginServer"] == "contoso.azurecr.io"


def test_reference_and_counter_make_the_generation_and_nothing_is_written() -> None:
    assert KIND.rule(("password", "secretRef", "env")) is FieldRule.CONTENT
    assert KIND.rule(("counter",)) is FieldRule.CONTENT
    assert not KIND.managed(OURS)


def test_it_stands_for_a_secret_that_may_be_rotated() -> None:
    assert KIND.rotates
