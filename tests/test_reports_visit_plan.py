"""The plan of visits on a page: table, load, strip and map say what the plan says, and nobody's name."""

import re
import shutil
from itertools import pairwise

import pandas as pd
import pytest

from sampling.campaign import Campaign, open_campaign
from sampling.campaign.plan_files import write_plan
from sampling.files import csv_bytes, read_csv
from sampling.reports import Report, ReportRefused, open_report, plan_charts, visit_plan
from sampling.reports.html import Block, Table, svg_bytes
from sampling.visits.sheet import read_teams
from sampling.words import LANGUAGES

pytest_plugins = ["plan_stand_in"]


def report_of(campaign: Campaign, lang: str = "en", unit: str = "") -> Report:
    return open_report("30_visits", campaign=str(campaign.folder), unit=unit, lang=lang)


def table_of(shown: Table | Block) -> pd.DataFrame:
    assert isinstance(shown, Table)
    return shown.to_table()


@pytest.fixture
def own(planned, tmp_path) -> Campaign:
    """A copy of the planned campaign that a test may change."""
    shutil.copytree(planned.folder, tmp_path / "campaign")
    return open_campaign(tmp_path / "campaign")


@pytest.mark.parametrize(("lang", "words"), [("zh", "还没有编排"), ("en", "No plan of visits was made yet")])
def test_where_no_plan_was_made_the_page_says_so_and_shows_nothing_else(drawn, lang, words):
    report = report_of(drawn, lang)
    assert words in repr(visit_plan.summary(report))
    parts = [visit_plan.table, visit_plan.load, visit_plan.gantt, visit_plan.route_map]
    assert [part(report)._repr_html_() for part in parts] == [""] * 4


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_visit_of_the_plan_is_a_row_of_the_table(planned, made, lang):
    shown = table_of(visit_plan.table(report_of(planned, lang)))
    visits = made.visits
    assert len(shown) == len(visits)
    for place, name in {0: "date", 1: "team", 5: "arrive", 6: "leave"}.items():
        assert list(shown.iloc[:, place]) == list(visits[name])
    assert [int(cell) for cell in shown.iloc[:, 8]] == list(visits["households"])


def test_the_load_of_the_teams_adds_up_to_the_whole_plan(planned, made):
    shown = table_of(visit_plan.load(report_of(planned))).set_index("Team")
    numbers = shown.apply(lambda column: column.str.replace(",", "").astype(float))
    work = planned.sample().query("stage == '2' and role != 'reserve'")
    assert numbers.loc["Total", "Households"] == len(work) == made.visits["households"].sum()
    teams = numbers.drop("Total")
    for column in ("Days out", "Households"):
        assert teams[column].sum() == numbers.loc["Total", column]
    assert teams["km"].sum() == pytest.approx(made.days["km"].sum(), abs=0.2)
    assert numbers.loc["Total", "Longest day, hours"] == teams["Longest day, hours"].max() <= 8


def test_a_towns_page_holds_the_visits_there_only(planned, made):
    unit = planned.unit("02")
    there = made.visits[made.visits["township"] == unit["township"]]
    shown = table_of(visit_plan.table(report_of(planned, unit="02")))
    assert 0 < len(shown) == len(there) < len(made.visits) and set(shown["Town"]) == {unit["name"]}
    load = table_of(visit_plan.load(report_of(planned, unit="02")))
    assert list(load.columns) == ["Team", "Days out", "Villages", "Households"]
    assert load["Households"].iloc[-1] == str(there["households"].sum())


def test_a_plan_of_an_earlier_sample_is_told(own):
    assert "earlier sample" not in repr(visit_plan.summary(report_of(own)))
    (own.folder / "receipt.json").write_bytes((own.folder / "receipt.json").read_bytes() + b"\n")
    assert "earlier sample" in repr(visit_plan.summary(report_of(own)))


def test_a_plan_that_somebody_spoiled_is_refused_in_the_readers_language(own):
    path = own.folder / "visits" / "plan.csv"
    path.write_bytes(csv_bytes(read_csv(path).assign(households="many")))
    with pytest.raises(ReportRefused, match=r"plan\.csv.*many"):
        visit_plan.summary(report_of(own))


