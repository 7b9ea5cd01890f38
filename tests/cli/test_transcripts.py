"""Whole sessions, word for word: a change of any text that people see is seen here.

A transcript holds commands after `$`, what they print to stdout, what they print to stderr after
`!`, and how they end. Names that differ from run to run stand in angle brackets.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from tests.cli.cloud import Cloud
from tests.cli.fleets import Workshop
from tests.cli.person import Person

TRANSCRIPTS = Path(__file__).parent / "transcripts"
VARYING = (
    (re.compile(r"127\.0\.0\.1:\d+"), "<hub>"),
    (re.compile(r"sha256:[0-9a-f]{64}"), "<digest>"),
    (re.compile(r"\b(sensor)-[0-9a-f]{8}\b"), r"\1-<id>"),
    (re.compile(r"read \d+ live objects?"), "read <n> live objects"),
    (re.compile(r"of \d+ \([\d.]+ %\)"), "of <n> (<share>)"),
    (re.compile(r"\d+ of 100 at"), "<n> of 100 at"),
    (re.compile(r"of \d+ devices"), "of <n> devices"),
    (re.compile(r"Devices: \d+ of"), "Devices: <n> of"),
    # What becomes of devices depends on what others have put on the hub.
    (re.compile(r"On the devices:\n(?:  .*\n)+\n"), ""),
    (re.compile(r"^ +on the device: .*\n", re.MULTILINE), ""),
    (re.compile(r"^ +\d+ devices? (?:gets?|loses?) it.*\n", re.MULTILINE), ""),
    (re.compile(r"(?:.*: warning\[(?:device|foreign|layer|twin)\..*\n  hint: .*\n)+\n"), ""),
    (re.compile(r"\[request [^\]]+\]"), "[request <id>]"),
)


def transcript(person: Person, *commands: str) -> str:
    lines: list[str] = []
    for command in commands:
        said = person.runs(*command.split())
        lines += [f"$ reconciler {command}", *said.out.splitlines()]
        lines += [f"! {line}".rstrip() for line in said.err.splitlines()]
        lines += [f"[{said.code} {said.name.lower()}]", ""]
    text = "\n".join(lines)
    for pattern, name in VARYING:
        text = pattern.sub(name, text)
    return text


def compare(name: str, shown: str, folder: Path) -> None:
    known, new = TRANSCRIPTS / f"{name}.txt", folder / f"{name}.txt"
    new.write_text(shown, encoding="utf-8")
    assert shown == known.read_text("utf-8"), f"if this is meant: cp {new} {known}"


def test_a_first_apply(person: Person, tmp_path: Path) -> None:
    commands = ("validate", "plan", "apply --auto-approve", "plan -v")
    compare("first-apply", transcript(person, *commands), tmp_path)


def test_changes_in_place_and_by_replacement_and_what_is_left(
    person: Person, workshop: Workshop, tmp_path: Path
) -> None:
    assert person.runs("apply", "--auto-approve").name == "OK"
    workshop.edit("sensor.yaml", "priority: 30", "priority: 40")
    shown = transcript(person, "plan", "apply --auto-approve")
    workshop.edit("sensor.yaml", "temperature-sensor:1.5", "temperature-sensor:1.6")
    shown += transcript(person, "plan", "apply --auto-approve")
    workshop.drop("sensor")
    shown += transcript(person, "plan --detailed-exitcode")
    compare("changes", shown, tmp_path)


def test_refusals(person: Person, workshop: Workshop, cloud: Cloud, tmp_path: Path) -> None:
    key = "d3Jvbmcta2V5LXRoYXQtaXMtbm90LXRoZS1odWJzLWtleQ=="
    wrong = f"HostName={cloud.host};SharedAccessKeyName=iothubowner;SharedAccessKey={key}"
    shown = transcript(person, "apply", "plan --env prod", "plan --only")
    shown += transcript(person.having(IOTHUB_CONNECTION_STRING=wrong), "plan")
    shown += transcript(replace(person, environ={}), "plan")
    workshop.put("sensor.yaml", "kind: Deployment\nspec: [")
    shown += transcript(person, "validate")
    compare("refusals", shown, tmp_path)


def test_a_fleet_is_drawn(person: Person, workshop: Workshop, tmp_path: Path) -> None:
    workshop.deploy("sensor", "pump")
    commands = ("graph", "graph --format dot", "graph --format json")
    compare("graph", transcript(person, *commands), tmp_path)
