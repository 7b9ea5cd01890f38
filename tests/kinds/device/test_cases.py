"""The kind's rules as data: a spec in; the devices, the references and the faults out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.edge import plain
from reconciler.kinds.device.spec import KIND
from reconciler.model import Contents, Fault, FileContent, Spec, mapping

CASES = sorted(Path(__file__).parent.glob("cases/*.yaml"))
ASKED: Spec = {"owner": "contoso-a", "environment": "test", "name": "gw-1"}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    case: dict[str, Any] = yaml.safe_load(path.read_text())
    spec, contents = mapping(plain(case["spec"])), read(case)
    found = sorted(map(worded, KIND.check("gw-1", spec, contents)))
    assert found == case.get("faults", [])
    if "devices" in case:
        normal = KIND.normalize({**spec, **ASKED}, contents)
        assert json.loads(json.dumps(normal)) == {"devices": case["devices"]}
        refs = [f"{'.'.join(field)} {ref}" for field, ref in KIND.refs(normal).items()]
        assert refs == case.get("refs", [])


def read(case: dict[str, Any]) -> Contents:
    if "file" not in case:
        return {}
    text = case["file"]
    return {("file",): FileContent("fleet/plant-a.jsonl", "", len(text), text)}


def worded(fault: Fault) -> str:
    line = f":{fault.origin.line}" if fault.origin else ""
    return f"{'.'.join(fault.path)}{line} {fault.severity.value}[{fault.code}]"
