"""The background pass: what the cloud does by itself between requests."""

from __future__ import annotations

import os
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from reconciler.emulator.context import Context
from reconciler.emulator.control import Control

_WATCH_SECONDS = 1.0


class Background:
    """Runs the services' pass every `tick_seconds`, and watches whether the parent still lives."""

    def __init__(
        self, context: Context, control: Control, parent_pid: int, leave: Callable[[], None]
    ) -> None:
        self._context = context
        self._control = control
        self._parent_pid = parent_pid
        self._is_child = parent_pid == os.getppid()
        self._leave = leave
        self._end = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=self._run, name="emulator-background", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._end.set()
            thread.join()

    def _run(self) -> None:
        seconds = self._context.settings.tick_seconds
        while not self._end.wait(seconds or _WATCH_SECONDS):
            if self._parent_pid and not self._parent_lives():
                self._leave()
                return
            if seconds:
                self._pass()

    def _pass(self) -> None:
        try:
            self._control.tick(self._context)
        except Exception as error:  # noqa: BLE001 - the next pass may succeed; the count tells
            traceback.print_exception(error)
            self._context.requests.crashed(f"background pass: {error!r}")

    def _parent_lives(self) -> bool:
        if self._is_child:
            return os.getppid() == self._parent_pid
        try:
            os.kill(self._parent_pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True
