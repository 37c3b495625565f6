"""How often the limits of the share of money in error hold the truth: rare errors, few villages.

python benchmarks/money.py [--draws 1000] [--seeds 301] [--every 1] [--stress] [--cells cells.csv]

540 cells: the 6 designs of `coverage.py`, error rates of 0.5 to 25 % of households, 3 intra-village
correlations, 3 kinds of errors (all of the amount; a small part; mixed), errors that have nothing to do with
the amount or that come with large ones. A fresh population per cell and seed, a fixed one for all its draws.
`--stress` adds wholly wrong villages. Seeds 301 to 305 and 311 to 318 served to choose; report on others.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from populations import CORRELATIONS, DESIGNS, ONE_TOWN, Cell, Population, population
from scipy import stats

from sampling.estimates.area_limits import Shape, area_limits, within_certain
from sampling.estimates.areas import TAINT
from sampling.estimates.icc import Spread, Villages, icc_size, rho_posterior
from sampling.estimates.intervals import Limits, taint_limits

LEVEL = 0.95
GOAL = 0.945
DRAWS = 1000
RATES = (0.005, 0.02, 0.05, 0.10, 0.25)
TAINTS = ("whole", "small", "mixed")
PUBLISHED, RATIO, STUDENT = TAINT, f"{TAINT} on the combined ratio", "t of the combined ratio"
LOWER = ", rho at 80 % everywhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyCell:
    """One situation: where errors lie, what part of an amount is wrong, whether large amounts err more."""

    place: Cell
    taint: str
    related: bool


def _cells(places: Sequence[Cell]) -> tuple[MoneyCell, ...]:
    return tuple(
        MoneyCell(place=place, taint=taint, related=related)
        for place in places
        for taint in TAINTS
        for related in (False, True)
    )


CELLS = _cells(
    [Cell(design=d, rate=rate, rho=rho) for d in DESIGNS for rate in RATES for rho in CORRELATIONS]
)
STRESS = _cells([Cell(design=d, rate=rate, shape="whole") for d in DESIGNS for rate in (0.02, 0.05, 0.10)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """A population's villages; fen paid and overpaid by household; `start` of each village, and the end."""

    people: Population
    paid: np.ndarray
    over: np.ndarray
    start: np.ndarray

    @property
    def rate(self) -> float:
        return float(self.over.sum() / self.paid.sum())

    @property
    def of_villages(self) -> np.ndarray:
        """Fen paid by village."""
        return np.add.reduceat(self.paid, self.start[:-1])


def money(cell: MoneyCell, rng: np.random.Generator) -> Money:
    """A fresh population with amounts: lognormal around 300 yuan, sigma .5 in a village and .2 between.

    Where errors are related to amounts, those of a village fall on its households one after the other with
    chances in proportion to the squared amount: their amounts are about 1.6 times the mean.
    """
    people = population(cell.place, rng)
    village = np.repeat(np.arange(len(people.size)), people.size)
    between = rng.normal(0, 0.2, len(people.size))
    paid = np.rint(30_000 * np.exp(between[village] + rng.normal(0, 0.5, len(village))))
    wait = rng.exponential(size=len(village)) / (paid**2 if cell.related else 1.0)
    start = np.concatenate([[0], np.cumsum(people.size)])
    rank = np.empty(len(village), dtype=np.intp)
    rank[np.lexsort((wait, village))] = np.arange(len(village)) - start[village]
    wrong = rank < people.errors[village]
    over = np.where(wrong, np.maximum(np.rint(_taints(cell.taint, len(village), rng) * paid), 1), 0.0)
    return Money(people=people, paid=paid, over=over, start=start)


