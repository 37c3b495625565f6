"""A sample as a table in memory or, where it is large, as a Parquet file."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sampling.draws.roles import DRAWN
from sampling.files import csv_bytes

LARGE = 100_000
"""Drawn households above which a sample is a Parquet file."""
BATCH = 100_000
AS_IT_IS = ("household", "ticket")
"""Columns in which hardly any text comes twice."""


@dataclass(frozen=True, kw_only=True, eq=False)
class StoredSample:
    """A sample whose rows lie in the Parquet file `path`: the columns, texts and order of `sample.csv`."""

    path: Path
    seed: str
    campaign: str
    fingerprints: Mapping[str, str]

    def to_table(self) -> pd.DataFrame:
        """The rows, every cell text."""
        return pq.read_table(self.path).to_pandas().astype("str")

    @property
    def table(self) -> pd.DataFrame:
        """The rows, read anew each time."""
        return self.to_table()

    def write_csv(self, path: Path) -> None:
        """Write the rows as `sample.csv`, some at a time: the same bytes that a small sample has."""
        partial = path.with_name(f".{path.name}.partial")
        with partial.open("wb") as file:
            for number, batch in enumerate(pq.ParquetFile(self.path).iter_batches(BATCH)):
                rows = csv_bytes(batch.to_pandas().astype("str"))
                file.write(rows if number == 0 else rows.split(b"\n", 1)[1])
        partial.replace(path)

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes of the file."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def __repr__(self) -> str:
        rows = pq.ParquetFile(self.path).metadata.num_rows
        return f"StoredSample({rows} rows in {self.path.name})"


def table_or_file(parts: Iterable[pa.Table], out: Path | None) -> pd.DataFrame | Path:
    """The parts of a sample as one table, or written to `out` where they have too many drawn households.

    Raises
    ------
    ValueError
        If a file is needed and `out` is not given.
    """
    kept: list[pa.Table] = []
    coded, households = map(_coded, parts), 0
    for part in coded:
        kept.append(part)
        households += _drawn_households(part)
        if households > LARGE:
            if out is None:
                raise ValueError(f"out must be given for more than {LARGE} drawn households, got None")
            return _write(kept, coded, out)
    return pd.concat([part.to_pandas().astype("str") for part in kept], ignore_index=True)


def _coded(part: pa.Table) -> pa.Table:
    """A part with every text that comes often kept once."""
    columns = {}
    for name in part.column_names:
        as_it_is = name in AS_IT_IS or pa.types.is_dictionary(part[name].type)
        columns[name] = part[name] if as_it_is else part[name].dictionary_encode()
    return pa.table(columns)


def _drawn_households(part: pa.Table) -> int:
    role, stage = (part[name].cast(pa.string()) for name in ("role", "stage"))
    drawn = pc.and_(pc.is_in(role, value_set=pa.array(DRAWN)), pc.equal(stage, "2"))
    return pc.sum(drawn).as_py() or 0


def _write(kept: list[pa.Table], parts: Iterable[pa.Table], out: Path) -> Path:
    """Write under a temporary name, then put the file in place in one step."""
    partial = out.with_name(f".{out.name}.partial")
    out.parent.mkdir(parents=True, exist_ok=True)
    coded = [name for name in kept[0].column_names if name not in AS_IT_IS]
    packed = {name: "snappy" if name in coded else "none" for name in kept[0].column_names}
    with pq.ParquetWriter(
        partial,
        kept[0].schema,
        use_dictionary=coded,
        write_statistics=coded,
        compression=packed,
        store_schema=False,  # everybody reads plain text
    ) as writer:
        while kept:
            writer.write_table(kept.pop(0))
        for part in parts:
            writer.write_table(part)
    partial.replace(out)
    return out
