"""Every way to draw has its own variance: right on average over every possible sample of a tiny town."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, combinations, pairwise, product
from math import comb, factorial, perm

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad

from sampling.designs import Design, Selection, SizeRule, inclusion, lambdas
from sampling.estimates import estimate_total
from sampling.estimates.campaign import placed, sampled_households
from sampling.estimates.drawing import drawing_of

TOWN = {"a": [1.0, 2.0, 6.0], "b": [3.0, 5.0], "c": [0.0, 4.0, 9.0], "d": [8.0]}
SIZE = np.array([3.0, 2.0, 4.0, 1.5])
COLUMNS = ["stage", "list", "township", "stratum", "village", "household", "role"]
COLUMNS += ["N", "n", "M", "m", "pi_stage", "pi", "weight"]
HALF = SizeRule(rate=Fraction(1, 2))
FIXED = ("pareto", "sequential_poisson")
SINGLY = ("bernoulli", "poisson")


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One possible result of one stage: the chance that it comes, and the rows that it writes."""

    probability: float
    rows: list[dict[str, object]]


def design_of(villages: str = "srs", households: str = "srs") -> Design:
    return Design(
        villages=HALF,
        villages_by=Selection(method=villages),
        households=HALF,
        households_by=Selection(method=households),
    )


def chance_of_set(method: str, lam: np.ndarray, drawn: tuple[int, ...]) -> float:
    """That the lowest scores are those of `drawn`: over the highest score among them, an integral."""
    if len(drawn) == len(lam):
        return 1.0
    inside = np.isin(np.arange(len(lam)), drawn)

    def below(t: float) -> np.ndarray:
        return lam * t / (1 - lam + lam * t) if method == "pareto" else np.minimum(1, lam * t)

    def density(t: float) -> np.ndarray:
        return lam * (1 - lam) / (1 - lam + lam * t) ** 2 if method == "pareto" else lam * (lam * t < 1)

    def last_is_at(t: float) -> float:
        under, thick = below(t), density(t)
        others = np.prod(1 - under[~inside])
        return others * sum(thick[i] * np.prod(under[[j for j in drawn if j != i]]) for i in drawn)

    if method == "pareto":  # t = x / (1 - x) brings the half line to the unit interval
        return quad(lambda x: last_is_at(x / (1 - x)) / (1 - x) ** 2, 0, 1, epsabs=1e-13)[0]
    cuts = np.unique(np.append(0, 1 / lam))
    return sum(quad(last_is_at, *ends, epsabs=1e-13)[0] for ends in pairwise(cuts))


def every_draw(method: str, units: list[str], size: np.ndarray, n: int) -> Iterator[Drawn]:
    """All samples of the units by a method, with N or M, n or m, and the chance of each unit."""
    N = len(units)
    lam = np.full(N, n / N) if method == "bernoulli" else lambdas(size, n)
    pi = inclusion(method, lam, n).pi if method in FIXED else lam if method in SINGLY else np.full(N, n / N)
    subsets = combinations(range(N), n)
    if method in SINGLY:
        subsets = chain.from_iterable(combinations(range(N), count) for count in range(N + 1))
    for drawn in subsets:
        mark = np.isin(np.arange(N), drawn)
        probability = (
            float(np.prod(np.where(mark, lam, 1 - lam)))
            if method in SINGLY
            else chance_of_set(method, lam, drawn)
            if method in FIXED
            else 1 / comb(N, n)
        )
        told = {"N": N, "n": 0 if method in SINGLY else n, "role": "main"}
        yield Drawn(probability=probability, rows=[{"id": units[i], "chance": pi[i], **told} for i in drawn])


def every_inverse_draw(units: list[str], in_scope: list[bool], n: int) -> Iterator[Drawn]:
    """All sets of units looked at until n are in scope, with the probability of the rows that they write."""
    N = len(units)
    for k in range(n, N + 1):
        for looked in combinations(range(N), k):
            if sum(in_scope[i] for i in looked) != n:
                continue
            chance = n / N if k == n else n * (k - 1) / (N * (n - 1))
            rows = [
                {"id": units[i], "N": N, "n": n}
                | ({"chance": chance, "role": "main"} if in_scope[i] else {"chance": "", "role": "replaced"})
                for i in looked
            ]
            yield Drawn(probability=n * factorial(k - 1) / perm(N, k), rows=rows)


def households_of(village: str, count: int) -> list[str]:
    return [f"{village}{number}" for number in range(count)]


