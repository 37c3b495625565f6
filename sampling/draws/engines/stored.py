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

LARGE = 100_000
"""Drawn households above which a sample is a Parquet file."""
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
    parts, households = iter(parts), 0
    for part in parts:
        kept.append(part)
        households += _drawn_households(part)
        if households > LARGE:
            if out is None:
                raise ValueError(f"out must be given for more than {LARGE} drawn households, got None")
            return _write(kept, parts, out)
    return pa.concat_tables(kept).to_pandas().astype("str")


def _drawn_households(part: pa.Table) -> int:
    drawn = pc.is_in(part["role"], value_set=pa.array(DRAWN))
    return pc.sum(pc.and_(drawn, pc.equal(part["stage"], "2"))).as_py() or 0


def _write(kept: list[pa.Table], parts: Iterable[pa.Table], out: Path) -> Path:
    """Write under a temporary name, then put the file in place in one step."""
    partial = out.with_name(f".{out.name}.partial")
    out.parent.mkdir(parents=True, exist_ok=True)
    columns = kept[0].column_names
    coded = [name for name in columns if name not in AS_IT_IS]
    with pq.ParquetWriter(partial, kept[0].schema, use_dictionary=coded) as writer:
        while kept:
            writer.write_table(kept.pop(0))
        for part in parts:
            writer.write_table(part)
    partial.replace(out)
    return out
