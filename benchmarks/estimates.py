"""CPU seconds and peak memory of estimates for every town at once, next to svy and R's survey.

python benchmarks/estimates.py [--towns 3000] [--rounds 2] [--svy PYTHON] [--lines NAME …]

1,000,000 inspected households in 50,000 villages of 3,000 towns, invented from a seed; the roll has four
times as many. Each line is a fresh process on one thread that reads the same files. `prepare` is what is done
once (reading and checking the table, placing it in its design), `estimate` what is done for the figures.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SEED, VILLAGES, HOUSEHOLDS = 20261, 50 / 3, 20
"""Villages inspected in a town and households inspected in a village: means."""
WRONG, ALIKE = 0.04, 0.1
"""Share of households in error, and how alike those of a village are."""
ONE_THREAD = (
    *("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "POLARS_MAX_THREADS", "RAYON_NUM_THREADS"),
    "ARROW_NUM_THREADS",
)
R_LINE = "R, one mean"
MOST_MEMORY = 10 * 1024**3
"""A line that asks for more has failed."""
R_SCRIPT = """
suppressMessages(library(survey))
at <- function() sum(proc.time()[1:2])
d <- read.csv(commandArgs(TRUE)[1])
start <- at()
design <- svydesign(id = ~village + household, strata = ~town, fpc = ~N + M, data = d)
ready <- at()
m <- svymean(~error, design)
cat(sprintf('{"prepare": %.3f, "estimate": %.3f, "check": %.17g}', ready - start, at() - ready, SE(m)))
"""


def make_files(folder: Path, towns: int) -> None:
    """sample.parquet and villages.parquet: half of a town's villages, in each half of the households."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(SEED)
    drawn = np.full(towns, int(VILLAGES))
    drawn[: round(towns * (VILLAGES - int(VILLAGES)))] += 1
    town = np.repeat(np.arange(towns), 2 * drawn)
    size = 2 * rng.integers(HOUSEHOLDS // 2, HOUSEHOLDS * 3 // 2 + 1, len(town))
    villages = pd.DataFrame({"town": text(town, "t"), "village": text(np.arange(len(town)), "v"), "M": size})
    villages.to_parquet(folder / "villages.parquet")
    place = np.arange(len(town)) - np.repeat(np.cumsum(2 * drawn) - 2 * drawn, 2 * drawn)
    taken = np.flatnonzero(place < drawn[town])  # exchangeable villages: the first are as good as any
    rate = rng.beta(WRONG * (1 / ALIKE - 1), (1 - WRONG) * (1 / ALIKE - 1), len(taken))
    m = size[taken] // 2
    village = np.repeat(taken, m)
    number = np.arange(len(village)) - np.repeat(np.cumsum(m) - m, m)
    error = (rng.random(len(village)) < np.repeat(rate, m)).astype(float)
    amount = rng.lognormal(5.9, 0.4, len(village)).round(2)
    cells = {
        "town": text(town[village], "t"),
        "village": text(village, "v"),
        "household": text(number, "h"),
        "N": 2 * drawn[town[village]],
        "M": size[village],
        "weight": 4.0,
        "error": error,
        "amount": amount,
        "wrong": (error * amount * np.where(rng.random(len(village)) < 0.7, 1.0, 0.25)).round(2),
    }
    sample = pd.DataFrame(cells)
    sample.to_parquet(folder / "sample.parquet")
    sample[["town", "village", "household", "N", "M", "error"]].to_csv(folder / "sample.csv", index=False)


def text(numbers, sign: str):
    """Numbers as ids."""
    import pandas as pd

    return pd.Series(numbers).map(f"{sign}{{:07d}}".format).astype("str")


Step = Callable[[], object]
"""Returns what the next step, or a reader who checks, may want to see."""


def read(folder: Path, name: str):
    import pandas as pd

    return pd.read_parquet(folder / f"{name}.parquet")


def prepared(folder: Path):
    """The survey data of anyone's table."""
    from sampling.estimates import survey_data

    return survey_data(
        read(folder, "sample"),
        psu="village",
        ssu="household",
        stratum="town",
        psu_count="N",
        ssu_count="M",
        psu_sizes=read(folder, "villages"),
    )


def verbs(folder: Path, interval: str, total: str) -> tuple[Step, Callable]:
    """Shares and totals of households and of money, for every town, by the public verbs."""
    from sampling.estimates import estimate_ratio, estimate_share, estimate_total

    def estimate(data):
        share = estimate_share(data, "error", by="town", interval=interval)
        estimate_total(data, "error", by="town", interval=total)
        estimate_ratio(data, "wrong", "amount", by="town")
        estimate_total(data, "wrong", by="town")
        return share.to_table()["se"].sum()

    return lambda: prepared(folder), estimate


def one_mean(folder: Path) -> tuple[Step, Callable]:
    from sampling.estimates import estimate_mean

    return lambda: prepared(folder), lambda data: float(estimate_mean(data, "error").to_table()["se"].iloc[0])


def campaign(folder: Path) -> tuple[Step, Callable]:
    """The pass that a campaign's estimates make for its towns, with weights calibrated to the roll."""
    import numpy as np

    from sampling.estimates.areas import measured, towns

    def prepare():
        frame = read(folder, "villages")
        sizes = frame["M"].to_numpy()
        amounts = np.random.default_rng(SEED + 1).lognormal(5.9, 0.4, sizes.sum()).round(2)
        told = with_roll(prepared(folder), frame)
        return told, towns(told), np.ones(len(amounts)), amounts

    def estimate(ready):
        told, areas, ones, amounts = ready
        table = told.data.table
        households = measured(told, areas, table["error"].to_numpy(), np.ones(len(table)), ones, 0.95)
        measured(told, areas, table["wrong"].to_numpy(), table["amount"].to_numpy(), amounts, 0.95)
        return float(np.sqrt(households.variance).sum())

    return prepare, estimate


def with_roll(data, frame):
    """The data calibrated to the roll's households of every town, with the roll."""
    import numpy as np
    import pandas as pd

    from sampling.estimates import poststratify
    from sampling.estimates.campaign import CampaignData
    from sampling.estimates.drawing import Drawing

    told = poststratify(data, "town", frame.groupby("town")["M"].sum().astype(float))
    roll = frame.loc[np.repeat(frame.index, frame["M"]), ["town", "village"]].reset_index(drop=True)
    roll = roll.rename(columns={"town": "township"}).assign(stratum=roll["town"])
    drawing = Drawing(
        villages_by="srs",
        households_by="srs",
        substrata=False,
        first=pd.DataFrame(),
        frame=frame.rename(columns={"town": "township"}),
        roll=roll,
    )
    names = tuple(data.stratum_names)
    return CampaignData(
        data=told,
        drawing=drawing,
        roll=roll,
        towns=names,
        lost_towns=(),
        town_of_stratum=np.arange(len(names)),
    )


def whole_campaign(folder: Path) -> tuple[Step, Callable]:
    """`estimate_campaign` from its tables: every measure, category and reason, the county and every town."""
    from sampling.estimates import estimate_campaign

    def estimate(tables):
        found = estimate_campaign(*tables)
        return float(
            found.loc[(found["by"] == "township") & (found["parameter"] == "error_share"), "se"].sum()
        )

    return lambda: campaign_tables(folder), estimate


def campaign_tables(folder: Path):
    """sample.csv, findings, the roll and villages.csv as tables."""
    import numpy as np
    import pandas as pd

    rows = read(folder, "sample").rename(columns={"town": "township"})
    villages = read(folder, "villages").rename(columns={"town": "township"})
    rows = rows.assign(stratum=rows["township"], list="", role="main")
    rows["n"] = rows["village"].groupby(rows["township"]).transform("nunique")
    rows["m"] = rows["village"].groupby(rows["village"]).transform("size")
    first = rows.drop_duplicates("village").assign(stage="1", household="", M="", m="")
    columns = ["stage", "list", "township", "stratum", "village", "household", "role", "N", "n", "M", "m"]
    sample = pd.concat([first[columns], rows.assign(stage="2")[columns]], ignore_index=True).astype("str")
    wrong = rows["error"] == 1
    findings = rows[["village", "household", "list"]].assign(
        outcome="completed",
        verdict=np.where(wrong, "ineligible", "correct"),
        reason=np.where(wrong, "died", ""),
        amount_paid_fen="",
        amount_due_fen="",
    )
    rng = np.random.default_rng(SEED + 1)
    roll = villages.loc[np.repeat(villages.index, villages["M"]), ["township", "village"]]
    number = np.arange(len(roll)) - np.repeat(np.cumsum(villages["M"]) - villages["M"], villages["M"])
    roll = roll.reset_index(drop=True).assign(
        household=text(number.to_numpy(), "h"),
        amount_fen=(100 * rng.lognormal(5.9, 0.4, len(roll))).astype(int),
        persons=rng.integers(1, 6, len(roll)),
    )
    return sample, findings, roll, villages.assign(certainty="0")[["township", "village", "certainty"]]


def svy(folder: Path, by: str | None) -> tuple[Step, Callable]:
    """svy's mean with both finite population corrections: one, or one for every town."""
    import polars
    import svy

    def prepare():
        rows = polars.read_parquet(folder / "sample.parquet")
        counts = svy.PopSize(psu="N", ssu="M")
        design = svy.Design(stratum="town", psu="village", ssu="household", wgt="weight", pop_size=counts)
        return svy.Sample(rows, design)

    def estimate(sample):
        found = sample.estimation.mean("error", by=by).to_polars()
        return float(found["se"].sum())

    return prepare, estimate


LINES: dict[str, Callable[[Path], tuple[Step, Callable]]] = {
    "campaign": campaign,
    "verbs": lambda folder: verbs(folder, "default", "default"),
    "verbs, no default interval": lambda folder: verbs(folder, "mean", "t"),
    "estimate_campaign, every figure": whole_campaign,
    "one mean": one_mean,
    "svy, one mean": lambda folder: svy(folder, None),
    "svy, every town": lambda folder: svy(folder, "town"),
}


def child(line: str, folder: Path) -> None:
    """Measure one line in this process, and print it as JSON."""
    prepare, estimate = LINES[line](folder)
    started = time.process_time()
    ready = prepare()
    prepared_at = time.process_time()
    check = estimate(ready)
    ended = time.process_time()
    print(json.dumps({"prepare": prepared_at - started, "estimate": ended - prepared_at, "check": check}))


def measured_r(folder: Path) -> dict[str, float] | None:
    script = folder / "mean.R"
    script.write_text(R_SCRIPT, encoding="utf-8")
    return run([shutil.which("Rscript") or "Rscript", str(script), str(folder / "sample.csv")])


def run(command: list[str]) -> dict[str, float] | None:
    """The numbers that a process prints, with the most memory in MB that it held; None where it failed."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as trouble:
        process = subprocess.Popen(
            ["prlimit", f"--as={MOST_MEMORY}", *command],
            env=os.environ | dict.fromkeys(ONE_THREAD, "1"),
            stdout=out,
            stderr=trouble,
        )
        _, status, used = os.wait4(process.pid, 0)
        for file in (out, trouble):
            file.seek(0)
        if status:
            print(f"failed: {trouble.read().strip()[-300:]}", file=sys.stderr)
            return None
        printed = out.read()
        return {"peak": used.ru_maxrss / 1024} | json.loads(printed[printed.index("{") :])


def shown(line: str, rounds: list[dict[str, float]]) -> str:
    """The least CPU time and the highest peak of the rounds, as a row of a table."""
    if not rounds:
        return f"| {line} | failed | | | |"
    prepare, estimate = (min(found[name] for found in rounds) for name in ("prepare", "estimate"))
    checks = sorted({f"{found['check']:.9g}" for found in rounds})
    peak = max(found["peak"] for found in rounds)
    return f"| {line} | {prepare:.2f} | {estimate:.2f} | {peak:.0f} | {', '.join(checks)} |"


def measured(line: str, folder: Path, svy_python: str) -> dict[str, float] | None:
    """One line in a fresh process."""
    if line == R_LINE:
        return measured_r(folder)
    python = svy_python if line.startswith("svy") else sys.executable
    return run([python, "-W", "ignore", __file__, "--child", line, str(folder)])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--towns", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--svy", default="", help="a Python that has svy")
    parser.add_argument("--lines", nargs="+", choices=[*LINES, R_LINE], default=[])
    words = parser.parse_args()
    lines = words.lines or [
        *(name for name in LINES if words.svy or not name.startswith("svy")),
        *([R_LINE] if shutil.which("Rscript") else []),
    ]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        made = [sys.executable, __file__, "--make", place, str(words.towns)]
        subprocess.run(made, check=True)  # this process stays small: Linux counts what a process held before
        print("| line | prepare, CPU s | estimate, CPU s | peak MB | Σ se of the shares |")
        print("|---|---|---|---|---|")
        for line in lines:
            rounds = [measured(line, folder, words.svy) for _ in range(words.rounds)]
            print(shown(line, [found for found in rounds if found]), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], Path(sys.argv[3]))
    elif sys.argv[1:2] == ["--make"]:
        make_files(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
