"""The proof itself: it finds what is equal, refused and different."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.edge.manifests import base, module
from tests.prove.manifests import main, proved

Place: TypeAlias = "tuple[str | int, ...]"

ODD: list[object] = [
    None,
    [],
    {},
    "",
    0,
    -1,
    1.5,
    True,
    "x",
    "${",
    "$${A}",
    "<x y>",
    "Stopped",
    "\u2028",
    2**70,
    [1],
    [[[]]],
    {"a": None},
    {"": 1},
    {"$x": {}},
    {"properties.desired": 1},
    "a" * 5000,
]

TEMPLATE = """{
  // from a template
  "$schema-template": "4.0.0",
  "modulesContent": {
    "$edgeAgent": {
      "properties.desired.runtime.settings.registryCredentials.<name>": {
        "address": "$SERVER", "username": "{{user}}", "password": "#{TOKEN}#"
      },
      "properties.desired.modules.detector": {
        "version": "1.0", "type": "docker", "status": "running", "restartPolicy": "never",
        "startupOrder": ${ORDER},
        "env": {"A": {"value": "${B}-<C.D>"}, "N": {"value": 1}},
        "settings": {
          "image": "${MODULES.detector}",
          "createOptions": {"HostConfig": {"Binds": ["/data:${PATH_}"]}}
        }
      }
    },
    "$edgeHub": {"properties.desired.routes.up": "FROM /messages/* INTO $upstream"},
    "camera": {"properties.desired.exposure": {"auto": true}}
  }
}"""


def test_a_template_loses_nothing() -> None:
    assert proved(TEMPLATE, "deployment.template.json") == ("equal", "")


def test_a_base_loses_nothing() -> None:
    options = json.dumps({"Env": ["x" * 600]})
    pieces = {"createOptions": options[:512], "createOptions01": options[512:]}
    manifest = base(detector={**module(**pieces), "imagePullPolicy": "never"})
    assert proved(json.dumps(manifest), "x.json") == ("equal", "")


def test_a_mistake_is_refused() -> None:
    verdict, why = proved(json.dumps(base(a={**module(), "type": "Docker"})), "x.json")
    assert verdict == "refused"
    assert "module.type" in why


def places(value: object, path: Place = ()) -> Iterator[Place]:
    """Of everything inside plain JSON."""
    inner = (
        enumerate(value)
        if isinstance(value, list)
        else value.items()
        if isinstance(value, dict)
        else ()
    )
    for key, item in inner:
        yield (*path, key)
        yield from places(item, (*path, key))


def changed(value: object, path: Place, by: object) -> object:
    if not path:
        return by
    if isinstance(value, list):
        return [changed(v, path[1:], by) if i == path[0] else v for i, v in enumerate(value)]
    assert isinstance(value, dict)
    return {k: changed(v, path[1:], by) if k == path[0] else v for k, v in value.items()}


@given(st.data())
def test_whatever_stands_in_a_manifest_it_is_kept_or_refused(data: st.DataObject) -> None:
    manifest = json.loads(TEMPLATE.replace("${ORDER}", "1").replace("// from a template", ""))
    if data.draw(st.booleans()):
        manifest = {"priority": 3, "modulesContent": base(detector=module(createOptions="{}"))}
    place = data.draw(st.sampled_from(list(places(manifest))))
    odd = data.draw(st.sampled_from(ODD))
    verdict, why = proved(json.dumps(changed(manifest, place, odd)), "x.json")
    assert verdict in {"equal", "refused"}, why


def test_every_file_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below/a.json").write_text(json.dumps(base()))
    (tmp_path / "b.json").write_text("{")
    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "files=2 equal=1 refused=1 crashed=0"
