"""The fingerprint of a table in files: sorted outside memory, hashed as it streams by."""

import hashlib
import re
import unicodedata
from bisect import bisect
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from sampling.draws import verify
from sampling.draws.engines.checks import doubled, form
from sampling.draws.engines.tables import MEMORY, attach, connection, literal, name
from sampling.frames.hashes import LINE_END, SEPARATOR
from sampling.frames.ids import CONTROL
from sampling.words import refuse_if_any

if TYPE_CHECKING:
    from dask.dataframe import DataFrame as Parts

BATCH = 100_000
CONTROL_BYTES = re.compile(rb"\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]")
"""The control characters of `sampling.frames.ids` that are more than one byte in UTF-8."""
ID = ("township", "village", "household")


def fingerprint_files(paths: Sequence[Path], *, memory_limit: str = MEMORY) -> str:
    """The two-level SHA-256 of the rows of these files, whatever their order: `Frame.fingerprint` of them.

    Parameters
    ----------
    paths
        Parquet or CSV files with the same columns; the first column is the township.
    memory_limit
        What DuckDB may keep in memory.

    Raises
    ------
    InputError
        If a file is missing or damaged, or a village or household stands on two rows.
    ValueError
        If a field has a control character: two different tables could then have one fingerprint.
    """
    with connection(memory_limit) as db:
        columns = attach(db, "rows", paths, ["township", "village"])
        ids = [column for column in ID if column in columns]
        fields = f" || {literal(SEPARATOR)} || ".join(map(name, columns))
        rows = db.sql(
            f"SELECT nfc_normalize({fields}) || {literal(LINE_END)} AS line, hash({form(ids)}) AS unit"
            " FROM rows ORDER BY line"
        )
        lines = _Lines(separators=len(columns) - 1)
        for batch in rows.to_arrow_reader(BATCH):
            lines.add(batch)
        if lines.twins:
            twice = f"SELECT {form(ids)} FROM rows GROUP BY 1 HAVING count(*) > 1"
            key = "frames.household.doubled" if "household" in columns else "frames.village.doubled"
            refuse_if_any(doubled(db, paths, ids, twice, key))
    return lines.fingerprint()


class _Lines:
    """Sorted rows, each with a line end, hashed town by town as they come."""

    def __init__(self, *, separators: int) -> None:
        self.twins = False
        self._separators = separators
        self._unit = -1
        self._towns: dict[bytes, Any] = {}

    def add(self, batch: pa.RecordBatch) -> None:
        """Hash the rows of a batch; rows of one unit stand next to each other, so twins are seen as well."""
        units = np.concatenate([[self._unit], batch.column("unit").to_numpy()])
        self.twins |= bool((units[1:] == units[:-1]).any())
        self._unit = units[-1]
        lines = batch.column("line")
        offsets = np.frombuffer(lines.buffers()[1], np.int32)[lines.offset :][: len(lines) + 1].tolist()
        data = memoryview(lines.buffers()[2])
        _check(np.frombuffer(data[offsets[0] : offsets[-1]], np.uint8), len(lines), self._separators)
        start = 0
        while start < len(lines):
            town = bytes(data[offsets[start] : offsets[start + 1]]).split(SEPARATOR.encode(), 1)[0]
            mark = town + SEPARATOR.encode()
            others = range(start, len(lines))
            end = start + bisect(others, 0, key=lambda i: bytes(data[offsets[i] :][: len(mark)]) != mark)
            self._feed(town, data[offsets[start] : offsets[end] - 1])
            start = end

    def _feed(self, town: bytes, rows: memoryview) -> None:
        if town in self._towns:
            self._towns[town].update(LINE_END.encode())
        self._towns.setdefault(town, hashlib.sha256()).update(rows)

    def fingerprint(self) -> str:
        """The hash over all towns."""
        lines = [town + SEPARATOR.encode() + one.hexdigest().encode() for town, one in self._towns.items()]
        return hashlib.sha256(LINE_END.encode().join(sorted(lines))).hexdigest()


def _check(data: np.ndarray, rows: int, separators: int) -> None:
    """Refuse control characters other than those that join fields and rows.

    Raises
    ------
    ValueError
        If there is one.
    """
    signs = (data < 32, data == ord(SEPARATOR), data == ord(LINE_END))
    known = [int(np.count_nonzero(sign)) for sign in signs] == [
        rows * (separators + 1),
        rows * separators,
        rows,
    ]
    beyond = bool(data.max(initial=0) > 127) and CONTROL_BYTES.search(data.tobytes()) is not None
    if not known or beyond or bool((data == 127).any()):
        raise ValueError("fields must have no control characters, got some in these files")


def fingerprint_parts(units: "Parts") -> str:
    """The two-level SHA-256 of the rows of a Dask DataFrame: `Frame.fingerprint` of them.

    Raises
    ------
    ValueError
        If a field has a control character: two different tables could then have one fingerprint.
    """
    town = units["township"].map(_composed, meta=("town", "str"))
    whole = units.assign(town=town).shuffle("town").drop(columns="town")
    lines = whole.map_partitions(_town_lines, meta=pd.Series(dtype="str", name="line")).compute()
    return hashlib.sha256(LINE_END.join(sorted(lines)).encode()).hexdigest()


def _town_lines(units: pd.DataFrame) -> pd.Series:
    """The line of every town of a part, which holds whole towns, for the hash over all."""
    table = units.astype("str")
    if table.map(lambda cell: CONTROL.search(cell) is not None).to_numpy().any():
        raise ValueError("fields must have no control characters, got some in this frame")
    _, found = verify.fingerprint(table.to_dict("records"))
    return pd.Series(
        [town + SEPARATOR + one for town, one in found["towns"].items()], dtype="str", name="line"
    )


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)
