"""The scoring script: Azure ML calls `init` once and `run` for every message."""

import json
import logging
import os
from pathlib import Path

from detector import BadReadingError, Detector, parse

MODEL = "machine-temperature"

logger = logging.getLogger(__name__)
current = None


def init():
    """Load the weights and forget every reading seen so far."""
    global current
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "info").upper())
    current = Detector(json.loads(weights_file().read_text(encoding="utf-8")))


def run(input_data):
    """Score one reading or a list of readings, oldest first; a bad request gets an answer too."""
    try:
        readings = [parse(message) for message in messages(input_data)]
    except (BadReadingError, json.JSONDecodeError, UnicodeDecodeError) as error:
        return {"error": str(error)}
    return {"threshold": current.threshold, "results": [result(reading) for reading in readings]}


def messages(input_data):
    """The messages of a request: one object, a list of them, or `{"data": [...]}`."""
    if not isinstance(input_data, str | bytes):
        raise BadReadingError("a request is JSON text")
    request = json.loads(input_data)
    if isinstance(request, dict) and "data" in request:
        request = request["data"]
    if isinstance(request, dict):
        return [request]
    if isinstance(request, list) and request:
        return request
    raise BadReadingError("a request is one reading or a list of readings")


def result(reading):
    score, cause = current.score(reading)
    anomaly = score > current.threshold
    logger.log(logging.WARNING if anomaly else logging.DEBUG, "%s %.3f", cause, score)
    return {"anomaly": anomaly, "score": round(score, 3), "cause": cause if anomaly else None}


def weights_file():
    """Where the service has put the model: a folder that it names, or one that the SDK finds."""
    folder = os.environ.get("AZUREML_MODEL_DIR")
    if folder is None:
        from azureml.core.model import Model

        folder = Model.get_model_path(MODEL)
    found = sorted(Path(folder).rglob("weights.json"))
    if not found:
        raise FileNotFoundError(f"no weights.json below {folder}")
    return found[0]
