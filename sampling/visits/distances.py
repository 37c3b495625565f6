"""How far it is between the seat, the bases of the teams and the villages: from places, or from a table.

Points stand in one order everywhere: the seat is 0, then the bases of the teams, then the villages.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import connected_components, csgraph_from_masked, shortest_path

from sampling.words import Problem, fold, refuse_if_any

EARTH = 6371.0088
"""Mean radius in km, of the International Union of Geodesy and Geophysics."""
WIDEST = 1000.0
"""Km across beyond which no county reaches: coordinates are then in another unit."""
COLUMNS = ("from", "to", "km")


@dataclass(frozen=True, kw_only=True, eq=False)
class Distances:
    """Kilometres by road between points; where they are not known all are 0, and `known` says so."""

    kilometres: np.ndarray
    known: bool = True

    def __repr__(self) -> str:
        return f"Distances({len(self.kilometres)} points, known={self.known})"

    def km(self, a: int, b: int) -> float:
        """Kilometres from point `a` to point `b`."""
        return float(self.kilometres[a, b])

    def matrix(self) -> np.ndarray:
        """Kilometres from every point to every point, shape (points, points)."""
        return self.kilometres.copy()


def from_plane(points: np.ndarray, road: float) -> Distances:
    """Straight lines on a plane, times a factor for roads.

    Parameters
    ----------
    points
        x and y in km, shape (points, 2), none missing.
    road
        How many times longer the way is than the straight line, 1 or more.

    Raises
    ------
    InputError
        If the points are farther apart than any county: the coordinates are not in km.
    """
    places = _checked(points, road)
    apart = places[:, None, :] - places[None, :, :]
    straight = np.sqrt((apart**2).sum(axis=2))
    refuse_if_any(_too_wide(straight))
    return Distances(kilometres=straight * road)


def from_degrees(points: np.ndarray, road: float) -> Distances:
    """Great circles, times a factor for roads.

    Parameters
    ----------
    points
        Longitude and latitude in degrees, shape (points, 2), none missing.
    road
        How many times longer the way is than the great circle, 1 or more.

    Raises
    ------
    InputError
        If a point is not on the globe, or they are farther apart than any county.

    Notes
    -----
    The haversine formula: Sinnott (1984), Virtues of the haversine, Sky and Telescope 68, 159.
    """
    places = _checked(points, road)
    off = (np.abs(places) > [180, 90]).any(axis=1)
    refuse_if_any(
        Problem(key="visiting.not_on_globe", value=f"{x:g}, {y:g}") for x, y in np.unique(places[off], axis=0)
    )
    longitude, latitude = np.radians(places).T
    half = np.sin((latitude[:, None] - latitude) / 2) ** 2
    half += np.cos(latitude[:, None]) * np.cos(latitude) * np.sin((longitude[:, None] - longitude) / 2) ** 2
    circles = 2 * EARTH * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    refuse_if_any(_too_wide(circles))
    return Distances(kilometres=circles * road)


def _checked(points: np.ndarray, road: float) -> np.ndarray:
    places = np.asarray(points, dtype=float).reshape(-1, 2)
    if not np.isfinite(places).all():
        raise ValueError(f"points must all have a place, got {int((~np.isfinite(places)).any(axis=1).sum())}")
    if not road >= 1:
        raise ValueError(f"road must be 1 or more, got {road}")
    return places


def _too_wide(straight: np.ndarray) -> Iterator[Problem]:
    widest = float(straight.max(initial=0))
    if widest > WIDEST:
        yield Problem(key="visiting.too_wide", value=f"{widest:.0f}", fields={"widest": f"{WIDEST:.0f}"})


def from_table(rows: pd.DataFrame, points: Sequence[str]) -> Distances:
    """Distances that somebody measured.

    Parameters
    ----------
    rows
        `from`, `to` (names of points) and `km`, as text or numbers. A way that is given in one direction only
        is as long in the other. The index counts the rows of the file below its headers, from 0.
    points
        The name of every point; several points may have the same name and are then at one place.

    Raises
    ------
    InputError
        With every row that cannot be read, and every point that cannot be reached.

    Notes
    -----
    A pair that is given is as long as it says; between others the shortest way over given ones is taken.
    """
    if missing := [name for name in COLUMNS if name not in rows]:
        refuse_if_any(Problem(key="visiting.no_distance_column", column=name) for name in missing)
    names = list(dict.fromkeys([*points, *rows["from"], *rows["to"]]))
    place = {name: k for k, name in enumerate(names)}
    lengths, problems = _lengths(rows)
    refuse_if_any([*problems, *_twice(rows, lengths)])
    given = np.full((len(names), len(names)), np.inf)
    given[rows["from"].map(place), rows["to"].map(place)] = lengths
    given = np.where(np.isinf(given), given.T, given)
    np.fill_diagonal(given, 0.0)
    refuse_if_any(_unreached(given, names, [place[name] for name in dict.fromkeys(points)]))
    ways = np.where(np.isinf(given), _shortest(given), given)
    own = [place[name] for name in points]
    return Distances(kilometres=ways[np.ix_(own, own)])


def _lengths(rows: pd.DataFrame) -> tuple[np.ndarray, list[Problem]]:
    found = pd.to_numeric(rows["km"].map(lambda cell: fold(str(cell))), errors="coerce").to_numpy(float)
    bad = ~(np.isfinite(found) & (found >= 0))
    problems = [
        Problem(key="visiting.bad_km", row=int(row) + 2, column="km", value=str(cell))
        for row, cell, wrong in zip(rows.index, rows["km"], bad, strict=True)
        if wrong
    ]
    return found, problems


def _twice(rows: pd.DataFrame, lengths: np.ndarray) -> Iterator[Problem]:
    """Ways that are given twice with different lengths."""
    seen: dict[tuple[str, str], float] = {}
    for k, a, b, km in zip(rows.index, rows["from"], rows["to"], lengths, strict=True):
        if seen.setdefault((a, b), km) != km and np.isfinite(km):
            yield Problem(
                key="visiting.km_twice", row=int(k) + 2, value=f"{a} – {b}", fields={"km": f"{km:g}"}
            )


def _unreached(given: np.ndarray, names: Sequence[str], own: Sequence[int]) -> Iterator[Problem]:
    _, part = connected_components(_as_graph(given), directed=False)
    parts, sizes = np.unique(part[own], return_counts=True)
    largest = parts[sizes.argmax()] if len(parts) else 0
    for k in own:
        if part[k] != largest:
            yield Problem(key="visiting.unreached", value=names[k])


def _shortest(given: np.ndarray) -> np.ndarray:
    return shortest_path(_as_graph(given), method="D")  # the others lose ways of no length


def _as_graph(given: np.ndarray) -> Any:
    """A graph with the given ways as its edges, those of no length too."""
    return csgraph_from_masked(np.ma.masked_invalid(given))


def unknown(points: int) -> Distances:
    """Distances that nobody knows: 0 everywhere, and said so.

    Parameters
    ----------
    points
        How many points there are.
    """
    return Distances(kilometres=np.zeros((points, points)), known=False)
