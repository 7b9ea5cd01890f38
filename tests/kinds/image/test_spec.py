from __future__ import annotations

import pytest

from reconciler.kinds.image.spec import KIND
from reconciler.model import Contents, FieldRule, FileContent, ResourceId, Spec

SCORE = "def init(): pass\ndef run(data): pass\n"
SPEC: Spec = {
    "builder": "azureml-image",
    "models": ("weights", "other:3"),
    "scoringScript": "src/score.py",
    "condaFile": "../conda.yml",
    "files": ("lib/", "../shared/io.py"),
}
CONTENTS: Contents = {
    ("scoringScript",): FileContent("fleet/i/src/score.py", "a", 40, SCORE),
    ("condaFile",): FileContent("fleet/conda.yml", "b", 9, data={"dependencies": ("python=3.10",)}),
    ("files", "0"): FileContent("fleet/i/lib", "c", 9, entries={}),
    ("files", "1"): FileContent("fleet/shared/io.py", "d", 9),
}
PREBUILT: Spec = {"builder": "prebuilt", "reference": "a.io/detector:1.4"}


def test_inputs_hold_names_as_they_reach_the_image_and_digests() -> None:
    spec = KIND.normalize(SPEC, CONTENTS)
    assert spec["inputs"] == {
        "scoringScript": {"name": "score.py", "sha256": "a"},
        "condaFile": {"sha256": "b"},
        "files": {"lib": {"sha256": "c"}, "shared/io.py": {"sha256": "d"}},
    }


def test_paths_lead_from_the_root_of_the_repository_and_say_nothing_about_the_image() -> None:
    spec = KIND.normalize(SPEC, CONTENTS)
    assert spec["scoringScript"] == "fleet/i/src/score.py"
    assert spec["condaFile"] == "fleet/conda.yml"
    assert spec["files"] == {"lib": "fleet/i/lib", "shared/io.py": "fleet/shared/io.py"}
    paths = (("scoringScript",), ("condaFile",), ("files", "lib"), ("description",))
    assert {KIND.rule(path) for path in paths} == {FieldRule.IGNORE}
    assert KIND.rule(("inputs", "files", "lib", "sha256")) is FieldRule.CONTENT
    assert KIND.rule(("runtime",)) is FieldRule.CONTENT


def test_models_of_the_fleet_are_references_and_pinned_versions_are_not() -> None:
    assert KIND.refs(KIND.normalize(SPEC, CONTENTS)) == {
        ("models", "0"): ResourceId("Model", "weights")
    }


def test_a_complete_image_is_not_faulted() -> None:
    assert list(KIND.check("detector", SPEC, CONTENTS)) == []
    assert list(KIND.check("detector", PREBUILT, {})) == []


@pytest.mark.parametrize("builder", ["azureml-image", "azureml-package"])
@pytest.mark.parametrize("field", ["models", "scoringScript"])
def test_a_build_needs_models_and_a_script(builder: str, field: str) -> None:
    spec = {**SPEC, "builder": builder}
    del spec[field]
    contents = {path: found for path, found in CONTENTS.items() if path[0] in spec}
    (fault,) = KIND.check("detector", spec, contents)
    assert fault.summary == f"builder {builder} needs spec.{field}"


@pytest.mark.parametrize(
    ("field", "value"),
    [("models", ("m",)), ("scoringScript", "score.py"), ("runtime", "python"), ("tags", {})],
)
def test_a_prebuilt_image_has_no_use_for_what_builds_one(
    field: str, value: str | tuple[str, ...] | dict[str, str]
) -> None:
    (fault,) = KIND.check("detector", {**PREBUILT, field: value}, {})
    assert (fault.path, fault.code) == ((field,), "image.fields")


def test_a_script_that_is_no_text_is_refused() -> None:
    script = FileContent("score.py", "a", 3, None)
    contents = {**CONTENTS, ("scoringScript",): script}
    (fault,) = KIND.check("detector", SPEC, contents)
    assert fault.summary == "score.py is not UTF-8 text"


def test_a_prebuilt_image_is_only_referred_to() -> None:
    assert not KIND.managed(KIND.normalize(PREBUILT, {}))
    assert KIND.managed(SPEC)
    assert KIND.rule(("reference",)) is FieldRule.CONTENT
