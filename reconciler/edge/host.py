"""What a container takes of its device: ports and devices of the host.

https://docs.docker.com/reference/api/engine/: `HostConfig` of "create a container".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from reconciler.edge.create_options import OptionsError, joined, parsed
from reconciler.edge.shape import at
from reconciler.model import FieldPath, Value, mapping, sequence, text

PORTS: FieldPath = ("HostConfig", "PortBindings")
DEVICES: FieldPath = ("HostConfig", "Devices")
_EVERY_ADDRESS = re.compile(r"(0\.0\.0\.0|::)?")
_SHARED = re.compile(r"/dev/(dri|kfd|nvidia|video|null|zero|u?random|fuse|kvm|net/tun|shm)\b.*")
"""Devices that are made for several users at once."""
_RANGE = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")


@dataclass(frozen=True, slots=True)
class Claim:
    """Something of the host that a module asks for."""

    module: str
    what: str
    """`port 443/tcp`, `/dev/ttyUSB0`."""
    path: FieldPath
    """Below the module's createOptions."""
    address: str = ""
    """Of the host, for a port; empty stands for all of them."""

    @property
    def exclusive(self) -> bool:
        """Whether a second container cannot even start."""
        return self.path[: len(PORTS)] == PORTS


@dataclass(frozen=True, slots=True)
class Clash:
    """Two claims to one thing; the second is that of the later module by name."""

    one: Claim
    two: Claim


def options_of(module: Value) -> Value:
    """The createOptions of a module as it stands in a manifest; None where nobody can read them."""
    try:
        return parsed(joined(mapping(mapping(module).get("settings"))) or {})
    except OptionsError:
        return None


def clashes(modules: Mapping[str, Value]) -> Iterator[Clash]:
    """By the createOptions of each module that runs."""
    found: defaultdict[str, list[Claim]] = defaultdict(list)
    for name in sorted(modules):
        for claim in _claims(name, modules[name]):
            found[claim.what].append(claim)
    for claims in found.values():
        for one, two in combinations(claims, 2):
            if one.address == two.address or not (one.address and two.address):
                yield Clash(one, two)


def _claims(module: str, options: Value) -> Iterator[Claim]:
    if text(at(options, "HostConfig", "NetworkMode")) != "host":
        yield from _ports(module, options)
    for index, device in enumerate(sequence(at(options, *DEVICES))):
        path = text(at(device, "PathOnHost"))
        if path and not _SHARED.fullmatch(path):
            yield Claim(module, path, (*DEVICES, str(index)))


def _ports(module: str, options: Value) -> Iterator[Claim]:
    for inner, bindings in mapping(at(options, *PORTS)).items():
        protocol = inner.partition("/")[2] or "tcp"
        for binding in sequence(bindings):
            address = text(at(binding, "HostIp"))
            if port := _number(str(at(binding, "HostPort") or "")):
                where = "" if _EVERY_ADDRESS.fullmatch(address) else address
                yield Claim(module, f"port {port}/{protocol}", (*PORTS, inner), where)


def _number(told: str) -> int:
    """The port of a binding; 0 where Docker takes a free one, of all or of a range.

    https://docs.docker.com/reference/cli/docker/container/run/#publish
    """
    found = _RANGE.fullmatch(told)
    if found is None or found[2] not in {None, found[1]}:
        return 0
    return int(found[1])
