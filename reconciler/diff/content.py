"""What differs between two documents: for showing a replacement, never for deciding on one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.diff.change import FieldChange
from reconciler.model import FieldPath, FieldRule, Spec, Value


def content_changes(before: Spec, after: Spec) -> tuple[FieldChange, ...]:
    """Field by field, sorted by path; a field that one side lacks is None there.

    What was added or removed as a whole is taken apart, so that every line is one field.
    """
    # Imported here: most plans have no content to take apart, and it takes its time.
    from deepdiff import DeepDiff

    delta = DeepDiff(_plain(before), _plain(after), view="tree", verbose_level=2)
    found = [
        change
        for items in delta.values()
        for item in items
        for change in _apart(
            tuple(str(key) for key in item.path(output_format="list")),
            _frozen(_present(item.t1)),
            _frozen(_present(item.t2)),
        )
    ]
    # An element that left a list and one that came can share a path: the old one stands first.
    return tuple(sorted(found, key=lambda change: (change.path, change.before is None)))


def leaves(value: Value) -> int:
    """How many fields a document has, empty ones too."""
    if isinstance(value, Mapping) and value:
        return sum(leaves(inner) for inner in value.values())
    if isinstance(value, tuple) and value:
        return sum(leaves(inner) for inner in value)
    return 1


def _apart(path: FieldPath, before: Value, after: Value) -> Iterator[FieldChange]:
    match before, after:
        case (None, Mapping() | tuple() as whole) if whole:
            for key, inner in _members(whole):
                yield from _apart((*path, key), None, inner)
        case (Mapping() | tuple() as whole, None) if whole:
            for key, inner in _members(whole):
                yield from _apart((*path, key), inner, None)
        case _:
            yield FieldChange(path, before, after, FieldRule.CONTENT)


def _members(whole: Mapping[str, Value] | tuple[Value, ...]) -> Iterator[tuple[str, Value]]:
    if isinstance(whole, Mapping):
        yield from whole.items()
    else:
        yield from ((str(index), inner) for index, inner in enumerate(whole))


def _plain(value: Value) -> object:
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    # YAML and the services do not tell 1.0 from 1.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _present(value: object) -> object:
    """DeepDiff's own mark for a side that lacks the field, as None."""
    return value if isinstance(value, (bool, int, float, str, list, dict)) else None


def _frozen(value: object) -> Value:
    if isinstance(value, dict):
        return {str(key): _frozen(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return tuple(_frozen(inner) for inner in value)
    return value if isinstance(value, (bool, int, float, str)) else None
