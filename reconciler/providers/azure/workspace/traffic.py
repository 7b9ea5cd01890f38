"""Counts the worker's HTTP requests by listening to what urllib3 logs about each."""

from __future__ import annotations

import logging
from threading import Lock

READS = frozenset({"GET", "HEAD"})
QUESTIONS = ("/listKeys", "/listCredentials")
"""POSTs that change nothing."""


class Traffic(logging.Handler):
    """Every answered request is one DEBUG record of urllib3: `%s://%s:%s "%s %s %s" %s %s`."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._counts = {True: 0, False: 0}
        self._guard = Lock()

    def listen(self) -> None:
        logger = logging.getLogger("urllib3.connectionpool")
        logger.setLevel(logging.DEBUG)
        logger.propagate = False  # its records hold whole URLs, and a blob's its signature
        logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        args = record.args
        if not isinstance(args, tuple) or len(args) < 7 or '"%s %s %s"' not in record.msg:  # noqa: PLR2004 - the seven of its format
            return
        method, url = str(args[3]), str(args[4])
        is_read = method in READS or url.partition("?")[0].endswith(QUESTIONS)
        with self._guard:
            self._counts[is_read] += 1

    def taken(self) -> tuple[int, int]:
        """Reads and writes since the last time."""
        with self._guard:
            reads, writes = self._counts[True], self._counts[False]
            self._counts = {True: 0, False: 0}
        return reads, writes
