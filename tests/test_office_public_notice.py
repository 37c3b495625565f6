"""The public notice: name, persons, amount; those whose stop was decided are gone, everybody else stays."""

import io
import time
import zipfile
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from office_cases import HOSTILE, change, rename, told, town_with, towns_of

from sampling.campaign import open_campaign
from sampling.documents.docx import docx_bytes
from sampling.documents.figures import differences
from sampling.documents.model import Grid, Heading
from sampling.documents.pdf import pdf_bytes
from sampling.documents.public import PUBLIC_COLUMNS
from sampling.documents.reading import read_back
from sampling.office.office import Office, open_office
from sampling.office.people import is_minor
from sampling.office.public_notice import public_notice, public_rows
from sampling.words import LANGUAGES, text

pytest_plugins = ["reports_campaign"]


@pytest.fixture(params=LANGUAGES)
def office(made_campaign, request) -> Office:
    return open_office(open_campaign(made_campaign.folder, lang=request.param), lang=request.param)


def rows_of(town: Office) -> list[tuple[str, ...]]:
    return [row for part in public_notice(town).parts if isinstance(part, Grid) for row in part.rows]


def decide(office: Office, verdict: str, decision: str, **values: object) -> tuple[Office, pd.Series]:
    """A town where the county has decided about the first household of the roll with this recommendation."""
    town = town_with(office, "overpaid")
    roll = town.inspected[town.inspected["list"] == ""]
    first = town.inspected.index == roll.index[0]
    for name, value in {"verdict": verdict, "decision": decision, **values}.items():
        change(town, "inspected", name, value, first)
    return town, town.inspected[first].iloc[0]


def test_the_notice_is_the_roll_in_three_columns(office):
    for town in towns_of(office):
        roll = town.roll
        expected = [
            (name, str(persons), f"{Decimal(int(fen)) / 100:,.2f}")
            for name, persons, fen in zip(
                roll["household_name"], roll["persons"], roll["amount_fen"], strict=True
            )
        ]
        assert rows_of(town) == expected
        assert list(public_rows(town).columns) == ["village_name", *PUBLIC_COLUMNS]


PLANTED = ("household", "group", "category", "programme", "identity")


def test_nothing_else_that_a_roll_tells_is_in_the_finished_files(office):
    town = towns_of(office)[0]
    for column in PLANTED:
        values = [f"PLANTED-{column}-{place}" for place in range(len(town.roll))]
        change(town, "roll", column, values)
    for column in ("phone", "account", "address", "illness", "self_check", "reason"):
        town.__dict__["roll"] = town.roll.assign(**{column: f"PLANTED-{column}"})
    change(town, "inspected", "reason", "PLANTED-reason")
    content = public_notice(town)
    with zipfile.ZipFile(io.BytesIO(docx_bytes(content))) as parts:
        assert not [name for name in parts.namelist() if b"PLANTED" in parts.read(name)]
    for suffix, data in ((".docx", docx_bytes(content)), (".pdf", pdf_bytes(content))):
        assert "PLANTED" not in "".join(read_back(data, suffix).lines)
        assert differences(content, data, suffix) == []


def test_only_a_decided_stop_takes_a_household_off(office):
    for decision, gone in (("accepted", 1), ("", 0), ("changed", 0), ("dropped", 0)):
        town, one = decide(office, "ineligible", decision)
        names = [row[0] for row in rows_of(town)]
        assert len(names) == len(town.roll) - gone
        assert (one["household_name"] in names) == (not gone)


@pytest.mark.parametrize("verdict", ["overpaid", "underpaid"])
def test_a_decided_amount_is_shown_and_a_recommended_one_is_not(office, verdict):
    for decision, fen in (("accepted", 12345), ("", None), ("changed", None), ("dropped", None)):
        town, one = decide(office, verdict, decision, amount_due_fen=12345)
        shown = dict((row[0], row[2]) for row in rows_of(town))[one["household_name"]]
        assert shown == f"{Decimal(fen or int(one['amount_fen'])) / 100:,.2f}"


