"""The proof itself: it finds what is equal, refused and different."""

import json
from pathlib import Path

import pytest

from tests.edge.manifests import base, module
from tests.prove.manifests import main, proved

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


def test_every_file_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below/a.json").write_text(json.dumps(base()))
    (tmp_path / "b.json").write_text("{")
    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "files=2 equal=1 refused=1 crashed=0"
