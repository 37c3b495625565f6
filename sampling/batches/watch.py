"""Limits of a notebook: how long it may run and how much memory it may take; who goes beyond is ended."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
from jupyter_client.manager import AsyncKernelManager

MEGABYTE = 2**20
LOOK = 0.5
"""Seconds between two looks."""
TOO_LONG, TOO_BIG = "too_long", "too_big"


class Watch:
    """One notebook's kernel; `reason` is why it was ended, empty while it was not."""

    def __init__(self, seconds: float, megabytes: float) -> None:
        self.seconds, self.megabytes = seconds, megabytes
        self.reason = ""
        self._kernel: psutil.Process | None = None
        self._began = time.monotonic()

    def started(self, pid: int) -> None:
        """The kernel has this process id."""
        self._kernel = psutil.Process(pid)

    def look(self) -> None:
        """End the kernel if it went beyond a limit."""
        if self._kernel is None or self.reason:
            return
        try:
            family = [self._kernel, *self._kernel.children(recursive=True)]
            used = sum(process.memory_info().rss for process in family)
            if used > self.megabytes * MEGABYTE:
                self.reason = TOO_BIG
            elif time.monotonic() - self._began > self.seconds:
                self.reason = TOO_LONG
            if self.reason:
                for process in family:
                    process.kill()
        except psutil.NoSuchProcess:
            pass  # it has ended by itself


class Watcher:
    """Looks at all notebooks that run."""

    def __init__(self, seconds: float, megabytes: float) -> None:
        self._limits = seconds, megabytes
        self._watches: set[Watch] = set()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @contextmanager
    def watch(self) -> Iterator[Watch]:
        """Watch one notebook as long as the block lasts."""
        watch = Watch(*self._limits)
        with self._lock:
            self._watches.add(watch)
        try:
            yield watch
        finally:
            with self._lock:
                self._watches.discard(watch)

    def close(self) -> None:
        """Look no more."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(LOOK):
            with self._lock:
                watches = list(self._watches)
            for watch in watches:
                watch.look()


def watched(manager: type[AsyncKernelManager], watch: Watch) -> type[AsyncKernelManager]:
    """The same class of managers, telling `watch` which process its kernel is."""

    class Watched(manager):  # type: ignore[misc, valid-type]
        async def _async_launch_kernel(self, kernel_cmd: list[str], **options: Any) -> None:
            await super()._async_launch_kernel(kernel_cmd, **options)
            watch.started(self.provisioner.pid)

    return Watched
