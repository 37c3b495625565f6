"""What is to be put right, what towns answer, and the sheets that go there and back."""

import datetime
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from python_calamine import CalamineWorkbook
from reports_stand_in import copy_of
from xlsxwriter import Workbook

from sampling.campaign import Campaign, open_campaign
from sampling.campaign.following import followup_done
from sampling.campaign.followup import followup_counts, problems_of, visits_again
from sampling.campaign.followup_settings import FollowupSettings
from sampling.campaign.hotlines import read_hotline
from sampling.campaign.replying import FIELDS, take_replies
from sampling.campaign.status import made_from
from sampling.codes import label
from sampling.documents.xlsx import xlsx_bytes
from sampling.findings.state import REPLY
from sampling.office.ledger import ledger
from sampling.office.office import Office, open_office
from sampling.office.reply_sheet import reply_sheet
from sampling.office.review_calendar import month_after, review_calendar, review_events, review_rows
from sampling.words import LANGUAGES, InputError, text

pytest_plugins = ["reports_campaign"]
NOW = datetime.datetime(2030, 1, 5, 9, 0, tzinfo=datetime.UTC)
ACCEPTED = {"attitude": "接受", "responsible": "责任人-1", "measure": "已核对", "done_on": "2029-12-01",
            "to_recover": "600", "recovered": "250.50", "settled": "是", "note": ""}  # fmt: skip


def towns(campaign: Campaign) -> list[Office]:
    county = open_office(campaign, lang=campaign.lang)
    return [county.of(number) for number in campaign.units()["number"]]


def write_sheet(path: Path, rows: list[dict], lang: str = "zh", *, order=FIELDS, above: int = 0) -> Path:
    """A reply sheet as an office program would save it: other rows, other columns, another name."""
    with Workbook(path) as book:
        sheet = book.add_worksheet("x")
        for place, field in enumerate(order):
            sheet.write_string(above, place, text(f"followup.column.{field}", lang))
            for line, row in enumerate(rows, start=above + 1):
                if row.get(field):
                    sheet.write_string(line, place, row[field])
    return path


@pytest.fixture
def first(campaign) -> str:
    return problems_of(campaign)["problem"].iloc[0]


def test_problems_are_the_findings_to_act_on_the_faults_of_villages_and_open_hotline_reports(campaign):
    problems, found = problems_of(campaign), campaign.findings()
    acts = found[found["verdict"].isin(["ineligible", "overpaid", "underpaid", "to_be_checked", "entitled"])]
    kinds = problems["kind"].value_counts()
    assert kinds["household"] == len(acts) and problems["problem"].is_unique
    forms = campaign.village_answers()
    faults = (forms["posting_days"] < 7).sum() + (~forms["meeting_held"]).sum()
    assert kinds["procedure"] >= faults + (~forms["files_complete"]).sum()
    reports = read_hotline(campaign.folder / campaign.settings.followup.hotline)
    seen = found[(found["outcome"] == "completed") & (found["list"] == "")]
    keys = set(zip(seen["village"], seen["household"], strict=True))
    open_ones = [
        pair for pair in zip(reports["village"], reports["household"], strict=True) if pair not in keys
    ]
    assert kinds.get("hotline", 0) == len(open_ones)


def test_the_sheet_that_a_town_gets_is_read_back_as_it_was_filled_in(campaign, tmp_path):
    town = next(office for office in towns(campaign) if len(office.problems) > 1)
    book = reply_sheet(town)
    (sheet,) = book.sheets
    answer = (
        "接受",
        "责任人-1",
        "已核对",
        datetime.date(2029, 12, 1),
        Decimal("600"),
        Decimal("250.50"),
        "是",
        "好",
    )
    rows = tuple((*row[:3], *answer) for row in sheet.rows[:1]) + sheet.rows[1:]
    (tmp_path / "back.xlsx").write_bytes(xlsx_bytes(replace(book, sheets=(replace(sheet, rows=rows),))))
    done = take_replies(campaign, [tmp_path / "back.xlsx"], now=NOW)
    assert done.fields["taken"] == 1 and done.fields["settled"] == 1
    held = problems_of(campaign).set_index("problem").loc[sheet.rows[0][0]]
    assert (held["attitude"], held["settled"], held["done_on"]) == ("accepted", True, "2029-12-01")
    assert (held["to_recover_fen"], held["recovered_fen"]) == (60000, 25050)
    assert (held["responsible"], held["measure"], held["note"]) == ("责任人-1", "已核对", "好")
    again = reply_sheet(next(o for o in towns(campaign) if o.unit["number"] == town.unit["number"]))
    assert again.sheets[0].rows[0][3:] == answer


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sheet_with_moved_columns_fewer_rows_and_another_name_is_read(campaign, tmp_path, first, lang):
    row = {**ACCEPTED, "item": first, "attitude": label("reply", "contested", lang), "settled": ""}
    path = write_sheet(tmp_path / "回复 (2).xlsx", [row], lang, order=FIELDS[::-1], above=4)
    assert take_replies(campaign, [path], now=NOW).fields["contested"] == 1
    assert list(visits_again(problems_of(campaign))["problem"]) in ([first], [])


