"""One sample from a pandas table, from files through DuckDB, from a Dask DataFrame and from the verifier."""

import random
from pathlib import Path

import dask.dataframe as dd
import pandas as pd
import pytest
from draws_folder import CAMPAIGN, SEED
from draws_random import Drawing, campaigns
from hypothesis import HealthCheck, settings

from sampling.draws.engines import (
    FrameFiles,
    FrameParts,
    draw_files,
)
from sampling.files import csv_bytes
from sampling.frames import Frame

FEW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
SUFFIXES = ("parquet", "csv")
DRAWINGS = list(campaigns(1))


def split(table: pd.DataFrame, parts: int, seed: int) -> list[pd.DataFrame]:
    """The rows in a random order, in so many parts, some of them perhaps empty."""
    chance = random.Random(seed)
    order = chance.sample(range(len(table)), len(table))
    cuts = sorted(chance.randint(0, len(table)) for _ in range(parts - 1))
    return [table.iloc[order[a:b]] for a, b in zip([0, *cuts], [*cuts, len(table)], strict=True)]


def write(path: Path, table: pd.DataFrame) -> Path:
    if path.suffix == ".csv":
        path.write_bytes(csv_bytes(table))
    else:
        table.to_parquet(path, index=False)
    return path


def in_files(folder: Path, frame: Frame, suffix: str, *, parts: int = 3, seed: int = 1) -> FrameFiles:
    """The frame in shuffled files."""
    tables = enumerate(split(frame.units, parts, seed))
    paths = tuple(write(folder / f"frame-{number}.{suffix}", table) for number, table in tables)
    villages = write(folder / f"villages.{suffix}", split(frame.villages, 1, seed)[0])
    return FrameFiles(frame=paths, villages=villages)


def in_parts(frame: Frame, *, parts: int = 3, seed: int = 1) -> FrameParts:
    """The frame in a Dask DataFrame of shuffled parts."""
    tables = split(frame.units, parts, seed)
    return FrameParts(
        units=dd.concat([dd.from_pandas(table, npartitions=1, sort=False) for table in tables]),
        villages=split(frame.villages, 1, seed)[0],
    )


def from_files(folder: Path, made: Drawing, suffix: str, **options: int) -> pd.DataFrame:
    lists = {}
    for name, part in made.lists.items():
        (folder / name).mkdir(exist_ok=True)
        lists[name] = in_files(folder / name, part, suffix, **options)
    source = in_files(folder, made.frame, suffix, **options)
    return draw_files(
        source, made.design, seed=SEED, campaign=CAMPAIGN, lists=lists, acts=made.acts
    ).to_table()


@pytest.mark.parametrize(("name", "made"), DRAWINGS, ids=[name for name, _ in DRAWINGS])
def test_files_give_the_sample_of_the_table_by_every_method_list_and_later_act(tmp_path, name, made):
    for number, suffix in enumerate(SUFFIXES):
        table = from_files(tmp_path, made, suffix, parts=1 + 2 * number, seed=len(name))
        pd.testing.assert_frame_equal(table, made.sample.table)
