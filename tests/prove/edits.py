"""A fleet as documents, and what people do to it: one random edit at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from random import Random
from typing import Any, TypeAlias

Documents: TypeAlias = dict[str, dict[str, Any]]
"""By `Kind name`, the spec."""
Edit: TypeAlias = Callable[[Random, Documents], None]

SITES, LINES, RINGS = 5, 4, ("canary", "early", "broad", "late")
MODULES = ("sensor", "detector", "filter", "uploader")
SERVERS = ("plant.azurecr.io", "other.azurecr.io")
TWINS: tuple[dict[str, Any], ...] = (
    {"threshold": 1},
    {"threshold": 2, "unit": "mm"},
    {"deep": {"a": [1, 2]}},
    {},
)
OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"HostConfig": {"Memory": 64}},
    {"HostConfig": {"Memory": 128}},
)
ROUTES = ("FROM /messages/* INTO $upstream", "FROM /messages/modules/* INTO $upstream")
POLICY = {
    "prune": True,
    "deletes": {"max": 1000, "percent": 100},
    "replaces": {"max": 1000, "percent": 100},
}


def device(at: int) -> dict[str, Any]:
    """Some have no line, some say it as text, and some have no IoT Edge."""
    line: dict[str, Any] = {} if at % 17 == 0 else {"line": at // SITES % LINES}
    tags = {"site": f"plant-{at % SITES}", "ring": RINGS[at * 7 % len(RINGS)], **line}
    if at % 23 == 0:
        tags["line"] = "1"
    return {"deviceId": f"gw-{at:04}", "edge": at % 29 != 28, "tags": tags}


def first(rng: Random) -> Documents:
    documents: Documents = {
        "Environment local": {
            "provider": "local",
            "policy": POLICY,
            "secrets": {"allow": ["ACR_*"]},
        },
        "RegistryCredential plant": _credential(0),
        "RegistryCredential other": _credential(1),
        "DeviceGroup all": {"targetCondition": "*", "allowAll": True},
        "DeviceGroup site-1": {"matchTags": {"site": "plant-1"}},
        "DeviceGroup site-2": {"matchTags": {"site": "plant-2", "line": 2}},
        "DeviceGroup canaries": {"targetCondition": "tags.ring = 'canary' OR tags.line > 2"},
        "DeviceGroup typed": {"targetCondition": "tags.line = 1"},
        "DeviceGroup picked": {"devices": _some(rng, 10)},
        "DeviceGroup chosen": {"devices": _some(rng, 15)},
        "Deployment base": _base(rng, "all", 10),
    }
    for _ in range(4):
        add_layer(rng, documents)
    add_base(rng, documents)
    return documents


def _credential(at: int) -> dict[str, Any]:
    secret = {"secretRef": {"env": f"ACR_{at}"}}
    return {"loginServer": SERVERS[at], "username": "puller", "password": secret}


def edited(rng: Random, documents: Documents) -> Documents:
    """A copy after one to three edits."""
    found = deepcopy(documents)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        rng.choice(EDITS)(rng, found)
    return found


def _some(rng: Random, count: int) -> list[str]:
    """Of whom some may have no IoT Edge, and some are not registered."""
    return sorted(f"gw-{at:04}" for at in rng.sample(range(510), count))


def _module(rng: Random, name: str) -> dict[str, Any]:
    module: dict[str, Any] = {"image": _image(rng, name)}
    if rng.random() < 0.4:
        module["desiredProperties"] = rng.choice(TWINS)
    if rng.random() < 0.3:
        module["env"] = {"LEVEL": rng.choice("abc")}
    return module


def _image(rng: Random, name: str) -> str:
    return f"{rng.choice(SERVERS)}/{name}:{rng.randrange(1, 6)}"


def _base(rng: Random, group: str, priority: int) -> dict[str, Any]:
    names = rng.sample(MODULES, rng.randrange(0, 3))
    return {
        "type": "base",
        "group": group,
        "priority": priority,
        "edgeAgent": {"image": "mcr.microsoft.com/azureiotedge-agent:1.6.1"},
        "edgeHub": {"image": "mcr.microsoft.com/azureiotedge-hub:1.6.1"},
        "modules": {name: _module(rng, name) for name in names},
    }


def _layer(rng: Random, group: str, priority: int) -> dict[str, Any]:
    names = rng.sample(MODULES, rng.randrange(1, 3))
    modules = {name: _module(rng, name) for name in names}
    return {"type": "layer", "group": group, "priority": priority, "modules": modules}


def _of(documents: Mapping[str, Any], kind: str) -> list[str]:
    return sorted(address for address in documents if address.startswith(f"{kind} "))


def _deployment(rng: Random, documents: Documents, sort: str = "") -> dict[str, Any]:
    """A random one; an empty one where there is none of the sort, so that an edit does nothing."""
    found = [
        documents[each]
        for each in _of(documents, "Deployment")
        if sort in {"", documents[each]["type"]}
    ]
    return rng.choice(found) if found else {}


def _group(rng: Random, documents: Documents) -> str:
    return rng.choice(_of(documents, "DeviceGroup")).partition(" ")[2]


def _any_module(rng: Random, documents: Documents) -> tuple[str, dict[str, Any]]:
    modules = _deployment(rng, documents).get("modules", {})
    if not modules:
        return "sensor", {}
    name = rng.choice(sorted(modules))
    return name, modules[name]


def another_image(rng: Random, documents: Documents) -> None:
    name, module = _any_module(rng, documents)
    module["image"] = _image(rng, name)


def module_field(rng: Random, documents: Documents) -> None:
    """Something that the container is made from, or only how it is to run."""
    _, module = _any_module(rng, documents)
    choices: dict[str, tuple[Any, ...]] = {
        "env": ({}, {"LEVEL": "a"}, {"LEVEL": "b", "MORE": "1"}),
        "createOptions": OPTIONS,
        "desiredProperties": TWINS,
        "version": ("1.0", "1.1"),
        "status": ("running", "stopped"),
        "restartPolicy": ("always", "on-failure", "never"),
        "imagePullPolicy": ("on-create", "never"),
        "startupOrder": (1, 2, 3),
    }
    name = rng.choice(sorted(choices))
    module[name] = rng.choice(choices[name])


def one_module_more(rng: Random, documents: Documents) -> None:
    name = rng.choice(MODULES)
    modules = _deployment(rng, documents).get("modules", {})
    modules.setdefault(name, _module(rng, name))


def one_module_less(rng: Random, documents: Documents) -> None:
    deployment = _deployment(rng, documents)
    modules = deployment.get("modules", {})
    if len(modules) > (deployment.get("type") == "layer"):
        del modules[rng.choice(sorted(modules))]


def priority(rng: Random, documents: Documents) -> None:
    deployment = _deployment(rng, documents)
    deployment["priority"] = _priority(rng, deployment.get("type", ""))


def _priority(rng: Random, sort: str) -> int:
    return rng.randrange(5, 20) if sort == "base" else rng.randrange(8, 90)


def another_group(rng: Random, documents: Documents) -> None:
    _deployment(rng, documents)["group"] = _group(rng, documents)


def condition(rng: Random, documents: Documents) -> None:
    """Of a group that others than its devices define."""
    texts = (
        "tags.site = 'plant-3' AND NOT tags.ring = 'late'",
        "tags.line <= 1",
        "tags.line = '1'",
        "is_defined(tags.line)",
        "deviceId >= 'gw-0400'",
        "tags.ring != 'canary'",
    )
    chosen = rng.choice(("canaries", "typed"))
    documents[f"DeviceGroup {chosen}"] = {"targetCondition": rng.choice(texts)}


def tags(rng: Random, documents: Documents) -> None:
    chosen = rng.choice(("site-1", "site-2"))
    wanted: dict[str, Any] = {"site": f"plant-{rng.randrange(SITES)}"}
    if rng.random() < 0.5:
        wanted["line"] = rng.randrange(LINES)
    documents[f"DeviceGroup {chosen}"] = {"matchTags": wanted}


def members(rng: Random, documents: Documents) -> None:
    """A few devices come, a few go."""
    group = documents[f"DeviceGroup {rng.choice(('picked', 'chosen'))}"]
    kept = [name for name in group["devices"] if rng.random() < 0.7]
    group["devices"] = sorted({*kept, *_some(rng, rng.randrange(1, 6))})


def routes(rng: Random, documents: Documents) -> None:
    deployment = _deployment(rng, documents)
    deployment["routes"] = {name: rng.choice(ROUTES) for name in rng.sample("abc", 2)}


def credentials(rng: Random, documents: Documents) -> None:
    deployment = _deployment(rng, documents)
    deployment["registryCredentials"] = rng.choice(([], ["plant"], ["other"], ["plant", "other"]))


def runtime(rng: Random, documents: Documents) -> None:
    deployment = _deployment(rng, documents, "base")
    if deployment:
        part = deployment[rng.choice(("edgeAgent", "edgeHub"))]
        part["env"] = {"RuntimeLogLevel": rng.choice(("debug", "info"))}


def storing(rng: Random, documents: Documents) -> None:
    seconds = rng.choice((3600, 7200))
    _deployment(rng, documents, "base")["storeAndForward"] = {"timeToLiveSecs": seconds}


def words(rng: Random, documents: Documents) -> None:
    """What no device ever sees."""
    _deployment(rng, documents)["labels"] = {"team": rng.choice("abc")}


def add_layer(rng: Random, documents: Documents) -> None:
    name = f"Deployment layer-{rng.randrange(12)}"
    group, place = _group(rng, documents), _priority(rng, "layer")
    documents.setdefault(name, _layer(rng, group, place))


def add_base(rng: Random, documents: Documents) -> None:
    name = f"Deployment base-{rng.randrange(3)}"
    documents.setdefault(name, _base(rng, _group(rng, documents), _priority(rng, "base")))


def drop(rng: Random, documents: Documents) -> None:
    """Layers for the most part: a fleet without any base says little."""
    chosen = rng.choice(_of(documents, "Deployment"))
    if documents[chosen]["type"] == "layer" or rng.random() < 0.3:
        del documents[chosen]
        documents.setdefault("Deployment base", _base(rng, _group(rng, documents), 10))


EDITS: tuple[Edit, ...] = (
    *(another_image, module_field, module_field, module_field),
    *(one_module_more, one_module_less, priority, another_group, condition, tags),
    *(members, members, routes, credentials, runtime, storing, words),
    *(add_layer, add_base, drop, drop),
)
