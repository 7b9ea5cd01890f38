"""Multiplies what it is given; a place to begin."""

import json
import os
from pathlib import Path

factor = 1


def init():
    """Load the model: called once, when the module starts."""
    global factor
    [weights] = Path(os.environ["AZUREML_MODEL_DIR"]).rglob("weights.json")
    factor = json.loads(weights.read_text("utf-8"))["factor"]


def run(data):
    """Score one request."""
    return json.loads(data)["value"] * factor
