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
