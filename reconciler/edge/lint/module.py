"""What can be wrong with one module."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from reconciler.edge.create_options import CHUNK, CHUNKS, OptionsError, parsed
from reconciler.edge.identity import MODULE_NAME
from reconciler.edge.lint.image import image_faults
from reconciler.edge.lint.variable import is_open
from reconciler.edge.shape import at
from reconciler.model import Fault, FieldPath, Severity, Value, canonical, mapping

CHOICES: Mapping[str, tuple[str, ...]] = {
    "type": ("docker",),
    "status": ("running", "stopped"),
    "restartPolicy": ("always", "on-failure", "on-unhealthy", "never"),
    "imagePullPolicy": ("on-create", "never"),
}
LAST = 4294967295
ENV_BYTES = 4096
"""https://github.com/Azure/iotedge/issues/6547."""

_ENV_NAME = re.compile(r"[^+#$\s.]+")


def module_faults(path: FieldPath, module: Value) -> Iterator[Fault]:
    told = mapping(module)
    image = at(told.get("image"), "reference") or told.get("image")
    if isinstance(image, str) and _is_judged(told.get("image"), path) and not is_open(image):
        yield from image_faults((*path, "image"), image)
    for field, choices in CHOICES.items():
        if field in told:
            yield from _choice((*path, field), told[field], choices)
    if "startupOrder" in told:
        yield from _order((*path, "startupOrder"), told["startupOrder"])
    if not isinstance(told.get("version", ""), str):
        yield Fault((*path, "version"), "module.version", "a version is text", "put it in quotes")
    yield from _env((*path, "env"), told.get("env"))
    yield from _options((*path, "createOptions"), told.get("createOptions"))


def module_name_faults(path: FieldPath, name: str) -> Iterator[Fault]:
    if not MODULE_NAME.fullmatch(name) and not is_open(name):
        summary = f'"{name}" cannot be the name of a module: letters, digits, - and _ can'
        hint = f'rename it, for example to "{re.sub("[^A-Za-z0-9_-]+", "-", name).strip("-")}"'
        if name.startswith(("_", "//")) or "comment" in name.lower():
            hint = "JSON has no comments: remove it"
        yield Fault(path, "module.name", summary, hint)


def _is_judged(image: Value, path: FieldPath) -> bool:
    """Whether an image is a reference; a bare name in a module is an image of the fleet."""
    is_system = len(path) == 1
    return is_system or not isinstance(image, str) or "/" in image or ":" in image


def _choice(path: FieldPath, value: Value, choices: tuple[str, ...]) -> Iterator[Fault]:
    if value in choices or is_open(value):
        return
    wanted = value.lower() if isinstance(value, str) else str(value)
    close = get_close_matches(wanted, choices, 1, 0.5)
    known = ", ".join(choices)
    hint = f'did you mean "{close[0]}"?' if close else f"write one of {known}"
    summary = f"{path[-1]} is one of {known}, in small letters, and not {value!r}"
    yield Fault(path, f"module.{path[-1]}", summary.replace("'", '"'), hint)


def _order(path: FieldPath, value: Value) -> Iterator[Fault]:
    if is_open(value):
        return
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not (whole and isinstance(value, int) and 0 <= value <= LAST):
        summary = f"startupOrder is a whole number from 0 to {LAST}, not {value!r}"
        yield Fault(path, "module.startupOrder", summary, "smaller numbers start first")


def _env(path: FieldPath, env: Value) -> Iterator[Fault]:
    for name, value in mapping(env).items():
        if not _ENV_NAME.fullmatch(name):
            summary = f'"{name}" cannot be the name of an environment variable in a manifest'
            yield Fault((*path, name), "env.name", summary, "leave out + # $ . and spaces")
        if isinstance(value, Mapping) or value is None:
            summary = f'the environment variable "{name}" must be text, a number, true or false'
            yield Fault((*path, name), "env.type", summary, "write the plain value")
        if isinstance(value, str) and len(value.encode()) > ENV_BYTES:
            size = len(value.encode())
            summary = f'the environment variable "{name}" has {size} bytes; {ENV_BYTES} are allowed'
            hint = "put it into the module's twin, or into a file"
            yield Fault((*path, name), "env.size", summary, hint)


def _options(path: FieldPath, options: Value) -> Iterator[Fault]:
    if options is None or is_open(options):
        return
    try:
        length = len(canonical(parsed(options)))
    except OptionsError as error:
        yield Fault(path, "options.invalid", str(error), error.hint)
        return
    if length > CHUNK * CHUNKS:
        summary = f"createOptions have {length} characters; the agent reads {CHUNK * CHUNKS}"
        yield Fault(path, "options.size", summary, "put the data into a volume or an image")


def ignored_order(path: FieldPath, why: str) -> Fault:
    hint = "leave startupOrder out"
    return Fault((*path, "startupOrder"), "module.startupOrder", why, hint, Severity.WARNING)
