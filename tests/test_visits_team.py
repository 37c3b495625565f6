"""Rules of teams, each broken in turn."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from sampling.visits.team import Member, Team, mixed, team_problems

PEOPLE = st.builds(
    Member,
    name=st.sampled_from("abcdef"),
    department=st.sampled_from(["", "x", "y"]),
    trained=st.sampled_from([None, True, False]),
)
TEAMS = st.lists(PEOPLE, min_size=1, max_size=3).map(tuple)


def good(name: str) -> Team:
    return Team(
        team=name,
        members=(
            Member(name=f"{name}1", department="x", trained=True),
            Member(name=f"{name}2", department="y", trained=True),
        ),
    )


def test_good_teams_break_no_rule():
    assert list(team_problems([good("a"), good("b")])) == []


def test_two_teams_of_one_name_are_named_once():
    found = [(p.key, p.value) for p in team_problems([good("a"), good("a"), good("a")])]
    assert found == [("visiting.team_twice", "a")]


@given(st.lists(TEAMS, min_size=1, max_size=3))
def test_teams_without_a_broken_rule_are_those_that_the_rules_describe(members):
    """Said as an inspector's handbook would: no set of facts but these."""
    teams = [Team(team=f"t{k}", members=found) for k, found in enumerate(members)]
    people = [(m.name, m.department) for found in members for m in found]
    fine = len(people) == len(set(people)) and all(
        len(found) >= 2
        and all(m.trained is not False for m in found)
        and not (len({m.department for m in found}) == 1 and found[0].department)
        for found in members
    )
    assert (not list(team_problems(teams))) == fine


def test_departments_are_mixed_not_mixed_or_not_known():
    expected = {("x", "y"): True, ("x", "x"): False, ("x", ""): None, ("", ""): None, ("y", "y"): False}
    for pair in itertools.product(["x", "y", ""], repeat=2):
        team = Team(team="t", members=tuple(Member(name=str(k), department=d) for k, d in enumerate(pair)))
        wanted = expected.get(pair, expected.get(pair[::-1]))
        assert mixed(team) is wanted


def test_no_problem_tells_a_name():
    teams = [
        Team(team="t", members=(Member(name="secret", department="x", trained=False),)),
        Team(team="u", members=(Member(name="secret", department="x"),)),
    ]
    found = list(team_problems(teams))
    assert len(found) >= 3
    assert not any("secret" in problem.to_line("en") for problem in found)
    assert "secret" not in repr(teams)


def test_a_village_of_the_wave_before_is_closed():
    team = Team(team="t", members=good("t").members, before=frozenset({"007"}))
    assert not team.may_visit("007", "east") and team.may_visit("008", "east")
