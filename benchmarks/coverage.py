"""How often the interval of every method holds the true share, where errors are rare and villages few.

python benchmarks/coverage.py [--draws 4000] [--seeds 11 12] [--jobs 1] [--quick]

90 cells: 6 designs, 5 true rates, 3 intra-village correlations; and two stresses on the same designs: rates
that rise with the size of the village, and villages that are wholly wrong. A fresh population per cell and
seed, a fixed one for all its draws. A limit that is not a number is a miss.
"""

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
import pandas as pd
from populations import CELLS, ONE_TOWN, RISING, WHOLE, Cell, Population, Samples, draw_samples, population

from sampling.estimates.icc import Spread, Villages, rho_posterior
from sampling.estimates.intervals import INTERVALS, Facts, share_limits

LEVEL = 0.95
GOAL = 0.945
DRAWS, QUICK = 4000, 400
KEYS = ["shape", "design", "rate", "rho", "method"]


def facts_of(samples: Samples, people: Population) -> Facts:
    """What intervals may know of each sample: combined ratio, its two-stage variance, and the villages."""
    w, k, m, M = samples.weight, samples.errors, samples.seen, samples.size
    total = (w * m).sum(axis=1, keepdims=True)
    share = (w * k).sum(axis=1) / total[:, 0]
    z = w * (k - share[:, None] * m) / total
    f = samples.fraction
    variance = np.zeros(len(w))
    for town in range(len(people.draw)):
        own = samples.town == town
        variance += (1 - f[own][0]) * own.sum() * z[:, own].var(axis=1, ddof=1)
    inside = (w / total) ** 2 * (1 - m / M) * k * (m - k) / np.maximum(m - 1, 1)
    variance += (f * inside).sum(axis=1)
    return Facts(
        share=share,
        variance=variance,
        n=m.sum(axis=1),
        df=np.full(len(w), m.shape[1] - len(people.draw)),
        confidence=LEVEL,
        villages=_villages(samples, people, w / total),
    )


def _villages(samples: Samples, people: Population, part: np.ndarray) -> Villages:
    k, m, count = samples.errors, samples.seen, len(part)
    sample = np.repeat(np.arange(count), m.shape[1])
    rho = rho_posterior(k.ravel(), m.ravel(), sample, count).quantile()
    mixed = np.minimum((k > 0).sum(axis=1), (k < m).sum(axis=1))
    return Villages(rho=rho, spread=_spread(samples, people, part), mixed=mixed)


def _spread(samples: Samples, people: Population, part: np.ndarray) -> Spread:
    """As `icc.spread`, from whole villages: their households weigh the same."""
    total, m = people.size.sum(), samples.seen
    of_frame, sums = samples.size / total, part * m
    households = (part * sums).sum(axis=1) - 1 / total
    villages = (sums * (sums - 2 * of_frame)).sum(axis=1) + ((people.size / total) ** 2).sum()
    return Spread(households=households, villages=villages)


def cell_table(cell: Cell, seed: int, draws: int) -> pd.DataFrame:
    """One row per method: share of intervals that hold the true rate, misses on either side, mean width."""
    place = [*CELLS, *RISING, *WHOLE].index(cell)
    rng = np.random.default_rng([seed, place])
    people = population(cell, rng)
    facts = facts_of(draw_samples(people, draws, rng), people)
    rows = []
    for name in INTERVALS:
        low, high = share_limits(name, facts)
        above, below = people.rate <= high + 1e-12, people.rate >= low - 1e-12
        rows.append(
            {
                "method": name,
                "cover": (above & below).mean(),
                "under": 1 - above.mean(),
                "over": 1 - below.mean(),
                "width": np.nanmean(np.clip(high, 0, 1) - np.clip(low, 0, 1)),
            }
        )
    return pd.DataFrame(rows).assign(
        shape=cell.shape, design=cell.design, rate=cell.rate, rho=cell.rho, seed=seed, draws=draws
    )


def run(cells: Sequence[Cell], seeds: Sequence[int], draws: int, jobs: int) -> pd.DataFrame:
    """All cells with all seeds, one row per cell, seed and method."""
    pairs = [(cell, seed) for seed in seeds for cell in cells]
    work = partial(cell_table, draws=draws)
    if jobs == 1:
        return pd.concat([work(*pair) for pair in pairs], ignore_index=True)
    with ProcessPoolExecutor(jobs) as pool:
        return pd.concat(pool.map(work, *zip(*pairs, strict=True)), ignore_index=True)


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """The table that is printed: one row per method."""
    rows = []
    for method, own in table.groupby("method", sort=False):
        cells, rising, whole = (own[own["shape"] == shape] for shape in ("icc", "rising", "whole"))
        error = np.sqrt(GOAL * (1 - GOAL) / cells["draws"])
        one = cells["design"].isin(ONE_TOWN)
        rows.append(
            {
                "method": method,
                "lowest": cells["cover"].min(),
                "under 94.5": (cells["cover"] < GOAL).sum(),
                "clearly under": (cells["cover"] < GOAL - 2.5 * error).sum(),
                "mean cover": cells["cover"].mean(),
                "width": cells["width"].mean(),
                "width 1 town": cells.loc[one, "width"].mean(),
                "width 20 towns": cells.loc[~one, "width"].mean(),
                "rising, lowest": rising["cover"].min(),
                "rising, mean": rising["cover"].mean(),
                "whole, lowest": whole["cover"].min(),
                "whole, mean": whole["cover"].mean(),
            }
        )
    return pd.DataFrame(rows).set_index("method")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--draws", type=int, default=DRAWS, help="samples per cell")
    parser.add_argument("--seeds", type=int, nargs="+", default=[11])
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} samples per cell")
    chosen = parser.parse_args()
    draws = QUICK if chosen.quick else chosen.draws
    table = run((*CELLS, *RISING, *WHOLE), chosen.seeds, draws, chosen.jobs)
    print(summary(table).round(4).to_string())


if __name__ == "__main__":
    main()
