"""The register: events that are only ever added, each with the hash of the one before it."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import pandas as pd
from sqlalchemy import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError

from sampling.draws.log import Head, note_head
from sampling.draws.log import read_heads as heads_of
from sampling.findings.chain import START, Entry, chain_problems, holds, last_head, read_entries
from sampling.findings.place import Place
from sampling.findings.postgres import PostgresPlace
from sampling.findings.quarantine import waiting_hashes, waiting_table
from sampling.findings.share import is_network_share
from sampling.findings.sqlite import SqlitePlace, share_problem
from sampling.findings.state import FOLLOWED, Event, State
from sampling.findings.tables import findings_table, second_visits_table, villages_table
from sampling.findings.vault import ERASED, erased_records, sealed, vault_problems
from sampling.words import InputError, Problem, refuse_if_any

REGISTER = ""
"""What a line of `heads.jsonl` says whose head it is: nothing for the register, "log" for the log."""
VAULT_PLACE = Path("restricted") / "vault.sqlite"
"""Where the vault lies, seen from the folder of an SQLite register."""


class Writer:
    """The register inside one writing transaction: nobody else writes, and what is added is added whole."""

    def __init__(self, register: "Register", connection: Connection, head: Head) -> None:
        self._register, self._connection = register, connection
        self._begun, self.head = head, head

    @cached_property
    def state(self) -> State:
        """What the events before this transaction amount to; not read at all by who never asks."""
        return self._register._state_at(self._connection, self._begun)

    def append(self, events: Iterable[Event], *, actor: str, time: str) -> None:
        """Chain these events to the last one and add them; what is personal goes into the vault."""
        both = [sealed(event) for event in events]
        plain, records = [event for event, _ in both], [record for _, record in both if record]
        self.head = self._register._place.add(
            self._connection, plain, records, head=self.head, actor=actor, time=time
        )


class Register:
    """The findings of a campaign, in SQLite or in the database that a URL names.

    Parameters
    ----------
    url
        A database URL, or the path of an SQLite file. Nothing is made before the first event is added.
    vault
        The SQLite file of what is personal; `restricted/vault.sqlite` beside the register if it is not named.
        On PostgreSQL the vault is a table of the same database.

    Raises
    ------
    InputError
        If the URL is none, or is of another kind of database.

    Notes
    -----
    The object keeps the state that it has read last and afterwards reads only what came since.
    """

    def __init__(self, url: str | Path, vault: Path | None = None) -> None:
        self._place = _place(url, vault)
        self._lock = Lock()
        self._known, self._state = START, State()

    def __repr__(self) -> str:
        """The register's place without a password, and how many events it holds."""
        return f"Register({self._place}, {self.head().seq} events)"

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """One transaction that reads the state and adds to it; all of it happens, or nothing does.

        Raises
        ------
        InputError
            If an SQLite register lies on a network share.
        """
        if isinstance(self._place, SqlitePlace):
            _make_folder(self._place)
        with self._place.writing() as (connection, head):
            yield Writer(self, connection, head)

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
        with self._place.reading() as connection:
            return read_entries(connection) if connection else ()

    def state(self) -> State:
        """What all events amount to."""
        with self._place.reading() as connection:
            return self._state_at(connection, None) if connection else State()

    def findings(self) -> pd.DataFrame:
        """The current findings, one row per household and list, sorted by serial."""
        return findings_table(self.state())

    def second_visits(self) -> pd.DataFrame:
        """What other teams found where households were visited twice: the columns of `findings`."""
        return second_visits_table(self.state())

    def village_answers(self) -> pd.DataFrame:
        """What the village forms say, one row per village."""
        return villages_table(self.state())

    def quarantine(self) -> pd.DataFrame:
        """What was returned and not taken, with its problems as data; `quarantine_table` words it."""
        state = self.state()
        return waiting_table(state, self.personal(waiting_hashes(state)))

    def head(self) -> Head:
        """Number and hash of the last event; 0 and zeros where there is none."""
        with self._place.reading() as connection:
            return self._place.head(connection) if connection else START

    def figures_head(self) -> Head:
        """Number and hash of the last event that a figure can depend on; replies of towns are none."""
        with self._place.reading() as connection:
            return last_head(connection, without=FOLLOWED) if connection else START

    def personal(self, sha256s: Iterable[str]) -> dict[str, Mapping]:
        """What the vault holds under these hashes; one that was erased, or is unknown, is left out.

        Parameters
        ----------
        sha256s
            What events hold as `payload["personal"]`.
        """
        with self._place.reading() as connection:
            found = self._place.records(connection, sorted(set(sha256s))) if connection else ()
        return {record.sha256: json.loads(record.content) for record in found}

    def erase(self, sha256s: Iterable[str], *, actor: str, time: str, reason: str) -> Head:
        """Take records out of the vault for good; an event says which, by whom and why.

        The event comes first: a run that is killed in between is finished by the same call.

        Parameters
        ----------
        sha256s
            What events hold as `payload["personal"]`.
        actor, time, reason
            Who erases them, when and why.
        """
        wanted = sorted(set(sha256s))
        with self.writing() as writer:
            new = set(wanted) - erased_records(read_entries(writer._connection))
            payload = {"records": sorted(new), "reason": reason}
            writer.append([Event(kind=ERASED, payload=payload)] if new else [], actor=actor, time=time)
        self._place.erase(wanted)
        return writer.head

    def check(self, heads: Iterable[Head] = ()) -> tuple[Problem, ...]:
        """Recompute the chain, compare it with the heads that were written down outside, open the vault.

        Returns
        -------
        tuple of Problem
            The first event that does not fit; the first head that is not in the chain; the first event whose
            record in the vault was changed; and, only reported, records that are missing though nobody
            erased them. Empty if all is well.
        """
        with self._place.reading() as connection:
            if not connection:
                return chain_problems([], heads)
            records = self._place.records(connection)
            entries = read_entries(connection)
            noted = [*heads, self._place.head(connection)]
            misplaced = self._place.misplaced(connection)
        return (*chain_problems(entries, noted, misplaced), *vault_problems(entries, records))

    def backup(self, folder: Path, heads: Iterable[Head] = ()) -> Head:
        """Write one consistent copy of register and vault, both SQLite, into an empty folder, and check it.

        Parameters
        ----------
        folder
            It then holds `register.sqlite` and `restricted/vault.sqlite`, which serve as they are.
        heads
            What was written down outside before; the copy must hold it.

        Returns
        -------
        Head
            Of the copy.

        Raises
        ------
        InputError
            If the copy does not hold, with every problem: then neither does the register.
        """
        place = SqlitePlace(folder / "register.sqlite", folder / VAULT_PLACE)
        _make_folder(place)
        self._place.copy_to(place)
        copy = Register(place.path)
        refuse_if_any(copy.check(heads))
        head = copy.head()
        place.close()
        return head

    def _state_at(self, connection: Connection, head: Head | None) -> State:
        """The state after the events up to `head`, or all; a copy, so that nobody changes what is kept."""
        with self._lock:
            if not holds(connection, self._known) or (head and head.seq < self._known.seq):
                self._forget()
            try:
                self._read_on(connection, head.seq if head else None)
            except BaseException:
                self._forget()  # half of an event may have happened to it
                raise
            return _copied(self._state)

    def _read_on(self, connection: Connection, upto: int | None) -> None:
        for entry in read_entries(connection, after=self._known.seq, upto=upto):
            self._state.apply(Event(kind=entry.kind, payload=json.loads(entry.payload)))
            self._known = Head(entry.seq, entry.hash)

    def _forget(self) -> None:
        self._known, self._state = START, State()


