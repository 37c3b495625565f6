"""Kernels for a batch of notebooks: copies of a loaded process on Linux, else ordinary ones."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any
from uuid import uuid4

from jupyter_client.manager import AsyncKernelManager
from traitlets import CaselessStrEnum, default

LAUNCHER = "ipykernel_launcher"
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
    server = KernelServer()
    with TemporaryDirectory(prefix="kernels-", ignore_cleanup_errors=True) as sockets:
        try:
            yield type("BatchKernelManager", (ForkedKernelManager,), {"server": server, "sockets": sockets})
        finally:
            server.close()
