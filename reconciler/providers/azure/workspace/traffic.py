"""Counts the worker's HTTP requests by listening to what urllib3 logs about each."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from threading import Lock

READS = frozenset({"GET", "HEAD"})
QUESTIONS = ("/listKeys", "/listCredentials")
"""POSTs that change nothing."""
MAKING = ("/images", "/models", "/packages")
"""POSTs that make something new each time."""
SUCCESS = range(200, 300)
ANSWERED = re.compile(r'%s://%s:%s "%s %s').match


@dataclass(frozen=True, slots=True)
class Taken:
    reads: int
    writes: int
    made: bool
    """Whether something was made that a repetition would make once more."""


class Traffic(logging.Handler):
    """Every answered request is one DEBUG record of urllib3: scheme, host, port, method, URL."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._counts = {True: 0, False: 0}
        self._made = False
        self._guard = Lock()

    def listen(self) -> None:
        logger = logging.getLogger("urllib3.connectionpool")
        logger.setLevel(logging.DEBUG)
        logger.propagate = False  # its records hold whole URLs, and a blob's its signature
        logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        match record.args:
            case (_, _, _, str() as method, str() as url, _, int() as status, *_) if ANSWERED(
                record.msg
            ):
                self._count(method, url, status)

    def _count(self, method: str, url: str, status: int) -> None:
        path = url.partition("?")[0]
        is_read = method in READS or path.endswith(QUESTIONS)
        with self._guard:
            self._counts[is_read] += 1
            self._made |= method == "POST" and path.endswith(MAKING) and status in SUCCESS

    def taken(self) -> Taken:
        """What was sent since the last time."""
        with self._guard:
            taken = Taken(self._counts[True], self._counts[False], self._made)
            self._counts, self._made = {True: 0, False: 0}, False
        return taken
