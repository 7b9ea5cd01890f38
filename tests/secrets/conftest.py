"""A fleet whose deployments hold two secrets, and canaries wherever a secret can stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from _pytest.tmpdir import TempPathFactory

from reconciler.emulator import hub
from reconciler.emulator.hub.configurations import Writing, put
from reconciler.emulator.hub.match import Match
from reconciler.emulator.hub.switches import Switches
from tests.emulator.hub.fleet import layer, module
from tests.prove import fleet_before_and_after as fleets
from tests.prove.rig import Rig, rig

PLANTED = {
    "ACR_PASSWORD": "canary-in-a-variable",
    "ACR_UNUSED": "canary-nobody-asks-for",
    "AZURE_CLIENT_SECRET": "canary-of-the-client",
    "GITHUB_TOKEN": "canary-of-the-pipeline",
    "IOTHUB_CONNECTION_STRING": "HostName=h;SharedAccessKey=canary-of-the-hub",
}
REMOTE = "https://somebody:canary-in-the-remote@git.example/fleet.git"
THEIRS = "canary-of-a-foreign-deployment"


@dataclass(frozen=True)
class Guarded:
    """An applied fleet, and everything that must be seen nowhere."""

    rig: Rig
    folder: Path

    @property
    def canaries(self) -> tuple[str, ...]:
        connection = self.rig.emulator.connection
        passwords = [row["value"] for row in self.rig.rows("registry_password")]
        devices = [row for row in self.rig.rows("hub_identity") if row["primary_key"]]
        keys = [row[f"{which}_key"] for row in devices for which in ("primary", "secondary")]
        return (
            *(value.rpartition("=")[2] for value in PLANTED.values()),
            "canary-in-the-remote",
            THEIRS,
            connection.token,
            connection.identity.hub_primary_key,
            connection.identity.client_secret,
            *passwords,
            *keys,
        )

    @property
    def known(self) -> tuple[str, ...]:
        """What a run has met before it sends its first request."""
        connection = self.rig.emulator.connection
        variables = (value.rpartition("=")[2] for value in PLANTED.values())
        return (*variables, connection.identity.hub_primary_key)

    def rotate(self) -> str:
        """Give the workspace's registry another password."""
        told = self.rig.client.control("POST", "registry/rotate", {"name": "password"})
        return str(told["value"])

    def edit(self, name: str, priority: int = 20, **spec: object) -> None:
        """Change a deployment."""
        login = ["registry", "vendor"]
        whole = {"registryCredentials": login, **spec}
        document = fleets.layer(name, "line", "bought", priority, **whole)
        fleets.write_one(document, self.rig.fleet)
        self.rig.commit(f"Change {name}")

    def write(self, kind: str, name: str, **spec: object) -> None:
        """Add a document, or change it."""
        fleets.write_one(fleets.document(kind, name, **spec), self.rig.fleet)
        self.rig.commit(f"Change {name}")


def seen(canaries: tuple[str, ...], text: str) -> list[str]:
    return [canary for canary in canaries if canary in text]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("fleet")
    with rig(folder, PLANTED) as made:
        made.git("remote", "add", "origin", REMOTE)
        made.client.control("POST", "seed", {"devices": [{"deviceId": "gw-1", "edge": True}]})
        made.client.control("POST", "registry/seed", {"repository": "bought", "tag": "1"})
        _foreign(made)
        found = Guarded(made, folder)
        fleets.write(_fleet(made.login_server), made.fleet)
        found.edit("holder")
        ran = made.run("apply", "--auto-approve")
        assert ran.code == 0, ran.output
        made.keep(folder.with_suffix(".kept"))
        yield found


@pytest.fixture(autouse=True)
def _as_it_was(guarded: Guarded) -> None:
    """Tests come in any order: each begins with the cloud and the fleet as first applied."""
    guarded.rig.back(guarded.folder.with_suffix(".kept"))
    fleets.write(_fleet(guarded.rig.login_server), guarded.rig.fleet)
    guarded.edit("holder")


def _fleet(registry: str) -> dict[str, fleets.Document | str]:
    documents = [
        fleets.environment(registry),
        fleets.document("RegistryCredential", "registry", password=fleets.PASSWORD),
        fleets.document(
            "RegistryCredential",
            "vendor",
            loginServer="vendor.example",
            username="puller",
            password={"secretRef": {"env": "ACR_PASSWORD"}},
        ),
        fleets.document("Model", "kept", path="../files/kept.bin"),
        fleets.document("Image", "bought", builder="prebuilt", reference=f"{registry}/bought:1"),
        fleets.document("Device", "gw-1", status="enabled", tags={"site": "plant-a"}),
        fleets.document("Device", "gw-2", authentication={"type": "x509CA"}),
        fleets.document("DeviceGroup", "line", devices=["gw-1"]),
    ]
    root = f"apiVersion: reconciler/v1\nowner: {fleets.OWNER}\n"
    return {"reconciler.yaml": root, "files/kept.bin": "kept", **fleets.placed(documents)}


def _foreign(rig: Rig) -> None:
    context = rig.emulator.context
    login = {"address": "theirs.example", "username": "u", "password": THEIRS}
    content = layer(camera=module("theirs.example/camera:1"))
    content["$edgeAgent"]["properties.desired.runtime.settings.registryCredentials.theirs"] = login
    document = {
        "id": "theirs",
        "content": {"modulesContent": content},
        "targetCondition": "tags.role = 'camera'",
        "priority": 99,
    }
    with context.store.transaction() as db:
        put(db, "theirs", document, Writing(Match(), context.clock.now(), Switches()))
    hub.tick(context)
