"""A PostgreSQL for the tests: in a folder of its own, reached through a socket there, afterwards gone."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg
from registers import PACKAGE

from sampling.findings import Register
from sampling.findings.postgres_accounts import create_office_account, prepare_postgres

PROGRAMS = Path("/usr/lib/postgresql")
PASSWORD = "only for a test"
NUMBERS = count(1)


def programs() -> Path | None:
    """The folder of PostgreSQL's newest programs, as Debian installs them; None where there are none."""
    found = sorted(PROGRAMS.glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    elsewhere = shutil.which("pg_ctl")
    return found[-1].parent if found else Path(elsewhere).resolve().parent if elsewhere else None


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A running server: its folder, and the address of its administrator."""

    folder: Path

    def address(self, account: str = "postgres", password: str = PASSWORD, schema: str = "") -> str:
        schema = f"&schema={schema}" if schema else ""
        place = f"{quote(account)}:{quote(password)}@/postgres?host={quote(str(self.folder))}"
        return f"postgresql+psycopg://{place}{schema}"

    def connect(self, account: str = "postgres", password: str = PASSWORD) -> psycopg.Connection:
        """A connection without any of our code."""
        return psycopg.connect(
            host=str(self.folder), dbname="postgres", user=account, password=password, autocommit=True
        )


@dataclass(frozen=True, kw_only=True)
class PostgresBase:
    """A schema for a register, prepared, with an account of the office."""

    cluster: Cluster
    schema: str = field(default_factory=lambda: f"s{next(NUMBERS)}")

    def __post_init__(self) -> None:
        prepare_postgres(self.admin)
        create_office_account(self.admin, self.office, PASSWORD)

    @property
    def admin(self) -> str:
        return self.cluster.address(schema=self.schema)

    @property
    def office(self) -> str:
        return f"office-{self.schema}"

    @property
    def address(self) -> str:
        """What `Register` is told, here and in another process."""
        return self.cluster.address(self.office, schema=self.schema)

    def register(self) -> Register:
        return Register(self.address)

    def run(self, statement: str) -> None:
        """What the database's administrator does while the guards are there."""
        with self.cluster.connect() as connection:
            connection.execute(f"SET search_path TO {self.schema}")
            connection.execute(statement)

    def alter(self, statement: str) -> None:
        """What the database's administrator does who takes the guards away first."""
        for table in ("event", "vault", "head"):
            self.run(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        self.run(statement)


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """A server that listens on a socket in its own folder only; it is stopped and deleted afterwards.

    `durable` waits for the disk at each commit, as a server in use does.
    """
    bin_folder = programs()
    assert bin_folder
    folder = Path(tempfile.mkdtemp(prefix="register-"))
    account = _unprivileged()
    if account:
        shutil.chown(folder, account)
    (folder / "password").write_text(PASSWORD)
    run = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder, "user": account, "env": _environment()}
    data = folder / "data"
    settings = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c max_connections=40"
    settings += "" if durable else " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    try:
        subprocess.run(
            [
                *(bin_folder / "initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256", "-E", "UTF8"),
                *("--locale=C", "--no-sync", f"--pwfile={folder / 'password'}"),
            ],
            **run,
        )
        command = [bin_folder / "pg_ctl", "-D", data, "-w", "-s", "-l", folder / "log"]
        subprocess.run([*command, "-o", settings, "start"], **run)
        try:
            yield Cluster(folder=folder)
        finally:
            subprocess.run([*command, "-m", "immediate", "stop"], **run)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> str | None:
    """Whom the server runs as: it refuses to be root."""
    return "postgres" if hasattr(os, "geteuid") and os.geteuid() == 0 else None


def _environment() -> dict[str, str]:
    """Nothing of the surroundings that could lead to another server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C.UTF-8"}


__all__ = ["PACKAGE", "PASSWORD", "Cluster", "PostgresBase", "cluster", "programs"]
