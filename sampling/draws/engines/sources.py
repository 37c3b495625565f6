"""Frames that are not a pandas table: files on disk, and the parts of a Dask DataFrame."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sampling.draws.engines.hashing import fingerprint_files, fingerprint_parts
from sampling.draws.engines.tables import MEMORY

if TYPE_CHECKING:
    from dask.dataframe import DataFrame as Parts


@dataclass(frozen=True, kw_only=True, eq=False)
class FrameFiles:
    """A frame in files: `frame` has the rows of frame.csv, `villages` those of villages.csv.

    `frame` is one file or several, Parquet or CSV by their suffix, in any order and split anywhere.
    `memory_limit` is what DuckDB may keep in memory ("300MB"); the rest lies in a temporary folder.
    """

    frame: Path | tuple[Path, ...]
    villages: Path
    memory_limit: str = MEMORY

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files of the households."""
        return (self.frame,) if isinstance(self.frame, Path) else tuple(self.frame)

    @cached_property
    def fingerprint(self) -> str:
        """The two-level SHA-256 of the rows of frame.csv; reckoned when it is asked for."""
        return fingerprint_files(self.paths, memory_limit=self.memory_limit)


@dataclass(frozen=True, kw_only=True, eq=False)
class FrameParts:
    """A frame whose households are a Dask DataFrame; every column is text, as in `frame.csv`."""

    units: "Parts"
    villages: pd.DataFrame

    @cached_property
    def fingerprint(self) -> str:
        """The two-level SHA-256 of the rows of frame.csv; reckoned when it is asked for."""
        return fingerprint_parts(self.units)
