"""CPU seconds and peak memory of the draw: pandas, files through DuckDB, Dask, next to plain samplers.

python benchmarks/draw.py [small|large|national …] [--rounds N] [--svy PYTHON]

Makes its own frames in a temporary folder: numbers from a formula, nobody's data. Every line of the table is
a fresh process that starts Python, imports what it needs, reads the frame from Parquet, draws 20 % of the
villages of each town (3 to 5) and half of their households, and writes the rows drawn to Parquet.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path

SIZES = {
    "small": {"households": 26_000, "villages": 400, "towns": 27},
    "large": {"households": 1_000_000, "villages": 20_000, "towns": 1_340},
    "national": {"households": 20_000_000, "villages": 600_000, "towns": 40_000},
}
SEED, CAMPAIGN = "27182818284590452353", "benchmark"
OURS = ("files", "files-300MB", "table", "dask", "fingerprint")
SAME = ("files-300MB", "table", "dask")
IN_MEMORY = ("table", "dask")
"""Engines that hold every household in Python: not run on the national frame."""


def make_frame(folder: Path, *, households: int, villages: int, towns: int) -> None:
    """Villages of about the same size, one in fifty of them certain; ids are numbers as text."""
    import duckdb

    with duckdb.connect() as db:
        mean = households // villages
        db.execute(
            "CREATE TABLE places AS SELECT"
            f" printf('%09d', 100000000 + i * {towns} // {villages}) AS township,"
            " printf('%012d', 100000000000 + i) AS village,"
            " (hash(i + 7) % 50 = 0)::INT::VARCHAR AS certainty,"
            f" ({mean // 2} + hash(i) % {mean + 1})::INT AS size FROM range({villages}) t(i)"
        )
        db.execute(f"COPY (SELECT * EXCLUDE size FROM places) TO '{folder}/villages.parquet'")
        db.execute(
            "COPY (SELECT township, village, printf('%05d', h) AS household, certainty"
            f" FROM places, range(1, size + 1) r(h)) TO '{folder}/frame.parquet'"
        )


def design():
    """20 % of the villages of a town, 3 to 5; half of the households; two reserves."""
    from sampling.designs import Design, SizeRule

    villages = SizeRule(rate=Fraction(1, 5), at_least=3, at_most=5)
    return Design(reserves=2, villages=villages, households=SizeRule(rate=Fraction(1, 2)))


def nothing(folder: Path, out: Path) -> None:
    """What it costs to start Python and to import the package."""
    import sampling.draws.engines  # noqa: F401


def files(folder: Path, out: Path, memory_limit: str) -> None:
    from sampling.draws.engines import FrameFiles, StoredSample, draw_files

    frame, villages = folder / "frame.parquet", folder / "villages.parquet"
    source = FrameFiles(frame=frame, villages=villages, memory_limit=memory_limit)
    sample = draw_files(source, design(), seed=SEED, campaign=CAMPAIGN, out=out)
    if not isinstance(sample, StoredSample):
        sample.table.to_parquet(out, index=False)


def fingerprint(folder: Path, out: Path, memory_limit: str) -> None:
    from sampling.draws.engines import fingerprint_files

    out.with_suffix(".txt").write_text(
        fingerprint_files([folder / "frame.parquet"], memory_limit=memory_limit)
    )


def table(folder: Path, out: Path) -> None:
    import pandas as pd

    from sampling.draws.sample import draw
    from sampling.frames import Frame

    units, villages = (pd.read_parquet(folder / f"{name}.parquet") for name in ("frame", "villages"))
    sizes = units["village"].value_counts().reindex(villages["village"], fill_value=0)
    frame = Frame(units=units, villages=villages, sizes=sizes, control_totals={})
    draw(frame, design(), seed=SEED, campaign=CAMPAIGN).table.to_parquet(out, index=False)


def dask(folder: Path, out: Path) -> None:
    import dask.dataframe as dd
    import pandas as pd

    from sampling.draws.engines import FrameParts, draw_parts

    units = dd.read_parquet(folder / "frame.parquet", split_row_groups=True)
    source = FrameParts(units=units, villages=pd.read_parquet(folder / "villages.parquet"))
    draw_parts(source, design(), seed=SEED, campaign=CAMPAIGN).table.to_parquet(out, index=False)


def plain_pandas(folder: Path, out: Path) -> None:
    """`groupby.sample`: rates without bounds, a generator without tickets: nobody can redo it row by row."""
    import pandas as pd

    units, villages = (pd.read_parquet(folder / f"{name}.parquet") for name in ("frame", "villages"))
    drawn = villages.groupby("township").sample(frac=0.2, random_state=1)["village"]
    here = units[units["village"].isin(drawn)]
    here.groupby("village").sample(frac=0.5, random_state=1).to_parquet(out, index=False)


def svy(folder: Path, out: Path) -> None:
    """svy's stratified simple random sample, once for each stage."""
    import polars
    import svy

    def take(units: polars.DataFrame, by: str, rate: float, low: int, high: int) -> polars.DataFrame:
        count = polars.col("len")
        wanted = polars.min_horizontal(count, (count * rate).ceil().clip(low, high)).cast(polars.Int64)
        n = dict(units.group_by(by).len().select(by, wanted).iter_rows())
        return svy.Sample(units, svy.Design(stratum=by)).sampling.srs(n=n, rstate=1).data

    drawn = take(polars.read_parquet(folder / "villages.parquet"), "township", 0.2, 3, 5)
    here = polars.read_parquet(folder / "frame.parquet").join(drawn, on="village", how="semi")
    take(here, "village", 0.5, 0, 10**6).write_parquet(out)


