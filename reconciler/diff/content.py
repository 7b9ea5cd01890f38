"""What differs between two documents: for showing a replacement, never for deciding on one."""

from __future__ import annotations

from collections.abc import Mapping

from deepdiff import DeepDiff

from reconciler.diff.change import FieldChange
from reconciler.model import FieldPath, FieldRule, Spec, Value


def content_changes(before: Spec, after: Spec) -> tuple[FieldChange, ...]:
    """Field by field, sorted by path; a field that one side lacks is None there."""
    delta = DeepDiff(_plain(before), _plain(after), view="tree", verbose_level=2)
    found: dict[FieldPath, FieldChange] = {}
    for items in delta.values():
        for item in items:
            path = tuple(str(key) for key in item.path(output_format="list"))
            old, new = _frozen(_present(item.t1)), _frozen(_present(item.t2))
            found[path] = FieldChange(path, old, new, FieldRule.CONTENT)
    return tuple(found[path] for path in sorted(found))


def leaves(value: Value) -> int:
    """How many fields a document has, empty ones too."""
    if isinstance(value, Mapping) and value:
        return sum(leaves(inner) for inner in value.values())
    if isinstance(value, tuple) and value:
        return sum(leaves(inner) for inner in value)
    return 1


def _plain(value: Value) -> object:
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return value


def _present(value: object) -> object:
    """DeepDiff's own mark for a side that lacks the field, as None."""
    return value if isinstance(value, (bool, int, float, str, list, dict)) else None


def _frozen(value: object) -> Value:
    if isinstance(value, dict):
        return {str(key): _frozen(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return tuple(_frozen(inner) for inner in value)
    return value if isinstance(value, (bool, int, float, str)) else None
