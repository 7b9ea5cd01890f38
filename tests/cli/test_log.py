"""Signs of life in CI: a line per step, and one a minute while something is waited for."""

from __future__ import annotations

import json

import pytest

from reconciler.app import Progress
from reconciler.cli.log import Events, Lines
from reconciler.model import ResourceId

MODEL = ResourceId("Model", "vision")
IMAGE = ResourceId("Image", "vision")


def said(capsys: pytest.CaptureFixture[str], *events: Progress) -> list[str]:
    log = Lines()
    for event in events:
        log.progress(event)
    return capsys.readouterr().err.splitlines()


def test_of_counted_work_the_beginning_and_the_end_are_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    steps = [Progress(MODEL, "uploading", done, 3) for done in (0, 1, 2)]
    lines = said(capsys, *steps, Progress(MODEL, "registered", 3, 3))
    assert lines == ["Model/vision: uploading", "Model/vision: registered"]


def test_waiting_is_said_once_and_then_every_minute(capsys: pytest.CaptureFixture[str]) -> None:
    waits = [Progress(IMAGE, "building", seconds=float(at)) for at in range(0, 130, 5)]
    assert said(capsys, *waits) == [
        "Image/vision: building",
        "Image/vision: building, 60 s",
        "Image/vision: building, 120 s",
    ]


def test_long_counted_work_says_every_minute_how_far_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    steps = [
        Progress(MODEL, "tagging devices", 50 * at, 10_000, float(at)) for at in range(0, 201, 10)
    ]
    assert said(capsys, *steps) == [
        "Model/vision: tagging devices",
        "Model/vision: tagging devices, 3,000 of 10,000, 60 s",
        "Model/vision: tagging devices, 6,000 of 10,000, 120 s",
        "Model/vision: tagging devices, 9,000 of 10,000, 180 s",
    ]


def test_a_next_step_is_said_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(
        capsys,
        Progress(IMAGE, "building (log: none yet)"),
        Progress(IMAGE, "building (log: https://logs.example/1)", seconds=2.0),
    )
    assert lines[1] == "Image/vision: building (log: https://logs.example/1), 2 s"


def test_programs_get_the_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    Events().progress(Progress(MODEL, "uploading", 5, 10))
    Events().progress(Progress(IMAGE, "building", seconds=3.0))
    first, second = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (first["done"], first["total"]) == (5, 10)
    assert second["seconds"] == 3.0
