"""Fixtures: a register wherever it can lie."""

import pytest
from registers import SqliteBase

from sampling.findings import Register


@pytest.fixture(params=["sqlite"])
def base(request, tmp_path):
    """A place for a register: the same tests hold wherever it lies."""
    return SqliteBase(folder=tmp_path)


@pytest.fixture
def register(base) -> Register:
    return base.register()
