"""`${name}` in texts: what the chosen environment's `variables` say, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model import Fault, FieldPath, Spec, Value
from reconciler.source.schemas import did_you_mean

USE = re.compile(r"\$\$\{|\$\{([^}\n]*)(\}?)")
OPEN = "${"


@dataclass(slots=True)
class Substitution:
    """Replaces variables in one spec, and collects what is wrong with their uses."""

    variables: Spec
    faults: list[Fault] = field(default_factory=list)

    def apply(self, value: Value, path: FieldPath) -> Value:
        """A text that is one variable alone takes that variable's type; `$${` stands for `${`."""
        if isinstance(value, str):
            return self._text(value, path) if OPEN in value else value
        if isinstance(value, Mapping):
            return {key: self.apply(inner, (*path, key)) for key, inner in value.items()}
        if isinstance(value, tuple):
            return tuple(self.apply(item, (*path, str(index))) for index, item in enumerate(value))
        return value

    def _text(self, text: str, path: FieldPath) -> Value:
        alone = USE.fullmatch(text)
        if alone and alone[2] and alone[1] in self.variables:
            return self.variables[alone[1]]
        return USE.sub(lambda found: self._use(found, path), text)

    def _use(self, found: re.Match[str], path: FieldPath) -> str:
        name, closed = found[1], found[2]
        if name is None:
            return OPEN
        if not closed:
            self._fault(path, f"{found[0]} is not closed", "add }, or write $${ for a plain ${")
        elif name not in self.variables:
            hint = did_you_mean(name, self.variables) or (
                "add it to spec.variables of the environment, or write $${ for a plain ${"
            )
            self._fault(path, f'"{name}" is no variable of this environment', hint)
        return _spelled(self.variables.get(name, found[0]))

    def _fault(self, path: FieldPath, summary: str, hint: str) -> None:
        self.faults.append(Fault(path, "variable.unknown", summary, hint))


def _spelled(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
