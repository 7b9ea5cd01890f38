"""Base choice and layering, without a hub."""

from __future__ import annotations

from typing import Any

from reconciler.emulator.hub.layering import Deployment, Merged, merge
from tests.emulator.hub.fleet import AGENT, layer, manifest, module

OLD, NEW = "2026-01-01", "2026-01-02"


def deployment(
    id_: str, modules: dict[str, Any], priority: int = 0, created: str = OLD
) -> Deployment:
    return Deployment(id_, priority, created, "1", modules)


def modules(merged: Merged) -> dict[str, Any]:
    found: dict[str, Any] = merged.modules[AGENT].document()["modules"]
    return found


def test_the_base_with_the_highest_priority_applies_and_no_other() -> None:
    low = deployment("low", manifest({"a": module()}), 1)
    high = deployment("high", manifest({"b": module()}), 2)
    merged = merge([high, low])
    assert merged.base == "high"
    assert set(modules(merged)) == {"b"}
    assert merged.statuses[AGENT, "low"] == "Targeted"
    assert merged.statuses[AGENT, "high"] == "Applied"


def test_of_equal_priorities_the_newest_base_applies() -> None:
    old = deployment("z", manifest({"a": module()}), 1, OLD)
    new = deployment("a", manifest({"b": module()}), 1, NEW)
    assert merge([new, old]).base == "a"


def test_a_layer_needs_a_strictly_higher_priority_than_the_base() -> None:
    base = deployment("base", manifest({"a": module()}), 5)
    equal = deployment("equal", layer(b=module()), 5, NEW)
    above = deployment("above", layer(c=module()), 6)
    merged = merge([base, equal, above])
    assert set(modules(merged)) == {"a", "c"}
    assert merged.statuses[AGENT, "equal"] == "Targeted"
    assert merged.statuses[AGENT, "above"] == "Applied"


def test_a_layer_replaces_a_module_as_a_whole() -> None:
    base = deployment("base", manifest({"a": module(env={"X": {"value": 1}})}))
    above = deployment("above", layer(a=module("mcr.microsoft.com/other:1")), 1)
    assert modules(merge([base, above]))["a"] == module("mcr.microsoft.com/other:1")


def test_the_higher_layer_wins_a_path() -> None:
    base = deployment("base", manifest({}))
    one = deployment("one", layer(a=module("mcr.microsoft.com/one:1")), 1)
    two = deployment("two", layer(a=module("mcr.microsoft.com/two:1")), 2)
    merged = merge([two, base, one])
    assert modules(merged)["a"]["settings"]["image"] == "mcr.microsoft.com/two:1"
    assert merged.statuses[AGENT, "one"] == "Applied"


def test_a_layer_that_sets_the_map_of_modules_knocks_out_the_base() -> None:
    base = deployment("base", manifest({"a": module()}))
    wide = {AGENT: {"properties.desired.modules": {"b": module()}}}
    assert set(modules(merge([base, deployment("wide", wide, 1)]))) == {"b"}


def test_a_layer_adds_routes_credentials_and_a_section_of_a_twin() -> None:
    base_modules = manifest({"a": module()}) | {
        "a": {"properties.desired": {"x": 1, "s": {"y": 1}}}
    }
    added = {
        AGENT: {"properties.desired.runtime.settings.registryCredentials.acr": {"address": "h"}},
        "$edgeHub": {"properties.desired.routes.more": "FROM /* INTO $upstream"},
        "a": {"properties.desired.s": {"z": 2}},
    }
    merged = merge([deployment("base", base_modules), deployment("added", added, 1)])
    agent = merged.modules[AGENT].document()
    assert agent["runtime"]["settings"]["registryCredentials"] == {"acr": {"address": "h"}}
    assert set(merged.modules["$edgeHub"].document()["routes"]) == {"up", "more"}
    assert merged.modules["a"].document() == {"x": 1, "s": {"z": 2}}


def test_a_layer_of_twins_only_is_targeted_at_the_agent_and_applied_at_the_module() -> None:
    twin_only = {AGENT: {}, "a": {"properties.desired.s": {"z": 2}}}
    base = deployment("base", manifest({"a": module()}))
    merged = merge([base, deployment("twin", twin_only, 1)])
    assert merged.statuses[AGENT, "twin"] == "Targeted"
    assert merged.statuses["a", "twin"] == "Applied"


def test_layers_without_a_base_do_nothing() -> None:
    merged = merge([deployment("layer", layer(a=module()), 1)])
    assert merged.base == ""
    assert merged.statuses == {(AGENT, "layer"): "Targeted"}


def test_the_order_of_input_does_not_matter() -> None:
    given = [
        deployment("base", manifest({"a": module()})),
        deployment("one", layer(b=module()), 1),
        deployment("two", layer(b=module("mcr.microsoft.com/b:2")), 2),
    ]
    assert merge(given) == merge(reversed(given))
