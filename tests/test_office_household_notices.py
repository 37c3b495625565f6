"""Notices to households: one each with its receipt, true reasons, true sums, and the state of things."""

import re
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from office_cases import HOSTILE, change, rename, told, town_with, towns_of

from sampling.campaign import open_campaign
from sampling.codes import REASONS
from sampling.documents.docx import docx_bytes
from sampling.documents.figures import differences
from sampling.documents.model import Grid, PageBreak, Paragraph
from sampling.forms.standard import Standard
from sampling.office.household_notices import household_notices
from sampling.office.office import Office, open_office
from sampling.office.people import CHANGES, households_of
from sampling.office.reckoning import INCOMES, in_words, reckoning
from sampling.words import LANGUAGES, text

pytest_plugins = ["reports_campaign"]


@pytest.fixture(params=LANGUAGES)
def office(made_campaign, request) -> Office:
    return open_office(open_campaign(made_campaign.folder, lang=request.param), lang=request.param)


def pages(town: Office) -> list[list]:
    """The parts of each page of a town's notices, the cover left out."""
    content = household_notices(town)
    found: list[list] = []
    for part in content.parts if content else ():
        if isinstance(part, PageBreak):
            found.append([])
        elif found:
            found[-1].append(part)
    return found


def words(page: list) -> str:
    return "\n".join(part.words for part in page if isinstance(part, Paragraph))


def recommended(town: Office) -> list:
    return [one for verdict in CHANGES for one in households_of(town, verdict)]


def test_every_notice_is_followed_by_its_own_receipt_and_nobody_else_gets_one(office):
    told_to = 0
    for town in towns_of(office):
        found, expected = pages(town), recommended(town)
        assert len(found) == 2 * len(expected)
        for one, notice, receipt in zip(expected, found[::2], found[1::2], strict=True):
            (grid,) = [part for part in receipt if isinstance(part, Grid)]
            for field in (one.name, one.village, one.number):
                assert field in notice[2].words and field in grid.rows[0][1]
            assert notice[0].words == grid.rows[1][1]
        told_to += len(expected)
    rows = office.inspected
    wanted = rows[rows["verdict"].isin(CHANGES) & (rows["outcome"] == "completed")]
    assert told_to == len(wanted) > 0


def test_a_town_where_all_is_right_gets_no_notices(office):
    assert household_notices(change(towns_of(office)[0], "inspected", "verdict", "correct")) is None


def test_sums_of_money_come_out(office):
    seen = 0
    for town in towns_of(office):
        for one, page in zip(recommended(town), pages(town)[::2], strict=True):
            sums = re.findall(r"([\d,.]+) ?[－−] ?([\d,.]+) ?[＝=] ?([\d,.]+)", words(page))
            numbers = [[Decimal(word.replace(",", "")) for word in found] for found in sums]
            assert bool(numbers) == (one.verdict != "ineligible")
            assert all(high - low == rest == abs(one.change) for high, low, rest in numbers)
            seen += len(numbers)
    assert seen


def test_an_open_recommendation_is_a_proposal_and_a_decision_is_none(made_campaign):
    office = open_office(made_campaign, lang="zh")
    for verdict in CHANGES:
        if not (office.inspected["verdict"] == verdict).any():
            continue
        town = town_with(office, verdict)
        assert "拟" in told(household_notices(town)) and "行政复议" not in told(household_notices(town))
        decided = told(household_notices(change(town, "inspected", "decision", "accepted")))
        assert "拟" not in decided and "尚未作出决定" not in decided and "行政复议" in decided


def test_what_was_decided_otherwise_is_left_open_and_what_was_dropped_gets_no_notice(office):
    town = change(town_with(office, "overpaid"), "inspected", "decision", "changed")
    for one, page in zip(recommended(town), pages(town)[::2], strict=True):
        assert page[0].words == text("notices.household.changed_title", office.lang)
        assert f"{one.due:,.2f}" not in words(page) and f"{one.paid:,.2f}" in words(page)
    assert household_notices(change(town, "inspected", "decision", "dropped")) is None


def one_household(office: Office, **values: object) -> tuple[Office, str]:
    """A town with one recommendation, changed; and the first page."""
    town = town_with(office, "overpaid")
    rows = town.inspected
    town.__dict__["inspected"] = rows[rows["verdict"] == "overpaid"].head(1).assign(**values)
    return town, words(pages(town)[0])


