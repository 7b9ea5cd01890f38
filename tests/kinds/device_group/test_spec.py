from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.edge.condition_text import parse
from reconciler.kinds.device_group.spec import KIND
from reconciler.model import Spec, Value

ASKED: Spec = {"owner": "contoso-a", "name": "line-1"}


def condition(spec: Spec) -> Value:
    return KIND.normalize({**spec, **ASKED}, {})["targetCondition"]


def codes(spec: Spec) -> list[str]:
    return [fault.code for fault in KIND.check("line-1", spec, {})]


@pytest.mark.parametrize(
    ("tags", "written"),
    [
        ({"line": 9}, "tags.line = 9"),
        ({"line": "9"}, "tags.line = '9'"),
        ({"line": 9.0}, "tags.line = 9"),
        ({"share": 0.5}, "tags.share = 0.5"),
        ({"on": True, "off": False}, "tags.off = false AND tags.on = true"),
        ({"name": "O'Brien"}, "tags.name = 'O''Brien'"),
        ({"line": (2, 1, 2)}, "(tags.line = 1 OR tags.line = 2)"),
        ({"line": (1,)}, "tags.line = 1"),
        ({"b": 1, "a": ("x", "y")}, "(tags.a = 'x' OR tags.a = 'y') AND tags.b = 1"),
        ({"location.floor": 2}, "tags.location.floor = 2"),
        ({"site-id.floor": 2}, "tags.[[site-id]].floor = 2"),
        ({"order": 1}, "tags.[[order]] = 1"),
    ],
)
def test_tags_become_a_condition_of_the_same_types(tags: Spec, written: str) -> None:
    assert condition({"matchTags": tags}) == written


def test_listed_devices_get_a_tag_leaf_of_their_own() -> None:
    spec = KIND.normalize({"devices": ("b", "a", "b"), **ASKED}, {})
    assert spec == {
        "targetCondition": "tags.reconciler.[[contoso-a]].[[line-1]] = true",
        "devices": ("a", "b"),
        "owner": "contoso-a",
    }
    assert KIND.managed(spec)


def test_a_condition_is_kept_but_for_white_space_outside_quotes() -> None:
    assert condition({"targetCondition": " tags.a =\n 'x  y' \n AND b='''  ' "}) == (
        "tags.a = 'x  y' AND b='''  '"
    )


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ({"targetCondition": ""}, "group.empty"),
        ({"targetCondition": " \n"}, "group.empty"),
        ({"targetCondition": "*"}, "group.everything"),
        ({"targetCondition": " * ", "allowAll": False}, "group.everything"),
        ({"targetCondition": 'tags.a = "x"'}, "condition.syntax"),
        ({"targetCondition": "tags.a = 'x' AND"}, "condition.syntax"),
        ({"matchTags": {"a": "x\\y"}}, "group.value"),
        ({"matchTags": {"a": ("x", "\n")}}, "group.value"),
        ({"targetCondition": "tags.a = '" + "x" * 9000 + "'"}, "group.long"),
        ({"matchTags": {"a": tuple(str(n) for n in range(1000))}}, "group.long"),
        ({"targetCondition": "tags.a = 'say \"x\"'"}, "condition.syntax"),
        ({"matchTags": {"a": 'say "x"'}}, "group.value"),
        ({"matchTags": {'a"': 1}}, "group.tag"),
        ({"matchTags": {"a b": 1}}, "group.tag"),
        ({"matchTags": {".a": 1}}, "group.tag"),
        ({"matchTags": {"$a": 1}}, "group.tag"),
        ({"matchTags": {"a]]": 1}}, "group.tag"),
    ],
)
def test_a_group_that_cannot_be_meant_is_refused(spec: Spec, code: str) -> None:
    assert codes(spec) == [code]


@pytest.mark.parametrize(
    "spec",
    [
        {"targetCondition": "*", "allowAll": True},
        {"matchTags": {"a.b": 1}},
        {"devices": ("a",)},
    ],
)
def test_a_group_that_can_be_meant_is_not_faulted(spec: Spec) -> None:
    assert codes(spec) == []


def test_a_deployment_refers_to_the_condition_itself() -> None:
    assert KIND.stand_in is not None
    assert KIND.stand_in({"targetCondition": "tags.a = 1"}) == "tags.a = 1"
    assert not KIND.managed({"targetCondition": "tags.a = 1"})


STEPS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6)
SCALARS = st.booleans() | st.integers(-(2**52), 2**52) | st.floats(-1e9, 1e9) | st.text(max_size=6)
TAGS = st.dictionaries(
    st.lists(STEPS, min_size=1, max_size=2).map(".".join),
    SCALARS | st.lists(SCALARS, min_size=1, max_size=3).map(tuple),
    min_size=1,
    max_size=3,
)


@given(TAGS)
def test_tags_that_are_not_faulted_become_a_condition_that_can_be_read(tags: Spec) -> None:
    if codes({"matchTags": tags}) == []:
        parse(str(condition({"matchTags": tags})))


@given(st.text(max_size=20))
def test_a_text_in_a_condition_ends_where_it_should(text: str) -> None:
    written = condition({"matchTags": {"a": text}})
    assert isinstance(written, str)
    inside = written.removeprefix("tags.a = '").removesuffix("'")
    assert "'" not in inside.replace("''", "")
    assert inside.replace("''", "'") == text
