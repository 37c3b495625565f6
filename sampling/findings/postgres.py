"""The register in PostgreSQL: events and vault in one schema, teams that see only their own villages.

The address comes from the environment (`SAMPLING_REGISTER_URL`), never from a file of the campaign:
`postgresql+psycopg://ACCOUNT:PASSWORD@HOST/DATABASE?schema=NAME`. Each campaign has a schema of its own
(`register` where none is named), so several lie in one database. Three kinds of accounts: whoever may make
roles and schemas prepares it once; the office reads and adds everything; a team reads and adds only what is
about its own villages, and its events carry the name of its account.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import URL, Connection, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from sampling.draws.log import Head
from sampling.findings.chain import read_entries
from sampling.findings.sqlite import SqlitePlace
from sampling.findings.state import Event, canonical
from sampling.findings.vault import PERSONAL, Record, read_records
from sampling.words import InputError, Problem

DRIVER = "postgresql+psycopg"
SCHEMA = "register"
PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]{0,30}")
NOT_ALLOWED = "42501"
"""How PostgreSQL says that an account may not do something."""


class PostgresPlace:
    """Where a register lies: a schema of a database, seen by the account that the address names."""

    def __init__(self, url: URL) -> None:
        query = dict(url.query)
        self.schema = _schema(query.pop("schema", SCHEMA))
        self.url = url.set(drivername=DRIVER, query=query)
        options = {"schema_translate_map": {None: self.schema}}
        self._writing, self._reading = (
            create_engine(self.url, poolclass=NullPool, isolation_level=level, execution_options=options)
            for level in ("READ COMMITTED", "REPEATABLE READ")
        )

    def __str__(self) -> str:
        """The address without its password."""
        return f"{self.url.render_as_string()}, schema {self.schema}"

    @contextmanager
    def writing(self) -> Iterator[tuple[Connection, Head]]:
        """One transaction that holds the head, so that nobody else adds meanwhile."""
        with self._worded(), self._writing.begin() as connection:
            self._refuse_unprepared(connection)
            head = connection.execute(text(f"SELECT seq, hash FROM {self._quoted}.take_head()")).one()
            yield connection, Head(*head)

    @contextmanager
    def reading(self) -> Iterator[Connection | None]:
        """One moment of the register."""
        with self._worded(), self._reading.begin() as connection:
            self._refuse_unprepared(connection)
            yield connection

    @contextmanager
    def administering(self) -> Iterator[Connection]:
        """One transaction for what only the administrator's account may do."""
        with self._worded(), self._writing.begin() as connection:
            yield connection

    def head(self, connection: Connection) -> Head:
        """Number and hash of the last event, whoever may see it."""
        return Head(*connection.execute(text(f"SELECT seq, hash FROM {self._quoted}.head")).one())

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
        """Let the database, which knows the head, chain these events and keep their records."""
        kept = {record.sha256: record for record in records}
        own = [kept.get(event.payload.get(PERSONAL, "")) for event in events]
        added = connection.execute(
            text(
                f"SELECT last_seq, last_hash FROM {self._quoted}.add_events(:actor, :time, "
                "CAST(:kinds AS text[]), CAST(:payloads AS text[]), CAST(:salts AS text[]), "
                "CAST(:contents AS text[]))"
            ),
            {
                "actor": actor,
                "time": time,
                "kinds": [event.kind for event in events],
                "payloads": [canonical(event.payload) for event in events],
                "salts": [record.salt if record else None for record in own],
                "contents": [record.content if record else None for record in own],
            },
        )
        return Head(*added.one())

    def records(self, connection: Connection, sha256s: Sequence[str] | None = None) -> tuple[Record, ...]:
        """These records of the vault, as far as it holds them and shows them; all where none is named.

        A team gets none of those that are named: it may not look. Who wants all must be of the office.
        """
        if sha256s is not None and not self._may_look(connection):
            return ()
        return tuple(read_records(connection, sha256s))

    def erase(self, sha256s: Sequence[str]) -> None:
        """Take these records out of the vault."""
        with self._worded(), self._writing.begin() as connection:
            erase = text(f"SELECT {self._quoted}.erase_records(CAST(:sha256s AS text[]))")
            connection.execute(erase, {"sha256s": list(sha256s)})

    def misplaced(self, connection: Connection) -> int | None:
        """The first event that is shown to the wrong village: its column says another than its payload."""
        schema = self._quoted
        found = f"SELECT min(seq) FROM {schema}.event WHERE village <> {schema}.place_again(payload)"
        return connection.execute(text(found)).scalar()

    def copy_to(self, place: SqlitePlace) -> None:
        """Write the events and the vault, as they are at one moment, into SQLite."""
        with self.reading() as connection:
            assert connection
            place.fill(read_entries(connection), self.records(connection))

    @property
    def _quoted(self) -> str:
        return quoted(self.schema)

    def _may_look(self, connection: Connection) -> bool:
        may = text("SELECT has_table_privilege(:vault, 'SELECT')")
        return connection.execute(may, {"vault": f"{self._quoted}.vault"}).scalar_one()

    def _refuse_unprepared(self, connection: Connection) -> None:
        table = connection.execute(text("SELECT to_regclass(:name)"), {"name": f"{self._quoted}.event"})
        if table.scalar() is None:
            raise InputError([self._problem("not_prepared")])

    @contextmanager
    def _worded(self) -> Iterator[None]:
        """Say in words what an office can do something about: no database there, or no right to do this."""
        try:
            yield
        except DBAPIError as error:
            state = getattr(error.orig, "sqlstate", None)
            if state == NOT_ALLOWED:
                detail = error.orig.diag.message_detail  # type: ignore[union-attr]
                raise InputError([self._problem("not_allowed", str(detail or ""))]) from error
            if isinstance(error, OperationalError) and (state is None or state[:2] in ("08", "28", "57")):
                raise InputError([self._problem("no_connection")]) from error
            raise

    def _problem(self, name: str, value: str = "") -> Problem:
        fields = {"account": self.url.username or "", "database": self.url.database, "schema": self.schema}
        return Problem(key=f"register.{name}", value=value, fields=fields)


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever stands in it."""
    return '"' + name.replace('"', '""') + '"'


def _schema(name: object) -> str:
    if not isinstance(name, str) or not PLAIN_NAME.fullmatch(name):
        raise InputError([Problem(key="register.bad_address", value=str(name))])
    return name
