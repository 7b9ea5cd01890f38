"""What containers take of their device, and when two of them cannot have it."""

from __future__ import annotations

import pytest

from reconciler.edge import plain
from reconciler.edge.host import clashes, options_of
from reconciler.edge.lint.host import host_faults
from reconciler.model import Value


def bound(*ports: str, address: str = "", inner: str = "80/tcp") -> Value:
    """Options that bind ports of the host."""
    bindings = [{"HostPort": port, **({"HostIp": address} if address else {})} for port in ports]
    return plain({"HostConfig": {"PortBindings": {inner: bindings}}})


def said(one: Value, two: Value) -> list[str]:
    found = clashes({"one": one, "two": two})
    return [f"{clash.one.module} {clash.two.module} {clash.two.what}" for clash in found]


def test_one_port_of_the_host_is_for_one_container() -> None:
    assert said(bound("443"), bound("443", inner="8443")) == ["one two port 443/tcp"]


@pytest.mark.parametrize(
    "other",
    [
        bound("444"),
        bound("443", inner="443/udp"),
        bound(""),
        bound("0"),
        bound("443-444"),
        plain({"HostConfig": {"PortBindings": None}}),
        None,
    ],
)
def test_another_port_is_free(other: Value) -> None:
    assert said(bound("443"), other) == []


def test_docker_finds_a_free_port_of_a_range() -> None:
    assert said(bound("8000-8002"), bound("8002-8004")) == []
    assert said(bound("8000-8000"), bound("8000")) == ["one two port 8000/tcp"]


def test_two_addresses_of_the_host_have_ports_of_their_own() -> None:
    assert said(bound("443", address="10.0.0.1"), bound("443", address="127.0.0.1")) == []
    assert said(bound("443", address="10.0.0.1"), bound("443", address="::")) != []


def test_a_module_can_be_in_its_own_way() -> None:
    [clash] = clashes({"one": bound("443", "443")})
    assert clash.two.exclusive


def test_a_module_in_its_own_way_is_named_once() -> None:
    [fault] = host_faults({"modules": {"one": {"createOptions": bound("443", "443")}}})
    assert fault.summary == 'the module "one" claims port 443/tcp of the host twice'


def test_options_that_nobody_can_read_claim_nothing() -> None:
    settings = {"image": "a:1", "createOptions": "{"}
    assert options_of(plain({"settings": settings})) is None
    assert options_of(plain({"settings": {"image": "a:1"}})) == {}