@pytest.mark.parametrize("reason", sorted({r for v in CHANGES for r in REASONS[v]} - {"other"}))
def test_every_reason_is_told_in_a_sentence(office, reason):
    _, page = one_household(office, reason=reason)
    assert text(f"notices.household.why.{reason}", office.lang) in page


def test_an_unnamed_reason_is_left_for_the_office_to_write(office):
    for reason in ("", "other"):
        _, page = one_household(office, reason=reason)
        assert text("notices.household.no_reason", office.lang) in page


def test_nobody_writes_to_the_dead_or_to_a_child(office):
    town, page = one_household(office, reason="head_died", verdict="ineligible")
    name = town.inspected["household_name"].iloc[0]
    assert page.split("\n")[2].startswith(
        {"zh": f"{name}的家属", "en": f"To the family of {name}"}[office.lang]
    )
    _, page = one_household(office, identity=f"999999{office.reference.year - 17}0101001T")
    assert page.split("\n")[2].startswith(
        {"zh": f"{name}的监护人", "en": f"To the guardian of {name}"}[office.lang]
    )


def test_a_visit_and_a_look_at_papers_are_told_apart(office):
    _, home = one_household(office)
    _, papers = one_household(office, mode="by_documents", signed=False)
    assert {"zh": "入户", "en": "visited"}[office.lang] in home.split("\n")[3]
    assert {"zh": "查阅资料", "en": "by its documents"}[office.lang] in papers
    assert {"zh": "签字确认", "en": "signed by"}[office.lang] not in papers


def row(persons: object, entitled: object, income: object) -> dict:
    money = dict(zip(INCOMES, [income, *[None if income is None else 0] * 3], strict=True))
    known = {"list": "", "persons_found": persons, "entitled_found": entitled, "programme": "农村低保"}
    return {**known, **{name: pd.NA if v is None else v for name, v in money.items()}, "category": "病残户"}


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 300_000), st.integers(10_000, 90_000))
def test_the_reckoning_shown_gives_the_amount_by_hand(persons, entitled, income, each):
    standard = Standard(areas={"rural": each})
    exact = max((each - Fraction(income, persons)) * entitled, Fraction(0))
    due = int(exact + Fraction(1, 2))
    shown = reckoning(row(persons, entitled, income), standard, due_fen=due)
    said = in_words(shown, "zh")
    numbers = [Fraction(word.replace(",", "")) for word in re.findall(r"[\d,]+(?:\.\d+)?", said)]
    if due:
        first, second, third, fourth, last = numbers[-5:]
        assert abs((first - second / third) * fourth - last) <= Fraction(1, 200)
    else:
        line, money, people = numbers
        assert money / people >= line - Fraction(1, 100)
    assert reckoning(row(persons, entitled, income), standard, due_fen=due + 1) is None


@pytest.mark.parametrize("missing", [(pd.NA, 2, 0), (2, pd.NA, 0), (2, 2, None), (2, 0, 0)])
def test_nothing_is_reckoned_from_what_is_not_known(missing):
    assert reckoning(row(*missing), Standard(areas={"rural": 50_000}), due_fen=0) is None
    assert reckoning(row(2, 2, 0), Standard(), due_fen=0) is None


def test_notes_evidence_and_numbers_of_people_are_not_told(office):
    register = office.campaign.register()
    state = register.state()
    private = register.personal(p["personal"] for p in state.findings.values() if "personal" in p)
    notes = {
        str(record.get(k, ""))
        for record in private.values()
        for k in ("note", "evidence", "assets", "supporters")
    }
    people = office.campaign.roll()
    secrets = {str(v) for c in ("identity", "phone", "account", "address") for v in people[c].dropna()}
    all_words = "\n".join(told(household_notices(town)) for town in towns_of(office))
    assert not [one for one in (notes | secrets) if len(one) > 3 and one in all_words]


def test_hostile_names_are_only_names(office):
    town = rename(town_with(office, "overpaid"), HOSTILE)
    content = household_notices(town)
    data = docx_bytes(content)
    assert differences(content, data, ".docx") == []
    assert any(name in told(content) for name in HOSTILE)
