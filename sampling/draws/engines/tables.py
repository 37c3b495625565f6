"""Files as relations of a DuckDB connection: every cell text, an empty cell "", nothing guessed."""

import csv
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from sampling.words import InputError, Problem, refuse_if_any

MEMORY = "500MB"
"""What DuckDB may keep in memory where nothing else is said: 20 million households need no more."""
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "python_enable_replacements": False,  # a name in SQL is never a Python variable
    "autoinstall_known_extensions": False,  # nothing is fetched from the network
}
VILLAGE = ("township", "village", "certainty")
UNIT = ("township", "village", "household", "certainty")


@contextmanager
def connection(memory_limit: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB that keeps no more than this in memory, and the rest in a folder that goes away with it."""
    with tempfile.TemporaryDirectory(prefix="draw-") as folder, duckdb.connect(config=CONFIG) as db:
        db.execute("SET temp_directory = ?", [folder])
        db.execute("SET enable_progress_bar = false")
        if memory_limit:
            db.execute("SET memory_limit = ?", [memory_limit])
        db.execute(f"SET VARIABLE spill = {literal(folder)}")
        yield db


def literal(text: str) -> str:
    """A text as it stands in SQL."""
    return "'" + text.replace("'", "''") + "'"


def place(path: Path) -> str:
    """A path as it stands in SQL, where [ * ? would be patterns."""
    return literal(re.sub(r"[\[*?]", r"[\g<0>]", str(path)))


def name(column: str) -> str:
    """A column's name as it stands in SQL."""
    return '"' + column.replace('"', '""') + '"'


def attach(
    db: duckdb.DuckDBPyConnection, relation: str, paths: Sequence[Path], needs: Sequence[str]
) -> list[str]:
    """Make the rows of these files the relation of this name; CSV is read once and kept as Parquet.

    Returns
    -------
    columns
        Names of its columns, those of the first file.

    Raises
    ------
    InputError
        If a file is missing or damaged, lacks a column, has other columns than the first, or holds ids as
        numbers.
    """
    refuse_if_any(Problem(key="frames.file.missing", file=path.name) for path in paths if not path.is_file())
    headers = {path: header(db, path) for path in paths}
    columns = headers[paths[0]]
    wanted = [*needs, *(column for column in columns if column not in needs)]
    refuse_if_any(problem for path in paths for problem in _lacking(path, headers[path], wanted))
    try:
        db.execute(
            f"CREATE VIEW {relation} AS SELECT {texts(wanted)} FROM {_rows(db, relation, headers, wanted)}"
        )
    except duckdb.Error as error:
        raise InputError([Problem(key="frames.file.unreadable", file=paths[0].name)]) from error
    return wanted


def _rows(
    db: duckdb.DuckDBPyConnection, relation: str, headers: Mapping[Path, list[str]], wanted: Sequence[str]
) -> str:
    """The table function for the rows of all files; CSV is slow to read over again, so it becomes Parquet."""
    paths = list(headers)
    if any(path.suffix == ".csv" for path in paths):
        (folder,) = db.execute("SELECT getvariable('spill')").fetchall()[0]
        kept, names = Path(folder) / f"{relation}.parquet", ", ".join(map(name, wanted))
        rows = " UNION ALL ".join(f"SELECT {names} FROM {scan(path, headers[path])}" for path in paths)
        db.execute(f"COPY ({rows}) TO {literal(str(kept))} (FORMAT parquet)")
        paths = [kept]
    files = ", ".join(place(path) for path in paths)
    return f"read_parquet([{files}], union_by_name = true)"


def texts(columns: Sequence[str]) -> str:
    """The columns, an empty cell as the empty text."""
    return ", ".join(f"coalesce({name(column)}, '') AS {name(column)}" for column in columns)


def header(db: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """The columns of a file; those of a Parquet file must be text."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return next(csv.reader(file), [])
    try:
        kinds = db.execute(f"DESCRIBE SELECT * FROM read_parquet({place(path)})").fetchall()
    except duckdb.Error as error:
        raise InputError([Problem(key="frames.file.unreadable", file=path.name)]) from error
    refuse_if_any(
        Problem(key="frames.id.numeric_column", file=path.name, column=column)
        for column, kind, *_ in kinds
        if kind != "VARCHAR"
    )
    return [column for column, *_ in kinds]


def _lacking(path: Path, columns: Sequence[str], wanted: Sequence[str]) -> Iterator[Problem]:
    missing = [column for column in wanted if column not in columns]
    if missing:
        yield Problem(key="frames.committed.column", file=path.name, fields={"names": ", ".join(missing)})


def scan(path: Path, columns: Sequence[str]) -> str:
    """The table function that reads a file, in the order of its rows."""
    if path.suffix != ".csv":
        return f"read_parquet({place(path)})"
    kinds = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in columns)
    options = "auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"'"
    return f"read_csv({place(path)}, {options}, columns = {{{kinds}}})"