def _taints(kind: str, count: int, rng: np.random.Generator) -> np.ndarray:
    """The part of the amount that is wrong: 1; between 2 and 20 %; half of them 1, the others 2 to 50 %."""
    if kind == "whole":
        return np.ones(count)
    if kind == "small":
        return rng.uniform(0.02, 0.20, count)
    return np.where(rng.random(count) < 0.5, 1.0, rng.uniform(0.02, 0.50, count))


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Many samples of one population: one row per sample, one column per drawn village.

    Sums over the inspected households of a village, a: paid, e: overpaid, t: e/a.
    """

    village: np.ndarray
    town: np.ndarray
    """Of each column."""
    fraction: np.ndarray
    """Villages drawn of those in the town, by column."""
    a: np.ndarray
    aa: np.ndarray
    e: np.ndarray
    et: np.ndarray
    ee: np.ndarray
    ea: np.ndarray
    wrong: np.ndarray


def draw_villages(people: Population, count: int, rng: np.random.Generator) -> np.ndarray:
    """Villages by simple random sampling in each town, one row per sample."""
    chosen = []
    for town, draw in enumerate(people.draw):
        members = np.flatnonzero(people.town == town)
        order = np.argpartition(rng.random((count, len(members))), draw - 1, axis=1)[:, :draw]
        chosen.append(members[order])
    return np.concatenate(chosen, axis=1)


def inspections(
    people: Population, village: np.ndarray, rng: np.random.Generator
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """For each village: its number, its places in the flat `village`, who is inspected at each of them.

    Half of its households, rounded up, by simple random sampling.
    """
    order = np.argsort(village, axis=None, kind="stable")
    bounds = np.searchsorted(village.ravel()[order], np.arange(len(people.size) + 1))
    for number, size in enumerate(people.size):
        places = order[bounds[number] : bounds[number + 1]]
        seen = (size + 1) // 2
        keys = rng.random((len(places), size))
        yield number, places, keys <= np.partition(keys, seen - 1, axis=1)[:, seen - 1, None]


def draw_samples(pay: Money, count: int, rng: np.random.Generator) -> Samples:
    people = pay.people
    village = draw_villages(people, count, rng)
    a, e = pay.paid, pay.over
    columns = np.stack([a, a**2, e, e * (e / a), e**2, e * a, e > 0], axis=1)
    sums = np.empty((village.size, columns.shape[1]))
    for number, places, seen in inspections(people, village, rng):
        sums[places] = seen.astype(float) @ columns[pay.start[number] : pay.start[number + 1]]
    names = ("a", "aa", "e", "et", "ee", "ea", "wrong")
    town = np.repeat(np.arange(len(people.draw)), people.draw)
    fraction = (people.draw / np.bincount(people.town))[town]
    parts = dict(zip(names, sums.T.reshape(-1, *village.shape), strict=True))
    return Samples(village=village, town=town, fraction=fraction, **parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What limits want to know of every sample."""

    share: np.ndarray
    variance: np.ndarray
    shape: Shape
    villages: Villages
    df: np.ndarray
    wrong: np.ndarray
    """Money found in error, as a share of all on the roll; `right`: money found right."""
    right: np.ndarray

    def student(self, confidence: float) -> Limits:
        """p ± t se."""
        half = stats.t.ppf((1 + confidence) / 2, self.df) * np.sqrt(self.variance)
        return self.share - half, self.share + half

    def taint(self, confidence: float) -> Limits:
        """As `areas.measured`."""
        limits = area_limits(
            self.share, self.variance, self.shape, self.villages, self.df, self.df, confidence
        )
        return within_certain(*limits, self.wrong, self.right)

    def lower(self, confidence: float) -> Limits:
        """The same with rho at its 80 % quantile, however many villages tell of errors."""
        p, q2, known = np.clip(self.share, 0, 1), self.shape.q2, self.villages
        size = icc_size(known, q2 - p**2, self.variance, self.df, confidence, kappa=self.shape.larger)
        limits = taint_limits(p, q2, self.shape.n0, size, confidence)
        return within_certain(*limits, self.wrong, self.right)


def published(samples: Samples, pay: Money) -> Estimate:
    """As the package publishes it: weights that add up to each town's households, over the roll's money."""
    s, known = samples, pay.paid.sum()
    m, design = _seen(s, pay), _weight(s, pay)
    households = np.bincount(pay.people.town, weights=pay.people.size)
    own = s.town[:, None] == np.arange(len(households))
    w = design * (households / ((design * m) @ own))[:, s.town]
    mean = (w * s.e) @ own / households
    z = w * (s.e - mean[:, s.town] * m)
    inside = s.ee - s.e**2 / m
    return _estimate(s, pay, w, known, _variance(s, pay, z, w**2 * inside) / known**2)


def ratio(samples: Samples, pay: Money) -> Estimate:
    """The combined ratio with design weights, as R's svyratio."""
    s, w = samples, _weight(samples, pay)
    whole = (w * s.a).sum(axis=1)
    r = ((w * s.e).sum(axis=1) / whole)[:, None]
    rest = s.e - r * s.a
    inside = s.ee - 2 * r * s.ea + r**2 * s.aa - rest**2 / _seen(s, pay)
    return _estimate(s, pay, w, whole, _variance(s, pay, w * rest, w**2 * inside) / whole**2)


def _seen(samples: Samples, pay: Money) -> np.ndarray:
    return (pay.people.size[samples.village] + 1) // 2


def _weight(samples: Samples, pay: Money) -> np.ndarray:
    return pay.people.size[samples.village] / _seen(samples, pay) / samples.fraction


