import pytest

from reconciler.edge.condition_text import parse
from reconciler.edge.evaluation import matches
from reconciler.edge.twin import Twin

TWIN = Twin(
    "gw-001",
    tags={"line": 9, "site": "plant-a", "on": True, "at": {"floor": 2}, "list": [1]},
    reported={"version": "1.5"},
)


@pytest.mark.parametrize(
    "condition",
    [
        "*",
        "deviceId = 'gw-001'",
        "tags.line = 9",
        "tags.line >= 8.5",
        "9 < tags.line OR tags.site < 'q'",
        "tags.site != 'plant-b'",
        "tags.on = true AND tags.on != false",
        "tags.at.floor = 2",
        "IS_DEFINED(tags.at) AND IS_DEFINED(tags.list)",
        "NOT IS_DEFINED(tags.[[plant-a]])",
        "NOT (tags.line < 9)",
        "properties.reported.version = '1.5'",
    ],
)
def test_a_condition_selects_the_device(condition: str) -> None:
    assert matches(parse(condition), TWIN)


@pytest.mark.parametrize(
    "condition",
    [
        "tags.line = '9'",
        "tags.on = 1",
        "tags.line = true",
        "tags.on > false",
        "tags.at = 2",
        "tags.none != 'x'",
        "NOT (tags.none = 'x')",
        "NOT (tags.line = '9')",
        "tags.site.deeper = 1",
        "tags.Site = 'plant-a'",
        "deviceId = 'GW-001'",
    ],
)
def test_what_is_missing_or_of_another_type_selects_nothing(condition: str) -> None:
    assert not matches(parse(condition), TWIN)


def test_doubt_about_one_term_leaves_the_others_their_say() -> None:
    assert matches(parse("tags.none = 1 OR tags.line = 9"), TWIN)
    assert not matches(parse("tags.none = 1 AND tags.line = 9"), TWIN)
    assert matches(parse("NOT (tags.none = 1 AND tags.line = 8)"), TWIN)


def test_a_device_without_iot_edge_is_never_selected() -> None:
    assert not matches(parse("*"), TWIN._replace(edge=False))
