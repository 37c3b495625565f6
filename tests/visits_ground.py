"""Villages, teams and ways for the tests of plans, made without the code of the package that plans."""

import datetime
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from sampling.frames.county import make_county
from sampling.visits.calendar import Calendar
from sampling.visits.distances import Distances
from sampling.visits.team import Member, Team

ROUTES_80 = Path(__file__).parents[1] / "benchmarks" / "routes-80.csv"
MONDAY = datetime.date(2026, 6, 1)


def ways(
    villages: Sequence, seat=(0.0, 0.0), *, bases: Sequence = (), teams: int = 1, road: float = 1.3
) -> Distances:
    """Straight lines times a factor; all teams start at the seat unless `bases` are given."""
    points = np.array([seat, *(list(bases) or [seat] * teams), *villages], dtype=float)
    return Distances(kilometres=np.linalg.norm(points[:, None] - points[None], axis=2) * road)


def make_work(rows: Sequence[tuple]) -> pd.DataFrame:
    """Work from rows of village, township, households, and certainty if it is one."""
    full = [(*row, False)[:4] for row in rows]
    work = pd.DataFrame(full, columns=["village", "township", "households", "certainty"])
    return work.assign(rank=work.groupby("township").cumcount() + 1, reason="")


def make_team(name: str, *, village: str = "", township: str = "", relatives: Sequence[str] = ()) -> Team:
    """Two people of two departments; the first is at home in `village` or somewhere in `township`."""
    first = Member(
        name=f"{name}-1", department="a", village=village, township=township, relatives=tuple(relatives)
    )
    return Team(team=name, members=(first, Member(name=f"{name}-2", department="b")))


def routes_80() -> tuple[pd.DataFrame, tuple[Team, ...], Calendar, Distances]:
    """The 80 villages of `routes-80.csv`: 6 minutes a household, no set-up, 40 km/h, 150 km, 8 hours."""
    table = pd.read_csv(ROUTES_80, dtype={"village": str, "town": str})
    work = make_work(list(zip(table["village"], table["town"], table["households"], strict=True)))
    teams = tuple(make_team(f"team {k}", township=f"t0{k}") for k in range(1, 9))
    calendar = Calendar(start=MONDAY, minutes_household=6, minutes_village=0)
    return work, teams, calendar, ways(table[["x", "y"]].to_numpy(), teams=8)


def county(seed: int = 20260501) -> tuple[pd.DataFrame, tuple[Team, ...], Calendar, Distances]:
    """The synthetic county as a campaign draws it.

    A fifth of each town's villages, 3 to 5; blank ones all; one of each unit; half of the households.
    """
    made = make_county(seed).tables
    places = made["villages.csv"].set_axis(
        ["town", "village", "name", "kind", "blank", "x", "y", "data"], axis=1
    )
    lists = [made[f"{name}.csv"].iloc[:, 1] for name in ("roll", "removed", "refused")]
    counts = [(-(-rows.value_counts() // 2)).reindex(places["village"]).fillna(0) for rows in lists]
    places["households"] = sum(count.to_numpy() for count in counts).astype(int)
    rng, rows = np.random.default_rng(seed), []
    for town, villages in places.sample(frac=1, random_state=rng).groupby("town"):
        sure = villages["blank"].isin(["1", "\u662f"])
        plain, size = villages[~sure], len(villages)
        n = max(3, min(5, -(-size // 5))) if size > 6 else 1
        for part, certain in ((villages[sure], True), (plain.head(n), False)):
            rows += [(row.village, town, row.households, certain, row.x, row.y) for row in part.itertuples()]
    drawn = pd.DataFrame(rows, columns=["village", "town", "households", "certain", "x", "y"])
    work = make_work(list(zip(*(drawn[name] for name in drawn.columns[:4]), strict=True)))
    seat = places[["x", "y"]].astype(float).mean().to_numpy()
    xy = drawn[["x", "y"]].astype(float).to_numpy()
    return work, inspectors(made["teams.xlsx"]), Calendar(start=MONDAY), ways(xy, seat, teams=8, road=1.4)


def inspectors(sheet: pd.DataFrame) -> tuple[Team, ...]:
    """The teams of the county's sheet."""
    named = sheet.set_axis(["team", "name", "department", "township", "village", "phone", "data"], axis=1)
    return tuple(
        Team(
            team=name,
            members=tuple(
                Member(name=row.name_, department=row.department, township=row.township, village=row.village)
                for row in rows.rename(columns={"name": "name_"}).itertuples(index=False)
            ),
        )
        for name, rows in named.groupby("team", sort=False)
    )
