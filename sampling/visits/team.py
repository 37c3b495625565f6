"""Teams and their members, and where each may not go."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sampling.words import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One inspector.

    `township` and `village` are home, `relatives` the villages where relatives live: ids, empty if unknown.
    `trained` is None where nobody said.
    """

    name: str = field(repr=False)
    department: str = ""
    township: str = ""
    village: str = ""
    relatives: tuple[str, ...] = ()
    trained: bool | None = None
    languages: tuple[str, ...] = ()
    driver: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Those who go together; days begin and end in the township `base`, at the county seat if it is empty.

    `before` are the villages that this team inspected in the wave before: it does not go there twice.
    """

    team: str
    members: tuple[Member, ...]
    base: str = ""
    before: frozenset[str] = frozenset()

    @property
    def closed(self) -> frozenset[str]:
        """The villages where this team may not go: homes, relatives, the wave before."""
        homes = {member.village for member in self.members if member.village}
        return frozenset(homes.union(*(member.relatives for member in self.members), self.before))

    @property
    def closed_townships(self) -> frozenset[str]:
        """Towns of members whose home village is not known: any village there could be the own one."""
        return frozenset(m.township for m in self.members if m.township and not m.village)

    def may_visit(self, village: str, township: str) -> bool:
        """Whether nobody of the team is at home there, has relatives there, or was there in the last wave."""
        return village not in self.closed and township not in self.closed_townships


def team_problems(teams: Sequence[Team]) -> Iterator[Problem]:
    """Every rule that teams break: at least two, of several departments, trained, nobody in two teams."""
    seen: dict[str, str] = {}
    for team in teams:
        where = {"team": team.team}
        if len(team.members) < 2:
            yield Problem(key="visits.too_few_members", value=str(len(team.members)), fields=where)
        departments = {member.department for member in team.members if member.department}
        if len(team.members) > 1 and len(departments) == 1:
            yield Problem(key="visits.one_department", value=next(iter(departments)), fields=where)
        if untrained := sum(member.trained is False for member in team.members):
            yield Problem(key="visits.untrained", value=str(untrained), fields=where)
        for member in team.members:
            if other := seen.get(member.name):
                yield Problem(key="visits.in_two_teams", fields={**where, "other": other})
            seen[member.name] = team.team
