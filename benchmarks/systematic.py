"""How far the estimated variance of a systematic sample is off: every sample of small populations.

python benchmarks/systematic.py      # the table of docs/estimators.md
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import gcd

import numpy as np
import pandas as pd

from sampling.draws.methods import METHODS
from sampling.estimates import estimate_total, survey_data

TICKETS = 2**256
SEED = 20260
SHUFFLES = 40

Order = Callable[[int, np.random.Generator], np.ndarray]


def samples(count: int, n: int) -> list[np.ndarray]:
    """Every systematic sample of n of `count` units, by the draw itself; all are equally likely.

    The start is uniform and the sample changes where it passes a multiple of gcd(n, N)/N.
    """
    different = count // gcd(n, count)
    starts = ((2 * place + 1) * TICKETS // (2 * different) for place in range(different))
    return [_drawn(count, n, start) for start in starts]


def _drawn(count: int, n: int, start: int) -> np.ndarray:
    units = pd.DataFrame({"group": 0, "N": count, "n": n, "start": f"{start:064x}", "position": range(count)})
    return np.flatnonzero(np.isfinite(METHODS["systematic"].score(units)))


def alike(count: int, rng: np.random.Generator) -> np.ndarray:
    """In no order."""
    return rng.permutation(by_size(count, rng))


def by_size(count: int, rng: np.random.Generator) -> np.ndarray:
    """Sorted by size, errors in proportion to it but for chance."""
    sizes = 20 * 1.15 ** np.arange(count)
    return np.round(sizes * rng.uniform(0.08, 0.12, count))


def trend(count: int, rng: np.random.Generator) -> np.ndarray:
    """Rising along the list."""
    return 2.0 * np.arange(count) + np.round(rng.uniform(0, 4, count))


def periodic(count: int, rng: np.random.Generator) -> np.ndarray:
    """High in every fourth unit, as often as units are drawn."""
    return np.where(np.arange(count) % 4 == 0, 12.0, 4.0) + np.round(rng.uniform(0, 2, count))


ORDERS: dict[str, Order] = {"random": alike, "by size": by_size, "trend": trend, "periodic": periodic}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bias:
    """The true variance of a total over every sample, and the mean of the estimated variance."""

    samples: int
    true: float
    estimated: float

    @property
    def percent(self) -> float:
        return 100 * (self.estimated / self.true - 1)


def over(tables: Sequence[pd.DataFrame], **design: str) -> Bias:
    """The bias over equally likely samples of a population, by the package's verbs."""
    found = [_total(table, design) for table in tables]
    totals, variances = np.array(found).T
    return Bias(samples=len(found), true=float(totals.var()), estimated=float(variances.mean()))


def _total(table: pd.DataFrame, design: dict[str, str]) -> tuple[float, float]:
    row = estimate_total(survey_data(table, **design), "y", interval="t").to_table().iloc[0]
    return row["estimate"], row["se"] ** 2


def first_stage(y: np.ndarray, every: Sequence[np.ndarray]) -> Bias:
    """Villages drawn and inspected whole; y are their totals in the order of the draw."""
    tables = [pd.DataFrame({"village": chosen, "N": len(y), "y": y[chosen]}) for chosen in every]
    return over(tables, psu="village", psu_count="N")


def second_stage(y: np.ndarray, every: Sequence[np.ndarray]) -> Bias:
    """Households drawn in a village that was bound to be drawn."""
    tables = [
        pd.DataFrame({"village": 0, "household": chosen, "N": 1, "M": len(y), "y": y[chosen]})
        for chosen in every
    ]
    return over(tables, psu="village", ssu="household", psu_count="N", ssu_count="M")


def both_stages(villages: Sequence[np.ndarray], n: int, m: int) -> Bias:
    """Villages and, in each, households, drawn systematically; one array of households for each village."""
    tables = []
    for chosen in samples(len(villages), n):
        for inside in product(*(samples(len(villages[v]), m) for v in chosen)):
            rows = [_rows(v, villages[v], seen) for v, seen in zip(chosen, inside, strict=True)]
            tables.append(pd.concat(rows).assign(N=len(villages)))
    return over(tables, psu="village", ssu="household", psu_count="N", ssu_count="M")


def _rows(village: int, y: np.ndarray, seen: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"village": village, "household": seen, "M": len(y), "y": y[seen]})


def households(order: str, size: int, wrong: int, rng: np.random.Generator) -> np.ndarray:
    """1 for the households in error: anywhere, all at the end of the list, or every `step`-th first."""
    step = 4 if size == 16 else 2  # as often as they are drawn
    y = np.zeros(size)
    place = {
        "random": rng.permutation(size),
        "trend": np.arange(size)[::-1],
        "periodic": np.argsort(np.arange(size) % step, kind="stable"),
    }[order]
    y[place[:wrong]] = 1
    return y


def rows() -> Iterator[tuple[str, ...]]:
    """The table: what was drawn, from which order, the samples, true and estimated variance, the bias."""
    everyone = [np.array(chosen) for chosen in combinations(range(12), 3)]
    yield _row("3 of 12 villages", "random, all orders together", first_stage(_made(alike, 12), everyone))
    for count, n in ((12, 3), (24, 6), (22, 6)):
        what, every = f"{n} of {count} villages", samples(count, n)
        rng = np.random.default_rng(SEED)
        yield _spread(what, [first_stage(alike(count, rng), every) for _ in range(SHUFFLES)])
        for name in ("by size", "trend", "periodic"):
            yield _row(what, name, first_stage(_made(ORDERS[name], count), every))
    for name in ("trend", "periodic"):
        found = second_stage(households(name, 16, 6, np.random.default_rng(SEED)), samples(16, 4))
        yield _row("4 of 16 households, 6 in error", name, found)
    for first, second in (
        ("by size", "random"),
        ("trend", "trend"),
        ("trend", "periodic"),
        ("periodic", "periodic"),
    ):
        population = _population(first, second, np.random.default_rng(SEED))
        yield _row("3 of 12 villages, 4 of 8 households", f"{first}; {second}", both_stages(population, 3, 4))


def _made(order: Order, count: int) -> np.ndarray:
    return order(count, np.random.default_rng(SEED))


def _population(first: str, second: str, rng: np.random.Generator) -> list[np.ndarray]:
    """12 villages of 8 households; how many are in error follows the order of the villages."""
    wrong = ORDERS[first](12, rng)
    wrong = np.round(1 + 5 * (wrong - wrong.min()) / np.ptp(wrong)).astype(int)
    return [households(second, 8, count, rng) for count in wrong]


def _row(what: str, order: str, found: Bias) -> tuple[str, ...]:
    variances = f"{found.true:,.1f} / {found.estimated:,.1f}"
    return what, order, f"{found.samples}", variances, f"{found.percent:+.0f} %"


def _spread(what: str, found: Sequence[Bias]) -> tuple[str, ...]:
    """How much the bias differs from one list in random order to the next: its first and last decile."""
    low, high = np.quantile([one.percent for one in found], (0.1, 0.9))
    order, bias = f"random, {len(found)} single orders", f"{low:+.0f} to {high:+.0f} % in 8 of 10"
    return what, order, f"{found[0].samples} each", "", bias


def table() -> str:
    """The table in Markdown."""
    head = ("drawn", "order of the list", "samples", "variance: true / estimated", "bias of the estimate")
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, ("---",) * len(head), *rows())]
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
