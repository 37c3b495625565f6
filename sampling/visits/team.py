"""Teams and their members, and where each may not go."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sampling.words import REPORTED, Problem


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
    """Every rule that teams break: at least two, of several departments, trained, nobody twice.

    Two people of one name are one person unless their departments differ. Where a department or a training is
    not known no rule is broken yet: see `team_notes`.
    """
    names = [team.team for team in teams]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        yield Problem(key="visiting.team_twice", value=name)
    for team in teams:
        yield from _broken_rules(team)
    yield from _in_two_teams(teams)


def _people(team: Team) -> list[tuple[str, str]]:
    return [(member.name, member.department) for member in team.members]


def _broken_rules(team: Team) -> Iterator[Problem]:
    where, people = {"team": team.team}, _people(team)
    if len(set(people)) < len(people):
        yield Problem(key="visiting.member_twice", value=str(len(people) - len(set(people))), fields=where)
    if len(set(people)) < 2:
        yield Problem(key="visiting.too_few_members", value=str(len(set(people))), fields=where)
    elif mixed(team) is False:
        yield Problem(key="visiting.one_department", value=team.members[0].department, fields=where)
    if untrained := sum(member.trained is False for member in team.members):
        yield Problem(key="visiting.untrained", value=str(untrained), fields=where)


def mixed(team: Team) -> bool | None:
    """Whether a team is of several departments; None where too few are known to tell."""
    departments = {member.department for member in team.members}
    return True if len(departments - {""}) > 1 else None if "" in departments else False


def _in_two_teams(teams: Sequence[Team]) -> Iterator[Problem]:
    seen: dict[tuple[str, str], str] = {}
    for team in teams:
        people = set(_people(team))
        for other in sorted({seen[person] for person in people if person in seen} - {team.team}):
            yield Problem(key="visiting.in_two_teams", fields={"team": team.team, "other": other})
        seen |= dict.fromkeys(people, team.team)


def team_notes(teams: Sequence[Team]) -> Iterator[Problem]:
    """What is not known of people, so that a rule could not be checked: training, departments, homes."""
    members = [member for team in teams for member in team.members]
    unknown = {
        "visiting.training_unknown": sum(member.trained is None for member in members),
        "visiting.department_unknown": sum(mixed(team) is None for team in teams),
        "visiting.home_unknown": sum(not (member.township or member.village) for member in members),
    }
    for key, count in unknown.items():
        if count:
            yield Problem(key=key, value=str(count), severity=REPORTED)
