"""Prebuilt images on devices: what a tag stood for is kept with the deployment that uses it."""

from __future__ import annotations

from reconciler.apply import execute
from reconciler.emulator import oci
from reconciler.emulator.oci.reference import parsed
from reconciler.model import Commit, Resource, Spec, Value
from reconciler.plan import Plan, Result, Wish, build
from reconciler.registry import KINDS
from tests.providers.cloud import SCOPE, Cloud
from tests.providers.resources import deployment, draft, group


def pushed(cloud: Cloud, name: str, tag: str, text: str) -> str:
    """An image of one file, put under a tag: its digest."""
    context = cloud.emulator.context
    content = context.contents.put([text.encode()])
    reference = parsed(f"{cloud.session.login_server()}/{name}:{tag}")
    digest: str = oci.push(context, reference, [oci.Part("app.py", content)])
    return digest


def drafts(cloud: Cloud, name: str, **module: Value) -> tuple[Resource, ...]:
    reference = f"{cloud.session.login_server()}/{name}:1.4"
    modules: Spec = {
        "tools": {"image": name, "version": "1", "restartPolicy": "always", **module},
        "again": {"image": f"{name}-2", "version": "1", "restartPolicy": "always"},
    }
    return (
        group(name, targetCondition=f"tags.line = '{name}'"),
        draft("Image", name, {"builder": "prebuilt", "reference": reference}),
        draft("Image", f"{name}-2", {"builder": "prebuilt", "reference": reference}),
        deployment(name, modules=modules),
    )


def planned(cloud: Cloud, wanted: tuple[Resource, ...]) -> Plan:
    return build(Wish(Commit(), SCOPE, wanted), cloud.provider.read(wanted), KINDS)


def moved(plan: Plan) -> list[str]:
    return [d.summary for d in plan.diagnostics if d.code == "image.moved"]


def applied(cloud: Cloud, wanted: tuple[Resource, ...]) -> dict[str, str]:
    """The labels of the deployment that this writes."""
    *_, outcome = execute(planned(cloud, wanted), cloud.provider)
    assert outcome.result is Result.APPLIED, outcome.detail
    live = [c for c in cloud.session.hub.configurations() if c["id"].startswith(wanted[0].id.name)]
    labels: dict[str, str] = live[0]["labels"]
    return labels


def test_a_deployment_notes_what_its_tags_stood_for(cloud: Cloud, name: str) -> None:
    digest = pushed(cloud, name, "1.4", "one")
    wanted = drafts(cloud, name)
    labels = applied(cloud, wanted)
    assert (labels["reconciler-image-tools"], labels["reconciler-image-again"]) == (digest, digest)
    plan = planned(cloud, wanted)
    assert (plan.changes, moved(plan)) == ((), [])


def test_a_tag_that_moved_is_said_and_changes_nothing(cloud: Cloud, name: str) -> None:
    before = pushed(cloud, name, "1.4", "one")
    wanted = drafts(cloud, name)
    applied(cloud, wanted)
    after = pushed(cloud, name, "1.4", "two")
    plan = planned(cloud, wanted)
    assert plan.changes == ()
    server = cloud.session.login_server()
    assert moved(plan) == [f"{server}/{name}:1.4 was {before}, and is {after} now"] * 2


def test_another_version_of_the_module_takes_the_moved_tag(cloud: Cloud, name: str) -> None:
    pushed(cloud, name, "1.4", "one")
    applied(cloud, drafts(cloud, name))
    after = pushed(cloud, name, "1.4", "two")
    wanted = drafts(cloud, name, version="2")
    *outcomes, _ = execute(planned(cloud, wanted), cloud.provider)
    assert outcomes[0].now is not None
    labels = cloud.hub(outcomes[0].now.address)["labels"]
    assert labels["reconciler-image-tools"] == after
    assert moved(planned(cloud, wanted)) == []


def test_a_tag_is_looked_up_once_however_often_it_is_used(cloud: Cloud, name: str) -> None:
    pushed(cloud, name, "1.4", "one")
    _, first, second, _ = drafts(cloud, name)
    cloud.images.observe([first])
    start = cloud.cost()
    cloud.images.observe([first])
    alone = cloud.cost()
    cloud.images.observe([first, second])
    both = cloud.cost()
    assert alone["registry"]["read"] > start["registry"]["read"]
    assert both["registry"]["read"] - alone["registry"]["read"] == (
        alone["registry"]["read"] - start["registry"]["read"]
    )
    assert both["workspace"] == start["workspace"]
