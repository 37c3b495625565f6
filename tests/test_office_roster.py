"""The rosters: they add up to the facts, name each household once, and tell nothing but what they should."""

from decimal import Decimal

import pytest
from office_cases import HOSTILE, change, rename, told, town_with, towns_of

from sampling.campaign import open_campaign
from sampling.documents.figures import differences
from sampling.documents.xlsx import xlsx_bytes
from sampling.office.office import Office, open_office
from sampling.office.roster import SHEETS, roster
from sampling.words import LANGUAGES, text

pytest_plugins = ["reports_campaign"]
PAID = ("", "five_guarantee", "relief")


@pytest.fixture(params=LANGUAGES)
def office(made_campaign, request) -> Office:
    return open_office(open_campaign(made_campaign.folder, lang=request.param), lang=request.param)


def sheets_of(office: Office) -> dict[str, list[dict]]:
    """The rows of each sheet by its key, cells by the key of their column."""
    book = roster(office)
    keys = {text(f"notices.roster.{key}.sheet", office.lang): key for key in SHEETS}
    return {
        keys[sheet.name]: [_named(sheet, row, office.lang) for row in sheet.rows] for sheet in book.sheets
    }


def _named(sheet, row, lang: str) -> dict:
    known = ("number", "town", "village", "household", "name", "list", "persons", "entitled", "category",
             "paid", "verdict", "reason", "due", "change", "date", "decision")  # fmt: skip
    titles = {text(f"notices.column.{key}", lang): key for key in known}
    return {titles[column.title]: cell for column, cell in zip(sheet.columns, row, strict=True)}


def test_each_sheet_adds_up_to_the_facts(office):
    found = office.facts.found
    for key, rows in sheets_of(office).items():
        own = found[(found["verdict"] == SHEETS[key]) & (found["outcome"] == "completed")]
        *households, total = rows
        assert total["number"] == len(households) == own["households"].sum()
        assert total["persons"] == own["persons"].sum()
        assert total["paid"] == Decimal(int(own["paid_fen"].sum())) / 100
        if key in ("stop", "reduce", "raise"):
            assert own["list"].isin(PAID).all()
            assert abs(total["change"]) == Decimal(int(own["error_fen"].sum())) / 100
            assert total["paid"] + total["change"] == total["due"]


def test_every_town_s_roster_is_its_part_of_the_county_s(office):
    def lines(place):
        return [tuple(row.values())[1:] for rows in sheets_of(place).values() for row in rows[:-1]]

    parts = [line for town in towns_of(office) if roster(town) for line in lines(town)]
    whole = lines(office)
    assert sorted(map(str, parts)) == sorted(map(str, whole)) and len(set(whole)) == len(whole) > 0


def test_rows_stand_by_town_village_and_household(office):
    for rows in sheets_of(office).values():
        keys = office.inspected.reset_index(names="place")
        keys = keys.set_index(["village_name", "household", "household_name"])["place"]
        places = [keys[row["village"], row["household"], row["name"]] for row in rows[:-1]]
        assert places == sorted(places)
    order = office.inspected[["township", "village", "household"]]
    assert order.equals(order.sort_values(["township", "village", "household"]))


def test_a_decision_is_a_column_of_its_own_in_the_reader_s_words(office):
    town = change(town_with(office, "overpaid"), "inspected", "decision", "accepted")
    words = told(roster(town))
    assert text("notices.decision.accepted", office.lang) in words and "accepted" not in words.split("\n")
    *rows, total = sheets_of(town)["reduce"]
    assert all(row["decision"] and row["decision"] != row["verdict"] for row in rows)
    assert total["decision"] is None


def test_categories_are_words_of_the_reader_s_language(made_campaign):
    english = open_office(open_campaign(made_campaign.folder, lang="en"), lang="en")
    written = {row["category"] for rows in sheets_of(english).values() for row in rows[:-1]}
    assert written and all(word.isascii() for word in written)


def test_a_sum_of_unknown_amounts_stays_empty(office):
    for key in ("check", "entitled"):
        for row in sheets_of(office).get(key, [])[-1:]:
            assert row["due"] is None and row["change"] is None


def test_only_where_lists_are_mixed_the_list_is_said(office):
    town = town_with(office, "overpaid")
    assert "list" not in sheets_of(town)["reduce"][0]
    change(town, "inspected", "list", "relief", town.inspected["verdict"] == "overpaid")
    assert sheets_of(town)["reduce"][0]["list"] == text("codes.list.relief", office.lang)


def test_no_number_of_a_person_and_no_address_is_in_a_roster(office):
    words = told(roster(office))
    people = [office.campaign.roll(), *office.campaign.lists().values()]
    for column in ("identity", "phone", "account", "address"):
        values = {str(v) for t in people if column in t for v in t[column].dropna() if str(v)}
        assert values and not [value for value in values if value in words]


def test_a_town_without_findings_has_no_roster(office):
    town = towns_of(office)[0]
    assert roster(change(town, "inspected", "verdict", "correct")) is None


def test_hostile_names_are_only_names(office):
    town = rename(town_with(office, "overpaid"), HOSTILE)
    book = roster(town)
    assert differences(book, xlsx_bytes(book), ".xlsx") == []
    assert any(name in told(book) for name in HOSTILE)
