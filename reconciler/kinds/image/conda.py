"""What can be known about a conda file without solving it. Pure: data in, faults out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from reconciler.model import Fault, FieldPath, Severity, Value

AT: FieldPath = ("condaFile",)
CODE = "image.conda"
CONDA = re.compile(r"(?:[^\s:]+::)?([A-Za-z0-9_][A-Za-z0-9_.-]*)\s*(.*)", re.DOTALL)
"""channel::name version build: https://docs.conda.io/projects/conda-build (match specs)."""
PIP = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(.*)", re.DOTALL)
"""name[extras] specifier: https://packaging.python.org/specifications/dependency-specifiers."""


def check_conda(path: str, data: Value) -> Iterator[Fault]:
    """A mapping whose `dependencies` are texts and at most one mapping of pip's."""
    if not isinstance(data, dict):
        yield Fault(AT, CODE, f"{path} is no mapping", "start it with `dependencies:`")
        return
    dependencies = data.get("dependencies")
    if not isinstance(dependencies, tuple) or not dependencies:
        hint = "list the packages, beginning with python"
        yield Fault(AT, CODE, f"{path} has no list of dependencies", hint)
        return
    at = ("dependencies",)
    yield from _check_entries(at, dependencies)
    yield from _check_packages(at, dependencies, _conda)
    for index, item in enumerate(dependencies):
        if isinstance(item, dict) and isinstance(pip := item.get("pip"), tuple):
            yield from _check_packages((*at, str(index), "pip"), pip, _pip)
    if not any(_conda(item)[0] == "python" for item in dependencies if isinstance(item, str)):
        hint = "add one, such as python=3.10: the image's Python decides what a model can load"
        summary = "no version of Python is given"
        yield Fault(AT, CODE, summary, hint, Severity.WARNING, within=at)


def _check_entries(at: FieldPath, dependencies: tuple[Value, ...]) -> Iterator[Fault]:
    """That each entry is a text, or the one mapping that lists pip's packages."""
    lists = 0
    for index, item in enumerate(dependencies):
        inside = (*at, str(index))
        if isinstance(item, str):
            continue
        pip = item.get("pip") if isinstance(item, dict) and set(item) == {"pip"} else None
        if not isinstance(pip, tuple) or not all(isinstance(entry, str) for entry in pip):
            hint = "write a package such as numpy=1.26.4, or a list of packages under pip:"
            yield Fault(AT, CODE, "is neither a package nor pip's list", hint, within=inside)
            continue
        lists += 1
        if lists > 1:
            yield Fault(AT, CODE, "pip is listed twice", "join the two lists", within=inside)


def _check_packages(
    at: FieldPath, entries: tuple[Value, ...], read: Callable[[str], tuple[str, bool]]
) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        if not isinstance(entry, str) or entry.startswith("-"):
            continue  # an option of pip's
        inside = (*at, str(index))
        name, pinned = read(entry)
        if not name:
            hint = "write name=version"
            yield Fault(AT, CODE, f'"{entry}" is not a package', hint, within=inside)
        elif name in seen:
            hint = "keep one of the two"
            yield Fault(AT, CODE, f"{name} is listed twice", hint, within=inside)
        elif not pinned:
            yield Fault(
                AT,
                "image.unpinned",
                f"{name} has no exact version: the same input may build another image tomorrow",
                "pin it, such as numpy=1.26.4 (conda) or numpy==1.26.4 (pip)",
                Severity.WARNING,
                within=inside,
            )
        seen.add(name)


def _conda(entry: str) -> tuple[str, bool]:
    """The name, and whether one version is meant: `numpy=1.26`, `numpy==1.26.4`, `numpy 1.26`.

    `pip` itself needs no version: it does not reach the model.
    """
    found = CONDA.fullmatch(entry.strip())
    if not found:
        return "", False
    version = found[2].strip()
    exact = bool(version) and not any(sign in version for sign in "<>!|*,~")
    return found[1].lower(), exact or found[1].lower() == "pip"


def _pip(entry: str) -> tuple[str, bool]:
    """The name, and whether one version is meant: `numpy==1.26.4`, `mine @ https://...`."""
    requirement = entry.partition(";")[0].strip()
    if not (found := PIP.fullmatch(requirement)):
        return "", False
    version = found[2].strip()
    exact = version.startswith(("==", "@")) and not any(sign in version for sign in "*,")
    return re.sub(r"[-_.]+", "-", found[1]).lower(), exact