def write_head(path: Path, head: Head, *, time: str) -> None:
    """Note the register's head in `heads.jsonl`, outside the database; an unchanged head is not repeated."""
    note_head(path, head, of=REGISTER, time=time)


def read_heads(path: Path) -> tuple[Head, ...]:
    """The register's heads in `heads.jsonl`, oldest first; a last line that was cut off is left out."""
    return heads_of(path, of=REGISTER)


def _place(url: str | Path, vault: Path | None) -> Place:
    """The database: a path, or a URL of SQLite, is a file."""
    try:
        place = URL.create("sqlite", database=str(url)) if isinstance(url, Path) else make_url(url)
    except ArgumentError:
        place = URL.create("nothing")
    kind = place.get_backend_name()
    if kind == "postgresql":
        return PostgresPlace(place)
    if kind != "sqlite" or not place.database:
        raise InputError([Problem(key="register.bad_address")])  # without it: a password may stand in it
    path = Path(place.database)
    return SqlitePlace(path, vault or path.parent / VAULT_PLACE)


def _make_folder(place: SqlitePlace) -> None:
    """Make the vault's folder, unless the register is on a network share."""
    mounts = _mounts()
    if shared := [path for path in (place.path, place.vault) if is_network_share(path.resolve(), mounts)]:
        raise InputError([share_problem(path) for path in shared])
    place.vault.parent.mkdir(parents=True, exist_ok=True)


def _mounts() -> str:
    """What is mounted where; Windows is asked in another way."""
    if sys.platform == "darwin":
        return subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=False).stdout
    table = Path("/proc/mounts")
    return table.read_text(encoding="utf-8", errors="surrogateescape") if table.exists() else ""


def _copied(state: State) -> State:
    """A state of its own: what happens to it does not happen to the one that it was taken from."""
    return State(**{one.name: _copy(getattr(state, one.name)) for one in fields(State)})


def _copy(part: dict[Any, Any]) -> dict[Any, Any]:
    """A table of the state, with lists of its own; payloads are shared, since nobody changes one."""
    return {key: one.copy() if isinstance(one, list) else one for key, one in part.items()}
