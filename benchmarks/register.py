"""How fast a crowd records: processes that add findings to one register at once, in SQLite and in PostgreSQL.

Run `python benchmarks/register.py`. Each finding has the size of a real one and a record in the vault. The
state is read in every transaction, as the recording form and the intake do. PostgreSQL is started for it in
a folder of its own, and waits for the disk at every commit as SQLite does.
"""

import argparse
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from registers_postgres import PostgresBase, cluster

from sampling.findings import Event, Register

TIME = "2026-06-20T18:00:00+08:00"
PROCESSES, EACH, BATCH = 8, 2000, 20
CONTEXT = multiprocessing.get_context("fork")


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a crowd took: seconds of the whole, and of each batch."""

    seconds: float
    waits: list[float]
    events: int

    def row(self, name: str) -> str:
        ordered = sorted(self.waits)
        late = ordered[int(len(ordered) * 0.99)]
        figures = f"{self.events / self.seconds:,.0f} | {statistics.median(ordered) * 1000:.0f}"
        return f"| {name} | {figures} | {late * 1000:.0f} | {ordered[-1] * 1000:.0f} |"


def finding(worker: int, number: int) -> Event:
    """A finding as large as a real one."""
    content: dict[str, Any] = {
        "list": "",
        "village": f"3401{worker:02}",
        "household": f"{number:06}",
        "serial": f"S{worker:02}{number:06}",
        "outcome": "completed",
        "verdict": "correct",
        "reason": "",
        "amount_paid_fen": 52000,
        "amount_due_fen": 52000,
        "persons_found": 2,
        "date": "2026-06-20",
        "inspectors": ["A", "B"],
        "signed": True,
    }
    content |= {f"field_{n}": "value" for n in range(12)}
    personal = {"members": [{"name": "张三", "relation": "head", "health": "good"}] * 3, "note": "住房一间"}
    place = {"file": "form.xlsx", "row": str(number), "sha256": "ab" * 32}
    return Event(kind="finding", payload={**place, "finding": content}, personal=personal)


def work(address: str, worker: int, each: int, batch: int, gate: Any, results: Any) -> None:
    """One process of the crowd: it adds its findings in batches, and tells how long each took."""
    register, waits = Register(address), []
    gate.wait()
    for start in range(0, each, batch):
        events = [finding(worker, number) for number in range(start, min(start + batch, each))]
        began = time.perf_counter()
        with register.writing() as writer:
            assert writer.state is not None
            writer.append(events, actor=f"worker-{worker}", time=TIME)
        waits.append(time.perf_counter() - began)
    results.put(waits)


def crowd(address: str, *, processes: int = PROCESSES, each: int = EACH, batch: int = BATCH) -> Result:
    """Let processes record at once, from the same moment on."""
    gate, results = CONTEXT.Barrier(processes + 1), CONTEXT.Queue()
    running = [
        CONTEXT.Process(target=work, args=(address, number, each, batch, gate, results))
        for number in range(processes)
    ]
    for process in running:
        process.start()
    gate.wait()
    began = time.perf_counter()
    waits = [wait for _ in running for wait in results.get()]
    seconds = time.perf_counter() - began
    for process in running:
        process.join()
    return Result(seconds=seconds, waits=waits, events=processes * each)


@contextmanager
def sqlite() -> Iterator[Callable[[], str]]:
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        numbers = iter(range(100))
        yield lambda: f"sqlite:///{folder}/{next(numbers)}/register.sqlite"


@contextmanager
def postgres() -> Iterator[Callable[[], str]]:
    with cluster(durable=True) as server:
        yield lambda: PostgresBase(cluster=server).address


DATABASES = {"SQLite": sqlite, "PostgreSQL": postgres}


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = action()
    return time.perf_counter() - began, result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=EACH)
    each = parser.parse_args().each
    for name, database in DATABASES.items():
        with database() as new:
            address = new()
            print(f"| {name} | events a second | batch, median ms | 99 % | longest |\n|---|---|---|---|---|")
            print(crowd(address, each=each).row(f"{PROCESSES} processes, batches of {BATCH}"))
            register = Register(address)
            count = register.head().seq
            assert count == PROCESSES * each, count
            checked, problems = timed(register.check)
            assert problems == (), problems
            state, _ = timed(register.state)
            again, _ = timed(register.state)
            print(crowd(new(), each=50, batch=1).row(f"{PROCESSES} processes, single commits"))
            print(crowd(new(), processes=1, each=300, batch=1).row("1 process, single commits"))
            print(
                f"\n{count} events: check {checked:.2f} s, first state {state:.2f} s, again {again:.3f} s\n"
            )


if __name__ == "__main__":
    main()
