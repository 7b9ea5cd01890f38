"""A small fleet that a test can spoil."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cli.cloud import Cloud

ENVIRONMENT = """\
apiVersion: reconciler/v1
kind: Environment
metadata: {{name: test}}
spec:
  provider: azure
  workspace:
    subscriptionId: 00000000-0000-0000-0000-000000000000
    resourceGroup: contoso-weu
    name: contoso-models
  hub:
    hostName: {host}
    connectionString: {{secretRef: {{env: IOTHUB_CONNECTION_STRING}}}}
  secrets: {{allow: [IOTHUB_CONNECTION_STRING, ACR_PASSWORD]}}
  policy: {{replaces: {{max: 1, percent: 100}}}}
"""
GROUP = """\
apiVersion: reconciler/v1
kind: DeviceGroup
metadata: {name: line-1}
spec: {matchTags: {line: 1}}
"""
DEPLOYMENT = """\
apiVersion: reconciler/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  type: layer
  group: line-1
  priority: {priority}
  modules:
    {name}: {{image: "mcr.microsoft.com/azureiotedge-simulated-temperature-sensor:1.5"}}
"""


@dataclass(frozen=True)
class Workshop:
    folder: Path
    owner: str

    def write(self, host: str) -> None:
        self.folder.mkdir()
        root = f"apiVersion: reconciler/v1\nkind: Fleet\nowner: {self.owner}\n"
        self.put("reconciler.yaml", root)
        self.put("environment.yaml", ENVIRONMENT.format(host=host))
        self.put("line-1.yaml", GROUP)
        self.deploy("sensor")

    def put(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def edit(self, name: str, before: str, after: str) -> None:
        text = (self.folder / name).read_text("utf-8")
        assert text.count(before) == 1, f"{name} has {before!r} {text.count(before)} times"
        self.put(name, text.replace(before, after))

    def deploy(self, *names: str) -> None:
        for number, name in enumerate(names):
            self.put(f"{name}.yaml", DEPLOYMENT.format(name=name, priority=30 + 10 * number))

    def drop(self, *names: str) -> None:
        for name in names:
            (self.folder / f"{name}.yaml").unlink()

    def be_local(self, cloud: Cloud, **changes: Any) -> None:
        """Use the running local cloud, where it stands or where `changes` say that it does."""
        self.edit("environment.yaml", "provider: azure", "provider: local")
        connection = json.loads(json.dumps(cloud.connection))
        for path, value in changes.items():
            outer, _, inner = path.partition("_")
            if inner:
                connection[outer][inner] = value
            else:
                connection[outer] = value
        state = self.folder / ".reconciler" / "local"
        state.mkdir(parents=True)
        (state / "connection.json").write_text(json.dumps(connection), encoding="utf-8")
