"""The methods: each a score on a unit's ticket and lambda. The lowest are drawn, the next are reserves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from sampling.designs.sizes import TICKETS

BITS = 52
DIGITS = BITS // 4
"""Hexadecimal digits of a ticket that make its uniform number: what a double holds exactly."""


@dataclass(frozen=True, kw_only=True)
class Method:
    """How the units of a group are put in order.

    `score` gives a number to each row of a table with the columns ticket and, as the method needs them,
    lambda (as a number), position, N, n and start (a ticket). Equal scores are ordered by the ticket.
    `fixed`: the n lowest are drawn; else those with a score below 1. `extends`: a larger sample goes
    on in the same order.
    """

    score: Callable[[pd.DataFrame], pd.Series]
    fixed: bool = True
    extends: bool = False


def uniform(tickets: pd.Series) -> pd.Series:
    """The number between 0 and 1 that a ticket is: (its top 52 bits + 1/2) / 2^52, a double, exactly."""
    top = tickets.str[:DIGITS].map(lambda digits: int(digits, 16)).astype("int64")
    return (top + 0.5) / 2.0**BITS


def by_ticket(units: pd.DataFrame) -> pd.Series:
    """Simple random sampling without replacement: the ticket decides, compared as text; pi is n/N."""
    return pd.Series(0.0, index=units.index)


def pareto(units: pd.DataFrame) -> pd.Series:
    """Pareto sampling, u (1 - lambda) / ((1 - u) lambda): Rosén (1997), On sampling with probability
    proportional to size, Journal of Statistical Planning and Inference 62, 159-191."""
    u, target = uniform(units["ticket"]), units["lambda"]
    return _with_bounds((u * (1 - target)) / ((1 - u) * target), target)


def share_of_lambda(units: pd.DataFrame) -> pd.Series:
    """Sequential Poisson sampling, u / lambda: Ohlsson (1998), Sequential Poisson sampling, Journal of
    Official Statistics 14, 149-162. Cut at 1 instead of at n it is Poisson sampling: Hájek (1964)."""
    target = units["lambda"]
    return _with_bounds(uniform(units["ticket"]) / target, target)


def _with_bounds(score: pd.Series, target: pd.Series) -> pd.Series:
    """0 for the units that are taken for sure; infinity for those that cannot be drawn."""
    return score.mask(target == 1, 0.0).mask(target == 0, float("inf"))


def systematic(units: pd.DataFrame) -> pd.Series:
    """Every (N/n)-th unit from a random start, in the stated order; the units between have no score.

    One start makes n points (T + k 2^256) N / (n 2^256), in whole numbers: Cochran (1977), Sampling
    Techniques, section 8.1, with an interval that need not be whole.
    """
    score = pd.Series(float("inf"), index=units.index)
    for _, part in units.groupby("group", sort=False):
        first = part.iloc[0]
        N, n, start = int(first["N"]), int(first["n"]), int(first["start"], 16)
        ordered = part.sort_values("position").index
        drawn = ordered[[(start + k * TICKETS) * N // (n * TICKETS) for k in range(n)]]
        score.loc[drawn] = pd.Series(range(n), index=drawn, dtype="float64")
    return score


METHODS: Mapping[str, Method] = {
    "srs": Method(score=by_ticket, extends=True),
    "systematic": Method(score=systematic),
    "bernoulli": Method(score=share_of_lambda, fixed=False),
    "poisson": Method(score=share_of_lambda, fixed=False),
    "pareto": Method(score=pareto, extends=True),
    "sequential_poisson": Method(score=share_of_lambda, extends=True),
}
"""Methods by the name that a design gives them."""
