"""The example's model: trained by its script, loaded by its scoring script."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

FLEET = Path(__file__).parents[2] / "fleet"
MODEL = FLEET / "models" / "machine-temperature"
IMAGE = FLEET / "images" / "anomaly-detector"

SCORE = """
import json, sys, score
score.init()
print(json.dumps([score.run(request) for request in json.load(sys.stdin)]))
"""


def scored(*requests: str | None) -> list[dict[str, object]]:
    """What the scoring script answers, run as on a device: alone, beside its files."""
    ran = subprocess.run(
        [sys.executable, "-c", SCORE],
        cwd=IMAGE,
        env={"AZUREML_MODEL_DIR": str(MODEL), "PYTHONDONTWRITEBYTECODE": "1"},
        input=json.dumps(requests),
        capture_output=True,
        text=True,
        check=True,
    )
    answers: list[dict[str, object]] = json.loads(ran.stdout)
    return answers


def test_training_again_writes_the_committed_bytes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, MODEL / "train.py", tmp_path], check=True, capture_output=True)
    for name in ("weights.json", "metrics.json"):
        assert (tmp_path / name).read_bytes() == (MODEL / "weights" / name).read_bytes()


def test_the_detector_is_worth_deploying_on_data_it_has_not_seen() -> None:
    metrics = json.loads((MODEL / "weights" / "metrics.json").read_text())
    assert metrics["precision"] > 0.95
    assert metrics["recall"] > 0.7
    assert metrics["faultsFound"] / metrics["faults"] > 0.95


def test_the_sample_request_finds_its_one_spike() -> None:
    (answer,) = scored((IMAGE / "sample-request.json").read_text())
    results = answer["results"]
    assert isinstance(results, list)
    assert [result["cause"] for result in results] == [None, "temperature", None]


def test_a_single_message_is_scored_like_a_list_of_one() -> None:
    message = json.loads((IMAGE / "sample-request.json").read_text())["data"][0]
    alone, listed = scored(json.dumps(message)), scored(json.dumps([message]))
    assert alone == listed
    assert "results" in alone[0]


def test_a_bad_request_is_answered_and_the_next_one_is_scored() -> None:
    bad = [None, "", "{", "[]", "3", "[1]", '{"machine": {}}', '{"data": "x"}']
    *refused, answer = scored(*bad, (IMAGE / "sample-request.json").read_text())
    assert [list(one) for one in refused] == [["error"]] * len(bad)
    assert "results" in answer