def test_unknown_ways_are_a_dash_not_a_nought(own, made):
    days = made.days.assign(km=float("nan"), km_back=float("nan"))
    plan = type(made)(
        visits=made.visits.assign(km=float("nan")), days=days, notes=(), made_from=made.made_from
    )
    write_plan(own, plan, {})
    report = report_of(own)
    assert set(table_of(visit_plan.table(report))["km"]) == {"—"}
    assert table_of(visit_plan.load(report))["km"].iloc[-1] == "—" and "— km" in repr(
        visit_plan.summary(report)
    )


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("", "", ""),
        ("certainty; part 2 of 3", "必查村、第2次，共3次", "visited for certain, part 2 of 3"),
        ("call_again; appointment", "再次上门、有预约", "calling again, appointment"),
        ("left_over; new; own words", "此前未查完、新增、own words", "left over, new, own words"),
    ],
)
def test_reasons_are_words_and_what_is_not_ours_stays(code, zh, en):
    assert visit_plan.reason_words(code, "zh") == zh
    assert visit_plan.reason_words(code, "en").replace("; ", ", ") == en


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nobodys_name_or_phone_is_on_the_page(planned, lang):
    report = report_of(planned, lang)
    parts = [visit_plan.summary, visit_plan.table, visit_plan.load, visit_plan.gantt, visit_plan.route_map]
    shown = "".join(part(report)._repr_html_() for part in parts)
    teams = read_teams(planned.folder / "source" / "teams.xlsx")
    names = {member.name for team in teams for member in team.members}
    assert len(names) >= 2 and not [name for name in names if name in shown]
    people = {*planned.roll()["household_name"], *planned.roll()["phone"]} - {""}
    assert len(people) > 100 and not [secret for secret in people if secret in shown]


def test_the_strip_has_a_bar_for_every_visit_as_long_as_it_takes(made):
    figure = plan_charts.gantt(made.visits, "zh")
    bars = [bar for axes in figure.axes for bar in axes.patches]
    assert len(bars) == len(made.visits)
    minutes = (pd.to_timedelta(made.visits[n] + ":00").dt.total_seconds() / 60 for n in ("arrive", "leave"))
    arrive, leave = minutes
    taken = sorted((leave - arrive) * plan_charts.DAY / (leave.max() - arrive.min()))
    assert sorted(bar.get_width() for bar in bars) == pytest.approx(taken)


def test_bars_of_a_team_do_not_lie_on_each_other_and_stay_in_their_day(made):
    axes = plan_charts.gantt(made.visits, "en").axes[0]
    spans = sorted((bar.get_y(), bar.get_x(), bar.get_x() + bar.get_width()) for bar in axes.patches)
    assert all(a[2] <= b[1] + 1e-9 for a, b in pairwise(spans) if a[0] == b[0])
    assert all(int(left) == int(right) for _, left, right in spans)


def test_a_long_plan_goes_on_in_a_strip_below(made):
    dates = pd.bdate_range("2026-06-01", periods=23).strftime("%Y-%m-%d")
    long = pd.concat([made.visits.head(1).assign(date=date, day=n) for n, date in enumerate(dates, 1)])
    figure = plan_charts.gantt(long.reset_index(drop=True), "en")
    assert [len(axes.patches) for axes in figure.axes] == [10, 10, 3]
    assert len({axes.get_xlim() for axes in figure.axes}) == 1


def test_kinds_of_visits_are_told_by_hatching_too(made):
    rows = made.visits.head(4).assign(reason=["", "", "certainty", "call_again; certainty"])
    hatches = [bar.get_hatch() for bar in plan_charts.gantt(rows, "en").axes[0].patches]
    assert sorted(hatch or "" for hatch in hatches) == ["", "", "...", "///"]


def test_the_map_shows_every_village_of_the_plan_under_its_team(planned, made):
    villages = planned.villages()
    places = villages[["village"]].join(villages[["x", "y"]].apply(pd.to_numeric))
    axes = plan_charts.route_map(made.visits, places, "zh").axes[0]
    known = places.set_index("village")
    for points in axes.collections[1:]:
        wanted = made.visits[made.visits["team"] == points.get_label()]
        spots = {tuple(known.loc[village]) for village in wanted["village"]}
        assert {tuple(spot) for spot in points.get_offsets()} == spots and spots
    assert len(axes.collections) == 1 + made.visits["team"].nunique()


def test_fifty_six_teams_have_different_signs():
    pairs = {(plan_charts.COLOURS[n % 7], plan_charts.SIGNS[n % 8]) for n in range(56)}
    assert len(pairs) == 56 == len(plan_charts.COLOURS) * len(plan_charts.SIGNS)


@pytest.mark.parametrize(("lang", "words"), [("zh", "坐标不详"), ("en", "coordinates of the villages")])
def test_without_coordinates_there_is_a_sentence_instead_of_a_map(own, lang, words):
    report = report_of(own, lang)
    report.data.__dict__["villages"] = report.data.villages.assign(x="", y="")
    assert words in repr(visit_plan.route_map(report))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pictures_are_the_same_again_and_say_in_words_what_they_show(planned, made, lang):
    first, second = (svg_bytes(plan_charts.gantt(made.visits, lang)) for _ in range(2))
    assert first == second
    report = report_of(planned, lang)
    for part in (visit_plan.gantt(report), visit_plan.route_map(report)):
        alternative = re.search(r'alt="([^"]+)"', part._repr_html_())
        assert alternative and len(alternative[1]) > 20
    assert all(team in repr(visit_plan.route_map(report)) for team in made.visits["team"])
    said = repr(visit_plan.gantt(report))
    assert all(str(n) in said for n in (made.visits["village"].nunique(), made.visits["households"].sum()))


def test_a_strip_of_nothing_is_drawn_empty(made):
    assert svg_bytes(plan_charts.gantt(made.visits.iloc[:0], "zh"))