def _variance(samples: Samples, pay: Money, z: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Two-stage variance of a total, from villages' totals and their households' squares around the mean."""
    m, f = _seen(samples, pay), samples.fraction
    between = np.zeros(len(z))
    for town in range(len(pay.people.draw)):
        own = samples.town == town
        between += (1 - f[own][0]) * own.sum() * z[:, own].var(axis=1, ddof=1)
    unseen = 1 - m / pay.people.size[samples.village]
    return between + (f * unseen * m / (m - 1) * np.maximum(inside, 0)).sum(axis=1)


def _estimate(
    samples: Samples, pay: Money, w: np.ndarray, base: np.ndarray, variance: np.ndarray
) -> Estimate:
    """`base`: the money that the share is one of, estimated or known."""
    s, known, villages = samples, pay.paid.sum(), _villages(samples, pay, w)
    whole, squares, q2 = (x.sum(axis=1) for x in (w * s.a, w**2 * s.aa, w * s.et))
    kappa = np.divide((w**2 * s.ee).sum(axis=1) * whole, squares * q2, out=np.ones(len(w)), where=q2 > 0)
    count = s.wrong.sum(axis=1)
    return Estimate(
        share=(w * s.e).sum(axis=1) / base,
        variance=variance,
        shape=Shape(
            yes_no=False,
            ceiling=1.0,
            q2=q2 / base,
            n0=whole**2 / squares,
            larger=np.maximum(1, (count * kappa + 2) / (count + 2)),
        ),
        villages=villages,
        df=np.full(len(w), w.shape[1] - len(pay.people.draw)),
        wrong=s.e.sum(axis=1) / known,
        right=(s.a - s.e).sum(axis=1) / known,
    )


def _villages(samples: Samples, pay: Money, w: np.ndarray) -> Villages:
    k, m, count = samples.wrong, _seen(samples, pay), len(w)
    part = w / (w * samples.a).sum(axis=1, keepdims=True)
    sums, known, of_villages = part * samples.a, pay.paid.sum(), pay.of_villages
    own = of_villages[samples.village] / known
    households = (part * (part - 2 / known) * samples.aa).sum(axis=1) + (pay.paid**2).sum() / known**2
    return Villages(
        rho=rho_posterior(k.ravel(), m.ravel(), np.repeat(np.arange(count), m.shape[1]), count),
        spread=Spread(
            households=np.maximum(households, 0),
            villages=(sums * (sums - 2 * own)).sum(axis=1) + (of_villages**2).sum() / known**2,
        ),
        mixed=np.minimum((k > 0).sum(axis=1), (k < m).sum(axis=1)),
    )


def cell_table(cell: MoneyCell, seed: int, draws: int) -> pd.DataFrame:
    """One row per method: share of limits that hold the true rate, misses on either side, relative width.

    `upper` is the cover of the one-sided 95 % upper bound.
    """
    rng = np.random.default_rng([seed, [*CELLS, *STRESS].index(cell)])
    pay = money(cell, rng)
    samples = draw_samples(pay, draws, rng)
    known, combined = published(samples, pay), ratio(samples, pay)
    methods = {
        PUBLISHED: known.taint,
        PUBLISHED + LOWER: known.lower,
        RATIO: combined.taint,
        RATIO + LOWER: combined.lower,
        STUDENT: combined.student,
    }
    rows = []
    for name, limits in methods.items():
        low, high = limits(LEVEL)
        below, above = low <= pay.rate * (1 + 1e-12), high >= pay.rate * (1 - 1e-12)
        width = np.clip(high, 0, 1) - np.clip(low, 0, 1)
        upper = limits(2 * LEVEL - 1)[1] >= pay.rate * (1 - 1e-12)
        rows.append(
            {
                "method": name,
                "cover": (below & above).mean(),
                "too low": (~above).mean(),
                "too high": (~below).mean(),
                "upper": upper.mean(),
                "width": width.mean() / pay.rate,
            }
        )
    place = cell.place
    return pd.DataFrame(rows).assign(
        shape=place.shape,
        design=place.design,
        rate=place.rate,
        rho=place.rho,
        taint=cell.taint,
        related=cell.related,
        seed=seed,
        draws=draws,
    )


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """One row per method, 1 town and 20 towns apart.

    `under`: cells under 94.5 %; `clearly_under`: by more than 2.5 standard errors of as many draws;
    `upper_clearly_under`: the same for the one-sided bound; `width`: mean distance of the limits over the
    true rate, and of the median cell.
    """
    one = table["design"].isin(ONE_TOWN).map({True: "1 town", False: "20 towns"})
    error = np.sqrt(GOAL * (1 - GOAL) / table["draws"])
    marked = table.assign(
        size=one,
        under=table["cover"] < GOAL,
        clearly=table["cover"] < GOAL - 2.5 * error,
        upper_clearly=table["upper"] < GOAL - 2.5 * error,
    )
    return marked.groupby(["shape", "method", "size"], sort=False).agg(
        cells=("cover", "size"),
        lowest=("cover", "min"),
        mean=("cover", "mean"),
        under=("under", "sum"),
        clearly_under=("clearly", "sum"),
        upper_lowest=("upper", "min"),
        upper_clearly_under=("upper_clearly", "sum"),
        width=("width", "mean"),
        width_median=("width", "median"),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--draws", type=int, default=DRAWS, help="samples per cell")
    parser.add_argument("--seeds", type=int, nargs="+", default=[301])
    parser.add_argument("--every", type=int, default=1, help="only each so many-th cell")
    parser.add_argument("--stress", action="store_true", help="also wholly wrong villages")
    parser.add_argument("--cells", help="file for one row per cell, seed and method")
    chosen = parser.parse_args()
    cells = CELLS[:: chosen.every] + (STRESS[:: chosen.every] if chosen.stress else ())
    table = pd.concat(
        [cell_table(cell, seed, chosen.draws) for seed in chosen.seeds for cell in cells], ignore_index=True
    )
    if chosen.cells:
        table.to_csv(chosen.cells, index=False)
    print(summary(table).round(4).to_string())


if __name__ == "__main__":
    main()
