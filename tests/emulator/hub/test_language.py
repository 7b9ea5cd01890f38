"""The query language, compiled to SQL, over rows in memory."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest

from reconciler.emulator.errors import ServiceError
from reconciler.emulator.hub import condition, query, seeding
from reconciler.emulator.hub.condition import ConditionError
from reconciler.emulator.hub.schema import SCHEMA
from reconciler.emulator.hub.switches import Switches

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
TAGS: dict[str, Any] = {
    "nine": {"floor": 9, "open": True, "name": "O'Neill", "list": [1, "two", False]},
    "text": {"floor": "9", "open": "true", "name": "oak", "Name": "OAK"},
    "empty": {},
    "deep": {"floor": 2.5, "open": False, "plant-a": {"line-1": {"group": "x"}}},
}


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.executescript(SCHEMA)
    lines = [{"deviceId": name, "edge": False, "tags": tags} for name, tags in TAGS.items()]
    seeding.seed(connection, [*lines, {"deviceId": "edge"}], "hub", NOW)
    yield connection
    connection.close()


def rows(db: sqlite3.Connection, text: str) -> list[dict[str, Any]]:
    return query.run(db, text, 1000, "", Switches()).rows


def selected(db: sqlite3.Connection, where: str) -> set[str]:
    found = rows(db, f"SELECT deviceId FROM devices WHERE {where}")  # noqa: S608 - not SQL
    return {row["deviceId"] for row in found}


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("tags.floor = 9", "nine"),
        ("tags.floor = '9'", "text"),
        ("tags.floor = 9.0", "nine"),
        ("tags.floor = 0x9", "nine"),
        ("tags.open = true", "nine"),
        ("tags.open = 'true'", "text"),
        ("tags.open = 1", ""),
        ("tags.floor >= 2.5 AND tags.floor < 10", "nine deep"),
        ("tags.name > 'o'", "text"),
        ('tags.name = "O\'Neill"', "nine"),
        (r"tags.name = 'O\'Neill'", "nine"),
        ("tags.name = 'O''Neill'", "nine"),
        ("tags.name = 'O\\u0027Neill'", "nine"),
        ("tags.Name = 'OAK'", "text"),
        ("TAGS.name = 'oak'", "text"),
        ("devices.deviceId = 'empty'", "empty"),
        ("DEVICEID = 'empty' or deviceId = 'deep'", "empty deep"),
        ("tags.[[plant-a]].[[line-1]].[[group]] = 'x'", "deep"),
        ("IS_DEFINED(tags.floor)", "nine text deep"),
        ("NOT IS_DEFINED(tags.floor)", "empty edge"),
        ("STARTSWITH(tags.name, 'O')", "nine"),
        ("STARTSWITH(deviceId, 'e')", "empty edge"),
        ("ARRAY_CONTAINS(tags.list, 'two')", "nine"),
        ("ARRAY_CONTAINS(tags.list, false)", "nine"),
        ("ARRAY_CONTAINS(tags.list, '1')", ""),
        ("tags.floor IN [9, 2.5, 'x']", "nine deep"),
        ("tags.floor NIN [9, 'x']", "text deep"),
        ("tags.floor IN []", ""),
        ("tags.floor + 1 = 10", "nine"),
        ("tags.floor * 2 - 1 = 4", "deep"),
        ("tags.floor % 2 = 1", "nine"),
        ("tags.floor / 0 = 1", ""),
        ("tags.floor != null", "nine text deep"),
        ("tags.floor = null", ""),
        ("tags.floor = undefined", ""),
        ("capabilities.iotEdge = true", "edge"),
        ("status = 'enabled' AND tags.name = 'oak'", "text"),
        ("version = 2", "edge empty"),
        ("properties.desired.$version = 1 AND tags.floor = 9", "nine"),
        ("tags.floor = tags.floor AND tags.name = 'oak'", "text"),
    ],
)
def test_conditions_compare_like_with_like(db: sqlite3.Connection, where: str, names: str) -> None:
    assert selected(db, where) == set(names.split())


@pytest.mark.parametrize("where", ["tags.floor = 9", "NOT tags.floor = 9", "tags.floor != 9"])
def test_what_is_not_there_matches_neither_a_test_nor_its_opposite(
    db: sqlite3.Connection, where: str
) -> None:
    assert "empty" not in selected(db, where)


def test_and_binds_tighter_than_or(db: sqlite3.Connection) -> None:
    where = "deviceId = 'edge' OR deviceId = 'nine' AND tags.floor = 0"
    assert selected(db, where) == {"edge"}
    assert selected(db, f"({where.replace(' AND', ') AND')}") == set()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SELECT *",
        "SELECT * FROM",
        "SELECT * FROM twins",
        "SELECT * FROM devices WHERE",
        "SELECT * FROM devices WHERE tags.a",
        "SELECT * FROM devices WHERE tags.a =",
        "SELECT * FROM devices WHERE tags.a = 'x",
        "SELECT * FROM devices WHERE tags.group = 'x'",
        "SELECT * FROM devices WHERE STARTS_WITH(tags.a, 'x')",
        "SELECT * FROM devices WHERE CONTAINS(tags.a, 'x')",
        "SELECT * FROM devices WHERE tags.a LIKE 'x'",
        "SELECT * FROM devices ORDER BY deviceId",
        "SELECT * FROM devices; DROP",
        "SELECT tags.a, COUNT() FROM devices",
        "SELECT * FROM devices.jobs",
    ],
)
def test_what_is_no_query_is_refused_without_a_reason(db: sqlite3.Connection, text: str) -> None:
    with pytest.raises(ServiceError, match="400 ArgumentInvalid: BadRequest"):
        rows(db, text)


def test_a_text_over_8192_bytes_is_refused(db: sqlite3.Connection) -> None:
    terms = " OR ".join(f"deviceId = 'device-{number}'" for number in range(400))
    with pytest.raises(ServiceError, match="ArgumentInvalid"):
        selected(db, terms)


def test_projections_leave_out_what_is_not_there(db: sqlite3.Connection) -> None:
    text = "SELECT DeviceId, tags.floor AS storey, tags.open FROM devices WHERE deviceId IN {}"
    assert rows(db, text.format("['nine', 'empty']")) == [
        {"deviceId": "nine", "storey": 9, "open": True},
        {"deviceId": "empty"},
    ]


def test_counting_sums_and_groups(db: sqlite3.Connection) -> None:
    assert rows(db, "SELECT COUNT() AS n FROM devices") == [{"n": 5}]
    assert rows(db, "SELECT SUM(tags.floor) AS s, MAX(tags.floor) AS m FROM devices") == [
        {"s": 11.5, "m": 9}
    ]
    grouped = rows(db, "SELECT tags.open, COUNT() AS n FROM devices GROUP BY tags.open")
    assert sorted(map(json.dumps, grouped)) == [
        '{"n": 2}',
        '{"open": "true", "n": 1}',
        '{"open": false, "n": 1}',
        '{"open": true, "n": 1}',
    ]


def test_top_ends_the_rows_across_pages(db: sqlite3.Connection) -> None:
    text = "SELECT TOP 3 deviceId FROM devices"
    first = query.run(db, text, 2, "", Switches())
    second = query.run(db, text, 2, first.continuation, Switches())
    assert [len(first.rows), len(second.rows), second.continuation] == [2, 1, ""]


def test_a_continuation_belongs_to_its_query(db: sqlite3.Connection) -> None:
    page = query.run(db, "SELECT * FROM devices", 2, "", Switches())
    with pytest.raises(ServiceError, match="ArgumentInvalid"):
        query.run(db, "SELECT deviceId FROM devices", 2, page.continuation, Switches())


def test_modules_are_a_collection_of_their_own(db: sqlite3.Connection) -> None:
    found = rows(db, "SELECT moduleId FROM devices.modules WHERE deviceId = 'edge'")
    assert [row["moduleId"] for row in found] == ["$edgeAgent", "$edgeHub"]


def targeted(db: sqlite3.Connection, text: str) -> set[str]:
    selection = condition.select(text)
    statement = "SELECT device_id FROM hub_identity t WHERE module_id = '' AND ({})"
    found = db.execute(statement.format(selection.sql), selection.parameters)
    return {row[0] for row in found}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ""),
        ("*", "nine text empty deep edge"),
        ("tags.floor = 9", "nine"),
        ("tags.name='O''Neill'", "nine"),
        ("tags.open = true AND NOT deviceId = 'text'", "nine"),
        ("(tags.floor = 9 OR deviceId = 'edge') AND deviceId != 'nine'", "edge"),
        ("IS_DEFINED(tags.name)", "nine text"),
        ("tags.[[plant-a]].[[line-1]].[[group]] = 'x'", "deep"),
    ],
)
def test_target_conditions_select_devices(db: sqlite3.Connection, text: str, names: str) -> None:
    assert targeted(db, text) == set(names.split())


@pytest.mark.parametrize(
    "text",
    [
        'tags.env = "x"',
        "tags.env IN ['x']",
        "tags.env NIN ['x']",
        "STARTSWITH(tags.env, 'x')",
        "tags.env",
        "tags.env = 'x' AND",
        "tags.a + 1 = 2",
    ],
)
def test_the_language_of_conditions_is_smaller(text: str) -> None:
    with pytest.raises(ConditionError, match="BadRequest"):
        condition.select(text)


@pytest.mark.parametrize(
    "path", ["capabilities.iotEdge", "status", "properties.desired.a", "tags", "connectionState"]
)
def test_conditions_name_what_they_may_not_look_at(path: str) -> None:
    with pytest.raises(ConditionError, match=f"It contains: {path}"):
        condition.select(f"{path} = 'x'")
