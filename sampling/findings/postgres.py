"""The register in PostgreSQL: events and vault in one schema, teams that see only their own villages.

The address comes from the environment (`SAMPLING_REGISTER_URL`), never from a file of the campaign:
`postgresql+psycopg://ACCOUNT:PASSWORD@HOST/DATABASE?schema=NAME`. Each campaign has a schema of its own
(`register` where none is named), so several lie in one database. Three kinds of accounts: whoever may make
roles and schemas prepares it once; the office reads and adds everything; a team reads and adds only what is
about its own villages, and its events carry the name of its account.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import URL, Connection, NullPool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError

from sampling.draws.log import Head
from sampling.findings import postgres_schema
from sampling.findings.chain import read_entries
from sampling.findings.sqlite import SqlitePlace
from sampling.findings.state import Event, canonical
from sampling.findings.vault import PERSONAL, Record, read_records
from sampling.words import InputError, Problem

SCHEMA = "register"
PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]{0,30}")
LONGEST_NAME = 63
"""Bytes of a name that PostgreSQL keeps; it cuts off the rest."""
NOT_ALLOWED = "42501"
"""How PostgreSQL says that an account may not do something."""


class PostgresPlace:
    """Where a register lies: a schema of a database, seen by the account that the address names."""

    def __init__(self, url: URL) -> None:
        query = dict(url.query)
        self.schema = _schema(query.pop("schema", SCHEMA))
        self.url = url.set(query=query)
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


def prepare_postgres(url: str) -> None:
    """Make the schema of a register, its tables, its functions and its two roles.

    Parameters
    ----------
    url
        The address, with an account that may make roles and schemas. Where there is a register already, only
        its functions are made anew, for a newer version of the program.

    Notes
    -----
    The owner's and the office's role are called DATABASE.SCHEMA.owner and DATABASE.SCHEMA.office. The account
    that prepares becomes a member of both.
    """
    place = PostgresPlace(make_url(url))
    with place._worded(), place._writing.begin() as connection:
        names = _names(connection, place)
        there = connection.execute(text("SELECT to_regclass(:n)"), {"n": f"{names['schema']}.event"}).scalar()
        if not there:
            _make_roles(connection, place)
            _run(connection, "CREATE SCHEMA {schema} AUTHORIZATION {owner}".format(**names))
        _run(connection, "SET LOCAL ROLE {owner}".format(**names))
        if not there:
            _run(connection, postgres_schema.ONCE.format(**names))
        _run(connection, postgres_schema.AGAIN.format(**names))


def create_team_account(url: str, team: str, villages: Iterable[str], password: str) -> None:
    """Make the account of a team, or give it other villages and another password.

    Parameters
    ----------
    url
        The address, with the account that has prepared the register.
    team
        The name of the account; it stands as the actor of all that the team records, so no person's name.
    villages
        The ids of the villages that the team sees and records; no others.
    password
        It leaves this machine only as a hash.

    Raises
    ------
    ValueError
        If there is an account of this name that may do more than a team's, or a role that is no account.

    Notes
    -----
    A program of the team that runs already shows what was recorded earlier in a further village only after
    it was started anew.
    """
    place = PostgresPlace(make_url(url))
    with place._worded(), place._writing.begin() as connection:
        names = _names(connection, place)
        _refuse_strong(connection, team, [_role(connection, place, kind) for kind in ("owner", "office")])
        _log_in(connection, team, password)
        _run(connection, "SET LOCAL ROLE {owner}".format(**names))
        _run(connection, postgres_schema.TEAM_RIGHTS.format(schema=names["schema"], account=quoted(team)))
        own = [{"account": team, "village": village} for village in sorted(set(villages))]
        connection.execute(
            text(f"DELETE FROM {names['schema']}.team_village WHERE account = :account"), {"account": team}
        )
        if own:
            connection.execute(
                text(f"INSERT INTO {names['schema']}.team_village VALUES (:account, :village)"), own
            )


def create_office_account(url: str, name: str, password: str) -> None:
    """Make an account of the office, which reads and adds everything, or give it another password.

    Parameters
    ----------
    url
        The address, with the account that has prepared the register.
    name, password
        Of the new account; the password leaves this machine only as a hash.

    Raises
    ------
    ValueError
        If there is an account of this name that may do more than the office, or a role that is no account.
    """
    place = PostgresPlace(make_url(url))
    with place._worded(), place._writing.begin() as connection:
        _refuse_strong(connection, name, [_role(connection, place, "owner")])
        _log_in(connection, name, password)
        _run(connection, f"GRANT {_names(connection, place)['office']} TO {quoted(name)}")


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever stands in it."""
    return '"' + name.replace('"', '""') + '"'


