"""Homes of members as the frame calls them: names become ids, and what the frame does not know is said."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import pandas as pd

from sampling.visits.team import Member, Team
from sampling.words import REPORTED, Problem, refuse_if_any

COLUMNS = ["township", "township_name", "village", "village_name"]
Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True, kw_only=True)
class Gazetteer:
    """Ids of towns and villages by id or name; a name that several have is nobody's.

    `inside` holds villages by town and name, `town_of` the town of each village.
    """

    towns: Mapping[str, str]
    villages: Mapping[str, str]
    inside: Mapping[tuple[str, str], str]
    town_of: Mapping[str, str]

    def village(self, written: str, town: str) -> str:
        """The id of a village, by id or by its name in its town or in the county; empty if there is none."""
        return self.inside.get((town, written)) or self.villages.get(written, "")


def gazetteer(villages: pd.DataFrame) -> Gazetteer:
    """From a table of villages: township, village, and township_name, village_name where they are known."""
    rows = list(villages.reindex(columns=COLUMNS, fill_value="").itertuples(index=False, name=None))
    return Gazetteer(
        towns=_unique((name, town) for town, name, _, _ in rows if name) | {town: town for town, *_ in rows},
        villages=_unique((name, id) for _, _, id, name in rows if name) | {id: id for _, _, id, _ in rows},
        inside=_unique(((town, name), id) for town, _, id, name in rows if name),
        town_of={id: town for town, _, id, _ in rows},
    )


def _unique(pairs: Iterable[tuple[Name, str]]) -> dict[Name, str]:
    """Names that only one id has."""
    found: dict[Name, set[str]] = {}
    for name, id in pairs:
        found.setdefault(name, set()).add(id)
    return {name: min(ids) for name, ids in found.items() if len(ids) == 1}


def at_home(teams: Sequence[Team], villages: pd.DataFrame) -> tuple[tuple[Team, ...], tuple[Problem, ...]]:
    """Teams with the ids of their homes, and what is not in the frame.

    Parameters
    ----------
    teams
        As the sheet has them: places by id or name.
    villages
        Every village of the frame: township, village, and their names where they are known.

    Returns
    -------
    teams, notes
        A home village that the frame does not know closes the member's whole town. A note says each place
        that is not known, for nobody is kept from it.

    Raises
    ------
    InputError
        If a team's days begin in a town that the frame does not know.
    """
    known = gazetteer(villages)
    notes = [note for team in teams for member in team.members for note in _strangers(team, member, known)]
    refuse_if_any(_no_base(teams, known))
    return tuple(_settled(team, known) for team in teams), tuple(notes)


def _settled(team: Team, known: Gazetteer) -> Team:
    members = tuple(_with_ids(member, known) for member in team.members)
    return replace(team, members=members, base=known.towns.get(team.base, ""))


def _with_ids(member: Member, known: Gazetteer) -> Member:
    town = known.towns.get(member.township, member.township)
    relatives = (known.village(written, town) or written for written in member.relatives)
    return replace(
        member, township=town, village=known.village(member.village, town), relatives=tuple(relatives)
    )


def _strangers(team: Team, member: Member, known: Gazetteer) -> Iterator[Problem]:
    """Places of a member that the frame does not have, and a home village that lies in another town."""
    town = known.towns.get(member.township, "")
    village = known.village(member.village, town)
    if member.township and not town:
        yield _note("home_town", team, member.township)
    if member.village and not village:
        yield _note("home_village" if town else "home_nowhere", team, member.village)
    if village and town and known.town_of[village] != town:
        yield _note("home_differs", team, village)
    for written in member.relatives:
        if not known.village(written, town):
            yield _note("relatives_village", team, written)


def _note(key: str, team: Team, value: str) -> Problem:
    return Problem(key=f"visiting.{key}", value=value, severity=REPORTED, fields={"team": team.team})


def _no_base(teams: Sequence[Team], known: Gazetteer) -> Iterator[Problem]:
    for team in teams:
        if team.base and team.base not in known.towns:
            yield Problem(key="visiting.no_base", value=team.base, fields={"team": team.team})


def from_own_town(teams: Sequence[Team]) -> tuple[Team, ...]:
    """Teams that begin in the town of their first member whose town is known, unless they name another."""
    return tuple(
        replace(team, base=team.base or next((m.township for m in team.members if m.township), ""))
        for team in teams
    )
