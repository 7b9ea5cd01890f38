"""What an Image is: a container that serves models, built in the workspace or prebuilt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from reconciler.kinds.image.conda import check_conda
from reconciler.kinds.image.reference import check_reference
from reconciler.kinds.image.scoring import check_script
from reconciler.model import (
    Contents,
    Fault,
    FieldPath,
    FieldRule,
    FileContent,
    FileUse,
    Kind,
    Refs,
    ResourceId,
    Spec,
    Superseded,
    Value,
    sequence,
    text,
)

PREBUILT = "prebuilt"
SCRIPT: FieldPath = ("scoringScript",)
CONDA: FieldPath = ("condaFile",)
NEEDED: Mapping[str, tuple[str, ...]] = {
    "azureml-image": ("models", "scoringScript"),
    "azureml-package": ("models", "scoringScript"),
    PREBUILT: ("reference",),
}
REFUSED: Mapping[str, tuple[str, ...]] = {
    "azureml-image": ("reference",),
    "azureml-package": ("reference",),
    PREBUILT: ("models", "scoringScript", "condaFile", "files", "runtime", "tags"),
}


def files(spec: Spec) -> Iterator[FileUse]:
    if path := text(spec.get("scoringScript")):
        yield FileUse(SCRIPT, path, text=True, folder=False)
    if path := text(spec.get("condaFile")):
        yield FileUse(CONDA, path, data=True, folder=False)
    for index, item in enumerate(sequence(spec.get("files"))):
        yield FileUse(("files", str(index)), text(item))


def check(_name: str, spec: Spec, contents: Contents) -> Iterator[Fault]:
    yield from _check_fields(spec)
    yield from _check_names(spec)
    if reference := text(spec.get("reference")):
        yield from check_reference(reference)
    if (script := contents.get(SCRIPT)) is not None:
        yield from _check_script(script)
    if (conda := contents.get(CONDA)) is not None:
        yield from check_conda(conda.path, conda.data)


def normalize(spec: Spec, contents: Contents) -> Spec:
    """Names and digests as they reach the image; paths relative to the repository's root.

    `inputs` is what makes a generation: moving a folder in the repository changes nothing.
    `files` becomes a mapping from the name in the image to the path in the repository.
    """
    if spec["builder"] == PREBUILT:
        return {"description": "", **spec}
    found = {field: contents[field] for field in _paths(spec) if field in contents}
    single = {field[0]: content.path for field, content in found.items() if len(field) == 1}
    names = _names(spec)
    listed = {names[field]: found[field].path for field in found if len(field) > 1}
    return {
        "description": "",
        "runtime": "python",
        "tags": {},
        **spec,
        **single,
        "files": listed,
        "inputs": _inputs(names, found),
    }


def refs(spec: Spec) -> Refs:
    """Models of this fleet; a pinned version, `name:3`, is none of ours."""
    models = enumerate(sequence(spec.get("models")))
    return {
        ("models", str(index)): ResourceId("Model", text(model))
        for index, model in models
        if ":" not in text(model)
    }


def name(path: str) -> str:
    """The name that a file gets in the image: its path, without the steps out of the folder."""
    return "/".join(step for step in path.split("/") if step not in {"", ".", ".."})


def _inputs(names: Mapping[FieldPath, str], found: Contents) -> Spec:
    inputs: dict[str, Value] = {
        "files": {
            names[field]: {"sha256": content.sha256}
            for field, content in found.items()
            if len(field) > 1
        }
    }
    if SCRIPT in found:
        inputs["scoringScript"] = {"name": names[SCRIPT], "sha256": found[SCRIPT].sha256}
    if CONDA in found:  # read when the image is built: its name does not reach it
        inputs["condaFile"] = {"sha256": found[CONDA].sha256}
    return inputs


def _paths(spec: Spec) -> Mapping[FieldPath, str]:
    """Every path as written, by the field that holds it."""
    return {use.at: use.path for use in files(spec)}


def _names(spec: Spec) -> Mapping[FieldPath, str]:
    """The scoring script stands at the top, where the image's server looks for it."""
    names = {field: name(path) for field, path in _paths(spec).items()}
    if SCRIPT in names:
        names[SCRIPT] = names[SCRIPT].rpartition("/")[2]
    return names


def _check_fields(spec: Spec) -> Iterator[Fault]:
    builder = text(spec["builder"])
    code = "image.fields"
    for field in NEEDED[builder]:
        if field not in spec:
            yield Fault((), code, f"builder {builder} needs spec.{field}", f"add {field}")
    for field in REFUSED[builder]:
        if field in spec:
            hint = "remove it, or choose another builder"
            yield Fault((field,), code, f"builder {builder} has no use for {field}", hint)


def _check_names(spec: Spec) -> Iterator[Fault]:
    """That no two files get one name in the image."""
    names = {field: found for field, found in _names(spec).items() if field != CONDA}
    count = Counter(names.values())
    for field, found in names.items():
        if not found:
            hint = "name files or folders one by one"
            yield Fault(field, "image.files", "is the whole folder of this document", hint)
        elif count[found] > 1:
            summary = f'two files would be "{found}" in the image'
            yield Fault(field, "image.files", summary, "rename one of them")


def _check_script(script: FileContent) -> Iterator[Fault]:
    if script.text is None:
        yield Fault(SCRIPT, "image.score", f"{script.path} is not UTF-8 text", "save it as UTF-8")
    else:
        yield from check_script(script.path, script.text)


KIND = Kind(
    name="Image",
    rules={
        ("builder",): FieldRule.CONTENT,
        ("models",): FieldRule.CONTENT,
        ("reference",): FieldRule.CONTENT,
        ("runtime",): FieldRule.CONTENT,
        ("inputs",): FieldRule.CONTENT,
        ("tags",): FieldRule.UPDATE,
    },
    otherwise=FieldRule.IGNORE,  # paths in the repository, and what is set when it is built
    superseded=Superseded.KEEP,
    files=files,
    check=check,
    normalize=normalize,
    refs=refs,
    managed=lambda spec: spec["builder"] != PREBUILT,
)