def _schema(name: object) -> str:
    if not isinstance(name, str) or not PLAIN_NAME.fullmatch(name):
        raise ValueError(f"schema must be small letters, digits and _, at most 31, got {name!r}")
    return name


def _role(connection: Connection, place: PostgresPlace, kind: str) -> str:
    """A role of this register; roles belong to the server, so the database is part of the name."""
    name = f"{connection.execute(text('SELECT current_database()')).scalar_one()}.{place.schema}.{kind}"
    if len(name.encode("utf-8")) > LONGEST_NAME:
        raise ValueError(f"database and schema must have shorter names, got {name!r} for a role")
    return name


def _make_roles(connection: Connection, place: PostgresPlace) -> None:
    for role in (_role(connection, place, kind) for kind in ("owner", "office")):
        if not _exists(connection, role):
            _run(connection, f"CREATE ROLE {quoted(role)} NOLOGIN")
        _run(connection, f"GRANT {quoted(role)} TO CURRENT_USER")


def _names(connection: Connection, place: PostgresPlace) -> dict[str, str]:
    roles = {kind: _role(connection, place, kind) for kind in ("owner", "office")}
    office_name = "'" + roles["office"].replace("'", "''") + "'"
    return {
        "schema": quoted(place.schema),
        "office_name": office_name,
        "team_kinds": ", ".join(f"'{kind}'" for kind in postgres_schema.TEAM_KINDS),
        **{kind: quoted(name) for kind, name in roles.items()},
    }


def _exists(connection: Connection, role: str) -> bool:
    found = text("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = :role")
    return connection.execute(found, {"role": role}).scalar() is not None


def _refuse_strong(connection: Connection, account: str, roles: Sequence[str]) -> None:
    """An account that is there keeps its rights: it must not have those of these roles, or the server's."""
    strong = text(
        "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = :account AND (rolsuper OR rolcreaterole"
        " OR rolbypassrls OR NOT rolcanlogin OR EXISTS"
        " (SELECT FROM unnest(CAST(:roles AS name[])) AS one WHERE pg_has_role(pg_roles.oid, one, 'MEMBER')))"
    )
    if connection.execute(strong, {"account": account, "roles": list(roles)}).scalar():
        raise ValueError(f"account must be new, or one that may do no more than this, got {account!r}")


def _log_in(connection: Connection, account: str, password: str) -> None:
    """An account that can log in and nothing else, with this password, of which the server sees a hash."""
    if not 0 < len(account.encode("utf-8")) <= LONGEST_NAME:
        raise ValueError(f"account must have a name of 1 to {LONGEST_NAME} bytes, got {account!r}")
    driver = connection.connection.driver_connection
    assert driver
    scrambled = driver.pgconn.encrypt_password(password.encode(), account.encode(), b"scram-sha-256").decode()
    verb = "ALTER" if _exists(connection, account) else "CREATE"
    _run(connection, f"{verb} ROLE {quoted(account)} LOGIN PASSWORD '{scrambled}'")


def _run(connection: Connection, statements: str) -> None:
    """Run statements without parameters, in which % and : mean nothing."""
    driver = connection.connection.driver_connection
    assert driver
    driver.execute(statements)
