from pathlib import Path

from reconciler.edge.twin import Twin
from reconciler.source.devices import DeviceFile


def file(folder: Path, *lines: str) -> DeviceFile:
    path = folder / "devices.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return DeviceFile(path, path.name)


def test_each_line_is_a_device(tmp_path: Path) -> None:
    devices = file(
        tmp_path,
        '{"deviceId": "a", "tags": {"line": 1}, "reported": {"v": "2"}}',
        "",
        '{"id": "b", "edge": false, "tags": null}',
    )
    assert list(devices) == [
        Twin("a", tags={"line": 1}, reported={"v": "2"}),
        Twin("b", edge=False),
    ]
    assert devices.problems == []


def test_every_broken_line_is_told_with_its_place(tmp_path: Path) -> None:
    devices = file(
        tmp_path,
        '{"deviceId": "a"}',
        '{"deviceId": "b"',
        "[1]",
        "{}",
        '{"deviceId": "a"}',
        '{"deviceId": "c", "tags": [1]}',
        '{"deviceId": "d", "tags": {"x": NaN}}',
        '{"deviceId": 7}',
    )
    assert [twin.device for twin in devices] == ["a"]
    assert [problem.origin.line for problem in devices.problems if problem.origin] == [*range(2, 9)]
    assert {problem.code for problem in devices.problems} == {"devices.line"}
