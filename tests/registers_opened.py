"""Fixtures: a register wherever it can lie, in SQLite and in a PostgreSQL started for the tests."""

import importlib.util
import os

import pytest
from registers import SqliteBase

from sampling.findings import Register


@pytest.fixture(scope="session")
def postgres():
    """A running PostgreSQL; where there is none, the tests that need it are skipped, and fail in CI."""
    missing = "" if importlib.util.find_spec("psycopg") else "psycopg (pip install 'psycopg[binary]')"
    if not missing:
        from registers_postgres import cluster, programs

        missing = "" if programs() else "PostgreSQL (apt-get install postgresql)"
    if missing:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"NOT TESTED: needs {missing}")
    with cluster() as started:
        yield started


@pytest.fixture(params=["sqlite", "postgresql"])
def base(request, tmp_path):
    """A place for a register: the same tests hold wherever it lies."""
    if request.param == "sqlite":
        return SqliteBase(folder=tmp_path)
    from registers_postgres import PostgresBase

    return PostgresBase(cluster=request.getfixturevalue("postgres"))


@pytest.fixture
def register(base) -> Register:
    return base.register()
