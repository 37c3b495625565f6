"""The documents of an office against their campaign: figures, people, and who may read what."""

import json
import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from reports_stand_in import copy_of

from sampling.campaign import Campaign, open_campaign
from sampling.campaign.facts import lists_table
from sampling.codes import ROLL, label
from sampling.documents.figures import words_of
from sampling.documents.model import Book, Document
from sampling.documents.public import PUBLIC_COLUMNS
from sampling.documents.suppression import TOTAL
from sampling.forms import Standard
from sampling.office.feedback import feedback
from sampling.office.household_notices import household_notices
from sampling.office.kinds import OFFICE, TOWNS
from sampling.office.office import Office, open_office
from sampling.office.people import CHANGES, households_of
from sampling.office.plan import plan
from sampling.office.public_notice import public_notice, public_rows
from sampling.office.public_statistics import HIDDEN, found_cells, public_statistics
from sampling.office.reckoning import INCOMES, in_words, reckoning
from sampling.office.rectification import rectification
from sampling.office.removed import removed_sentence
from sampling.office.roster import roster
from sampling.office.statistics import statistics
from sampling.office.summary import summary, three_errors
from sampling.reports import counts
from sampling.words import LANGUAGES

pytest_plugins = ["reports_campaign"]


@pytest.fixture(scope="module", params=LANGUAGES)
def office(made_campaign, request) -> Office:
    return open_office(open_campaign(made_campaign.folder, lang=request.param), lang=request.param)


@pytest.fixture(scope="module")
def chinese(made_campaign) -> Office:
    return open_office(made_campaign, lang="zh")


def towns(office: Office) -> list[Office]:
    return [office.of(number) for number in office.campaign.units()["number"]]


def told(content: Document | Book | None) -> str:
    if content is None:
        return ""
    if isinstance(content, Document):
        return "\n".join(
            [content.title, *content.marks, *(w for part in content.parts for w in words_of(part))]
        )
    cells = [str(cell) for sheet in content.sheets for row in sheet.rows for cell in row if cell is not None]
    heads = [name.title for sheet in content.sheets for name in sheet.columns]
    return "\n".join([*heads, *cells, *(note for sheet in content.sheets for note in sheet.notes)])


def findings(office: Office) -> pd.DataFrame:
    """The register's findings of the roll that brought a verdict: what documents must add up to."""
    table = office.campaign.findings()
    return table[(table["list"] == ROLL) & (table["outcome"] == "completed")]


@pytest.mark.parametrize("kind", OFFICE)
def test_every_document_is_made_in_both_languages_without_a_code_or_an_open_field(office, kind):
    entry = OFFICE[kind]
    places = towns(office) if entry.places == TOWNS else [office]
    made = [content for place in places if (content := entry.build(place)) is not None]
    assert made
    for content in made:
        words = told(content)
        assert content.tier == entry.tier and content.lang == office.lang
        assert not re.search(
            r"\b(ineligible|overpaid|living_improved|to_be_checked|visit_again|nan|<NA>)\b", words
        )
        assert "{" not in words and "}" not in words


def test_every_document_but_the_public_notice_says_who_may_read_it_and_that_people_are_invented(chinese):
    for kind, entry in OFFICE.items():
        place = towns(chinese)[0] if entry.places == TOWNS else chinese
        content = entry.build(place)
        if content is not None:
            assert "合成数据，非真实人员" in content.marks
            assert (content.marks[0] in ("限经办人员", "内部资料", "可公开")) is (kind != "notice")


def test_drafts_are_marked_as_drafts(chinese):
    assert all("送审稿" in build(chinese).marks for build in (plan, summary, feedback))


SIX = {"head_died": 462, "official_relative": 63, "former_official": 46, "orphan_adult": 5, "pensioner": 128}
SIX["living_improved"] = 1131


def test_the_removed_of_the_first_report_add_up_to_1835(chinese, monkeypatch):
    assert sum(SIX.values()) == 1835
    rows = [{"township": f"镇{place % 3}", "village": "v", "household": f"{reason}{place}", "persons": 1,
             "amount_fen": 100, "reason": label("reason", reason, "zh")}
            for reason, number in SIX.items() for place in range(number)]  # fmt: skip
    facts = replace(chinese.facts, lists=lists_table({"removed": pd.DataFrame(rows)}))
    monkeypatch.setattr(Office, "facts", facts)
    sentence = removed_sentence(chinese)
    numbers = [int(word.replace(",", "")) for word in re.findall(r"[\d,]+(?=户)", sentence)]
    assert numbers[0] == 1835 == sum(numbers[1:]) and sorted(numbers[1:]) == sorted(SIX.values())
    (sheet,) = [one for one in statistics(chinese).sheets if one.name == "自查停发"]
    assert sheet.rows[-1][-1] in (0, 1835)  # the towns of this campaign have other names


