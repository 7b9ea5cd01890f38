"""A fleet before and after a commit that asks for every kind of change, and others' objects."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from reconciler.cli.local import FOLDER
from reconciler.emulator import hub
from reconciler.emulator.hub.configurations import Writing, put
from reconciler.emulator.hub.match import Match
from reconciler.emulator.hub.switches import Switches
from reconciler.emulator.server import Running, running
from reconciler.emulator.settings import Settings
from tests.emulator.client import Client
from tests.emulator.hub.fleet import layer, module
from tests.emulator.workspace.rest import register

ROOT = Path(__file__).parents[2]
AUTHOR = ("-c", "user.name=prover", "-c", "user.email=prover@example.com")
LEASE_SECONDS = 4
"""Real ones: how long the next run watches the lease of one that was killed."""
RUNTIME = {"image": "mcr.microsoft.com/azureiotedge-agent:1.6.1"}
SERVER = "plant.azurecr.io"
DEVICES = [
    {"deviceId": f"gw-{n}", "edge": True, "tags": {"role": "gateway", "theirs": {"n": n}}}
    for n in range(1, 5)
] + [{"deviceId": f"mill-{n}", "edge": True, "tags": {"theirs": {"n": n}}} for n in range(1, 3)]
QUICK = Settings(tick_seconds=0.05, image_page_size=100)

Spec = Mapping[str, Any]


@dataclass(frozen=True)
class Checkout:
    """A repository with a fleet, and the state of its local cloud."""

    path: Path

    @property
    def fleet(self) -> Path:
        return self.path / "fleet"

    @contextmanager
    def cloud(self, settings: Settings = QUICK) -> Iterator[Running]:
        """Its cloud, served from a thread of this process, and looked at after every write."""
        with running(self.fleet / FOLDER, settings) as emulator:
            emulator.context.watchers.append(lambda: hub.tick(emulator.context))
            yield emulator

    def copied_to(self, path: Path) -> Checkout:
        """With a cloud of its own: the same state, another port."""
        shutil.copytree(self.path, path, symlinks=True)
        (path / "fleet" / FOLDER / "port").unlink()
        return Checkout(path)

    def share_cloud_with(self, other: Checkout) -> None:
        """Let the other one join the emulator that serves this one now."""
        file = FOLDER / "connection.json"
        shutil.copyfile(self.fleet / file, other.fleet / file)

    def commit(self, message: str) -> None:
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message", message)

    def begin(self) -> None:
        self.fleet.mkdir(parents=True)
        (self.path / ".gitignore").write_text(".reconciler/\n")
        self._git("init", "--quiet", ".")

    def write(self, documents: Mapping[str, Spec]) -> None:
        """One file per document, named `Kind name`; other documents go."""
        for file in self.fleet.glob("*.yaml"):
            file.unlink()
        root = {"apiVersion": "reconciler/v1", "kind": "Fleet", "owner": "plant"}
        (self.fleet / "reconciler.yaml").write_text(yaml.safe_dump(root))
        for address, spec in documents.items():
            kind, name = address.split()
            document = {"apiVersion": "reconciler/v1", "kind": kind, "metadata": {"name": name}}
            path = self.fleet / f"{kind.lower()}-{name}.yaml"
            path.write_text(yaml.safe_dump({**document, "spec": dict(spec)}))

    def applying(self, secret: str) -> subprocess.Popen[str]:
        """Start an apply."""
        temporary = self.path / "tmp"
        temporary.mkdir(exist_ok=True)
        variables = {"PYTHONPATH": ROOT, "TMPDIR": temporary, "ACR_PASSWORD": secret}
        told = [f"{name}={value}" for name, value in variables.items()]
        program = [sys.executable, "-m", "reconciler", "apply", "--env", "local", "--auto-approve"]
        return subprocess.Popen(
            ["env", *told, *program],  # env becomes the program: the process is the same
            cwd=self.path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def apply(self, secret: str) -> tuple[int, str]:
        """The exit code, and what was said."""
        process = self.applying(secret)
        said, _ = process.communicate()
        return process.returncode, said

    def _git(self, *arguments: str) -> None:
        subprocess.run(["git", *AUTHOR, *arguments], cwd=self.path, check=True)


def prepared(path: Path) -> Checkout:
    """Applied once, with others' objects in the cloud, and the next commit made."""
    checkout = Checkout(path)
    checkout.begin()
    for name, content in {
        "weights": "1 2 3",
        "fresh": "4 5 6",
        "score": SCRIPT,
        "conda": CONDA,
    }.items():
        (checkout.fleet / FILES[name]).write_text(content)
    (checkout.fleet / "devices.jsonl").write_text("")
    checkout.write(before())
    checkout.commit("Before")
    with checkout.cloud() as emulator, closing(Client(emulator.connection)) as client:
        client.control("POST", "seed", {"devices": DEVICES})
        plant_others(emulator, client)
        code, said = checkout.apply("first")
        if code:
            raise RuntimeError(said)
        emulator.context.requests.clear()
    (checkout.fleet / FILES["score"]).write_text(SCRIPT + "# another digit\n")
    checkout.write(after())
    checkout.commit("After")
    return checkout


