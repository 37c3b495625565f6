"""How many of N units a rule takes, in whole numbers and exact fractions."""

import math
from collections.abc import Callable, Mapping
from fractions import Fraction

from sampling.designs.design import SizeRule

Rounding = Callable[[Fraction], int]
TICKETS = 16**64
"""Tickets there are: 2^256."""


def half_up(x: Fraction) -> int:
    """The nearest whole number; the upper one where two are as near."""
    return math.floor(x + Fraction(1, 2))


def rounded_by(ticket: str) -> Rounding:
    """Rounding by a ticket: up with the probability of what is behind the point, else down."""
    chance = Fraction(int(ticket, 16), TICKETS)
    return lambda x: math.floor(x) + (chance < x - math.floor(x))


ROUND: Mapping[str, Rounding] = {"up": math.ceil, "half_up": half_up}
"""Roundings that need no ticket, by the word of the design."""


def size(rule: SizeRule, N: int, conflict: str = "bounds", rounding: Rounding = math.ceil) -> tuple[int, str]:
    """How many of N units the rule takes, in whole numbers.

    Parameters
    ----------
    rule
        Rate and bounds.
    N
        Units there are.
    conflict
        "rate": the bounds do not count. "bounds" and "refuse": they win; refusing is for the caller, who
        knows the town's name.
    rounding
        How a number with a fraction becomes whole: one of `ROUND`, or `rounded_by` a ticket.

    Returns
    -------
    n, bound
        The number, and which rule made it: "rate", "at_least", "at_most", or "all" where the rule wants more
        units than there are.

    Notes
    -----
    n = min(N, max(at_least, min(at_most, round(N x rate)))): draw-v1, sizes.
    """
    by_rate = rounding(N * rule.rate)  # a Fraction: exact, where 0.07 * 100 in floats would give 8
    if conflict == "rate":
        return by_rate, "rate"
    wanted = _bounded(rule, by_rate)
    if wanted > N:
        return N, "all"
    if wanted == by_rate:
        return by_rate, "rate"
    return int(wanted), "at_least" if wanted > by_rate else "at_most"


def expected_size(rule: SizeRule, N: int, conflict: str = "bounds", *, whole: bool) -> Fraction:
    """The size on average where the draw decides it: by random rounding, or unit by unit.

    Parameters
    ----------
    whole
        True for random rounding: the bounds then hold for the rounded number. False where every unit is
        drawn by itself: the bounds then hold for the average.
    """
    exact = N * rule.rate
    if whole:
        low, high = (size(rule, N, conflict, rounding)[0] for rounding in (math.floor, math.ceil))
        return low + (high - low) * (exact - math.floor(exact))
    return exact if conflict == "rate" else Fraction(min(N, _bounded(rule, exact)))


def _bounded(rule: SizeRule, wanted: Fraction | int) -> Fraction | int:
    return max(rule.at_least, wanted if rule.at_most is None else min(rule.at_most, wanted))
