"""Secrets that a run has met are taken out of everything that leaves it.

Whoever reads a secret masks it where it stands. This is for what quotes one all the same: the
text of a service that repeats what it was sent, an exception, a traceback, a build log.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from threading import Lock
from typing import TextIO
from urllib.parse import quote

from reconciler.model import MASK, Secret
from reconciler.model.secret import KEYS, SECRET_NAMES

SHORTEST = 6
"""Characters. What is shorter stands in innocent words and digests, too."""


@dataclass(slots=True)
class Redaction:
    """Learns secrets from any thread, and hides them by value."""

    _known: set[str] = field(default_factory=set)
    _pattern: re.Pattern[str] | None = None
    _lock: Lock = field(default_factory=Lock)
    _out: TextIO | None = None
    """Where results go, as it was before anything was hidden."""

    def learn(self, secret: Secret) -> None:
        with self._lock:
            new = {form for form in _forms(secret.reveal()) if len(form) >= SHORTEST}
            if not new <= self._known:
                self._known |= new
                longest = sorted(self._known, key=lambda form: (-len(form), form))
                self._pattern = re.compile("|".join(map(re.escape, longest)))

    def learn_variables(self, environ: Mapping[str, str]) -> None:
        for name, value in environ.items():
            if SECRET_NAMES.search(name):
                for text in (value, *KEYS.findall(value)):
                    self.learn(Secret(text))

    def hide(self, text: str) -> str:
        return self._pattern.sub(MASK, text) if self._pattern else text

    def show(self, secret: Secret) -> None:
        """Print one that a person asked for by name; everywhere else it stays hidden."""
        out = self._out or sys.stdout
        out.write(f"{secret.reveal()}\n")
        out.flush()

    @contextmanager
    def streams(self, out: TextIO, err: TextIO) -> Iterator[None]:
        """Let nothing that is printed meanwhile hold one."""
        self._out = out
        hidden = Redacted(out, self.hide), Redacted(err, self.hide)
        with redirect_stdout(hidden[0]), redirect_stderr(hidden[1]):
            yield


class Redacted(io.TextIOBase):
    """A stream that writes to another one what is left after hiding."""

    def __init__(self, stream: TextIO, hide: Callable[[str], str]) -> None:
        self._stream = stream
        self._hide = hide

    def write(self, text: str) -> int:
        self._stream.write(self._hide(text))
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    def writable(self) -> bool:
        return True


def _forms(text: str) -> Iterable[str]:
    """A secret, and how it stands in JSON, in a URL, and line by line."""
    for part in {text, *text.splitlines()}:
        escaped = (json.dumps(part, ensure_ascii=plain)[1:-1] for plain in (True, False))
        yield from (part, *escaped, quote(part), quote(part, safe=""), repr(part)[1:-1])
