"""The register in SQLite: one file for the events, and one in a restricted folder for the vault."""

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, Table, create_engine, event, inspect

from sampling.draws.log import Head
from sampling.findings.chain import EVENTS, Entry, chained, last_head
from sampling.findings.state import Event
from sampling.findings.vault import VAULT, Record, delete_records, read_records
from sampling.words import Problem

EVENT_GUARDS = {
    "event_is_not_changed": "BEFORE UPDATE ON event",
    "event_is_not_removed": "BEFORE DELETE ON event",
    # INSERT OR REPLACE would remove an event without asking the trigger above
    "event_comes_last": "BEFORE INSERT ON event "
    "WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM event)",
}
VAULT_GUARDS = {
    "record_is_not_changed": "BEFORE UPDATE ON vault",
    "record_is_new": "BEFORE INSERT ON vault WHEN NEW.sha256 IN (SELECT sha256 FROM vault)",
}
PRAGMAS = ("busy_timeout=30000", "synchronous=FULL", "secure_delete=ON")
"""How long to wait for another writer, in milliseconds; FULL survives a power cut, not only a kill; what is
erased is overwritten."""
PATIENCE = 30.0


class SqlitePlace:
    """Where a register lies: its own file and its vault's, neither of them made before the first event."""

    def __init__(self, path: Path, vault: Path) -> None:
        self.path, self.vault = path, vault
        self._writing, self._reading = _engine(path, "BEGIN IMMEDIATE"), _engine(path, "BEGIN")
        self._keeping, self._looking = _engine(vault, "BEGIN IMMEDIATE"), _engine(vault, "BEGIN")

    def __str__(self) -> str:
        return str(self.path)

    @contextmanager
    def writing(self) -> Iterator[tuple[Connection, Head]]:
        """One transaction in which nobody else writes, and the head that it begins at."""
        with self._writing.begin() as connection:
            _make(connection, EVENTS, EVENT_GUARDS)
            yield connection, last_head(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection | None]:
        """One moment of the register; nothing where nothing was ever written."""
        if not self.path.exists():
            yield None
            return
        with self._reading.begin() as connection:
            yield connection if inspect(connection).has_table(EVENTS.name) else None

    def head(self, connection: Connection) -> Head:
        """Number and hash of the last event."""
        return last_head(connection)

    def add(
        self,
        connection: Connection,
        events: Sequence[Event],
        records: Sequence[Record],
        *,
        head: Head,
        actor: str,
        time: str,
    ) -> Head:
        """Chain these events to the last one; their records are in the vault, for good, before they are.

        A process that is killed in between leaves records without an event, which harm nobody.
        """
        rows = chained(events, head, actor=actor, time=time)
        if records:
            self._keep(records)
        if rows:
            connection.execute(EVENTS.insert(), [row._asdict() for row in rows])
        return Head(rows[-1].seq, rows[-1].hash) if rows else head

    def records(self, _connection: Connection, sha256s: Sequence[str] | None = None) -> tuple[Record, ...]:
        """These records of the vault, as far as it holds them; all where none is named."""
        if not self.vault.exists():
            return ()
        with self._looking.begin() as connection:
            if not inspect(connection).has_table(VAULT.name):
                return ()
            return tuple(read_records(connection, sha256s))

    def erase(self, sha256s: Sequence[str]) -> None:
        """Take these records out of the vault, and their bytes out of its files."""
        with self._keeping.begin() as connection:
            if inspect(connection).has_table(VAULT.name):
                delete_records(connection, sha256s)
        with closing(sqlite3.connect(self.vault, isolation_level=None, timeout=PATIENCE)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def misplaced(self, _connection: Connection) -> int | None:
        """The first event that stands with another village's: here none does, they all lie together."""
        return None

    def copy_to(self, place: "SqlitePlace") -> None:
        """Write register and vault, as they are at one moment, to another place that is still empty."""
        if not self.path.exists():
            return
        with self._writing.begin():  # nobody adds meanwhile, so every event finds its record
            _copy(self.path, place.path)
            if self.vault.exists():
                _copy(self.vault, place.vault)

    def fill(self, entries: Iterable[Entry], records: Iterable[Record]) -> None:
        """Write events that are chained already, and their records, to this place that is still empty.

        They are written as they are: the guards, which would refuse a gap, come last, and the check tells it.
        """
        self._keep(list(records))
        with self._writing.begin() as connection:
            EVENTS.create(connection)
            for entry in entries:
                connection.execute(EVENTS.insert(), entry._asdict())
            _make(connection, EVENTS, EVENT_GUARDS)

    def close(self) -> None:
        """Leave one plain file each, without a journal beside it."""
        for path in (self.path, self.vault):
            if path.exists():
                with closing(sqlite3.connect(path)) as connection:
                    connection.execute("PRAGMA journal_mode=DELETE")

    def _keep(self, records: Sequence[Record]) -> None:
        with self._keeping.begin() as connection:
            _make(connection, VAULT, VAULT_GUARDS)
            if records:
                connection.execute(VAULT.insert(), [record._asdict() for record in records])


def share_problem(path: Path) -> Problem:
    """Why SQLite is refused there."""
    return Problem(key="register.network_share", file=path.name, fields={"folder": path.parent})


def _make(connection: Connection, table: Table, guards: dict[str, str]) -> None:
    """Make the table and its guards, as far as they are missing: somebody may have taken a guard away."""
    there = {name for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master")}
    if table.name not in there:
        table.create(connection)
    for name in guards.keys() - there:
        action = f"BEGIN SELECT RAISE(ABORT, '{table.name}: only ever added to, never changed'); END"
        connection.exec_driver_sql(f"CREATE TRIGGER {name} {guards[name]} {action}")


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source, timeout=PATIENCE)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def _engine(path: Path, begin: str) -> Engine:
    engine = create_engine(URL.create("sqlite", database=str(path)), poolclass=NullPool)
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _set_up(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy says BEGIN, not the driver: see the engine's own
    for pragma in PRAGMAS:
        connection.execute("PRAGMA " + pragma)
    _use_wal(connection, time.monotonic() + PATIENCE)


def _use_wal(connection: Any, until: float) -> None:
    """Change to the journal that lets readers read on; SQLite does not wait itself if others do so too."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return
