"""Proves that importing manifests loses nothing: `python -m tests.prove.manifests DIR`.

Every *.json below DIR is imported; its documents are checked against their schemas, normalized
and rendered, and the result must say the same as the file. Prints a line per file and a summary;
ends with 1 if a file came out different or something crashed.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

from reconciler.edge import canonical_content, imports, masked, plain
from reconciler.edge.placeholder import restored
from reconciler.kinds.deployment.spec import KIND
from reconciler.model import (
    Fault,
    Observed,
    Resource,
    ResourceId,
    Severity,
    Spec,
    Value,
    mapping,
    text,
)
from reconciler.source.export import Commented, as_yaml

ROOT = Path(__file__).parents[2]
SCHEMAS = {
    "Deployment": "deployment",
    "DeviceGroup": "device_group",
    "RegistryCredential": "registry_credential",
}


def main(arguments: Sequence[str]) -> int:
    """Try every file below the folders; 0 if nothing was lost."""
    counts: Counter[str] = Counter()
    for path in sorted(path for folder in arguments for path in Path(folder).rglob("*.json")):
        verdict, detail = _tried(path)
        counts[verdict] += 1
        print(f"{path.name}: {verdict}{': ' if detail else ''}{detail}")  # noqa: T201
    files = sum(counts.values())
    shown = [f"{name}={counts[name]}" for name in ("equal", "refused", "crashed")]
    different = [f"different={counts['different']}"] if counts["different"] else []
    print(" ".join([f"files={files}", *shown, *different]))  # noqa: T201
    return 1 if counts["different"] or counts["crashed"] else 0


def _tried(path: Path) -> tuple[str, str]:
    try:
        return proved(path.read_text(encoding="utf-8-sig"), path.name)
    except Exception as error:  # noqa: BLE001 - a crash is what this looks for
        return "crashed", f"{type(error).__name__}: {error}"


def proved(source: str, file: str) -> tuple[str, str]:
    """`equal`, `refused` or `different` for the text of one file, and why."""
    for manifest in imports.manifests_of(source, file, "", set()):
        for fault in manifest.faults:
            if fault.severity is Severity.ERROR:
                return "refused", _shown(manifest, fault)
        documents = _read_back(manifest)
        for complaint in _invalid(documents):
            return "different", complaint
        rendered = _rendered(documents, manifest.placeholders)
        wanted = canonical_content(masked(manifest.content))
        if rendered != wanted:
            return "different", _first_difference((), rendered, wanted)
    return "equal", ""


def _shown(manifest: imports.Manifest, fault: Fault) -> str:
    position = manifest.position(fault.path)
    where = f"{position.line}:{position.column}"
    return f"{where} [{fault.code}] {fault.summary} (hint: {fault.hint})"


def _read_back(manifest: imports.Manifest) -> list[Spec]:
    """The documents as somebody would load them from their YAML."""
    stream = as_yaml(Commented(d.value, d.comments) for d in manifest.documents)
    return [mapping(plain(loaded)) for loaded in yaml.safe_load_all(stream)]


def _invalid(documents: Sequence[Spec]) -> Iterator[str]:
    for document in documents:
        schema = _schema(SCHEMAS[text(document["kind"])])
        filled = json.loads(re.sub(r"\$\{\w+\}", "x", json.dumps(document)))
        for error in schema.iter_errors(filled):
            if "${" not in str(_at(document, error.absolute_path)):
                yield f"{document['kind']}: {error.json_path}: {error.message:.200}"


@cache
def _schema(name: str) -> Draft202012Validator:
    text = (ROOT / f"schemas/{name}.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def _at(value: Value, path: Iterable[str | int]) -> Value:
    """What was written at a place: a variable may hold whatever fits."""
    for step in path:
        value = value[int(step)] if isinstance(value, tuple) else mapping(value)[str(step)]
    return value


def _rendered(documents: Sequence[Spec], placeholders: dict[str, str] | Spec) -> Value:
    named = {str(name): str(placeholder) for name, placeholder in placeholders.items()}
    found: dict[ResourceId, Observed] = {}
    want = None
    for document in documents:
        spec = mapping(document["spec"])
        name = ResourceId(text(document["kind"]), text(mapping(document["metadata"])["name"]))
        if name.kind == "RegistryCredential":
            login = {key: value for key, value in spec.items() if key != "password"}
            found[name] = Observed(name, {}, status=login)
        elif name.kind == KIND.name:
            normal = KIND.normalize(spec, {})
            want = Resource(name, normal, KIND.refs(normal))
    assert want is not None
    content = mapping(KIND.render(want, found)["content"])["modulesContent"]
    return canonical_content(restored(_reread(content), named))


def _reread(content: Value) -> Value:
    """As it would come back from the hub."""
    return plain(json.loads(json.dumps(content)))


def _first_difference(path: tuple[str, ...], ours: Value, theirs: Value) -> str:
    mine, others = mapping(ours), mapping(theirs)
    for key in sorted({*mine, *others}):
        if mine.get(key) != others.get(key):
            return _first_difference((*path, key), mine.get(key), others.get(key))
    return f"{'/'.join(path)}: {ours!r:.200} instead of {theirs!r:.200}"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
