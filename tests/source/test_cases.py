"""What people get to read for each kind of bad input: a text file per case.

A case says why it exists, holds files after `>>> PATH`, and after `=== says` what is printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.source.fleets import loaded, messages

CASES = sorted((Path(__file__).parent / "cases").glob("*.case"))


@dataclass(frozen=True, slots=True)
class Case:
    files: dict[str, str]
    says: str


def read(text: str) -> Case:
    written, says = text.split("=== says\n")
    return Case(dict(_files(written)), says)


def _files(written: str) -> Iterator[tuple[str, str]]:
    _why, *files = written.split(">>> ")
    for file in files:
        path, _, content = file.partition("\n")
        yield path, content


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_bad_input_is_answered_as_its_case_says(path: Path) -> None:
    case = read(path.read_text(encoding="utf-8"))
    said = "\n".join(messages(loaded(case.files)))
    assert said == case.says.rstrip("\n")


def test_there_is_a_case_for_every_code_that_files_can_cause() -> None:
    said = "".join(read(path.read_text(encoding="utf-8")).says for path in CASES)
    missing = [code for code in CODES if f"[{code}]" not in said]
    assert missing == []


CODES = (
    "credential.incomplete",
    "document.foreign",
    "document.kind",
    "environment.incomplete",
    "environment.none",
    "environment.several",
    "file.folder",
    "file.missing",
    "file.outside",
    "file.path",
    "fleet.root",
    "group.empty",
    "group.everything",
    "condition.syntax",
    "group.tag",
    "id.collision",
    "id.repeated",
    "image.conda",
    "image.digest",
    "image.fields",
    "image.files",
    "image.latest",
    "image.reference",
    "image.score",
    "image.unpinned",
    "model.empty",
    "model.lfs",
    "ref.missing",
    "schema",
    "schema.unknown",
    "secret.forbidden",
    "variable.unknown",
    "yaml.ambiguous",
    "yaml.key",
    "yaml.large",
    "yaml.mapping",
    "yaml.repeated",
    "yaml.syntax",
    "yaml.tag",
)
