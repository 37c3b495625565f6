"""Capacity and timings: checked by filling a calendar minute by minute, and with a stopwatch's own sums."""

import datetime
from itertools import count

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.visits.calendar import Calendar
from sampling.visits.capacity import capacity
from sampling.visits.team import Team
from sampling.visits.timing import mean_minutes, timings
from sampling.words import LANGUAGES, InputError

MONDAY = datetime.date(2026, 6, 1)


def teams(number: int) -> list[Team]:
    return [Team(team=str(k), members=()) for k in range(number)]


def villages(*households: float) -> pd.DataFrame:
    return pd.DataFrame({"village": [str(k) for k in range(len(households))], "households": households})


def enough(work: pd.DataFrame, number: int, days: int, calendar: Calendar) -> bool:
    """Whether the time is enough, by putting one visit after the other into one long day of all teams."""
    left = number * days * calendar.hours * 60
    for households in work["households"]:
        left -= calendar.minutes_village + sum(calendar.minutes_household for _ in range(int(households)))
    return left >= -1e-6


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=8),
    st.integers(1, 5),
    st.integers(1, 12),
    st.integers(1, 40),
    st.integers(0, 90),
)
def test_what_would_make_it_fit_is_the_least_that_does(households, number, days, each, setup):
    work = villages(*households)
    end = MONDAY + datetime.timedelta(days=days - 1)
    calendar = Calendar(start=MONDAY, end=end, minutes_household=each, minutes_village=setup, hours=7.5)
    found = capacity(work, teams(number), calendar)
    workdays = sum((MONDAY + datetime.timedelta(days=k)).weekday() < 5 for k in range(days))
    assert found.days == workdays
    assert found.fits == enough(work, number, workdays, calendar)
    assert found.days_more == next(k for k in count() if enough(work, number, workdays + k, calendar))
    assert found.teams_more == next(k for k in count() if enough(work, number + k, workdays, calendar))
    assert ("visiting.too_little_time" in {note.key for note in found.notes}) == (not found.fits)
    if found.households_there:
        fewer = calendar.minutes_village * len(work) + found.households_there * each
        assert fewer <= number * workdays * 7.5 * 60
        assert found.fits or fewer + each > number * workdays * 7.5 * 60


def test_the_county_of_the_defaults():
    """8 teams, 122 villages, 3,859 households, 25 and 60 minutes: 1,729.9 hours, 217 days of 8 hours."""
    work = villages(*[31] * 77, *[32] * 46)
    work = pd.concat([work.iloc[:122].assign(households=[*([31] * 45), *([32] * 77)])])
    assert work["households"].sum() == 3859
    found = capacity(work, teams(8), Calendar(start=MONDAY))
    assert found.hours_wanted == pytest.approx((3859 * 25 + 122 * 60) / 60)
    assert (found.team_days, found.days_needed, found.last_day) == (217, 28, datetime.date(2026, 7, 8))
    assert found.fits and found.notes == () and found.days is None


def test_holidays_and_workdays_are_in_the_count():
    calendar = Calendar(
        start=MONDAY,
        end=datetime.date(2026, 6, 7),
        holidays=frozenset({datetime.date(2026, 6, 2)}),
        workdays=frozenset({datetime.date(2026, 6, 6)}),
    )
    assert capacity(villages(1), teams(1), calendar).days == 5


def test_before_the_draw_villages_count_by_their_chance():
    work = villages(10, 30).assign(chance=[0.5, 0.25])
    found = capacity(work, teams(1), Calendar(start=MONDAY))
    assert (found.villages, found.households) == (0.75, 12.5)
    assert found.hours_wanted == pytest.approx((0.75 * 60 + 12.5 * 25) / 60)


def test_the_pace_of_the_report_raises_the_question():
    """10 villages, 150 forms and 150 km in one day of one group: 480 - 225 minutes for 150 forms is 1.7."""
    quick = Calendar(start=MONDAY, end=MONDAY, minutes_household=2, minutes_village=0)
    found = capacity(villages(*[15] * 10), teams(1), quick)
    assert found.fits
    (note,) = found.notes
    assert note.key == "visiting.pace" and note.fields["minutes"] == "2.0" and note.fields["pace"] == "1.7"
    slow = Calendar(start=MONDAY, end=MONDAY, minutes_household=25, minutes_village=0)
    notes = capacity(villages(*[15] * 10), teams(1), slow).notes
    assert [note.key for note in notes] == ["visiting.too_little_time", "visiting.pace"]
    assert notes[1].fields["minutes"] == "3.2", "the pace at which all would fit"
    assert all(note.to_line(lang) for note in notes for lang in LANGUAGES)


def test_a_calendar_without_a_working_day_says_so():
    saturday = datetime.date(2026, 6, 6)
    found = capacity(villages(5), teams(2), Calendar(start=saturday, end=saturday))
    assert not found.fits and found.teams_more is None
    assert found.notes[0].key == "visiting.no_days"
    assert all(note.to_line(lang) for note in found.notes for lang in LANGUAGES)


def test_no_work_needs_no_day_and_no_team_is_refused():
    found = capacity(villages(), teams(1), Calendar(start=MONDAY, end=MONDAY))
    assert (found.team_days, found.days_needed, found.last_day, found.fits) == (0, 0, None, True)
    with pytest.raises(ValueError, match="teams must be one or more"):
        capacity(villages(1), [], Calendar(start=MONDAY))


def refused(source) -> list:
    with pytest.raises(InputError) as error:
        timings(source)
    assert all(problem.to_line(lang) for problem in error.value.problems for lang in LANGUAGES)
    return [(problem.key, problem.row) for problem in error.value.problems]


def test_a_timing_sheet_gives_minutes_by_outcome(tmp_path):
    book = openpyxl.Workbook()
    rows = [["试查用时"], ["村", "入户结果", "用时（分钟）", "到达", "离开"]]
    rows += [["a", "已入户", 30, "", ""], ["a", "已入户", "", "09:00", "09:21"], ["a", "不在家", 4, "", ""]]
    rows += [["b", "拒访", "", datetime.time(23, 0), datetime.time(23, 10)], ["b", "已入户", "", "", ""]]
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "pilot.xlsx")
    found = timings(tmp_path / "pilot.xlsx")
    assert found.to_dict("records") == [
        {"outcome": "absent", "households": 1, "minutes": 4.0},
        {"outcome": "completed", "households": 2, "minutes": 25.5},
        {"outcome": "refused", "households": 1, "minutes": 10.0},
    ]
    assert mean_minutes(found) == pytest.approx((30 + 21 + 4 + 10) / 4)


def test_findings_with_times_are_timings():
    table = pd.DataFrame(
        {"outcome": ["completed", "absent"], "arrive": ["10:00", ""], "leave": ["10:40", ""]}
    )
    assert timings(table).to_dict("records") == [{"outcome": "completed", "households": 1, "minutes": 40.0}]


def test_every_time_that_cannot_be_is_refused_at_once(tmp_path):
    path = tmp_path / "t.csv"
    lines = ["outcome,minutes,arrive,leave", "completed,0,,", "gone,5,,", "absent,,10:00,09:00"]
    lines += ["refused,ten,,", "completed,,10:00,", "completed,601,,"]
    path.write_text("\n".join(lines), encoding="utf-8")
    bad = "visiting.timing_minutes"
    assert refused(path) == [(bad, 2), ("visiting.timing_outcome", 3), *((bad, row) for row in (4, 5, 6, 7))]
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    assert refused(path) == [("visiting.no_timings", None)]
