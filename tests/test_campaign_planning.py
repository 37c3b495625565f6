"""The steps of visits on a small campaign: sheet, capacity, plan, new plan; waves and hands before."""

import datetime
import json
import shutil
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from acts_folder import SEED, campaign_in, run, sample_of, villages_of
from visits_rules import broken

from sampling.campaign import open_campaign
from sampling.campaign.plan_inputs import campaign_work, plan_inputs
from sampling.campaign.planning import (
    check_capacity,
    make_new_plan,
    make_plan,
    plan_capacity,
    read_absence,
    read_closure,
    read_plan,
    write_team_template,
)
from sampling.draws.roles import drawn_rows
from sampling.files import read_csv
from sampling.findings import Event
from sampling.visits.diary import Absence, Closure
from sampling.visits.plan import DAY_COLUMNS, PLAN_COLUMNS
from sampling.words import LANGUAGES, InputError, text

NOW = datetime.datetime(2026, 5, 29, 17, 0, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))
TOWNS = {**villages_of("A", 12), **villages_of("B", 9)}
TEAMS = [
    ["team", "name", "department", "home township", "home village", "trained"],
    ["red", "a", "civil", "", "A01", "yes"],
    ["red", "b", "audit", "Elsewhere", "", "yes"],
    ["blue", "c", "civil", "", "B02", "yes"],
    ["blue", "d", "finance", "", "B03", "yes"],
]
VISITS = "[visits]\nstart = 2026-06-01\nhours = 6\n"


def write_teams(folder: Path, rows: list[list[str]] = TEAMS) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    (folder / "visits").mkdir(exist_ok=True)
    book.save(folder / "visits" / "teams-list.xlsx")


