"""A repository with a fleet and a long history, of which a preview needs next to nothing."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tests.bench.documents import ENVIRONMENT, ROOT, every_document

WHO = "bench <bench@example.com> 1700000000 +0000"
CHANGES = {"work": "fleet/0007.yaml", "other": "fleet/0008.yaml"}
"""By branch, the file of which it changes one deployment."""
BEFORE, AFTER = "priority: 30", "priority: 40"


def write_history(folder: Path, count: int, commits: int, per_file: int) -> int:
    """Write a repository of so many documents and commits; returns its lines of YAML.

    `main` is the newest commit. `work` and `other` each change one file on top of an older one, so
    that a merge has to be made.
    """
    files = dict(_files(count, per_file))
    subprocess.run(["git", "init", "-q", "--initial-branch=main", str(folder)], check=True)
    stream = "".join(_commits(files, commits))
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=folder, input=stream, text=True, check=True
    )
    return sum(text.count("\n") for text in files.values())


def _files(count: int, per_file: int) -> Iterator[tuple[str, str]]:
    yield "fleet/reconciler.yaml", ROOT
    yield "fleet/local.yaml", ENVIRONMENT
    made = islice(every_document(), count - 1)
    number = 0
    while chunk := "---\n".join(islice(made, per_file)):
        number += 1
        yield f"fleet/{number:04}.yaml", chunk


def _commits(files: dict[str, str], commits: int) -> Iterator[str]:
    yield _commit("main", "begin")
    for path, text in files.items():
        yield _file(path, text)
    for number in range(2, commits + 1):
        if number == commits // 2:
            for branch, path in CHANGES.items():
                yield f"reset refs/heads/{branch}\nfrom refs/heads/main\n\n"
                yield _commit(branch, "change")
                yield _file(path, files[path].replace(BEFORE, AFTER, 1))
        yield _commit("main", f"note {number}")
        yield _file(f"notes/{number % 50}.md", f"note {number}\n")


def _commit(branch: str, message: str) -> str:
    return f"commit refs/heads/{branch}\ncommitter {WHO}\ndata {len(message)}\n{message}\n"


def _file(path: str, text: str) -> str:
    return f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n"
