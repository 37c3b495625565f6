"""Kernels for a batch of notebooks: copies of a loaded process on Linux, else ordinary ones."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from threading import Lock
from typing import Any
from uuid import uuid4

import psutil
from jupyter_client.manager import AsyncKernelManager
from traitlets import CaselessStrEnum, default

from sampling.batches.watch import Watch, Watcher, watched
from sampling.words import text

LAUNCHER = "ipykernel_launcher"
SOCKETS = "sampling-kernels-"
"""How the folder with a run's sockets begins; the run's process id follows."""
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""A process must have one thread when it copies itself; the batch runs notebooks side by side instead."""


class KernelServer:
    """The loaded process (`kernel_server.py`), asked over its pipes; safe to use from several threads."""

    def __init__(self) -> None:
        command = [sys.executable, "-P", "-m", "sampling.batches.kernel_server"]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | ONE_THREAD,
            start_new_session=True,  # Ctrl-C is for the run, which then ends this process in order
        )
        self._lock = Lock()

    def fork(self, arguments: list[str], environment: Mapping[str, str]) -> "ForkedKernel":
        """A new kernel process with these arguments of ipykernel and this environment."""
        pid = self._ask({"fork": arguments, "environment": dict(environment)})
        assert pid is not None
        return ForkedKernel(pid=pid, server=self)

    def poll(self, pid: int) -> int | None:
        """The exit code of a kernel, None while it runs."""
        return self._ask({"poll": pid})

    def close(self) -> None:
        """End the process and every kernel that is left."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _ask(self, request: dict[str, Any]) -> int | None:
        assert self._process.stdin is not None and self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("the kernel server has ended")
        return json.loads(answer)


@dataclass(frozen=True, kw_only=True)
class ForkedKernel:
    """What jupyter_client asks of a process, for a kernel that another process forked."""

    pid: int
    server: KernelServer
    stdin = stdout = stderr = None

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        return self.server.poll(self.pid)

    def wait(self) -> int | None:
        """The exit code; jupyter_client has seen the process end before it calls this."""
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End the kernel at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)


class ForkedKernelManager(AsyncKernelManager):
    """Starts its kernel as a copy of the loaded process that `server` holds; all else is jupyter_client's."""

    transport = CaselessStrEnum(["tcp", "ipc"], default_value="ipc")
    """Sockets in a folder: they need no network, not even the machine's own, and are closed to others."""
    server: KernelServer
    sockets: str

    @default("ip")
    def _ip_default(self) -> str:
        return (
            f"{self.sockets}/{uuid4().hex[:8]}"  # with this transport the address is the start of a file name
        )

    async def _async_launch_kernel(self, kernel_cmd: list[str], **options: Any) -> None:
        arguments = kernel_cmd[kernel_cmd.index(LAUNCHER) + 1 :]
        provisioner: Any = self.provisioner
        provisioner.process = self.server.fork(arguments, options["env"])
        provisioner.pid = provisioner.pgid = provisioner.process.pid  # the kernel leads its own group


@contextmanager
def kernel_managers() -> Iterator[type[AsyncKernelManager]]:
    """The class that starts the kernels of a batch; what it needs is ended when the batch is."""
    if sys.platform != "linux":
        yield AsyncKernelManager
        return
    _clear_left()
    server = KernelServer()
    with TemporaryDirectory(prefix=f"{SOCKETS}{os.getpid()}-", ignore_cleanup_errors=True) as sockets:
        try:
            yield type("BatchKernelManager", (ForkedKernelManager,), {"server": server, "sockets": sockets})
        finally:
            server.close()


def _clear_left() -> None:
    """Remove the sockets that a run left which was killed."""
    for folder in Path(gettempdir()).glob(f"{SOCKETS}*-*"):
        owner = folder.name.removeprefix(SOCKETS).split("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, kw_only=True)
class WatchedKernel:
    """What starts one notebook's kernel, and the watch over it."""

    manager: type[AsyncKernelManager]
    watch: Watch


class Kernels:
    """The kernels of a batch: what starts them is loaded when the first one is wanted; all are watched."""

    def __init__(self, *, seconds: float, megabytes: float) -> None:
        self._limits = {"seconds": seconds, "megabytes": megabytes}
        self._lock = Lock()
        self._stack = ExitStack()
        self._manager: type[AsyncKernelManager] | None = None
        self._watcher: Watcher | None = None

    @contextmanager
    def watched(self) -> Iterator[WatchedKernel]:
        """What starts the kernel of one notebook."""
        with self._lock:
            if self._manager is None or self._watcher is None:
                self._manager = self._stack.enter_context(kernel_managers())
                self._watcher = Watcher(**self._limits)
                self._stack.callback(self._watcher.close)
        with self._watcher.watch() as watch:
            yield WatchedKernel(manager=watched(self._manager, watch), watch=watch)

    def reason(self, kernel: WatchedKernel, lang: str) -> str:
        """Why a kernel was ended, worded; empty where it was not."""
        reason = kernel.watch.reason
        limits = {name: f"{value:g}" for name, value in self._limits.items()}
        return text(f"batches.{reason}", lang, **limits) if reason else ""

    def close(self) -> None:
        """End what was started."""
        self._stack.close()
