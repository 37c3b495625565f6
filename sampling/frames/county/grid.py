"""The synthetic county's map: a plane of 52.0 × 40.4 km, no latitude and no longitude."""

import numpy as np

from sampling.frames.county.chance import Chance

WIDTH, HEIGHT = 52_000, 40_400
"""The grid in metres: 2,101 km²."""

SEAT = (26.0, 20.2)
"""The county seat in kilometres, where every day begins and ends."""

APART = 9_000  # metres between two town centres, as far as there is room
MARGIN = 2_000
AROUND_CENTRE, AROUND_SEAT = 3_000, 1_500  # standard deviations of villages, and of the units' places
PUSHES = 60


def scatter(chance: Chance, town: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """x and y of every place in whole metres: villages around their town's centre, units (-1) at the seat.

    The last towns are the ones nearest to the seat: streets stand last in the order of ids.
    """
    seat = (SEAT[0] * 1000, SEAT[1] * 1000)
    centres = _pushed_apart(chance, int(town.max(initial=-1)) + 1)
    centres.sort(key=lambda c: (c[0] - seat[0]) ** 2 + (c[1] - seat[1]) ** 2, reverse=True)
    middle = np.array([*centres, seat])[town]  # -1 is the last: the seat
    spread = np.where(town < 0, AROUND_SEAT, AROUND_CENTRE)
    x = middle[:, 0] + spread * chance.normal(len(town))
    y = middle[:, 1] + spread * chance.normal(len(town))
    return _inside(x, WIDTH), _inside(y, HEIGHT)


def _inside(metres: np.ndarray, end: int) -> np.ndarray:
    """Whole metres, mirrored at the county's border."""
    return np.round(end - np.abs(end - np.abs(metres))).astype(np.int64)


def _pushed_apart(chance: Chance, n: int) -> list[list[float]]:
    """n spots of the grid: pairs nearer than APART push each other away, a half each."""
    xs, ys = chance.uniform(n), chance.uniform(n)
    spots = [[float(x) * WIDTH, float(y) * HEIGHT] for x, y in zip(xs, ys, strict=True)]
    for _ in range(PUSHES):
        for i in range(n):
            for j in range(i):
                _push(spots[i], spots[j])
    return spots


def _push(a: list[float], b: list[float]) -> None:
    dx, dy = a[0] - b[0], a[1] - b[1]
    distance = (dx * dx + dy * dy) ** 0.5
    if distance >= APART:
        return
    step = (APART - distance) / (2 * max(distance, 1.0))
    for spot, sign in ((a, 1), (b, -1)):
        spot[0] = min(max(spot[0] + sign * step * dx, MARGIN), WIDTH - MARGIN)
        spot[1] = min(max(spot[1] + sign * step * dy, MARGIN), HEIGHT - MARGIN)
