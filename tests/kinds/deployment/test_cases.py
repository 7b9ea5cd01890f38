"""The kind's rules as data: a spec in; the manifest, the references and the faults out."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.edge import plain
from reconciler.kinds.deployment.spec import KIND
from reconciler.model import Observed, Resource, ResourceId, Spec, mapping

CASES = sorted(Path(__file__).parent.glob("cases/*.yaml"))
LOGIN = {"loginServer": "contoso.azurecr.io", "username": "puller"}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    case: dict[str, Any] = yaml.safe_load(path.read_text())
    spec = mapping(plain(case["spec"]))
    assert faults(spec) == case.get("faults", [])
    normal = KIND.normalize(spec, {})
    if "refs" in case:
        refs = {".".join(field): ref for field, ref in KIND.refs(normal).items()}
        assert [f"{field} {refs[field]}" for field in sorted(refs)] == case["refs"]
    if "rendered" in case:
        assert content(normal) == case["rendered"]


def faults(spec: Spec) -> list[str]:
    found = KIND.check("detector", spec, {})
    return sorted(f"{'.'.join(f.path)} {f.severity.value}[{f.code}]" for f in found)


def content(normal: Spec) -> object:
    want = Resource(ResourceId("Deployment", "detector"), normal, KIND.refs(normal))
    resolved = {ref: observed(ref) for ref in want.refs.values()}
    rendered = mapping(KIND.render(want, resolved)["content"])["modulesContent"]
    return json.loads(json.dumps(rendered))


def observed(ref: ResourceId) -> Observed:
    return Observed(ref, {}, status={"location": f"contoso.azurecr.io/{ref.name}:7", **LOGIN})
