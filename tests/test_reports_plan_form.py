"""Sliders that plan again: other teams, days and hours; what is short; one plan after many moves."""

import asyncio
import datetime
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest

from sampling.campaign import open_campaign
from sampling.reports import open_report, plan_form, visit_plan
from sampling.reports.html import Block
from sampling.reports.plan_form import PlanForm
from sampling.reports.plan_trials import room, trial_inputs, tried, with_limits
from sampling.visits.distances import Distances
from sampling.words import LANGUAGES, InputError

pytest_plugins = ["plan_stand_in"]
FIRST = datetime.date(2026, 6, 1)


@pytest.fixture(scope="module")
def inputs(drawn):
    return trial_inputs(drawn, first=FIRST)


def form_of(campaign, lang: str = "en") -> PlanForm:
    report = open_report("30_visits", campaign=str(campaign.folder), unit="", lang=lang)
    form = visit_plan.form(report)
    assert isinstance(form, PlanForm)
    return form


def plain(html: str) -> str:
    return re.sub(r"<[^>]+>", " ", html)


def test_all_visits_of_the_sample_are_tried_whatever_is_done(drawn, inputs):
    sample = drawn.sample()
    main = sample[sample["role"] != "reserve"]
    assert inputs.work["households"].sum() == (main["stage"] == "2").sum() > 100
    assert len(inputs.work) == (main["stage"] == "1").sum()


@pytest.mark.parametrize("teams", [1, 2, 3, 5])
def test_every_team_keeps_its_base_and_supposed_ones_start_at_the_seat(inputs, teams):
    points = np.arange(4 + len(inputs.work), dtype=float)  # seat 0, bases 1 to 3, then the villages
    ways = Distances(kilometres=np.abs(points[:, None] - points[None]))
    changed = with_limits(replace(inputs, distances=ways), teams=teams, days=4, hours=7)
    bases = [0, 1, 2, 3, 0, 0][: teams + 1]
    assert list(changed.distances.kilometres[0]) == [*bases, *points[4:]]
    assert [team.team for team in changed.teams][:3] == [team.team for team in inputs.teams[:teams]]
    assert len(changed.teams) == teams and changed.calendar.hours == 7


@pytest.mark.parametrize("days", [1, 5, 6, 11])
def test_the_calendar_has_as_many_working_days_as_asked_for(inputs, days):
    calendar = with_limits(inputs, teams=3, days=days, hours=8).calendar
    counted = list(calendar.days())
    assert len(counted) == days and all(day.weekday() < 5 for day in counted)


def test_more_teams_never_need_more_days_and_supposed_teams_may_go_everywhere(inputs):
    few, many = (
        tried(with_limits(inputs, teams=teams, days=30, hours=8), {}).days["day"].max() for teams in (3, 6)
    )
    assert many <= few
    changed = with_limits(inputs, teams=5, days=5, hours=8)
    towns = inputs.work[["village", "township"]].itertuples(index=False, name=None)
    assert all(changed.teams[-1].may_visit(*place) for place in towns)


def test_what_is_needed_is_the_time_at_the_villages(inputs):
    found = room(with_limits(inputs, teams=3, days=5, hours=8))
    minutes = inputs.work["households"].sum() * 25 + len(inputs.work) * 60
    assert found.team_days == -(-minutes // 480) and (found.teams, found.days) == (3, 5)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_form_shows_the_campaigns_own_numbers_first_and_plans_nothing(planned, made, lang):
    form = form_of(planned, lang)
    assert (form.teams.value, form.days.value, form.hours.value) == (3, made.days["day"].max(), 8.0)
    assert form.outcome.value == "" and form.message.value


def test_a_move_plans_again_and_shows_strip_and_load(planned):
    form = form_of(planned)
    form.days.value = 12
    assert "It works" in plain(form.message.value)
    assert "data:image/svg+xml" in form.outcome.value and "Load of each team" in form.outcome.value
    assert "+1" not in plain(form.outcome.value)
    form.teams.value = 4
    assert "supposed ones" in plain(form.message.value)


@pytest.mark.parametrize(
    ("lang", "words", "short"), [("zh", "无法完成", "需增加"), ("en", "does not work", "more would")]
)
def test_too_few_days_say_what_is_short_and_take_the_old_picture_away(planned, lang, words, short):
    form = form_of(planned, lang)
    form.days.value = 12
    assert form.outcome.value
    form.days.value = 1
    assert words in plain(form.message.value) and short in plain(form.message.value)
    assert form.outcome.value == ""


def test_many_moves_are_planned_once_after_a_pause(planned, monkeypatch):
    monkeypatch.setattr(plan_form, "PAUSE", 0.01)
    form = form_of(planned)
    planned_with = []
    monkeypatch.setattr(form, "_plan", lambda: planned_with.append(form.days.value))

    async def dragged() -> None:
        for days in (9, 10, 11, 12):
            form.days.value = days
        assert planned_with == [] and "Planning" in plain(form.message.value)
        while not planned_with:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.03)

    asyncio.run(dragged())
    assert planned_with == [12]


def test_an_error_inside_is_told_and_not_swallowed(planned, monkeypatch):
    form = form_of(planned)

    def broken(*_: object) -> None:
        raise RuntimeError("<b>disk full</b>")

    monkeypatch.setattr(plan_form, "tried", broken)
    form.days.value = 14
    assert "disk full" in form.message.value and "<b>" not in form.message.value


def test_a_trial_begins_on_the_first_day_of_the_plan(planned, made):
    assert form_of(planned).inputs.calendar.start.isoformat() == made.visits["date"].min() == "2026-06-01"


def test_nothing_is_written(planned):
    before = {path: path.stat().st_mtime_ns for path in planned.folder.rglob("*")}
    form_of(planned).days.value = 13
    assert {path: path.stat().st_mtime_ns for path in planned.folder.rglob("*")} == before


def test_nobodys_name_is_in_the_form(planned):
    form = form_of(planned)
    form.hours.value = 9.0
    shown = form.message.value + form.outcome.value + repr(form)
    names = {member.name for team in form.inputs.teams for member in team.members}
    assert len(names) >= 6 and not [name for name in names if name in shown]


@pytest.mark.parametrize(("lang", "words"), [("zh", "sampling teams"), ("en", "sampling teams DIR")])
def test_without_a_sheet_of_teams_the_form_says_what_to_do(drawn, tmp_path, lang, words):
    shutil.copytree(drawn.folder, tmp_path / "campaign")
    (tmp_path / "campaign" / "source" / "teams.xlsx").unlink()
    campaign = open_campaign(tmp_path / "campaign")
    report = open_report("30_visits", campaign=str(campaign.folder), unit="", lang=lang)
    shown = visit_plan.form(report)
    assert isinstance(shown, Block) and words in repr(shown)


def test_a_towns_page_has_no_sliders(planned):
    report = open_report("30_visits", campaign=str(planned.folder), unit="02", lang="en")
    assert isinstance(visit_plan.form(report), Block)


def test_a_day_too_short_for_a_single_household_is_refused_not_planned(inputs):
    with pytest.raises(InputError):
        tried(with_limits(inputs, teams=3, days=30, hours=1.0), {})
