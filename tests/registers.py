"""Places for a register, and what somebody does who gets around its guards."""

import os
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sampling.findings import Event, Register

TIME = "2026-06-20T18:00:00+08:00"
PACKAGE = Path(__file__).parents[1]


def notes(count: int, start: int = 0) -> list[Event]:
    return [Event(kind="note", payload={"n": start + n, "text": "看过 😀"}) for n in range(count)]


def people(count: int, start: int = 0) -> list[Event]:
    """Events that hold something personal."""
    return [
        Event(kind="note", payload={"n": start + n}, personal={"name": f"赵{start + n}"})
        for n in range(count)
    ]


@dataclass(frozen=True, kw_only=True)
class SqliteBase:
    """A folder for a register in SQLite."""

    folder: Path

    @property
    def address(self) -> str:
        """What `Register` is told in another process."""
        return f"sqlite:///{self.folder / 'register.sqlite'}"

    def register(self) -> Register:
        return Register(self.folder / "register.sqlite")

    def run(self, statement: str) -> None:
        """What somebody does who opens the files with another program: the guards are there."""
        with closing(sqlite3.connect(self._file(statement))) as database, database:
            database.execute(statement)

    def alter(self, statement: str) -> None:
        """What somebody does who takes the guards away first."""
        with closing(sqlite3.connect(self._file(statement))) as database, database:
            names = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for (name,) in names:
                database.execute(f"DROP TRIGGER {name}")
            database.execute(statement)

    def _file(self, statement: str) -> Path:
        name = "restricted/vault.sqlite" if " vault" in statement else "register.sqlite"
        return self.folder / name


def script(text: str, *arguments: object, **options) -> subprocess.Popen:
    """Another Python process that runs this text."""
    command = [sys.executable, "-c", textwrap.dedent(text), *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(PACKAGE), str(PACKAGE / "tests")])}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, **options)


CROWD = """
    import multiprocessing, sys
    from registers import TIME, people
    from sampling.findings import Register

    def record(worker):
        register = Register(sys.argv[1])
        gate.wait()
        for batch in range(int(sys.argv[3])):
            register.append(people(int(sys.argv[4]), batch * int(sys.argv[4])), actor=worker, time=TIME)

    fork = multiprocessing.get_context("fork")
    gate = fork.Barrier(int(sys.argv[2]))
    running = [fork.Process(target=record, args=(f"worker-{n}",)) for n in range(int(sys.argv[2]))]
    for process in running:
        process.start()
    for process in running:
        process.join()
    sys.exit(sum(process.exitcode != 0 for process in running))
"""
"""Processes that begin at the same moment: the register's address, how many, batches of each, their size."""

KILLED = """
    import os, random, select, signal, sys
    from sqlalchemy import Engine, event
    from registers import TIME, people
    from sampling.findings import Register

    address, moment, said = sys.argv[1], 0, 0

    def count(_statement):
        global said
        said += 1
        if said == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(_connection, _cursor, statement, *_):
        count(statement)

    @event.listens_for(Engine, "connect")
    def _(connection, _record):
        if hasattr(connection, "set_trace_callback"):
            connection.set_trace_callback(count)

    if not address.startswith("sqlite"):
        event.listen(Engine, "before_cursor_execute", counted)
        event.listen(Engine, "commit", count)

    def record(start, out):
        register = Register(address)
        for batch in range(start, start + 50):
            register.append(people(4, batch * 4), actor="a", time=TIME)
            os.write(out, b"%d\\n" % batch)

    for line in sys.stdin:
        how, number, start = line.split()
        inside, outside = os.pipe()
        moment = int(number) if how == "statement" else 0
        child = os.fork()
        if child == 0:
            record(int(start), outside)
            os._exit(0)
        os.close(outside)
        if how == "confirmed":  # killed wherever it is just when so many batches were confirmed
            told = b""
            while told.count(b"\\n") < int(number) and (more := os.read(inside, 64)):
                told += more
            for _ in range(random.Random(line).randrange(20000)):
                pass
            os.kill(child, signal.SIGKILL)
        else:
            told = b""
        while more := os.read(inside, 65536):
            told += more
        os.close(inside)
        _, status = os.waitpid(child, 0)
        print(os.WTERMSIG(status), told.count(b"\\n"), flush=True)
"""
"""For each line, another process records batches of four and is killed, as `kill -9` does: at its n-th
statement, or after n confirmed batches; told are the signal and how many batches it had confirmed."""