def test_the_summary_says_what_the_register_holds(chinese):
    words, done = told(summary(chinese)), findings(chinese)
    assert f"已入户{len(done):,}户" in words
    for verdict, number in done["verdict"].value_counts().items():
        assert f"{label('verdict', verdict, 'zh')}{number:,}户" in words
    removed = chinese.campaign.lists()["removed"]
    assert f"自查共停发{len(removed)}户" in words


def test_the_estimates_of_the_summary_are_those_of_the_table_with_their_intervals(chinese):
    rows = chinese.facts.estimates.set_index(["by", "parameter"])
    (grid,) = three_errors(chinese)
    kept = rows.loc[("", "ineligible_households")]
    assert grid.rows[0][1] == f"{kept['estimate']:,.0f}（{kept['low']:,.0f}～{kept['high']:,.0f}）"
    nothing = replace(chinese.facts, estimates=chinese.facts.estimates.iloc[:0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(chinese.report.data.__dict__, "facts", nothing)
        assert three_errors(chinese) == () and "未作推算" in told(summary(chinese))


def test_found_and_estimated_never_stand_in_one_sentence(office):
    for content in (summary(office), *(feedback(town) for town in towns(office))):
        looks = {part.look for part in content.parts if hasattr(part, "look")}
        assert "found" in looks
        for part in content.parts:
            if getattr(part, "look", "") == "found":
                assert not re.search("推算|置信区间|estimate|interval", part.words)


def test_estimates_leave_the_internal_tier_only_where_the_campaign_says_so(office, monkeypatch):
    for kind, entry in OFFICE.items():
        if entry.tier != "internal":
            places = towns(office) if entry.places == TOWNS else [office]
            assert not re.search(
                "推算|置信|estimate|confidence", "".join(told(entry.build(p)) for p in places)
            ), kind
    settings = office.campaign.settings
    allowed = replace(settings, reports={**settings.reports, "publish_estimates": True})
    monkeypatch.setattr(Campaign, "settings", allowed, raising=False)
    object.__setattr__(office.campaign, "settings", allowed)
    try:
        assert len(public_statistics(office).sheets) == 4
    finally:
        object.__setattr__(office.campaign, "settings", settings)


def test_every_sheet_of_the_statistics_adds_up(office):
    for sheet in statistics(office).sheets:
        if sheet.total:
            for place, column in enumerate(sheet.columns):
                values = [row[place] for row in sheet.rows]
                if column.kind in ("whole", "yuan"):
                    assert sum(values[:-1]) == values[-1], (sheet.name, column.title)


def test_the_statistics_are_the_findings_counted(chinese):
    sheet = statistics(chinese).sheets[0]
    titles, last = [column.title for column in sheet.columns], sheet.rows[-1]
    done = findings(chinese)
    for verdict, number in done["verdict"].value_counts().items():
        assert last[titles.index(label("verdict", verdict, "zh"))] == number
    assert last[titles.index("已入户")] == len(done)


def test_the_roster_has_each_household_once_and_its_money_adds_up(chinese):
    found, sheets = chinese.campaign.findings(), {sheet.name: sheet for sheet in roster(chinese).sheets}
    paid = found[found["list"] == ROLL]
    for name, verdict in (("停发", "ineligible"), ("减发", "overpaid"), ("增发", "underpaid")):
        own = paid[(paid["verdict"] == verdict) & (paid["outcome"] == "completed")]
        if len(own) == 0:
            assert name not in sheets
            continue
        rows = sheets[name].rows
        titles = [column.title for column in sheets[name].columns]
        assert len(rows) - 1 == len(own) == rows[-1][0]
        now = titles.index("现月保障金额（元）")
        assert rows[-1][now] == Decimal(int(own["amount_paid_fen"].sum())) / 100
        keys = {(row[titles.index("村（居）")], row[titles.index("户编号")]) for row in rows[:-1]}
        assert len(keys) == len(own)


def test_town_rosters_are_the_county_s_in_parts(chinese):
    whole = sum(len(households_of(chinese, verdict)) for verdict in CHANGES)
    assert whole == sum(len(households_of(town, verdict)) for town in towns(chinese) for verdict in CHANGES)


def test_each_recommended_change_has_one_notice_and_one_receipt_and_nobody_else(chinese):
    notices = 0
    for town in towns(chinese):
        content, expected = household_notices(town), [one for v in CHANGES for one in households_of(town, v)]
        titles = (
            [part.words for part in content.parts if getattr(part, "look", "") == "title"] if content else []
        )
        assert titles.count("送达回证") == len(titles) / 2 == len(expected)
        words = told(content)
        assert all(one.name in words for one in expected)
        right = households_of(town, "correct")
        assert not [one.name for one in right if one.name and f"{one.name}（" in words]
        notices += len(expected)
    assert notices > 0


def decided(made_campaign, tmp_path, verdict: str, decision: str) -> tuple[Office, dict]:
    """An office where the county has decided about one household with this recommendation."""
    from sampling.findings.recording_changes import decide

    campaign = copy_of(made_campaign, tmp_path / "decided")
    found = campaign.findings()
    one = found[(found["verdict"] == verdict) & (found["list"] == ROLL)].iloc[0]
    done = decide(campaign.register(), (ROLL, one["village"], one["household"]), decision, reason="x", by="y",
                  day=one["date"], time="2030-01-01T00:00:00+00:00")  # fmt: skip
    assert done.status == "accepted"
    from sampling.campaign import estimate_findings

    estimate_findings(open_campaign(campaign.folder))
    return open_office(open_campaign(campaign.folder), lang="zh"), one.to_dict()


def test_a_decided_stop_leaves_the_public_notice_and_a_recommended_one_does_not(
    made_campaign, tmp_path, chinese
):
    before = sum(len(public_rows(town)) for town in towns(chinese))
    assert before == len(chinese.campaign.roll())
    office, one = decided(made_campaign, tmp_path, "ineligible", "accepted")
    after = [(town, public_rows(town)) for town in towns(office)]
    assert sum(len(rows) for _, rows in after) == before - 1
    person = (
        office.campaign.roll().set_index(["village", "household"]).loc[(one["village"], one["household"])]
    )
    assert person["household_name"] not in {name for _, rows in after for name in rows["household_name"]}


def test_a_dropped_recommendation_gets_no_notice(made_campaign, tmp_path, chinese):
    office, one = decided(made_campaign, tmp_path, "ineligible", "dropped")
    now, before = (
        sum(told(household_notices(town)).count("送达回证") for town in towns(each))
        for each in (office, chinese)
    )
    assert now < before and one["verdict"] == "ineligible"


def test_the_public_notice_has_the_whitelisted_columns_and_nothing_else_of_the_roll(chinese):
    assert PUBLIC_COLUMNS == ("household_name", "persons", "amount")
    roll = chinese.campaign.roll()
    words = "\n".join(told(public_notice(town)) for town in towns(chinese))
    for column in ("identity", "account", "phone", "address", "household", "category", "programme"):
        values = [
            str(v) for v in roll[column].dropna().unique() if len(str(v)) > 3 or column in ("category",)
        ]
        assert values and not [
            value for value in values if re.search(rf"(?<!\d){re.escape(value)}(?!\d)", words)
        ]
    amounts = re.findall(r"^[\d,]+\.\d\d$", words, re.MULTILINE)
    total = sum(Decimal(amount.replace(",", "")) for amount in amounts)
    assert total == Decimal(int(roll["amount_fen"].sum())) / 100


def test_a_notice_tells_how_the_amount_follows_from_the_standard(chinese):
    notices = 0
    for town in towns(chinese):
        for one in (one for verdict in CHANGES for one in households_of(town, verdict)):
            told_ = one.reckoning
            if told_ is None:
                continue
            notices += 1
            exact = (Fraction(told_.each) - Fraction(told_.income, told_.persons)) * told_.entitled
            assert one.due * 100 == max(int(exact + Fraction(1, 2)), 0)
            words = in_words(told_, "zh")
            assert f"每人每月{told_.each / 100:,.2f}元" in words
            assert (f"＝{one.due:,.2f}元" in words) == (one.due > 0) == ("已达到标准" not in words)
            assert words in told(household_notices(town))
    assert notices > 0


@pytest.mark.parametrize(("mode", "income", "due"), [("class", 0, 50000), ("difference", 60000, 99)])
def test_no_reckoning_is_told_that_is_not_the_one_of_the_amount(mode, income, due):
    row = {"list": ROLL, "programme": "农村低保", "persons_found": 1, "entitled_found": 1}
    row |= dict.fromkeys(INCOMES, 0) | {INCOMES[0]: income}
    standard = Standard(mode=mode, areas={"rural": 50000}, classes={"": 50000})
    assert reckoning(row, standard, due_fen=due) is None and in_words(None, "zh") == ""


def test_nobody_writes_to_the_dead_and_a_child_has_a_guardian(chinese):
    (one, *_), town = households_of(chinese, "ineligible"), towns(chinese)[0]
    for change, whom in (
        ({"reason": "head_died"}, "的家属（"),
        ({"reason": "pensioner", "minor": True}, "的监护人（"),
        ({"reason": "pensioner", "minor": False}, one.name + "（"),
    ):
        with pytest.MonkeyPatch.context() as patch:
            changed = replace(one, **change)
            patch.setattr("sampling.office.household_notices.to_notify", lambda _, only=changed: [only])
            words = told(household_notices(town))
        assert words.count(one.name + whom.removeprefix(one.name)) == 2


def test_two_villages_of_one_name_stay_apart_in_the_public_notice(chinese):
    town = towns(chinese)[0]
    roll = town.roll
    town.__dict__["roll"] = roll.assign(village_name="样村01")
    headings = [part.words for part in public_notice(town).parts if type(part).__name__ == "Heading"]
    assert headings == ["样村01"] * roll["village"].nunique()


def test_an_amount_that_is_not_known_is_left_open_and_not_nothing(chinese):
    town = towns(chinese)[0]
    roll = town.roll.copy()
    roll.loc[roll.index[0], "amount_fen"] = pd.NA
    town.__dict__["roll"] = roll
    first = next(part for part in public_notice(town).parts if type(part).__name__ == "Grid").rows[0]
    assert first[2] == ""


def test_the_name_of_a_minor_is_left_out(chinese, monkeypatch):
    town = towns(chinese)[0]
    roll = town.roll.copy()
    names = roll["household_name"].to_list()
    born = f"{chinese.reference.year - 17}0101"
    roll["identity"] = [f"999999{born}001T", *["99999919500101001T"] * (len(roll) - 1)]
    town.__dict__["roll"] = roll
    rows = public_rows(town)
    assert rows["household_name"].iloc[0] == "（未成年人）" and list(rows["household_name"][1:]) == names[1:]


def test_public_statistics_hide_small_counts_and_their_money_and_add_up_where_shown(chinese):
    book, cells = public_statistics(chinese), found_cells(chinese)
    households, money = book.sheets[0].rows, book.sheets[1].rows
    assert any(HIDDEN in row for row in households)
    for shown, paid, label_, numbers in zip(
        households[:-1], money[:-1], cells["households"].index, cells["households"].to_numpy(), strict=True
    ):
        for cell, fen, number in zip(shown[1:-1], paid[1:-1], numbers, strict=True):
            assert (cell == HIDDEN) == (fen == HIDDEN), label_
            assert cell == HIDDEN or (int(cell) == number and not 0 < number < 5)
    assert TOTAL not in told(book)


def test_a_town_is_told_of_each_fault_of_its_villages_and_one_without_any_gets_no_letter(chinese):
    forms = chinese.campaign.village_answers().set_index("village")
    for town in towns(chinese):
        words = told(rectification(town))
        mine = forms[forms["township"] == town.report.data.township]
        assert words.count("公示不满7天") == int((mine["posting_days"] < 7).sum())
        assert words.count("档案不齐全") == int((~mine["files_complete"]).sum())


def test_deadlines_are_words_until_towns_are_notified_and_a_day_afterwards(made_campaign, tmp_path):
    campaign = copy_of(made_campaign, tmp_path / "c")
    path = campaign.folder / "campaign.toml"
    words = path.read_text(encoding="utf-8").replace("# notified = 2026-07-01", "notified = 2026-01-31")
    path.write_text(words, encoding="utf-8")
    office = open_office(open_campaign(campaign.folder), lang="zh")
    letters = [told(rectification(town)) for town in towns(office)]
    assert any("请在2026年3月2日前完成整改" in letter for letter in letters)


def test_a_county_s_own_reason_and_an_own_name_of_the_office_stand_in_the_documents(made_campaign, tmp_path):
    campaign = copy_of(made_campaign, tmp_path / "c")
    path = campaign.folder / "campaign.toml"
    words = re.sub(r'name = ".*"', 'name = "样县民政局"', path.read_text(encoding="utf-8"))
    path.write_text(words, encoding="utf-8")
    office = open_office(open_campaign(campaign.folder), lang="zh")
    assert "样县民政局" in told(summary(office)) and "样县民政局" in told(plan(office))


def test_facts_are_in_the_fingerprint_of_their_town_and_the_county_only(chinese):
    prints = {town.unit["number"]: town.fingerprint() for town in towns(chinese)}
    assert len(set(prints.values())) == len(prints) and chinese.fingerprint() not in prints.values()
    again = {
        town.unit["number"]: town.fingerprint() for town in towns(open_office(chinese.campaign, lang="zh"))
    }
    assert again == prints


def test_the_facts_file_is_the_register_counted(chinese):
    facts = json.loads((chinese.campaign.folder / "facts.json").read_text(encoding="utf-8"))
    done = [row for row in facts["found"] if row["list"] == ROLL and row["outcome"] == "completed"]
    assert sum(row["households"] for row in done) == len(findings(chinese))
    assert sum(row["paid_fen"] for row in done) == int(findings(chinese)["amount_paid_fen"].sum())
    assert counts.number(counts.completed(chinese.report.data.roll_visits)) == len(findings(chinese))