def test_the_same_sheet_again_adds_nothing_and_a_later_answer_takes_its_place(campaign, tmp_path, first):
    path = write_sheet(tmp_path / "a.xlsx", [{**ACCEPTED, "item": first}])
    assert take_replies(campaign, [path], now=NOW).fields["taken"] == 1
    assert take_replies(campaign, [path], now=NOW).fields == {
        **take_replies(campaign, [path], now=NOW).fields, "taken": 0, "same": 1,
    }  # fmt: skip
    later = write_sheet(
        tmp_path / "b.xlsx", [{**ACCEPTED, "item": first, "attitude": "有异议", "settled": "否"}]
    )
    assert take_replies(campaign, [later], now=NOW).fields["taken"] == 1
    assert problems_of(campaign).set_index("problem").loc[first, "attitude"] == "contested"
    kinds = [entry.kind for entry in campaign.register().events()]
    assert kinds.count(REPLY) == 2  # both stay in the chain


def test_what_a_town_writes_freely_stands_in_the_vault_and_not_in_the_chain(campaign, tmp_path, first):
    take_replies(campaign, [write_sheet(tmp_path / "a.xlsx", [{**ACCEPTED, "item": first}])], now=NOW)
    chain = "".join(entry.payload for entry in campaign.register().events())
    assert "责任人-1" not in chain and "已核对" not in chain
    assert campaign.register().check() == ()


WRONG = {
    "unknown_problem": {"item": "H-99999999"},
    "no_attitude": {"attitude": ""},
    "unknown_attitude": {"attitude": "也许"},
    "bad_amount": {"to_recover": "很多"},
    "bad_date": {"done_on": "下周"},
    "bad_settled": {"settled": "差不多"},
    "settled_without_day": {"done_on": ""},
    "settled_without_measure": {"measure": ""},
    "recovered_too_much": {"recovered": "601"},
}