ENGINES: dict[str, Callable[[Path, Path], None]] = {
    "import": nothing,
    "files": partial(files, memory_limit="500MB"),
    "files-300MB": partial(files, memory_limit="300MB"),
    "table": table,
    "dask": dask,
    "groupby.sample": plain_pandas,
    "svy": svy,
    "fingerprint": partial(fingerprint, memory_limit="500MB"),
}


def measured(python: str, engine: str, folder: Path, size: str = "") -> tuple[float, float]:
    """CPU seconds of one fresh process, and the most memory in MB that it held."""
    out = folder / f"{engine}.parquet"
    command = [python, "-W", "ignore", __file__, "--child", engine, str(folder), str(out), size]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{engine} failed")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def same(folder: Path, out: Path) -> None:
    """Write whether every engine that makes our sample made the same rows, cell by cell, as the files did."""
    import pandas as pd

    first = pd.read_parquet(folder / "files.parquet").astype("str")
    found = {
        name: "yes" if pd.read_parquet(path).astype("str").equals(first) else "NO"
        for name in SAME
        if (path := folder / f"{name}.parquet").exists()
    }
    out.with_suffix(".json").write_text(json.dumps(found))


def compare(size: str, rounds: int, svy_python: str) -> None:
    """Print the least CPU time and the highest peak of several rounds, engine by engine.

    This process stays small: Linux counts what a process held before it became another one.
    """
    names = [name for name in ENGINES if name != "svy" or svy_python]
    names = [name for name in names if size != "national" or name not in IN_MEMORY]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        measured(sys.executable, "make", folder, size)
        runs: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
        for name in names * rounds:
            runs[name].append(measured(svy_python if name == "svy" else sys.executable, name, folder))
        measured(sys.executable, "same", folder)
        equal = json.loads((folder / "same.json").read_text())
    cpu = {name: min(cpu for cpu, _ in found) for name, found in runs.items()}
    peak = {name: max(peak for _, peak in found) for name, found in runs.items()}
    print(f"\n{size}: {SIZES[size]}, least CPU time and highest peak of {rounds} rounds")
    print(f"{'':15}{'CPU s':>8}{'of it import':>14}{'peak MB':>9}{'ratio':>7}  same sample")
    for name in names:
        start = f"{cpu['import']:.2f}" if name in OURS else ""
        ratio = cpu[name] / cpu["groupby.sample"]
        numbers = f"{cpu[name]:8.2f}{start:>14}{peak[name]:9.0f}{ratio:7.2f}"
        print(f"{name:15}{numbers}  {equal.get(name, '')}", flush=True)


def main() -> None:
    """Print one table for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="+", choices=list(SIZES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--svy", default="", help="a Python that has svy and polars")
    words = parser.parse_args()
    for size in words.sizes:
        compare(size, words.rounds, words.svy)


def child(engine: str, folder: Path, out: Path, size: str) -> None:
    """What a fresh process does."""
    if engine == "make":
        make_frame(folder, **SIZES[size])
    elif engine == "same":
        same(folder, out)
    else:
        ENGINES[engine](folder, out)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), sys.argv[5])
    else:
        main()
