"""What the register asks of the database that it lies in, whichever it is."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection

from sampling.draws.log import Head
from sampling.findings.sqlite import SqlitePlace
from sampling.findings.state import Event
from sampling.findings.vault import Record


class Place(Protocol):
    """A database with the events and the vault of one register."""

    def writing(self) -> AbstractContextManager[tuple[Connection, Head]]:
        """One transaction in which nobody else writes, and the head that it begins at."""

    def reading(self) -> AbstractContextManager[Connection | None]:
        """One moment of the register; nothing where nothing was ever written."""

    def head(self, connection: Connection) -> Head:
        """Number and hash of the last event."""

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
        """Chain these events to the last one; no event is ever there without its record."""

    def records(self, connection: Connection, sha256s: Sequence[str] | None = None) -> tuple[Record, ...]:
        """These records of the vault, as far as it holds them; all where none is named."""

    def erase(self, sha256s: Sequence[str]) -> None:
        """Take these records out of the vault."""

    def misplaced(self, connection: Connection) -> int | None:
        """The first event that is shown to another village than its own."""

    def copy_to(self, place: SqlitePlace) -> None:
        """Write register and vault, as they are at one moment, to a place in SQLite that is still empty."""