def test_every_fault_of_every_row_is_said_at_once_and_nothing_is_taken(campaign, tmp_path, first):
    head = campaign.register().head()
    rows = [{**ACCEPTED, "item": first, **change} for change in WRONG.values()]
    good = write_sheet(tmp_path / "good.xlsx", [{**ACCEPTED, "item": first}])
    (tmp_path / "none.txt").write_text("x", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        take_replies(campaign, [good, write_sheet(tmp_path / "a.xlsx", rows), tmp_path / "none.txt"], now=NOW)
    found = {(problem.key, problem.row) for problem in refused.value.problems if problem.file == "a.xlsx"}
    assert found == {(f"followup.{name}", place) for place, name in enumerate(WRONG, start=2)}
    assert any(problem.file == "none.txt" for problem in refused.value.problems)
    assert campaign.register().head() == head
    assert all(problem.to_line(lang) for problem in refused.value.problems for lang in LANGUAGES)


def test_a_day_in_the_future_is_no_day_on_which_something_was_done(campaign, tmp_path, first):
    path = write_sheet(tmp_path / "a.xlsx", [{**ACCEPTED, "item": first, "done_on": "2030-01-06"}])
    with pytest.raises(InputError):
        take_replies(campaign, [path], now=NOW)


def test_replies_move_no_figure_so_estimates_stay_current(campaign, tmp_path, first):
    before = made_from(campaign)
    take_replies(campaign, [write_sheet(tmp_path / "a.xlsx", [{**ACCEPTED, "item": first}])], now=NOW)
    assert made_from(open_campaign(campaign.folder)) == before
    assert campaign.register().head().seq > before["register_events"]


def test_the_ledger_has_every_problem_once_and_its_money_adds_up(campaign, tmp_path):
    ids = list(problems_of(campaign)["problem"])[:3]
    take_replies(
        campaign, [write_sheet(tmp_path / "a.xlsx", [{**ACCEPTED, "item": one} for one in ids])], now=NOW
    )
    rows, counts_sheet = (sheet.rows for sheet in ledger(open_office(campaign, lang="zh")).sheets)
    assert len(rows) - 1 == len(problems_of(campaign)) == rows[-1][0]
    assert rows[-1][9:11] == (Decimal(1800), Decimal("751.50"))
    assert sum(row[9] or 0 for row in rows[:-1]) == rows[-1][9]
    assert counts_sheet[-1][1] == len(problems_of(campaign)) and counts_sheet[-1][2] == 3
    parts = [ledger(office) for office in towns(campaign)]
    assert sum(part.sheets[0].rows[-1][0] for part in parts if part) == rows[-1][0]


@given(st.dates(datetime.date(2020, 1, 1), datetime.date(2040, 1, 1)), st.integers(1, 365))
@settings(max_examples=50)
def test_a_deadline_is_so_many_days_after_the_notice(day, days):
    told = FollowupSettings(notified=day, days=days)
    assert (told.deadline - day).days == days and FollowupSettings(days=days).deadline is None


def test_what_is_overdue_depends_on_the_day_that_is_asked_for(campaign):
    path = campaign.folder / "campaign.toml"
    words = path.read_text(encoding="utf-8").replace("# notified = 2026-07-01", "notified = 2026-01-31")
    path.write_text(words, encoding="utf-8")
    notified = open_campaign(campaign.folder)
    said = {day: followup_done(notified, today=day).fields["deadline"] for day in
            (datetime.date(2026, 3, 2), datetime.date(2026, 3, 3))}  # fmt: skip
    assert "已过" not in said[datetime.date(2026, 3, 2)] and "已过" in said[datetime.date(2026, 3, 3)]
    assert f"{len(problems_of(notified))} 个" in said[datetime.date(2026, 3, 3)]
    assert "尚未通知" in followup_done(campaign, today=datetime.date(2026, 3, 3)).fields["deadline"]


def test_counts_by_town_add_up(campaign):
    problems = problems_of(campaign)
    counted = followup_counts(problems)
    assert counted["problems"].sum() == len(problems) and counted["answered"].sum() == 0
    assert counted["hotline_open"].sum() == (problems["kind"] == "hotline").sum()


def test_every_household_is_reviewed_and_nobody_is_named(campaign):
    office = open_office(campaign, lang="zh")
    rows, roll = review_rows(office), campaign.roll()
    keys = set(zip(rows["village"], rows["household"], strict=True))
    assert keys == set(zip(roll["village"], roll["household"], strict=True))
    assert rows.loc[rows["kind"] == "stable", "month"].ne("").all()
    twice = rows[rows["kind"] == "retirement"].groupby(["village", "household"])["month"].nunique()
    assert set(twice) <= {2}
    told = str(review_calendar(office)) + review_events(office).decode()
    assert not [name for name in roll["household_name"] if name in told]


def test_the_calendar_file_opens_and_counts_the_households_of_the_workbook(campaign):
    office = open_office(campaign, lang="en")
    events = Calendar.from_ical(review_events(office)).walk("VEVENT")
    rows = review_rows(office)
    counted = sum(int(str(event["SUMMARY"]).rpartition(" ")[2]) for event in events)
    assert counted == (rows["month"] != "").sum() and len({str(event["UID"]) for event in events}) == len(
        events
    )


@given(st.dates(), st.integers(0, 40))
@settings(max_examples=50)
def test_months_go_on_over_the_end_of_a_year(day, months):
    if day.year < 9990:
        expected = pd.Period(year=day.year, month=day.month, freq="M") + months
        assert month_after(day, months) == f"{expected.year}-{expected.month:02}"


def test_settings_of_the_follow_up_are_checked(campaign):
    path = campaign.folder / "campaign.toml"
    words = path.read_text(encoding="utf-8")
    bad = 'days = 0\nnotified = "soon"\nhotline = 3\nreview = { stable = "never", x = "yearly" }\n'
    path.write_text(words[: words.index("[followup]")] + "[followup]\n" + bad, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        open_campaign(campaign.folder)
    names = ["days", "hotline", "notified", "review.stable", "review.x"]
    found = sorted(problem.column for problem in refused.value.problems)
    assert found == [f"followup.{name}" for name in names]


@pytest.mark.parametrize("content", [None, "举报编号,乡镇\nR1,甲\n"])
def test_a_hotline_list_that_is_missing_or_lacks_columns_is_refused(tmp_path, content):
    path = tmp_path / "hotline.csv"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_hotline(path)
    assert len(refused.value.problems) == (1 if content is None else 2)


def test_the_sheet_is_one_that_towns_can_fill_in(campaign, tmp_path):
    town = next(office for office in towns(campaign) if len(office.problems))
    (tmp_path / "a.xlsx").write_bytes(xlsx_bytes(reply_sheet(town)))
    names = CalamineWorkbook.from_path(tmp_path / "a.xlsx").sheet_names
    assert names[0] == "回复表" and copy_of is not None
