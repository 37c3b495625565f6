"""The register: events that are only ever added, each with the hash of the one before it."""

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    NullPool,
    String,
    Table,
    Text,
    create_engine,
    event,
    inspect,
    select,
)

from sampling.draws.log import Head, note_head
from sampling.draws.log import read_heads as heads_of
from sampling.findings.quarantine import waiting_table
from sampling.findings.state import Event, State, canonical
from sampling.findings.tables import findings_table, villages_table
from sampling.words import Problem

GENESIS = "0" * 64
"""The hash before the first event."""
REGISTER = ""
"""What a line of `heads.jsonl` says whose head it is: nothing for the register, "log" for the log."""

EVENTS = Table(
    "event",
    MetaData(),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("time", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
GUARDS = {
    "event_is_not_changed": "BEFORE UPDATE ON event",
    "event_is_not_removed": "BEFORE DELETE ON event",
    # INSERT OR REPLACE would remove an event without asking the trigger above
    "event_comes_last": "BEFORE INSERT ON event "
    "WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM event)",
}
PRAGMAS = ("busy_timeout=30000", "synchronous=FULL")
"""How long to wait for another writer, in milliseconds; FULL survives a power cut, not only a kill."""
PATIENCE = 30.0


class Entry(NamedTuple):
    """One stored event, its columns as they are in the database."""

    seq: int
    time: str
    actor: str
    kind: str
    payload: str
    previous_hash: str
    hash: str


class Writer:
    """The register inside one writing transaction: nobody else writes, and what is added is added whole."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.head = _last(connection)

    @cached_property
    def state(self) -> State:
        """What the events before this transaction amount to; not read at all by who never asks."""
        return State.of(_events(_entries(self._connection)))

    def append(self, events: Iterable[Event], *, actor: str, time: str) -> None:
        """Chain these events to the last one and add them."""
        rows = []
        for one in events:
            seq, previous = self.head.seq + 1, self.head.hash
            body = (seq, time, actor, one.kind, canonical(one.payload), previous)
            rows.append(Entry(*body, event_hash(*body)))
            self.head = Head(seq, rows[-1].hash)
        if rows:
            self._connection.execute(EVENTS.insert(), [row._asdict() for row in rows])


class Register:
    """The findings of a campaign, in SQLite or in the database that a URL names.

    Parameters
    ----------
    url
        A database URL, or the path of an SQLite file. Nothing is made before the first event is added.
    """

    def __init__(self, url: str | Path) -> None:
        place = URL.create("sqlite", database=str(url)) if isinstance(url, Path) else url
        self._writing = _engine(place, begin="BEGIN IMMEDIATE")
        self._reading = _engine(place, begin="BEGIN")

    def __repr__(self) -> str:
        """The register's place without a password, and how many events it holds."""
        return f"Register({self._reading.url.render_as_string()}, {self.head().seq} events)"

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """One transaction that reads the state and adds to it; all of it happens, or nothing does."""
        with self._writing.begin() as connection:
            _make_table(connection)
            yield Writer(connection)

    def append(self, events: Iterable[Event], *, actor: str, time: str) -> Head:
        """Add events in one transaction.

        Parameters
        ----------
        events
            What happened, in order.
        actor, time
            Who says so and when (ISO 8601 with zone).

        Returns
        -------
        Head
            The last event's number and hash.
        """
        with self.writing() as writer:
            writer.append(events, actor=actor, time=time)
            return writer.head

    def events(self) -> tuple[Entry, ...]:
        """All events in order; none where nothing was ever written."""
        if not self._exists():
            return ()
        with self._reading.begin() as connection:
            return _entries(connection) if _has_table(connection) else ()

    def state(self) -> State:
        """What all events amount to."""
        return State.of(_events(self.events()))

    def findings(self) -> pd.DataFrame:
        """The current findings, one row per household and list, sorted by serial."""
        return findings_table(self.state())

    def village_answers(self) -> pd.DataFrame:
        """What the village forms say, one row per village."""
        return villages_table(self.state())

    def quarantine(self) -> pd.DataFrame:
        """What was returned and not taken, with its problems as data; `quarantine_table` words it."""
        return waiting_table(self.state())

    def head(self) -> Head:
        """Number and hash of the last event; 0 and zeros where there is none."""
        if not self._exists():
            return Head(0, GENESIS)
        with self._reading.begin() as connection:
            return _last(connection) if _has_table(connection) else Head(0, GENESIS)

    def check(self, heads: Iterable[Head] = ()) -> tuple[Problem, ...]:
        """Recompute the chain, and compare it with the heads that were written down outside.

        Returns
        -------
        tuple of Problem
            The first event that does not fit, and each head that is not in the chain; empty if all is well.
        """
        entries = self.events()
        broken = [entry for entry in _broken(entries)][:1]
        hashes = {entry.seq: entry.hash for entry in entries} | {0: GENESIS}
        lost = [head for head in heads if hashes.get(head.seq) != head.hash][:1]
        return (
            *(Problem(key="findings.chain_broken", row=None, value=str(seq)) for seq in broken),
            *(Problem(key="findings.head_lost", row=None, value=str(head.seq)) for head in lost),
        )

    def _exists(self) -> bool:
        database = self._reading.url.database
        return self._reading.dialect.name != "sqlite" or (bool(database) and Path(str(database)).exists())


def event_hash(seq: int, time: str, actor: str, kind: str, payload: str, previous_hash: str) -> str:
    """The hash of an event: SHA-256 of the canonical JSON list of all its other columns."""
    body = canonical([seq, time, actor, kind, payload, previous_hash])
    return hashlib.sha256(body.encode("utf-8")).hexdigest()


def write_head(path: Path, head: Head, *, time: str) -> None:
    """Note the register's head in `heads.jsonl`, outside the database; an unchanged head is not repeated."""
    note_head(path, head, of=REGISTER, time=time)


def read_heads(path: Path) -> tuple[Head, ...]:
    """The register's heads in `heads.jsonl`, oldest first; a last line that was cut off is left out."""
    return heads_of(path, of=REGISTER)


def _engine(place: str | URL, *, begin: str) -> Engine:
    engine = create_engine(place, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
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


def _make_table(connection: Connection) -> None:
    EVENTS.create(connection, checkfirst=True)
    if connection.dialect.name == "sqlite":
        for name, moment in GUARDS.items():
            action = "BEGIN SELECT RAISE(ABORT, 'the register is only ever added to'); END"
            connection.exec_driver_sql(f"CREATE TRIGGER IF NOT EXISTS {name} {moment} {action}")


def _entries(connection: Connection) -> tuple[Entry, ...]:
    return tuple(Entry(*row) for row in connection.execute(select(EVENTS).order_by(EVENTS.c.seq)))


def _events(entries: Iterable[Entry]) -> Iterator[Event]:
    return (Event(kind=entry.kind, payload=json.loads(entry.payload)) for entry in entries)


def _last(connection: Connection) -> Head:
    last = select(EVENTS.c.seq, EVENTS.c.hash).order_by(EVENTS.c.seq.desc()).limit(1)
    return next((Head(*row) for row in connection.execute(last)), Head(0, GENESIS))


def _has_table(connection: Connection) -> bool:
    return inspect(connection).has_table(EVENTS.name)


def _broken(entries: Sequence[Entry]) -> Iterator[int]:
    """The number of each event that is not what the one before it and its own columns make it."""
    before = Head(0, GENESIS)
    for entry in entries:
        fits = entry.seq == before.seq + 1 and entry.previous_hash == before.hash
        if not fits or event_hash(*entry[:-1]) != entry.hash:
            yield before.seq + 1 if entry.seq != before.seq + 1 else entry.seq
        before = Head(entry.seq, entry.hash)
