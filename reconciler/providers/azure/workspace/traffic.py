"""Counts the worker's HTTP requests by listening to what urllib3 logs about each."""

from __future__ import annotations

import logging
import re
from threading import Lock

READS = frozenset({"GET", "HEAD"})
QUESTIONS = ("/listKeys", "/listCredentials")
"""POSTs that change nothing."""
ANSWERED = re.compile(r'%s://%s:%s "%s %s').match


class Traffic(logging.Handler):
    """Every answered request is one DEBUG record of urllib3: scheme, host, port, method, URL."""

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
        match record.args:
            case (_scheme, _host, _port, str() as method, str() as url, *_) if ANSWERED(record.msg):
                self._count(method, url)

    def _count(self, method: str, url: str) -> None:
        is_read = method in READS or url.partition("?")[0].endswith(QUESTIONS)
        with self._guard:
            self._counts[is_read] += 1

    def taken(self) -> tuple[int, int]:
        """Reads and writes since the last time."""
        with self._guard:
            reads, writes = self._counts[True], self._counts[False]
            self._counts = {True: 0, False: 0}
        return reads, writes
