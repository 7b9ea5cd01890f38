import pytest

from reconciler.edge.effects import Effects, effects
from reconciler.edge.layering import Effective, Layered, effective
from reconciler.model import Spec
from tests.edge.manifests import base, module

SYSTEM = ("edgeAgent", "edgeHub")


def running(id_: str, content: Spec) -> Effective:
    return effective([Layered(id_, 0, 0, content)])


@pytest.mark.parametrize(
    "after",
    [
        module(version="2"),
        module("contoso.azurecr.io/detector:1.5"),
        module(env={"A": {"value": "1"}}),
        module(createOptions='{"HostConfig":{}, "Env":["A=1"]}'),
        module(restartPolicy="never"),
        module(startupOrder=3),
    ],
)
def test_a_module_made_from_something_else_restarts(after: dict[str, object]) -> None:
    found = effects(running("one", base(a=module())), running("two", base(a=after)))
    assert found.restarts == ("a",)
    assert found.untouched == SYSTEM


def test_spaces_in_create_options_and_spelled_out_defaults_restart_nothing() -> None:
    before = module(createOptions='{"Env":["A=1"]}')
    after = module(createOptions='{ "Env": ["A=1"] }', imagePullPolicy="on-create")
    found = effects(running("one", base(a=before)), running("two", base(a=after)))
    assert found == Effects(untouched=("a", *SYSTEM))


def test_a_status_alone_only_stops_the_module() -> None:
    before, after = base(a=module()), base(a=module(status="stopped"))
    found = effects(running("one", before), running("two", after))
    assert (found.restarts, found.switches) == ((), ("a",))


def test_twins_are_sent_again_by_whatever_is_applied_anew() -> None:
    twin: Spec = {"properties.desired": {"x": 1}}
    content: Spec = {**base(a=module()), "a": twin}
    assert effects(running("one", content), running("two", content)).twins == ("a",)
    assert effects(running("one", content), running("one", content)).twins == ()
