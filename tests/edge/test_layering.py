from reconciler.edge import plain
from reconciler.edge.layering import Effective, Layered, RemovedLayer, effective, followed
from reconciler.edge.provenance import Part, parts
from reconciler.edge.render import AGENT, HUB
from reconciler.model import Spec, mapping
from tests.edge.manifests import base, module

ONE, TWO = "one.azurecr.io/m:1", "two.azurecr.io/m:2"


def deployment(id_: str, content: Spec, priority: int = 0, age: int = 0) -> Layered:
    return Layered(id_, priority, age, content)


def layer(**modules: object) -> Spec:
    keys = {f"properties.desired.modules.{name}": told for name, told in modules.items()}
    return mapping(plain({AGENT: keys}))


def modules(manifest: Effective) -> Spec:
    return mapping(manifest.documents[AGENT]["modules"])


def part(manifest: Effective, *path: str) -> Part:
    return next(p for p in parts(manifest) if (p.section, *p.path) == path)


def test_the_base_with_the_highest_priority_applies_alone() -> None:
    low, high = deployment("low", base(a=module()), 1), deployment("high", base(b=module()), 2)
    found = effective([high, low])
    assert (found.base, found.layers, found.idle) == ("high", (), ("low",))
    assert list(modules(found)) == ["b"]


def test_of_equal_bases_the_newest_applies() -> None:
    old, new = deployment("z", base(), 1, 1), deployment("a", base(), 1, 2)
    assert effective([new, old]).base == "a"


def test_a_layer_must_be_strictly_above_the_base() -> None:
    stack = [
        deployment("base", base(), 5),
        deployment("equal", layer(b=module()), 5, 9),
        deployment("above", layer(c=module()), 6),
    ]
    found = effective(stack)
    assert list(modules(found)) == ["c"]
    assert found.idle == ("equal",)


def test_without_a_base_nothing_is_applied() -> None:
    found = effective([deployment("layer", layer(a=module()), 1)])
    assert found == Effective(idle=("layer",))


def test_a_part_says_who_gave_it_and_over_whom() -> None:
    stack = [
        deployment("base", base(a=module(ONE), b=module())),
        deployment("layer", layer(a=module(TWO)), 1),
    ]
    found = effective(stack)
    replaced = part(found, AGENT, "modules", "a")
    assert (replaced.by, replaced.over) == ("layer", ("base",))
    assert mapping(mapping(replaced.value)["settings"])["image"] == TWO
    assert part(found, AGENT, "modules", "b").by == "base"
    assert part(found, HUB, "routes", "up").by == "base"
    assert part(found, AGENT, "systemModules", "edgeHub").over == ()


def test_the_map_of_modules_as_a_whole_knocks_out_what_is_below() -> None:
    wide = mapping(plain({AGENT: {"properties.desired.modules": {"b": module()}}}))
    found = effective([deployment("base", base(a=module())), deployment("wide", wide, 1)])
    assert list(modules(found)) == ["b"]
    assert part(found, AGENT, "modules", "b").over == ()


def test_a_section_of_a_twin_is_replaced_and_the_others_stay() -> None:
    twin: Spec = {"properties.desired": {"x": 1, "s": {"y": 1}}}
    told: Spec = {**base(a=module()), "a": twin}
    added = mapping(plain({AGENT: {}, "a": {"properties.desired.s": {"z": 2}}}))
    found = effective([deployment("base", told), deployment("twin", added, 1)])
    assert found.documents["a"] == {"x": 1, "s": {"z": 2}}
    assert part(found, "a", "s").over == ("base",)
    assert part(found, "a", "x").by == "base"


def test_credentials_of_a_layer_are_parts_of_their_own() -> None:
    path = "properties.desired.runtime.settings.registryCredentials.acr"
    login = mapping(plain({AGENT: {path: {"address": "h"}}}))
    found = effective([deployment("base", base()), deployment("login", login, 1)])
    given = part(found, AGENT, "runtime", "settings", "registryCredentials", "acr")
    assert given.by == "login"


def test_modules_of_a_layer_that_goes_go_or_stay() -> None:
    under, over = deployment("base", base(a=module())), deployment("layer", layer(b=module()), 1)
    before, after = effective([under, over]), effective([under])
    assert list(modules(followed(before, after, RemovedLayer.MODULES_GO))) == ["a"]
    stays = followed(before, after, RemovedLayer.MODULES_STAY)
    assert list(modules(stays)) == ["a", "b"]
    assert part(stays, AGENT, "modules", "b").by == "layer"


def test_modules_never_stay_when_the_base_is_another() -> None:
    before = effective([deployment("old", base()), deployment("layer", layer(b=module()), 1)])
    after = effective([deployment("new", base())])
    assert modules(followed(before, after, RemovedLayer.MODULES_STAY)) == {}


def test_a_device_that_loses_its_base_goes_on_as_it_is() -> None:
    before = effective([deployment("base", base(a=module()))])
    found = followed(before, effective([]), RemovedLayer.MODULES_GO)
    assert found.base == ""
    assert list(modules(found)) == ["a"]
