"""What a frame in files must hold to be drawn from; rows are named only where something is wrong."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pandas as pd

from sampling.draws.engines.tables import header, literal, name, scan, texts
from sampling.draws.sample import list_notes
from sampling.draws.tickets import SEPARATOR
from sampling.frames import Frame
from sampling.words import Problem, refuse_if_any

NAMED = 40
"""Rows that are looked up for one kind of problem; a damaged file may have millions."""


def check_frame(db: duckdb.DuckDBPyConnection, frame: Sequence[Path], villages: Path) -> None:
    """Refuse ids that cannot be drawn, villages that stand twice, and villages that one file alone has.

    Makes the table `counts`: township, village, certainty, households.
    """
    refuse_if_any(_no_id(db, [villages], "villages", ["township", "village"]))
    twice = f"SELECT {form(['village'])} FROM villages GROUP BY 1 HAVING count(*) > 1"
    refuse_if_any(doubled(db, [villages], ["village"], twice, "frames.village.doubled"))
    check_units(db, frame, "units")
    db.execute(
        "CREATE TEMP TABLE counts AS SELECT township, village, certainty,"
        " count(*) FILTER (household <> '') AS households FROM units GROUP BY ALL"
    )
    refuse_if_any(_differing(db, frame[0], villages))


def check_units(db: duckdb.DuckDBPyConnection, paths: Sequence[Path], units: str) -> None:
    """Refuse a list that has rows without a town or village, or ids that cannot be part of a ticket."""
    refuse_if_any(_no_id(db, paths, units, ["township", "village", "household"]))


def check_list(db: duckdb.DuckDBPyConnection, list_name: str, units: str) -> None:
    """Refuse another list that has a village in another town than the frame, in the words of `list_notes`."""
    query = (
        f"SELECT DISTINCT u.township, village, 'x' AS household, v.township AS due FROM {units} u"
        " JOIN villages v USING (village) WHERE household <> '' AND u.township <> v.township"
    )
    moved = db.sql(query).to_arrow_table().to_pandas().astype("str")
    if len(moved):
        places = moved[["due", "village"]].drop_duplicates().rename(columns={"due": "township"})
        part = Frame(units=moved, villages=places, sizes=pd.Series(dtype="int64"), control_totals={})
        refuse_if_any(list_notes(part, {list_name: part}))


def _no_id(
    db: duckdb.DuckDBPyConnection, paths: Sequence[Path], relation: str, ids: Sequence[str]
) -> Iterator[Problem]:
    """Rows without a town or village, or with the sign that parts the ids of a ticket in one of the ids."""
    empty = ["township = ''", "village = ''"]
    fault = " OR ".join([*empty, *(f"contains({one}, {literal(SEPARATOR)})" for one in ids)])
    if not db.execute(f"SELECT 1 FROM {relation} WHERE {fault} LIMIT 1").fetchall():
        return
    for file, row, *cells in located(db, paths, ids, fault):
        for column, cell in zip(ids, cells, strict=True):
            key = "frames.id.control" if SEPARATOR in cell else "frames.id.empty"
            if SEPARATOR in cell or (not cell and column != "household"):
                yield Problem(key=key, file=file, row=row, column=column, value=cell)


def _differing(db: duckdb.DuckDBPyConnection, frame: Path, villages: Path) -> Iterator[Problem]:
    """Villages of one file that the other does not have, or has in another town or with another mark."""
    three = "township, village, certainty"
    same = f"SELECT count(*) FROM counts JOIN villages USING ({three})"
    both = "(SELECT count(*) FROM counts) = (SELECT count(*) FROM villages)"
    if db.execute(f"SELECT ({same}) = (SELECT count(*) FROM villages) AND {both}").fetchall()[0][0]:
        return
    torn = (
        f"((SELECT {three} FROM counts EXCEPT SELECT {three} FROM villages)"
        f" UNION ALL (SELECT {three} FROM villages EXCEPT SELECT {three} FROM counts))"
    )
    found = db.execute(f"SELECT {three}, count(*) OVER () FROM {torn} ORDER BY ALL LIMIT 1").fetchall()
    for *cells, count in found:
        fields = {"count": count, "other_file": villages.name}
        yield Problem(key="frames.committed.differ", file=frame.name, value=" / ".join(cells), fields=fields)


def doubled(
    db: duckdb.DuckDBPyConnection, paths: Sequence[Path], ids: Sequence[str], twice: str, key: str
) -> Iterator[Problem]:
    """Units that stand on two rows. `twice` is a query of the `form` of their ids."""
    if not db.execute(f"SELECT 1 FROM ({twice}) LIMIT 1").fetchall():
        return
    first: dict[str, tuple[str, int, str]] = {}
    same = form(ids)
    for file, row, *cells, one in located(db, paths, ids, f"{same} IN ({twice})", f", {same}"):
        if one not in first:
            first[one] = (file, row, cells[-1])
            continue
        other_file, other_row, other = first[one]
        place = str(other_row) if other_file == file else f"{other_row} ({other_file})"
        fields = {"other_row": place, "other_value": other}
        word = key if other == cells[-1] else "frames.id.same_nfc"
        yield Problem(key=word, file=file, row=row, column=ids[-1], value=cells[-1], fields=fields)


def form(ids: Sequence[str]) -> str:
    """Ids that are one unit, as one text: in form NFC, joined by U+001F."""
    return f"concat_ws({literal(SEPARATOR)}, {', '.join(f'nfc_normalize({name(one)})' for one in ids)})"


def located(
    db: duckdb.DuckDBPyConnection, paths: Sequence[Path], columns: Sequence[str], where: str, more: str = ""
) -> list[tuple]:
    """File, row as a spreadsheet shows it, and cells, of the first rows of which something holds."""
    cells = ", ".join(map(name, columns)) + more
    rows: list[tuple] = []
    for path in paths:
        numbered = (
            f"SELECT row_number() OVER () + 1 AS row, {texts(columns)} FROM {scan(path, header(db, path))}"
        )
        query = f"SELECT {literal(path.name)}, row, {cells} FROM ({numbered}) WHERE {where} ORDER BY row"
        rows += db.execute(f"{query} LIMIT {NAMED}").fetchall()
    return rows[:NAMED]
