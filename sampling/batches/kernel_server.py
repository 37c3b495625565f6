"""A process that has everything loaded and turns copies of itself into notebook kernels.

Started as `python -m sampling.batches.kernel_server`; Linux only. It reads one JSON request a line and
answers with one JSON line. Nine tenths of a small notebook's time are start and imports; a copy has both.
When its requests end, or its parent dies, it ends all its kernels and itself.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import BinaryIO


def main() -> None:
    """Answer requests until there are no more: `fork` a kernel, or `poll` whether one has ended."""
    _load()
    kernels: dict[int, int | None] = {}
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the loaded modules print must not look like an answer
    for line in sys.stdin.buffer:
        request = json.loads(line)
        if "fork" in request:
            pid = _fork(request["fork"], request["environment"], answers)
            kernels[pid] = None
            _answer(answers, pid)
        else:
            _answer(answers, _exit_code(request["poll"], kernels))
    for pid, code in kernels.items():
        if code is None:
            _end(pid)


def _load() -> None:
    """Import what a report needs, and draw once, so that every copy starts with it."""
    import ipykernel.kernelapp  # noqa: F401

    from sampling.reports.pictures import warm_up

    warm_up()


def _fork(arguments: Sequence[str], environment: dict[str, str], answers: BinaryIO) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        answers.close()
        _become_kernel(
            [*arguments, f"--IPKernelApp.parent_handle={parent}", "--log-level=ERROR"], environment
        )
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def _become_kernel(arguments: Sequence[str], environment: dict[str, str]) -> None:
    from ipykernel.kernelapp import IPKernelApp

    os.setsid()  # signals to the kernel's group must not reach the server
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["ipykernel_launcher", *arguments]
    IPKernelApp.launch_instance(argv=list(arguments))
    sys.stdout.flush()
    os._exit(0)


def _exit_code(pid: int, kernels: dict[int, int | None]) -> int | None:
    if kernels[pid] is None:
        ended, status = os.waitpid(pid, os.WNOHANG)
        kernels[pid] = os.waitstatus_to_exitcode(status) if ended else None
    return kernels[pid]


def _end(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        os.kill(pid, signal.SIGKILL)  # it has not made its own group yet


def _answer(answers: BinaryIO, value: int | None) -> None:
    answers.write(json.dumps(value).encode() + b"\n")
    answers.flush()


if __name__ == "__main__":
    main()