def test_a_decided_change_of_an_unknown_amount_is_not_shown_as_nothing(office):
    town, one = decide(office, "underpaid", "accepted", amount_due_fen=pd.NA)
    assert dict((row[0], row[2]) for row in rows_of(town))[one["household_name"]] != "0.00"


def test_a_decision_on_another_list_takes_nobody_off_the_roll(office):
    town, _ = decide(office, "ineligible", "accepted")
    change(town, "inspected", "list", "relief", town.inspected["decision"] == "accepted")
    assert len(rows_of(town)) == len(town.roll)


def test_money_adds_up_to_the_fen(office):
    town = towns_of(office)[0]
    fen = [(place * 7919) % 300_000 + 1 for place in range(len(town.roll))]
    change(town, "roll", "amount_fen", fen)
    total = sum(Decimal(row[2].replace(",", "")) for row in rows_of(town))
    assert total * 100 == sum(fen)


def test_two_villages_of_one_name_are_not_mixed(office):
    town = towns_of(office)[0]
    change(town, "roll", "village_name", "新村")
    headings = [part for part in public_notice(town).parts if isinstance(part, Heading)]
    assert len(headings) == town.roll["village"].nunique() > 1
    assert len(rows_of(town)) == len(town.roll)


def test_a_child_at_the_head_of_a_household_has_no_name_here(office):
    town = towns_of(office)[0]
    child = town.roll.index == 1
    change(town, "roll", "identity", f"999999{office.reference.year - 17}0101001T", child)
    name, hidden = town.roll["household_name"][1], text("notices.public.minor", office.lang)
    shown = [row[0] for row in rows_of(town)]
    assert shown[1] == hidden and name not in shown and shown.count(hidden) == 1


@given(st.dates(date(1990, 1, 1), date(2030, 12, 31)), st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_a_minor_is_who_has_not_had_the_18th_birthday(born, day):
    months = (day.year - born.year) * 12 + day.month - born.month
    of_age = months > 18 * 12 or (months == 18 * 12 and day.day >= born.day)
    assert is_minor(f"999999{born:%Y%m%d}001T", day) is not of_age


@pytest.mark.parametrize("odd", ["", "123", "99999920101332001T", "护照E1234567", pd.NA, None])
def test_an_odd_number_tells_no_age(odd):
    assert is_minor(odd, date(2026, 1, 1)) is False


def test_full_width_and_old_numbers_are_read_too():
    assert is_minor("９９９９９９２０１００６１５００１Ｔ", date(2026, 1, 1))
    assert not is_minor("999999900615001", date(2026, 1, 1))


def test_nobody_s_recommendation_or_estimate_is_posted(office):
    words = "\n".join(told(public_notice(town)) for town in towns_of(office))
    for verdict in ("ineligible", "overpaid", "underpaid", "to_be_checked"):
        assert text(f"codes.verdict.{verdict}", office.lang) not in words


def test_the_days_and_the_hotlines_of_the_settings_are_told(office):
    words = told(public_notice(towns_of(office)[0]))
    days = office.campaign.settings.followup.posted_days
    assert {"zh": f"公示期{days}天", "en": f"posted for {days} days"}[office.lang] in words
    assert office.hotlines and all(phone in words for phone in office.hotlines)


def test_a_town_of_1500_households_is_fast(office):
    town = towns_of(office)[0]
    times = -(-1500 // len(town.roll))
    town.__dict__["roll"] = pd.concat([town.roll] * times, ignore_index=True)
    start = time.process_time()
    content = public_notice(town)
    docx_bytes(content)
    assert len(rows_of(town)) >= 1500 and time.process_time() - start < 5


def test_hostile_names_are_only_names(office):
    town = rename(towns_of(office)[0], HOSTILE)
    content = public_notice(town)
    for suffix, data in ((".docx", docx_bytes(content)), (".pdf", pdf_bytes(content))):
        assert differences(content, data, suffix) == []
    assert HOSTILE[0] in told(content)
