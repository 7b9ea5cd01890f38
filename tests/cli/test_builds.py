"""An image whose build fails: said once, not tried again by itself, tried again when asked."""

from __future__ import annotations

from tests.cli.cloud import Cloud
from tests.cli.fleets import Workshop
from tests.cli.person import Person

DOCUMENTS = """\
apiVersion: reconciler/v1
kind: Model
metadata: {name: retried}
spec: {path: weights.bin}
---
apiVersion: reconciler/v1
kind: Image
metadata: {name: retried}
spec:
  builder: azureml-image
  models: [retried]
  scoringScript: score.py
  condaFile: conda.yml
"""
SCRIPT = "def init():\n    pass\n\n\ndef run(data):\n    return data\n"
CONDA = "dependencies: [python=3.10, pip: [azureml-defaults]]\n"


def test_a_failed_build_is_left_until_it_is_asked_for(
    person: Person, workshop: Workshop, cloud: Cloud
) -> None:
    for name, text in {
        "documents.yaml": DOCUMENTS,
        "weights.bin": "0.1 0.2",
        "score.py": SCRIPT,
        "conda.yml": CONDA,
    }.items():
        workshop.put(name, text)
    workshop.drop("sensor")
    workshop.be_local(cloud)
    trouble = {"match": "retried", "trouble": "no space left on device", "times": 1}
    cloud.ask("POST", "/_emulator/builds", json=trouble)

    first = person.runs("apply", "--auto-approve")
    assert first.name == "PARTIAL"
    assert "applied Model/retried" in first.out
    assert "failed  Image/retried" in first.out
    assert "no space left on device" in first.out

    again = person.runs("apply", "--auto-approve")
    assert again.name == "PARTIAL"
    assert "warning[build.failed] Image/retried" in again.out
    assert "no space left on device" in again.out
    assert "run again with --retry-failed" in again.out

    assert person.runs("apply", "--auto-approve", "--retry-failed").name == "OK"
    assert person.runs("plan", "--detailed-exitcode").name == "OK"
