"""Sharing a total out among strata, each inside its bounds: exact numbers in, whole numbers out.

Strata come in the order of their ids; where two have the same claim, the earlier one has it.
"""

import heapq
import math
from collections.abc import Sequence
from fractions import Fraction


def equal(total: int, *, low: Sequence[int], high: Sequence[int]) -> list[int]:
    """As many for every stratum, as far as the bounds let it: `proportional` to ones."""
    return proportional(total, [Fraction(1)] * len(low), low=low, high=high)


def power(
    total: int, sizes: Sequence[Fraction], exponent: Fraction, *, low: Sequence[int], high: Sequence[int]
) -> list[int]:
    """In proportion to size to a power between 0 (equal) and 1 (proportional).

    Notes
    -----
    Bankier (1988), Power allocations, The American Statistician 42, 174-177. Only the power itself is
    reckoned in floats; the total is shared out exactly.
    """
    return proportional(total, [Fraction(float(s) ** float(exponent)) for s in sizes], low=low, high=high)


def proportional(
    total: int, sizes: Sequence[Fraction], *, low: Sequence[int], high: Sequence[int]
) -> list[int]:
    """In proportion to size, by largest remainder, inside the bounds of every stratum.

    Parameters
    ----------
    total
        What is shared out; from the sum of `low` to the sum of `high`.
    sizes
        Measure of size of every stratum, 0 or more. A stratum of size 0 takes its lower bound, and more
        only where all the others are full.
    low, high
        Whole bounds of every stratum, 0 <= low <= high.

    Returns
    -------
    numbers
        One for every stratum; their sum is the total.

    Raises
    ------
    ValueError
        If the bounds cannot hold the total.

    Notes
    -----
    The shares are min(high, max(low, c size)) with the one c that makes their sum the total; then each is
    rounded down, and the largest remainders are rounded up. The bounds are whole: rounding keeps them.
    """
    _feasible(total, low, high)
    shares = _shares(Fraction(total), [Fraction(s) for s in sizes], low, high)
    numbers = [math.floor(share) for share in shares]
    order = sorted(range(len(shares)), key=lambda h: (numbers[h] - shares[h], h))
    for h in order[: total - sum(numbers)]:
        numbers[h] += 1
    return numbers


def _feasible(total: int, low: Sequence[int], high: Sequence[int]) -> None:
    if not sum(low) <= total <= sum(high):
        raise ValueError(f"total must be from {sum(low)} to {sum(high)}, got {total}")


def _shares(
    total: Fraction, sizes: Sequence[Fraction], low: Sequence[int], high: Sequence[int]
) -> list[Fraction]:
    """min(high, max(low, c size)) with the c that makes their sum the total."""
    sized = [h for h, s in enumerate(sizes) if s > 0]
    bare = [h for h, s in enumerate(sizes) if s == 0]
    shares = [Fraction(x) for x in low]
    room = total - sum(low[h] for h in bare)
    if bare and room > sum(high[h] for h in sized):  # more than the sized can take: the bare share the rest
        for h in sized:
            shares[h] = Fraction(high[h])
        rest = total - sum(high[h] for h in sized)
        _fill(shares, rest, {h: Fraction(1) for h in bare}, low, high)
    else:
        _fill(shares, room, {h: sizes[h] for h in sized}, low, high)
    return shares


def _fill(
    shares: list[Fraction], room: Fraction, free: dict[int, Fraction], low: Sequence[int], high: Sequence[int]
) -> None:
    """Put the shares of the free strata into `shares`, fixing those at a bound until none is beyond one.

    Where the free ones are together above their upper bounds by more than they are below their lower ones,
    c must rise, so that those above stay above: they can be fixed for good. The other way round likewise.
    """
    while free:
        c = room / sum(free.values())
        below = {h: low[h] - c * s for h, s in free.items() if c * s < low[h]}
        above = {h: c * s - high[h] for h, s in free.items() if c * s > high[h]}
        lacking, excess = sum(below.values()), sum(above.values())
        fixed = {h: low[h] for h in below} if lacking >= excess else {}
        fixed |= {h: high[h] for h in above} if excess >= lacking else {}
        if not fixed:
            break
        for h, bound in fixed.items():
            shares[h] = Fraction(bound)
            room -= bound
            del free[h]
    for h, s in free.items():
        shares[h] = c * s


def neyman(total: int, spread: Sequence[Fraction], *, low: Sequence[int], high: Sequence[int]) -> list[int]:
    """The whole numbers inside the bounds that make the variance of an estimated total smallest, exactly.

    Parameters
    ----------
    spread
        N^2 S^2 of every stratum. A stratum of 0 takes its lower bound, and more only where all the others
        are full.
    total, low, high
        As in `proportional`.

    Raises
    ------
    ValueError
        If the bounds cannot hold the total.

    Notes
    -----
    The variance is the sum of N^2 S^2 / n (and a part without n). From the lower bounds on, each further
    unit goes where it takes most off, N^2 S^2 / (n (n + 1)): Wright (2012), The equivalence of Neyman
    optimum allocation for sampling and equal proportions for apportioning the U.S. House of
    Representatives, The American Statistician 66, 217-224; with bounds, Wright (2017), Exact optimal sample
    allocation: more efficient than Neyman, Statistics and Probability Letters 129, 50-57.
    """
    _feasible(total, low, high)
    numbers = list(low)
    heap = [_claim(spread[h], n, h) for h, n in enumerate(numbers) if n < high[h]]
    heapq.heapify(heap)
    for _ in range(total - sum(low)):
        h = heap[0][-1]
        numbers[h] += 1
        if numbers[h] < high[h]:
            heapq.heapreplace(heap, _claim(spread[h], numbers[h], h))
        else:
            heapq.heappop(heap)
    return numbers


def _claim(spread: Fraction, n: int, h: int) -> tuple[bool, float, Fraction, int, int]:
    """What orders the strata for the next unit; one without any comes first, as its variance is infinite."""
    gain = spread / (n * (n + 1)) if n else spread
    return n > 0 or not spread, -_near(gain), -gain, n, h


def _near(gain: Fraction) -> float:
    """The nearest double: it orders most claims faster than the exact number, and never wrongly."""
    try:
        return float(gain)
    except OverflowError:
        return math.inf
