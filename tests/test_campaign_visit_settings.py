"""The section `[visits]`: every key read, every wrong value named."""

import datetime
import tomllib

import pytest

from sampling.campaign import read_settings
from sampling.campaign.visit_settings import KEYS, read_visits, visit_problems
from sampling.visits.calendar import Calendar
from sampling.words import LANGUAGES, InputError

TODAY = datetime.date(2026, 5, 4)
FULL = """
start = 2026-06-01
end = "2026-07-10"
holidays = ["2026-06-19", 2026-06-22]
workdays = [2026-06-20]
begin = "08:00"
hours = 7.5
km = 120
minutes_household = 20
minutes_village = 45
kmh = 35
road = 1.3
seat = [-1, 22.5]
coordinates = "degrees"
distances = "ways.csv"
assignment = "random"
order = "random"
appointments = { 0371 = "2026-06-10 09:00", b = 2026-06-11T10:30:00 }
teams = "source/teams.xlsx"
team_base = "own"
"""
PLAIN = (
    '[campaign]\nid = "c"\n[frame]\nroll = "r.csv"\n[design.villages]\nwithin = "township"\nrate = "20%"\n'
)
PLAIN += '[design.households]\nrate = "50%"\n'


def test_every_key_is_read():
    section = tomllib.loads(FULL)
    assert list(visit_problems(section)) == [] and {*section, "timings"} == set(KEYS)
    found = read_visits(section)
    assert found.calendar(TODAY) == Calendar(
        start=datetime.date(2026, 6, 1),
        end=datetime.date(2026, 7, 10),
        holidays=frozenset({datetime.date(2026, 6, 19), datetime.date(2026, 6, 22)}),
        workdays=frozenset({datetime.date(2026, 6, 20)}),
        begin=480,
        hours=7.5,
        km=120.0,
        minutes_household=20.0,
        minutes_village=45.0,
        kmh=35.0,
    )
    assert (found.road, found.seat, found.coordinates, found.distances) == (
        1.3,
        (-1, 22.5),
        "degrees",
        "ways.csv",
    )
    assert dict(found.appointments) == {
        "0371": datetime.datetime(2026, 6, 10, 9, 0),
        "b": datetime.datetime(2026, 6, 11, 10, 30),
    }
    assert (found.assignment, found.order, found.teams, found.team_base) == (
        *("random", "random", "source/teams.xlsx", "own"),
    )


def test_without_the_section_the_county_s_defaults_hold():
    found = read_visits({})
    assert found.calendar(TODAY) == Calendar(start=TODAY)
    assert (found.road, found.teams, found.seat) == (1.4, "visits/teams-list.xlsx", None)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ('start = "June"', "date"),
        ("start = 2026-06-01T08:00:00", "date"),
        ("holidays = 2026-06-19", "dates"),
        ("begin = 8", "clock"),
        ("hours = 25", "hours"),
        ("hours = 0", "hours"),
        ("kmh = 0", "above_0"),
        ("km = true", "above_0"),
        ("minutes_household = -1", "number"),
        ("minutes_village = inf", "number"),
        ("road = 0.5", "road"),
        ("seat = [1]", "place"),
        ('seat = ["1", "2"]', "place"),
        ('coordinates = "wgs84"', "one_of"),
        ('distances = " "', "text"),
        ('appointments = { a = "2026-06-10" }', "times"),
        ('appointments = "a"', "times"),
        ('team_base = "home"', "one_of"),
    ],
)
def test_a_wrong_value_is_named_with_its_kind(line, kind):
    (problem,) = visit_problems(tomllib.loads(line))
    assert problem.key == f"visiting.not_{kind}" and problem.column == "visits." + line.split(" ")[0]
    assert all(problem.to_line(lang) for lang in LANGUAGES)


def test_values_that_contradict_each_other_are_named():
    text = "start = 2026-06-02\nend = 2026-06-01\nholidays = [2026-06-05]\nworkdays = [2026-06-05]\n"
    text += 'timings = "pilot.csv"\nminutes_household = 20\n'
    problems = list(visit_problems(tomllib.loads(text)))
    assert [problem.key for problem in problems] == [
        *("visiting.end_before_start", "visiting.holiday_and_workday", "visiting.two_minutes"),
    ]
    assert all(problem.to_line(lang) for problem in problems for lang in LANGUAGES)


def test_the_file_refuses_unknown_keys_and_wrong_values_together(tmp_path):
    (tmp_path / "campaign.toml").write_text(PLAIN + '[visits]\nhour = 8\nkm = "far"\n', encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_settings(tmp_path)
    assert [(p.key, p.value) for p in error.value.problems] == [
        ("campaign.unknown_key", "visits.hour"),
        ("visiting.not_above_0", "far"),
    ]
    (tmp_path / "campaign.toml").write_text("visits = 3\n" + PLAIN, encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_settings(tmp_path)
    assert [p.key for p in error.value.problems] == ["campaign.not_table"]
    (tmp_path / "campaign.toml").write_text(PLAIN + "[visits]\nkm = 90\n", encoding="utf-8")
    assert read_settings(tmp_path).visits.calendar(TODAY).km == 90
