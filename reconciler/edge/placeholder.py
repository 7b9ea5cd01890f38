"""Placeholders of deployment templates, and the variables that take their place.

Several dialects are known: `${NAME}` and `$NAME` (iotedgedev, VS Code), `{{NAME}}` (Jinja and
others), `#{NAME}#` and `#NAME#` (Azure Pipelines' token tasks), `<NAME>` and
`__NAME__` (by hand). A fleet knows
one: `${name}`, in values only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model import Value

_INLINE = re.compile(
    r"(?P<open>\$+\{(?![^}\n]+\}))"
    r"|\$*(?:"  # a $ in front belongs to it: before a variable it would escape that
    r"(?<=\$)\{[^}\n]+\}"
    r"|\{\{\s*[A-Za-z_][\w.-]*\s*\}\}"
    r"|#\{[A-Za-z_][\w.-]*\}#|#[A-Za-z_][\w.]*#"
    r"|<[A-Za-z_][\w.-]*>"
    r"|(?<=\$)[A-Z][A-Z0-9_]+\w*"
    r"|(?<!\w)__[A-Z][A-Z0-9_]*(?!\w)"
    r")"
)
_WHOLE = re.compile(r"<[A-Za-z_][\w. -]*>|\$(?!upstream|edgeAgent|edgeHub|default)[A-Za-z]\w*")
_VARIABLE = re.compile(r"\$\$\{|\$\{(\w+)\}")
_OTHERS = re.compile(r"\W+", re.ASCII)


@dataclass(slots=True)
class Variables:
    """Gives each placeholder a variable: the same text the same one, everywhere."""

    _names: dict[str, str] = field(default_factory=dict)

    @property
    def placeholders(self) -> Mapping[str, str]:
        """By variable, what stood in the template."""
        return {name: placeholder for placeholder, name in self._names.items()}

    def replaced(self, value: Value) -> Value:
        """`value` with `${name}` for every placeholder in its texts; keys stay as they are."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.replaced(inner) for key, inner in value.items()}
        if isinstance(value, tuple):
            return tuple(self.replaced(item) for item in value)
        return value

    def text(self, text: str) -> str:
        if _WHOLE.fullmatch(text):
            return self._variable(text)
        return _INLINE.sub(self._one, text)

    def _one(self, found: re.Match[str]) -> str:
        return f"${found[0]}" if found["open"] else self._variable(found[0])

    def _variable(self, placeholder: str) -> str:
        if placeholder not in self._names:
            self._names[placeholder] = self._free(variable_name(placeholder))
        return f"${{{self._names[placeholder]}}}"

    def _free(self, name: str) -> str:
        taken, count, free = set(self._names.values()), 1, name
        while free in taken:
            count += 1
            free = f"{name}_{count}"
        return free


def is_placeholder(text: str) -> bool:
    """Whether all of `text` is one placeholder."""
    return bool(_WHOLE.fullmatch(text) or _INLINE.fullmatch(text))


def may_be_name(placeholder: str) -> bool:
    """Whether a placeholder can stand as a name as it is."""
    return placeholder.startswith("__")


def variable_name(placeholder: str) -> str:
    """A name for the variable in place of `placeholder`."""
    name = _OTHERS.sub("_", placeholder).strip("_")
    return name if name and not name[0].isdigit() else f"v_{name}".rstrip("_")


def restored(value: Value, placeholders: Mapping[str, str]) -> Value:
    """`value` with each `${name}` turned back into what stood in the template."""
    if isinstance(value, str):
        return _text(value, placeholders)
    if isinstance(value, Mapping):
        items = value.items()
        return {_text(key, placeholders): restored(inner, placeholders) for key, inner in items}
    if isinstance(value, tuple):
        return tuple(restored(item, placeholders) for item in value)
    return value


def _original(found: re.Match[str], placeholders: Mapping[str, str]) -> str:
    return "${" if found[1] is None else placeholders.get(found[1], found[0])


def _text(text: str, placeholders: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: _original(found, placeholders), text)