def sample_csv(first: Drawn, inside: dict[str, list[Drawn]]) -> pd.DataFrame:
    """The rows of sample.csv; `inside` has the draws of each drawn village, one for each substratum."""
    rows = []
    for one in first.rows:
        village = {"township": "T", "stratum": "T", "village": one["id"], "N": one["N"], "n": one["n"]}
        pi = one["chance"]
        rows.append({"stage": "1", **village, "role": one["role"], "pi": pi, "pi_stage": pi})
        for part in inside.get(one["id"], []):
            for two in part.rows:
                both = {"pi_stage": two["chance"], "role": two["role"], "M": two["N"], "m": two["n"]}
                if two["chance"] != "":
                    both |= {"pi": pi * two["chance"], "weight": 1 / (pi * two["chance"])}
                if "substratum" in two:
                    both["substratum"] = two["substratum"]
                rows.append({"stage": "2", **village, "household": two["id"], **both})
    names = [*COLUMNS, *(["substratum"] if any("substratum" in row for row in rows) else [])]
    return pd.DataFrame([[str(row.get(name, "")) for name in names] for row in rows], columns=names)


def frame_of(method: str, n: int, size: np.ndarray = SIZE) -> pd.DataFrame:
    villages = pd.DataFrame({"township": "T", "village": list(TOWN), "certainty": "0"})
    lam = np.full(len(TOWN), n / len(TOWN)) if method == "bernoulli" else lambdas(size, n)
    pi = inclusion(method, lam, n).pi if method in FIXED else lam
    return villages.assign(**{"lambda": [x.hex() for x in lam], "pi": [repr(float(x)) for x in pi]})


def roll_of(town: dict[str, list[float]]) -> pd.DataFrame:
    pairs = ((v, h, y) for v, ys in town.items() for h, y in zip(households_of(v, len(ys)), ys, strict=True))
    return pd.DataFrame(pairs, columns=["village", "household", "y"]).assign(township="T")


def roll_with_lambda() -> pd.DataFrame:
    lam = [
        x.hex() for ys in TOWN.values() for x in lambdas(1 + np.arange(len(ys)) / 2, min(2, len(ys))).tolist()
    ]
    return ROLL.assign(**{"lambda": lam})


ROLL = roll_of(TOWN)
NOTHING = pd.DataFrame(
    columns=[
        "list",
        "village",
        "household",
        "outcome",
        "verdict",
        "reason",
        "amount_paid_fen",
        "amount_due_fen",
    ]
)


def estimated(sample, design, villages, roll=ROLL) -> tuple[float, float, float]:
    """The expanded total of y, its variance, and that of the units in scope."""
    if not (sample["stage"] == "2").any():
        return 0.0, 0.0, 0.0
    drawing = drawing_of(sample, design, villages, roll)
    rows = sampled_households(sample, NOTHING).merge(roll[["household", "y"]], on="household", how="left")
    rows = rows.assign(responded=True)
    rows["y"] = rows["y"].where(rows["role"] != "replaced", 0.0)
    rows["in_scope"] = (rows["role"] != "replaced").astype(float)
    data = placed(rows, drawing, size_given=False)
    row = estimate_total(data, "y", interval="t").to_table().iloc[0]
    weight = data.weight[data.table["in_scope"] == 1].sum()
    return row["estimate"], row["se"] ** 2, weight


def check(outcomes, truth: float, *, variance: bool = True) -> None:
    """Estimates are right on average, and so are their variances."""
    probability, totals, variances = np.array([(p, t, v) for p, (t, v, _) in outcomes]).T
    assert probability.sum() == pytest.approx(1, abs=1e-9)
    mean = probability @ totals
    assert mean == pytest.approx(truth, rel=1e-9)
    assert np.ptp(totals) > 1
    if variance:
        assert probability @ variances == pytest.approx(probability @ (totals - mean) ** 2, rel=1e-8)


def inner_draws(method: str, village: str, m: int) -> list[Drawn]:
    units = households_of(village, len(TOWN[village]))
    size = 1 + np.arange(len(units)) / 2
    return list(every_draw(method, units, size, min(m, len(units))))


def everything(first: list[Drawn], inside) -> Iterator[tuple[float, pd.DataFrame]]:
    """Every sample of both stages; `inside(village)` lists all its results, each a list of draws."""
    for one in first:
        villages = [row["id"] for row in one.rows if row["role"] == "main"]
        for chosen in product(*(inside(village) for village in villages)):
            probability = one.probability * np.prod([p.probability for parts in chosen for p in parts])
            yield probability, sample_csv(one, dict(zip(villages, chosen, strict=True)))


TRUTH = sum(map(sum, TOWN.values()))


@pytest.mark.parametrize("method", ["srs", *FIXED, *SINGLY])
def test_totals_and_variances_are_right_on_average_by_every_method_of_drawing_villages(method):
    design, frame = design_of(method), frame_of(method, 2)
    first = list(every_draw(method, list(TOWN), SIZE, 2))

    def inside(village):
        return [[one] for one in inner_draws("srs", village, 2)]

    check([(p, estimated(table, design, frame)) for p, table in everything(first, inside)], TRUTH)


