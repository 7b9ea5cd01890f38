"""Problems at the lines that cause them, in the words that CI services and editors read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum

from reconciler.model import Diagnostic, Severity, Value
from reconciler.report import json as data
from reconciler.report import words

MOST = 50
"""GitHub shows ten of each sort for a step, and fifty for a job."""
LONGEST = 1_000


class Dialect(Enum):
    GITHUB = "github"
    AZURE_PIPELINES = "azure-pipelines"


def commands(diagnostics: Iterable[Diagnostic], dialect: Dialect) -> Iterator[str]:
    """A line for each problem, errors first; the service takes it out of the log.

    GitHub: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    Azure: https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
    """
    found = sorted(diagnostics, key=lambda d: (d.severity is not Severity.ERROR, str(d)))
    write = _github if dialect is Dialect.GITHUB else _azure_pipelines
    yield from (write(diagnostic) for diagnostic in found[:MOST])


def sarif(diagnostics: Iterable[Diagnostic], version: str) -> str:
    """A log of one run: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html"""
    found = sorted(diagnostics, key=str)
    rules = tuple({"id": code} for code in sorted({d.code for d in found}))
    driver: Value = {"name": "reconciler", "semanticVersion": version, "rules": rules}
    run: Value = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": tuple(_result(diagnostic) for diagnostic in found),
    }
    return data.render(
        {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": (run,),
        }
    )


def _result(found: Diagnostic) -> Value:
    result: dict[str, Value] = {
        "ruleId": found.code,
        "level": found.severity.value,
        "message": {"text": _message(found)},
    }
    if found.origin:
        region: Value = {"startLine": found.origin.line, "startColumn": found.origin.column}
        place: Value = {"artifactLocation": {"uri": _uri(found.origin.path)}, "region": region}
        result["locations"] = ({"physicalLocation": place},)
    return result


def _uri(path: str) -> str:
    """A relative reference: what is no plain character is percent-encoded."""
    return "".join(
        c if c.isascii() and (c.isalnum() or c in "/._-~") else _percent(c) for c in path
    )


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogateescape"))


def _message(found: Diagnostic) -> str:
    subject = f"{found.subject}: " if found.subject else ""
    hint = f" (hint: {found.hint})" if found.hint else ""
    return words.plain(f"{subject}{found.summary}{hint}")[:LONGEST]


def _github(found: Diagnostic) -> str:
    fields = {"title": found.code}
    if found.origin:
        fields["file"] = found.origin.path
        fields["line"], fields["col"] = str(found.origin.line), str(found.origin.column)
    told = ",".join(f"{key}={_escaped(words.plain(v), GITHUB)}" for key, v in fields.items())
    return f"::{found.severity.value} {told}::{_escaped(_message(found), MESSAGE)}"


def _azure_pipelines(found: Diagnostic) -> str:
    fields = {"type": found.severity.value}
    if found.origin:
        fields["sourcepath"] = found.origin.path
        fields["linenumber"] = str(found.origin.line)
        fields["columnnumber"] = str(found.origin.column)
    fields["code"] = found.code
    told = ";".join(f"{key}={_escaped(words.plain(v), AZURE)}" for key, v in fields.items())
    return f"##vso[task.logissue {told}]{_escaped(_message(found), AZURE)}"


MESSAGE = {"%": "%25", "\r": "%0D", "\n": "%0A"}
GITHUB = {**MESSAGE, ":": "%3A", ",": "%2C"}
AZURE = {"%": "%AZP25", "\r": "%0D", "\n": "%0A", "]": "%5D", ";": "%3B"}


def _escaped(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(character, character) for character in text)
