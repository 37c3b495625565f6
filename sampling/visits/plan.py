"""VisitPlan: which team is where on which day, and what could not be planned."""

from dataclasses import dataclass

import pandas as pd

from sampling.words import Problem

PLAN_COLUMNS = (
    "day",
    "date",
    "team",
    "stop",
    "township",
    "village",
    "arrive",
    "leave",
    "km",
    "households",
    "reason",
)
DAY_COLUMNS = ("day", "date", "team", "villages", "households", "leave", "back", "km", "km_back", "hours")


@dataclass(frozen=True, kw_only=True)
class VisitPlan:
    """A plan of visits.

    Attributes
    ----------
    visits
        The rows of `plan.csv`: one per visit, sorted by day, team and stop. `day` and `stop` count from 1;
        times are HH:MM; `km` is the way from the stop before, `km` of the first from the base; `reason` says
        why a visit stands where it does (certainty, appointment, part 2 of 3, call_again …), or is empty.
    days
        The rows of `teams.csv`: one per team and day; `km` is the whole way, `km_back` its last leg.
    notes
        What a reader must know: distances are unknown, a greedy plan, what is short and by how much.
    made_from
        The fingerprint of the sample that it was made for.
    """

    visits: pd.DataFrame
    days: pd.DataFrame
    notes: tuple[Problem, ...]
    made_from: str

    def to_table(self) -> pd.DataFrame:
        """The visits."""
        return self.visits.copy()

    def __repr__(self) -> str:
        """Team-days, villages and kilometres in one line."""
        km = self.days["km"].sum()
        return (
            f"VisitPlan({len(self.days)} team-days, {self.visits['village'].nunique()} villages, {km:.0f} km)"
        )

    def _repr_html_(self) -> str:
        return self.visits.to_html(index=False)
