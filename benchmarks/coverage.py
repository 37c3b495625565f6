"""How often the interval of every method holds the true share, where errors are rare and villages few.

python benchmarks/coverage.py [--draws 4000] [--seeds 101 102] [--jobs 1] [--quick] [--cells cells.csv]

90 cells: 6 designs, 5 true rates, 3 intra-village correlations; and two stresses on the same designs: rates
that rise with the size of the village, and villages that are wholly wrong. A fresh population per cell and
seed, a fixed one for all its draws. A limit that is not a number is a miss. Seeds below 100 served to choose
the default; those that are reported are not among them.
"""

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
import pandas as pd
from populations import CELLS, ONE_TOWN, RISING, WHOLE, Cell, Population, Samples, draw_samples, population

from sampling.estimates.icc import Spread, Villages, rho_posterior
from sampling.estimates.intervals import INTERVALS, Facts, share_limits, upper_bound

LEVEL = 0.95
GOAL = 0.945
DRAWN_ONLY = " (sizes of drawn villages only)"
DRAWS, QUICK = 4000, 400


def facts_of(samples: Samples, people: Population, level: float, *, all_sizes: bool = True) -> Facts:
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
        confidence=level,
        villages=_villages(samples, people, w / total, all_sizes),
    )


def _villages(samples: Samples, people: Population, part: np.ndarray, all_sizes: bool) -> Villages:
    k, m, count = samples.errors, samples.seen, len(part)
    sample = np.repeat(np.arange(count), m.shape[1])
    rho = rho_posterior(k.ravel(), m.ravel(), sample, count)
    mixed = np.minimum((k > 0).sum(axis=1), (k < m).sum(axis=1))
    if all_sizes:
        total, squares = people.size.sum(), (people.size.astype(float) ** 2).sum()
    else:  # each drawn village stands for those of its town
        total, squares = ((samples.size**power / samples.fraction).sum(axis=1) for power in (1, 2))
    return Villages(rho=rho, spread=_spread(samples, part, total, squares), mixed=mixed)


def _spread(samples: Samples, part: np.ndarray, total: np.ndarray, squares: np.ndarray) -> Spread:
    """As `icc.spread`, from whole villages: their households weigh the same."""
    sums = part * samples.seen
    own = samples.size / np.reshape(total, (-1, 1))
    households = (part * sums).sum(axis=1) - 1 / total
    return Spread(households=households, villages=(sums * (sums - 2 * own)).sum(axis=1) + squares / total**2)


def cell_table(cell: Cell, seed: int, draws: int) -> pd.DataFrame:
    """One row per method: share of intervals that hold the true rate, misses on either side, mean width.

    `alone` is the cover where limits that a method has not itself, at 0 and 1, are misses; `upper` that of
    the one-sided 95 % upper bound.
    """
    place = [*CELLS, *RISING, *WHOLE].index(cell)
    rng = np.random.default_rng([seed, place])
    people = population(cell, rng)
    samples = draw_samples(people, draws, rng)
    facts = facts_of(samples, people, LEVEL)
    less = facts_of(samples, people, LEVEL, all_sizes=False)
    rows = [_row(name, facts, people.rate) for name in INTERVALS]
    needing = [name for name in INTERVALS if INTERVALS[name].needs_villages]
    rows += [_row(name, less, people.rate) | {"method": name + DRAWN_ONLY} for name in needing]
    place_of = {"shape": cell.shape, "design": cell.design, "rate": cell.rate, "rho": cell.rho}
    return pd.DataFrame(rows).assign(**place_of, seed=seed, draws=draws)


def _row(name: str, facts: Facts, truth: float) -> dict[str, object]:
    low, high = share_limits(name, facts)
    below, above = _holds(low, high, truth)
    borrowed = facts.at_edge & (not INTERVALS[name].stands_at_zero)
    return {
        "method": name,
        "cover": (above & below).mean(),
        "alone": (above & below & ~borrowed).mean(),
        "too low": 1 - above.mean(),
        "too high": 1 - below.mean(),
        "upper": (upper_bound(name, facts) >= truth - 1e-12).mean(),
        "width": np.nanmean(np.clip(high, 0, 1) - np.clip(low, 0, 1)),
    }


def _holds(low: np.ndarray, high: np.ndarray, truth: float) -> tuple[np.ndarray, np.ndarray]:
    """Whether each limit is on its side of the truth; one that is not a number is not."""
    return low <= truth + 1e-12, high >= truth - 1e-12


def run(cells: Sequence[Cell], seeds: Sequence[int], draws: int, jobs: int) -> pd.DataFrame:
    """All cells with all seeds, one row per cell, seed and method."""
    pairs = [(cell, seed) for seed in seeds for cell in cells]
    work = partial(cell_table, draws=draws)
    if jobs == 1:
        return pd.concat([work(*pair) for pair in pairs], ignore_index=True)
    with ProcessPoolExecutor(jobs) as pool:
        return pd.concat(pool.map(work, *zip(*pairs, strict=True)), ignore_index=True)


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """The table that is printed: one row per method.

    `under`: cells under 94.5 %; `clearly under`: by more than 2.5 standard errors of as many draws.
    """
    rows = []
    for method, own in table.groupby("method", sort=False):
        cells, rising, whole = (own[own["shape"] == shape] for shape in ("icc", "rising", "whole"))
        error = np.sqrt(GOAL * (1 - GOAL) / cells["draws"])
        one = cells["design"].isin(ONE_TOWN)
        rows.append(
            {
                "method": method,
                "lowest": cells["cover"].min(),
                "alone": cells["alone"].min(),
                "under": (cells["cover"] < GOAL).sum(),
                "clearly under": (cells["cover"] < GOAL - 2.5 * error).sum(),
                "mean": cells["cover"].mean(),
                "upper, lowest": cells["upper"].min(),
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
    parser.add_argument("--seeds", type=int, nargs="+", default=[101])
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} samples per cell")
    parser.add_argument("--cells", help="file for one row per cell, seed and method")
    chosen = parser.parse_args()
    draws = QUICK if chosen.quick else chosen.draws
    table = run((*CELLS, *RISING, *WHOLE), chosen.seeds, draws, chosen.jobs)
    if chosen.cells:
        table.to_csv(chosen.cells, index=False)
    print(summary(table).round(4).to_string())


if __name__ == "__main__":
    main()
