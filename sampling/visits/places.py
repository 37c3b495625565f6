"""Where the points of a plan lie: the seat, the bases of the teams, the villages, in this order."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from sampling.frames.headers import fold_header
from sampling.frames.rows import text_of
from sampling.frames.sheets import read_sheets
from sampling.visits.distances import COLUMNS, Distances, from_degrees, from_plane, from_table, unknown
from sampling.visits.team import Team
from sampling.words import LANGUAGES, REPORTED, Problem, refuse_if_any, text

SEAT = "seat"
"""The name of the county seat in a table of distances."""
PLANE, METRES, DEGREES = KINDS = ("plane", "metres", "degrees")


def _from_metres(points: np.ndarray, road: float) -> Distances:
    return from_plane(points / 1000, road)


MAKERS: Mapping[str, Callable[[np.ndarray, float], Distances]] = {
    PLANE: from_plane,
    METRES: _from_metres,
    DEGREES: from_degrees,
}
"""What x and y can be: km on a plane, metres on a plane, longitude and latitude."""


def names_of_points(work: pd.DataFrame, teams: Sequence[Team]) -> list[str]:
    """What the points are called in a table of distances: "seat", ids of towns, ids of villages."""
    return [SEAT, *(team.base or SEAT for team in teams), *work["village"]]


def read_ways(path: Path) -> pd.DataFrame:
    """A table of distances, CSV or XLSX, with its headers in the first row, in any language.

    Returns
    -------
    rows
        from, to and km as text, as far as the file has them; rows without any of them are left out.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    sheets, problems = read_sheets(path, path.name)
    refuse_if_any(problems)
    known = {
        fold_header(name): column
        for lang in LANGUAGES
        for column in COLUMNS
        for name in text(f"visiting.way.{column}", lang).split("|")
    }
    cells = [[text_of(cell).strip() for cell in row] for row in sheets[0].rows]
    width = max(map(len, cells))
    table = pd.DataFrame([row + [""] * (width - len(row)) for row in cells[1:]], dtype="str")
    named = {place: known[fold_header(h)] for place, h in enumerate(cells[0]) if fold_header(h) in known}
    rows = table[list(named)].rename(columns=named)
    seats = {text("visiting.way.seat", lang): SEAT for lang in LANGUAGES}
    return rows[(rows != "").any(axis=1)].replace(seats)


def by_table(rows: pd.DataFrame, work: pd.DataFrame, teams: Sequence[Team]) -> Distances:
    """Distances from a table: from, to, km; see `from_table`."""
    return from_table(rows, names_of_points(work, teams))


def by_places(
    work: pd.DataFrame,
    teams: Sequence[Team],
    villages: pd.DataFrame,
    *,
    kind: str,
    road: float,
    seat: tuple[float, float] | None,
) -> tuple[Distances, tuple[Problem, ...]]:
    """Distances from x and y of villages.

    Parameters
    ----------
    work
        The villages to visit.
    teams
        Their bases are in the middle of the villages of that town.
    villages
        Every village of the frame, with x and y where they are known.
    kind
        One of KINDS.
    road
        How many times longer a way is than the straight line.
    seat
        Where the county seat is; None for the middle of all villages.

    Returns
    -------
    distances, notes
        A village without x and y is taken to be in the middle of its town, with a note. Where a whole town
        has none, distances are unknown: no guess is made.

    Raises
    ------
    InputError
        If the coordinates cannot be of this kind.
    """
    placed = villages.reindex(columns=["township", "village", "x", "y"]).dropna()
    middles = placed.groupby("township")[["x", "y"]].mean()
    towns = {*work["township"], *(team.base for team in teams if team.base)}
    count = 1 + len(teams) + len(work)
    if placed.empty or not towns <= set(middles.index):
        missing = sorted(towns - set(middles.index)) if len(placed) else []
        return unknown(count), tuple(_note("town_without_place", town) for town in missing)
    own = placed.set_index("village")[["x", "y"]].reindex(work["village"])
    lost = own["x"].isna().to_numpy()
    spots = np.where(lost[:, None], middles.loc[work["township"]].to_numpy(), own.to_numpy())
    middle = placed[["x", "y"]].mean().to_numpy() if seat is None else np.array(seat, dtype=float)
    bases = [middles.loc[team.base].to_numpy() if team.base else middle for team in teams]
    notes = tuple(_note("village_without_place", village) for village in work["village"][lost])
    return MAKERS[kind](np.vstack([middle, *bases, spots]), road), notes


def _note(key: str, value: str) -> Problem:
    return Problem(key=f"visiting.{key}", value=value, severity=REPORTED)