def plant_others(emulator: Running, client: Client) -> None:
    """A deployment, a model and tags that no run may touch."""
    register(client, "weights", tags=[], kvTags={"team": "others"})
    with emulator.context.store.transaction() as db:
        foreign(db, "base-00000000", emulator.context.clock.now())


def foreign(db: sqlite3.Connection, id_: str, now: datetime) -> None:
    """Put somebody else's deployment on the hub."""
    theirs = {
        "content": {"modulesContent": layer(theirs=module())},
        "targetCondition": "tags.role = 'gateway'",
        "priority": 900,
        "labels": {"reconciler-owner": "others", "reconciler-name": "base"},
    }
    put(db, id_, theirs, Writing(Match(), now, Switches()))


FILES = {
    "weights": "weights.txt",
    "fresh": "fresh.txt",
    "score": "score.py",
    "conda": "conda.yml",
}
SCRIPT = "def init():\n    pass\n\n\ndef run(data):\n    return data\n"
CONDA = "name: scoring\ndependencies:\n  - python=3.8\n"


def before() -> dict[str, Spec]:
    return {
        "Environment local": ENVIRONMENT,
        "Model weights": {"path": "weights.txt", "tags": {"team": "edge", "gone": "soon"}},
        "Image scored": scored("azureml-image"),
        "DeviceGroup gateways": {"matchTags": {"role": "gateway"}},
        "DeviceGroup line": {"devices": ["gw-1", "gw-2"]},
        "RegistryCredential plant": {
            "loginServer": SERVER,
            "username": "puller",
            "password": {"secretRef": {"env": "ACR_PASSWORD"}},
        },
        "Deployment base": base("gateways", f"{SERVER}/sensor:1"),
        "DeviceGroup mills": {"devices": ["mill-1", "mill-2"]},
        "Deployment mills": base("mills", f"{SERVER}/mill:1"),
        "Deployment scorer": deployment("layer", "line", 30, scorer="scored"),
        "Deployment rotated": {
            **deployment("layer", "gateways", 40, rotated=f"{SERVER}/rotated:1"),
            "registryCredentials": ["plant"],
        },
        "Deployment steady": deployment("layer", "gateways", 50, steady=f"{SERVER}/steady:1"),
        "Deployment leaving": deployment("layer", "gateways", 60, leaving=f"{SERVER}/leaving:1"),
    }


def after() -> dict[str, Spec]:
    """Of everything: registered, tagged, built, packaged, grouped, replaced, rotated, pruned.

    One device moves to a group and a base that come with it: it must have one base or the other.
    """
    documents = before()
    del documents["Deployment leaving"]
    return {
        **documents,
        "Model weights": {"path": "weights.txt", "tags": {"team": "plant"}},
        "Model fresh": {"path": "fresh.txt", "tags": {"team": "edge"}},
        "Image packed": {**scored("azureml-package"), "models": ["fresh"]},
        "DeviceGroup line": {"devices": ["gw-2", "gw-3"]},
        "Deployment base": base("gateways", f"{SERVER}/sensor:2"),
        "DeviceGroup mills": {"devices": ["mill-1"]},
        "DeviceGroup presses": {"devices": ["mill-2"]},
        "Deployment presses": base("presses", f"{SERVER}/press:1"),
        "Deployment steady": {
            **deployment("layer", "gateways", 52, steady=f"{SERVER}/steady:1"),
            "labels": {"team": "edge"},
        },
        "Deployment packer": deployment("layer", "gateways", 70, packer="packed"),
    }


def scored(builder: str) -> Spec:
    return {
        "builder": builder,
        "models": ["weights"],
        "scoringScript": "score.py",
        "condaFile": "conda.yml",
    }


def base(group: str, image: str) -> Spec:
    return {
        **deployment("base", group, 10, sensor=image),
        "edgeAgent": RUNTIME,
        "edgeHub": {"image": "mcr.microsoft.com/azureiotedge-hub:1.6.1"},
    }


def deployment(sort: str, group: str, priority: int, **images: str) -> Spec:
    modules = {name: {"image": image} for name, image in images.items()}
    return {"type": sort, "group": group, "priority": priority, "modules": modules}


ENVIRONMENT: Spec = {
    "provider": "local",
    "secrets": {"allow": ["ACR_*"]},
    "policy": {
        "prune": True,
        "deletes": {"max": 50, "percent": 100},
        "replaces": {"max": 200, "percent": 100},
        "leaseSeconds": LEASE_SECONDS,
    },
}