def test_a_village_that_is_sure_to_be_drawn_is_its_own_part_of_the_sample():
    """Its lambda is 1; the other two places are drawn among three villages."""
    size = np.array([3.0, 20.0, 4.0, 1.5])
    frame = frame_of("pareto", 3, size)
    assert frame["pi"].astype(float).max() == 1
    first = list(every_draw("pareto", list(TOWN), size, 3))

    def inside(village):
        return [[one] for one in inner_draws("srs", village, 2)]

    outcomes = [(p, estimated(table, design_of("pareto"), frame)) for p, table in everything(first, inside)]
    check(outcomes, TRUTH)


@pytest.mark.parametrize("method", ["srs", *FIXED, *SINGLY])
def test_totals_and_variances_are_right_by_every_method_of_drawing_households(method):
    design, frame = design_of("pareto", method), frame_of("pareto", 2)
    first = list(every_draw("pareto", list(TOWN), SIZE, 2))
    inner = {village: [[one] for one in inner_draws(method, village, 2)] for village in TOWN}
    roll = roll_with_lambda()
    check([(p, estimated(t, design, frame, roll)) for p, t in everything(first, inner.get)], TRUTH)


WIDE = {"a": [1.0, 2.0, 6.0, 4.0, 3.0], "b": [3.0, 5.0], "c": [0.0, 4.0, 9.0], "d": [8.0, 1.0]}
KINDS = {"a": ("", "A", "", "A", ""), "b": ("A", "A"), "c": ("", "", ""), "d": ("A", "")}


def inside_by_kind(village: str) -> list[list[Drawn]]:
    """Of the plain households of a village two are drawn by chance, of the kind A one, or both in b."""
    parts = []
    for kind in ("", "A"):
        units = [h for h, k in zip(households_of(village, 9), KINDS[village], strict=False) if k == kind]
        if units:
            m = min(len(units), 2)
            draws = every_draw("srs", units, np.ones(len(units)), m)
            parts.append([mark(one, kind) for one in draws])
    return [list(chosen) for chosen in product(*parts)]


def mark(one: Drawn, kind: str) -> Drawn:
    return Drawn(probability=one.probability, rows=[row | {"substratum": kind} for row in one.rows])


@pytest.mark.parametrize("method", ["srs", "pareto"])
def test_households_drawn_by_category_are_strata_of_their_own_in_their_village(method):
    roll = roll_of(WIDE)
    first = list(every_draw(method, list(WIDE), SIZE, 2))
    outcomes = [
        (p, estimated(table, design_of(method), frame_of(method, 2), roll))
        for p, table in everything(first, inside_by_kind)
    ]
    check(outcomes, roll["y"].sum())


def test_reserves_opened_for_households_out_of_scope_bring_the_total_in_scope():
    """Of the six households of one village four are in scope, and two are looked for; the other is plain."""
    values = {"a": [1.0, 2.0, 6.0, 4.0, 3.0, 8.0], "b": [3.0, 5.0, 1.0]}
    in_scope = [True, False, True, True, False, True]
    roll = roll_of(values)
    first = Drawn(
        probability=1.0, rows=[{"id": v, "chance": 1.0, "N": 2, "n": 2, "role": "main"} for v in values]
    )
    inner = {
        "a": [[one] for one in every_inverse_draw(households_of("a", 6), in_scope, 2)],
        "b": [[one] for one in every_draw("srs", households_of("b", 3), np.ones(3), 2)],
    }
    design, villages = design_of(), pd.DataFrame({"township": "T", "village": list(values), "certainty": "0"})
    outcomes = [(p, estimated(t, design, villages, roll)) for p, t in everything([first], inner.get)]
    check(outcomes, sum(y for y, some in zip(values["a"], in_scope, strict=True) if some) + 9)
    weights = np.array([(p, weight) for p, (_, _, weight) in outcomes])
    assert weights[:, 0] @ weights[:, 1] == pytest.approx(4 + 3)
    looked = [2 + (t["role"] == "replaced").sum() for _, t in everything([first], inner.get)]
    for k, (_, (_, _, weight)) in zip(looked, outcomes, strict=True):
        assert weight == pytest.approx(6 * (2 - 1) / (k - 1) + 3 if k > 2 else 6 + 3)


def test_reserves_opened_for_villages_out_of_scope_bring_the_total_in_scope():
    scope = [True, False, True, True]
    first = list(every_inverse_draw(list(TOWN), scope, 2))

    def inside(village):
        return [[one] for one in inner_draws("srs", village, 2)]

    villages = frame_of("srs", 2)
    outcomes = [(p, estimated(t, design_of(), villages)) for p, t in everything(first, inside)]
    check(outcomes, sum(sum(ys) for ys, some in zip(TOWN.values(), scope, strict=True) if some))
