"""What reading costs: the numbers that a plan without changes is allowed."""

from __future__ import annotations

from tests.providers.azure.test_images import Built
from tests.providers.cloud import Cloud
from tests.providers.resources import credential, deployable, group, resolved


def test_a_whole_read_costs_what_it_may(cloud: Cloud, name: str) -> None:
    built = Built(cloud, name, "azureml-image")
    built.create(cloud)
    want = deployable(name)
    cloud.deployments.create(want, resolved(want))
    cloud.seed(f"{name}-a")
    before = cloud.cost()
    cloud.deployments.observe([want])
    cloud.groups.observe([group(name, devices=(f"{name}-a",))])
    with cloud.session.reading():  # as a provider reads: what two kinds need is asked once
        cloud.images.observe([built.want])
        cloud.models.observe([built.model])
    cloud.credentials.observe([credential(name)])
    spent = {s: cloud.cost()[s]["read"] - before[s]["read"] for s in ("hub", "workspace")}
    pages = -(-len(cloud.session.workspace.images()) // 20)
    rows = cloud.emulator.context.store.snapshot()["hub_identity"]
    devices = sum(not row["module_id"] for row in rows)
    queries = max(1, -(-devices // 1000))
    assert spent == {"hub": 1 + queries, "workspace": 1 + pages}
    assert all(cloud.cost()[s]["write"] == before[s]["write"] for s in ("hub", "workspace"))


def test_the_emulator_was_asked_nothing_that_it_does_not_know(cloud: Cloud, name: str) -> None:
    Built(cloud, name, "azureml-package").create(cloud)
    assert cloud.unknown_calls() == []