def write_places(folder: Path) -> None:
    """Villages on a grid: A west of B, 2 km between neighbours."""
    lines = ["township,village,x,y"]
    for town, villages in TOWNS.items():
        for k, village in enumerate(villages):
            lines.append(f"{town},{village},{(k % 4) * 2 + 20 * (town == 'B')},{k // 4 * 2}")
    (folder / "villages.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A campaign that is committed and not drawn yet, with places and teams."""
    folder = tmp_path_factory.mktemp("plan") / "c"
    folder.mkdir()
    write_places(folder)
    campaign_in(folder, TOWNS, frame='villages = "villages.csv"')
    with (folder / "campaign.toml").open("a", encoding="utf-8") as file:
        file.write(VISITS)
    write_teams(folder)
    return folder


@pytest.fixture(scope="module")
def drawn(made, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("drawn") / "c"
    shutil.copytree(made, folder)
    assert run("draw", folder, "--seed", SEED, "--source", "dice") == 0
    return folder


@pytest.fixture
def folder(drawn, tmp_path) -> Path:
    """A drawn campaign of the test's own."""
    return Path(shutil.copytree(drawn, tmp_path / "c"))


@pytest.fixture
def planned(folder) -> Path:
    make_plan(open_campaign(folder), now=NOW)
    return folder


def keys(make) -> list:
    with pytest.raises(InputError) as error:
        make()
    assert all(problem.to_line(lang) for problem in error.value.problems for lang in LANGUAGES)
    return [problem.key for problem in error.value.problems]


def said(done) -> None:
    """Everything that a step says can be said in every language."""
    for lang in LANGUAGES:
        assert text(done.key, lang, **done.fields)
        assert all(note.to_line(lang) for note in done.notes)


def rest(folder: Path, old: str, new: str) -> None:
    path = folder / "campaign.toml"
    found = path.read_text(encoding="utf-8")
    assert old in found
    path.write_text(found.replace(old, new), encoding="utf-8")


def found(folder: Path, rows: list[tuple[str, str, str, str]]) -> None:
    """Findings in the register: village, household, outcome, date."""
    names = ("village", "household", "outcome", "date")
    empty = {"list": "", "inspectors": [], "signed": True}
    payloads = [{"finding": {**empty, **dict(zip(names, row, strict=True))}} for row in rows]
    events = [Event(kind="finding", payload=payload) for payload in payloads]
    open_campaign(folder).register().append(events, actor="test", time=NOW.isoformat())


def households(folder: Path) -> pd.DataFrame:
    rows = drawn_rows(sample_of(folder))
    return rows[rows["stage"] == "2"]


def test_a_template_is_written_once_and_is_where_the_settings_say(folder):
    (folder / "visits" / "teams-list.xlsx").unlink()
    assert keys(lambda: make_plan(open_campaign(folder), now=NOW)) == ["visiting.no_sheet"]
    said(write_team_template(open_campaign(folder)))
    assert (folder / "visits" / "teams-list.xlsx").exists()
    assert keys(lambda: write_team_template(open_campaign(folder))) == ["visiting.sheet_there"]
    assert keys(lambda: make_plan(open_campaign(folder), now=NOW)) == ["visiting.no_teams"]


def test_before_the_draw_it_is_said_whether_there_is_time_enough(made, drawn):
    before, after = (plan_capacity(open_campaign(folder), now=NOW) for folder in (made, drawn))
    sample = drawn_rows(sample_of(drawn))
    villages, inside = (sample["stage"] == "1").sum(), (sample["stage"] == "2").sum()
    assert (after.villages, after.households) == (villages, inside)
    assert before.households == pytest.approx(inside) and before.villages == pytest.approx(villages), (
        "all villages are alike, so every draw asks for as much"
    )
    said(check_capacity(open_campaign(made), now=NOW))


def test_a_plan_is_written_with_the_columns_of_the_format_and_breaks_no_rule(planned):
    campaign = open_campaign(planned)
    visits, days = (read_csv(planned / "visits" / name) for name in ("plan.csv", "teams.csv"))
    assert (tuple(visits), tuple(days)) == (PLAN_COLUMNS, DAY_COLUMNS)
    plan, work = read_plan(campaign), campaign_work(campaign)
    inputs = plan_inputs(campaign, work, first=NOW.date())
    assert broken(plan, work, inputs.teams, inputs.calendar, inputs.distances.matrix()) == []
    assert plan.visits["households"].sum() == len(households(planned))
    assert plan.visits["date"].min() == "2026-06-01"
    assert json.loads((planned / "visits" / "plan.json").read_text(encoding="utf-8"))["made_from"]


def test_a_plan_that_is_read_back_is_the_one_that_was_made(planned):
    plan = read_plan(open_campaign(planned))
    first = (planned / "visits" / "plan.csv").read_bytes()
    done = make_plan(open_campaign(planned), now=NOW)
    said(done)
    assert plan.notes == tuple(done.notes)
    assert (planned / "visits" / "plan.csv").read_bytes() == first
    assert not (planned / "visits" / "earlier").exists(), "nothing was replaced"


def test_nobody_is_sent_home_and_a_strange_home_is_a_note(folder):
    done = make_plan(open_campaign(folder), now=NOW)
    assert [note.key for note in done.notes if note.key.startswith("visiting.home")] == ["visiting.home_town"]


def test_a_new_plan_moves_what_must_move_and_says_so(planned):
    before = read_plan(open_campaign(planned))
    last = before.visits.iloc[-1]
    done = make_new_plan(
        open_campaign(planned), now=NOW, closed=[Closure(village=last["village"], last=NOW.date())]
    )
    said(done)
    assert done.fields["changes"] == 0, "the way is open again before anybody goes"
    made = make_new_plan(open_campaign(planned), now=NOW, sick=[read_absence("blue@2026-06-01")])
    said(made)
    after = read_plan(open_campaign(planned))
    out = before.visits[(before.visits["team"] == "blue") & (before.visits["date"] == "2026-06-01")]
    assert not ((after.visits["team"] == "blue") & (after.visits["date"] == "2026-06-01")).any()
    changes = read_csv(planned / "visits" / "changes.csv")
    assert set(out["village"]) <= set(changes["village"]) and len(changes) == made.fields["changes"] > 0
    kept = read_csv(planned / "visits" / "earlier" / "1" / "plan.csv")
    assert kept["village"].tolist() == before.visits["village"].tolist()
    assert after.visits["households"].sum() == before.visits["households"].sum()


def test_households_that_were_absent_are_called_again_once(planned):
    rows = households(planned)
    plan = read_plan(open_campaign(planned)).visits
    here = plan.loc[0, "village"]
    inside = rows[rows["village"] == here]["household"].tolist()
    found(planned, [(here, inside[0], "absent", "2026-06-01")])
    found(planned, [(here, household, "completed", "2026-06-01") for household in inside[1:]])
    monday = NOW.replace(month=6, day=1)
    done = make_new_plan(open_campaign(planned), now=monday)
    assert (done.fields["over"], done.fields["calls"]) == ("2026-06-01", 1)
    again = read_plan(open_campaign(planned)).visits
    (call,) = again[again["reason"].str.contains("call_again")].to_dict("records")
    assert call["village"] == here and call["households"] == 1 and call["date"] > "2026-06-01"
    found(planned, [(here, inside[0], "absent", call["date"])])
    later = datetime.datetime.fromisoformat(call["date"] + "T18:00:00+08:00")
    assert make_new_plan(open_campaign(planned), now=later).fields["calls"] == 0


def test_visits_that_are_over_without_a_finding_are_a_note(planned):
    plan = read_plan(open_campaign(planned)).visits
    due = plan[plan["date"] <= "2026-06-01"]
    first = due.iloc[0]
    rows = households(planned)
    inside = rows[rows["village"] == first["village"]]["household"].tolist()[:2]
    found(planned, [(first["village"], household, "completed", "2026-06-01") for household in inside])
    done = make_new_plan(open_campaign(planned), now=NOW.replace(month=6, day=1))
    said(done)
    (note,) = [note for note in done.notes if note.key == "visiting.unheard"]
    assert note.value == str(due["households"].sum() - len(inside))
    again = read_plan(open_campaign(planned)).visits
    ahead = again[again["date"] > "2026-06-01"]
    assert ahead["households"].sum() == len(rows) - len(inside), "everything that is not found is ahead"


def test_what_was_found_is_not_planned_again(planned):
    rows = households(planned)
    here = rows["village"].iloc[0]
    inside = rows[rows["village"] == here]["household"].tolist()
    found(planned, [(here, household, "completed", "2026-06-01") for household in inside])
    rest(planned, VISITS, f'{VISITS}appointments = {{ {here} = "2026-06-02 10:00" }}\n')
    make_plan(open_campaign(planned), now=NOW)
    plan = read_plan(open_campaign(planned)).visits
    assert here not in set(plan["village"]) and plan["households"].sum() == len(rows) - len(inside)
    assert (planned / "visits" / "earlier" / "1" / "plan.csv").exists()


def test_the_day_that_is_over_is_today_only_if_something_was_found_today(planned):
    monday = NOW.replace(month=6, day=1)
    assert make_new_plan(open_campaign(planned), now=monday).fields["over"] == "2026-05-31"
    chosen = make_new_plan(open_campaign(planned), now=monday, done_until=datetime.date(2026, 6, 2))
    assert chosen.fields["over"] == "2026-06-02"


def test_without_a_start_visits_begin_tomorrow_and_a_new_plan_counts_from_the_first_day(folder):
    rest(folder, "start = 2026-06-01\n", "")
    make_plan(open_campaign(folder), now=NOW)
    plan = read_plan(open_campaign(folder)).visits
    assert plan["date"].min() == "2026-06-01", "the Monday after a Friday"
    make_new_plan(open_campaign(folder), now=NOW.replace(month=6, day=2), sick=[Absence(team="red")])
    again = read_plan(open_campaign(folder)).visits
    assert again[["day", "date"]].drop_duplicates()["day"].is_unique


def test_a_start_that_is_over_is_a_note(folder):
    done = make_plan(open_campaign(folder), now=NOW.replace(month=7))
    assert "visiting.start_past" in [note.key for note in done.notes]
    said(done)


def test_a_team_does_not_go_where_the_team_of_its_name_was_in_the_wave_before(drawn, folder, tmp_path):
    earlier = tmp_path / "wave1"
    shutil.copytree(drawn, earlier)
    rows = [*TEAMS, ["green", "e", "civil", "", "", ""], ["green", "f", "audit", "", "", ""]]
    for one in (earlier, folder):
        write_teams(one, rows)
    make_plan(open_campaign(earlier), now=NOW)
    been = read_csv(earlier / "visits" / "plan.csv").groupby("team")["village"].agg(set)
    for previous in ("../wave1", "../wave1/receipt.json"):
        rest(folder, "[draw]\n", f'[draw]\nprevious = "{previous}"\n')
        make_plan(open_campaign(folder), now=NOW)
        plan = read_csv(folder / "visits" / "plan.csv")
        assert all(row.village not in been.get(row.team, ()) for row in plan.itertuples())
        rest(folder, f'previous = "{previous}"\n', "")
    shutil.rmtree(earlier / "visits")
    rest(folder, "[draw]\n", '[draw]\nprevious = "../wave1"\n')
    done = make_plan(open_campaign(folder), now=NOW)
    assert "visiting.no_plan_before" in [note.key for note in done.notes]
    said(done)


def test_without_coordinates_the_plan_goes_by_towns_and_says_so(tmp_path):
    folder = tmp_path / "c"
    campaign_in(folder, TOWNS)
    assert run("draw", folder, "--seed", SEED, "--source", "dice") == 0
    with (folder / "campaign.toml").open("a", encoding="utf-8") as file:
        file.write(VISITS)
    write_teams(folder)
    done = make_plan(open_campaign(folder), now=NOW)
    assert done.key == "visiting.done.plan_by_towns"
    assert "plans.distances_unknown" in [note.key for note in done.notes]
    said(done)
    plan = read_plan(open_campaign(folder))
    assert plan.visits["km"].isna().all() and len(plan.visits)


def test_a_table_of_distances_takes_the_place_of_coordinates(folder):
    villages = [village for town in TOWNS.values() for village in town]
    rows = [f"seat,{village},7" for village in villages]
    (folder / "ways.csv").write_text("from,to,km\n" + "\n".join(rows) + "\n", encoding="utf-8")
    rest(folder, VISITS, f'{VISITS}distances = "ways.csv"\n')
    make_plan(open_campaign(folder), now=NOW)
    plan = read_plan(open_campaign(folder)).visits
    assert set(plan.loc[plan["stop"] == 1, "km"]) == {7.0} and set(plan.loc[plan["stop"] > 1, "km"]) <= {14.0}
    (folder / "ways.csv").unlink()
    assert keys(lambda: make_plan(open_campaign(folder), now=NOW)) == ["frames.file.missing"]


def test_a_timing_sheet_sets_the_minutes(folder):
    (folder / "pilot.csv").write_text("outcome,minutes\ncompleted,50\nabsent,10\n", encoding="utf-8")
    calm = plan_capacity(open_campaign(folder), now=NOW)
    rest(folder, VISITS, f'{VISITS}timings = "pilot.csv"\n')
    slow = plan_capacity(open_campaign(folder), now=NOW)
    assert (calm.minutes, slow.minutes) == (25, 30)


def test_random_assignment_is_the_same_for_everybody_who_has_the_receipt(folder):
    rest(folder, VISITS, f'{VISITS}assignment = "random"\norder = "random"\n')
    make_plan(open_campaign(folder), now=NOW)
    first = (folder / "visits" / "plan.csv").read_bytes()
    shutil.rmtree(folder / "visits")
    write_teams(folder)
    make_plan(open_campaign(folder), now=NOW)
    assert (folder / "visits" / "plan.csv").read_bytes() == first


def test_teams_that_begin_in_their_own_town_begin_there(folder):
    rest(folder, VISITS, f'{VISITS}team_base = "own"\n')
    rows = [[*row[:3], town, *row[4:]] for row, town in zip(TEAMS, ["", "A", "A", "B", "B"], strict=True)]
    rows[0] = TEAMS[0]
    write_teams(folder, rows)
    campaign = open_campaign(folder)
    inputs = plan_inputs(campaign, campaign_work(campaign), first=NOW.date())
    assert [team.base for team in inputs.teams] == ["A", "B"]
    assert inputs.distances.km(1, 2) == pytest.approx(1.4 * np.hypot(20 + 24 / 9 - 3, 2 - 12 / 9), abs=1e-6)


def test_a_plan_that_somebody_broke_is_refused_cell_by_cell(planned):
    path = planned / "visits" / "plan.csv"
    good = path.read_text(encoding="utf-8-sig")
    lines = good.splitlines()
    path.write_text("\n".join([lines[0], lines[1].replace("1,2026", "one,2026", 1), *lines[2:]]), "utf-8")
    assert keys(lambda: read_plan(open_campaign(planned))) == ["visiting.no_number"]
    path.write_text(good.replace("km", "miles", 1), encoding="utf-8")
    assert keys(lambda: read_plan(open_campaign(planned))) == ["visiting.no_plan_column"]
    (planned / "visits" / "plan.json").unlink()
    assert read_plan(open_campaign(planned)) is None
    assert keys(lambda: make_new_plan(open_campaign(planned), now=NOW)) == ["envelopes.no_plan"]


def test_teams_and_villages_that_nobody_knows_are_named(planned):
    sick, closed = [Absence(team="green")], [Closure(village="A99"), Closure(village="A01", to="Z")]
    found = keys(lambda: make_new_plan(open_campaign(planned), now=NOW, sick=sick, closed=closed))
    assert found[0] == "visiting.unknown_team" and set(found[1:]) == {"visiting.unknown_village"}


def test_absences_and_closures_are_read_as_a_command_has_them():
    first, last = datetime.date(2026, 6, 3), datetime.date(2026, 6, 5)
    assert read_absence("red") == Absence(team="red")
    assert read_absence("red@2026-06-03") == Absence(team="red", first=first, last=first)
    assert read_absence("red @ 2026-06-03..2026-06-05") == Absence(team="red", first=first, last=last)
    assert read_closure("A01,B02@2026-06-03") == Closure(village="A01", to="B02", first=first, last=first)
    assert read_closure("A01") == Closure(village="A01")
    assert keys(lambda: read_absence("red@soon")) == ["visiting.no_dates"]


def test_households_that_are_drawn_on_arrival_are_reckoned_with(tmp_path):
    folder = tmp_path / "c"
    campaign_in(folder, TOWNS, households="sealed = true")
    assert run("draw", folder, "--seed", SEED, "--source", "dice") == 0
    with (folder / "campaign.toml").open("a", encoding="utf-8") as file:
        file.write(VISITS)
    write_teams(folder)
    make_plan(open_campaign(folder), now=NOW)
    plan = read_plan(open_campaign(folder)).visits
    assert set(plan.groupby("village")["households"].sum()) == {3}, "half of six"
