"""The jobs of the templates as their services read them: which commands, with which variables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
EXPRESSION = re.compile(r"\$\{\{ (.+?) \}\}")
MACRO = re.compile(r"\$\(([\w.]+)\)")
CALL = re.compile(r"(?:^|\s)reconciler ", re.MULTILINE)


@dataclass(frozen=True)
class Step:
    """A step that calls the reconciler."""

    script: str
    variables: Mapping[str, str]


def read(template: str) -> Any:
    return yaml.safe_load((TEMPLATES / template).read_text("utf-8"))


def github(name: str, job: str, told: Mapping[str, str]) -> list[Step]:
    """Of one job of a workflow. `told` says what the expressions of the service come to."""
    workflow = read(f"github/{name}.yml")
    found = workflow["jobs"][job]
    around = {**workflow["env"], **found.get("env", {})}
    return [
        Step(step["run"], _filled(EXPRESSION, {**around, **step.get("env", {})}, told))
        for step in found["steps"]
        if CALL.search(step.get("run", ""))
    ]


def azure_pipelines(name: str, job: str, told: Mapping[str, str]) -> list[Step]:
    """Of one job, or of one deployment, in any stage."""
    pipeline = read(f"azure-pipelines/{name}.yml")
    [found] = [
        each
        for stage in pipeline["stages"]
        for each in stage["jobs"]
        if job in {each.get("job"), each.get("deployment")}
    ]
    steps = found.get("steps") or found["strategy"]["runOnce"]["deploy"]["steps"]
    scripts = ((step.get("inputs", step), step.get("env", {})) for step in steps)
    return [
        Step(script, _filled(MACRO, {**pipeline["variables"], **env}, told))
        for inputs, env in scripts
        if CALL.search(script := inputs.get("inlineScript") or inputs.get("script", ""))
    ]


def gitlab(job: str) -> Step:
    """A job is one script, and begins with what prepares it."""
    pipeline = read("gitlab/gitlab-ci.yml")
    parts = [pipeline["default"], *_extended(pipeline, job)]
    merged = {key: value for part in parts for key, value in part.items()}
    before = [line for line in merged["before_script"] if "pip install" not in line]
    given = [pipeline.get("variables", {}), *(part.get("variables", {}) for part in parts)]
    variables = {name: value for each in given for name, value in each.items()}
    return Step("\n".join(["set -eo pipefail", *before, *merged["script"]]), variables)


def kubernetes(name: str, told: Mapping[str, str]) -> Step:
    """What the container of a CronJob runs."""
    text = (TEMPLATES / "kubernetes/cronjob.yaml").read_text("utf-8")
    documents = {(d["kind"], d["metadata"]["name"]): d for d in yaml.safe_load_all(text)}
    template = documents["CronJob", name]["spec"]["jobTemplate"]["spec"]["template"]
    [container] = template["spec"]["containers"]
    assert container["command"] == ["bash", "-euo", "pipefail", "-c"]
    settings = documents["ConfigMap", "reconciler"]["data"]
    return Step(f"set -euo pipefail\n{container['args'][0]}", {**settings, **told})


def action(**inputs: str) -> Step:
    """The step of the composite action that calls the reconciler."""
    found = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    [run] = [step for step in found["runs"]["steps"] if step.get("id") == "run"]
    defaults = {name: each.get("default", "") for name, each in found["inputs"].items()}
    told = {f"inputs.{name}": value for name, value in {**defaults, **inputs}.items()}
    token = {"inputs.comment == 'true' && github.token || ''": ""}
    return Step(run["run"], _filled(EXPRESSION, run["env"], {**told, **token}))


def _extended(pipeline: Mapping[str, Any], job: str) -> Iterator[Mapping[str, Any]]:
    """What it extends comes first."""
    if parent := pipeline[job].get("extends"):
        yield from _extended(pipeline, parent)
    yield pipeline[job]


def _filled(
    pattern: re.Pattern[str], variables: Mapping[str, str], told: Mapping[str, str]
) -> dict[str, str]:
    """An expression that a test does not know fails it."""
    return {
        name: pattern.sub(lambda match: told[match[1]], str(value))
        for name, value in variables.items()
    }
