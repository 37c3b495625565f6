"""Who may use a register in PostgreSQL: its roles, the office's accounts, the teams' and their villages."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, make_url, text

from sampling.findings import postgres_schema
from sampling.findings.postgres import PostgresPlace, quoted

LONGEST_NAME = 63
"""Bytes of a name that PostgreSQL keeps; it cuts off the rest."""


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
    with place.administering() as connection:
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
    with place.administering() as connection:
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
    with place.administering() as connection:
        _refuse_strong(connection, name, [_role(connection, place, "owner")])
        _log_in(connection, name, password)
        _run(connection, f"GRANT {_names(connection, place)['office']} TO {quoted(name)}")


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
