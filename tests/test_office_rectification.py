"""Letters to towns: every fault and household once, and nothing asked for without occasion."""

from dataclasses import replace

import pandas as pd
import pytest
from office_cases import HOSTILE, change, rename, told, town_with, towns_of

from sampling.campaign import open_campaign
from sampling.campaign.followup import TO_HANDLE, village_faults
from sampling.documents.docx import docx_bytes
from sampling.documents.figures import differences
from sampling.documents.model import Grid
from sampling.office.office import Office, open_office
from sampling.office.rectification import rectification
from sampling.words import LANGUAGES, text

pytest_plugins = ["reports_campaign"]


@pytest.fixture(params=LANGUAGES)
def office(made_campaign, request) -> Office:
    return open_office(open_campaign(made_campaign.folder, lang=request.param), lang=request.param)


def say(office: Office, key: str, **fields: object) -> str:
    return text(f"notices.rectification.{key}", office.lang, **fields)


def grids(town: Office) -> dict[str, Grid]:
    content = rectification(town)
    return {part.caption: part for part in content.parts if isinstance(part, Grid)} if content else {}


def with_problems(town: Office, kind: str, what: str) -> Office:
    """The same town, without findings, with this one problem in a village or none at all."""
    change(town, "inspected", "verdict", "correct")
    rows = town.problems.head(0)
    if kind:
        place = town.roll.iloc[0]
        made = {
            "kind": kind,
            "what": what,
            "village": place["village"],
            "village_name": place["village_name"],
        }
        rows = pd.DataFrame([made]).reindex(columns=rows.columns)
    town.__dict__["problems"] = rows
    return town


def test_the_faults_are_those_of_the_village_forms(office):
    faults, names = village_faults(office.campaign), office.campaign.villages().set_index("village")
    expected = sorted(
        (
            row.township,
            names.loc[row.village, "village_name"],
            text(f"notices.fault.{row.fault}", office.lang),
        )
        for row in faults.itertuples()
    )
    found = sorted(
        (town.report.data.township, *row)
        for town in towns_of(office)
        for row in (grids(town)[say(office, "faults")].rows if say(office, "faults") in grids(town) else ())
    )
    assert found == expected and expected


def test_every_household_to_handle_stands_in_its_town_s_letter_once(office):
    rows = office.inspected
    wanted = rows[rows["verdict"].isin(TO_HANDLE) & (rows["outcome"] == "completed")]
    found = [
        (row[0], row[1], row[2])
        for town in towns_of(office)
        if (grid := grids(town).get(say(office, "list")))
        for row in grid.rows
    ]
    expected = wanted[["village_name", "household", "household_name"]].itertuples(index=False, name=None)
    assert sorted(found) == sorted(expected) and found


def test_the_households_are_counted_as_the_facts_count_them(office):
    for town in towns_of(office):
        found = town.facts.found
        number = int(found.loc[found["verdict"].isin(TO_HANDLE), "households"].sum())
        if number:
            counted = say(office, "counted", households="\0", parts="\0").split("\0")[0]
            line = next(line for line in told(rectification(town)).split("\n") if line.startswith(counted))
            assert line.removeprefix(counted).strip().startswith(str(number))


def test_a_town_with_nothing_to_put_right_gets_no_letter(office):
    assert rectification(with_problems(towns_of(office)[0], "", "")) is None


def test_a_dropped_recommendation_is_no_longer_asked_for(office):
    town = town_with(office, "overpaid")
    before = len(grids(town)[say(office, "list")].rows)
    dropped = int((town.inspected["verdict"] == "overpaid").sum())
    change(town, "inspected", "decision", "dropped", town.inspected["verdict"] == "overpaid")
    after = grids(town).get(say(office, "list"))
    assert (len(after.rows) if after else 0) == before - dropped


def test_only_what_is_wrong_is_asked_to_be_put_right(office):
    blank = told(rectification(with_problems(towns_of(office)[0], "procedure", "blank")))
    assert say(office, "blank") in blank and say(office, "put_right") not in blank
    files = told(rectification(with_problems(office.of("01"), "procedure", "files")))
    assert say(office, "put_right") in files and say(office, "blank") not in files
    for words in (blank, files):
        assert say(office, "no_households") in words and say(office, "decide") not in words
        assert say(office, "again") in words and say(office, "reply") in words


def test_no_village_is_called_faultless_that_nobody_has_seen(office):
    town = town_with(office, "overpaid")
    town.__dict__["problems"] = town.problems.head(0)
    praised = {"zh": "未发现程序方面的问题", "en": "nothing was found wrong"}[office.lang]
    assert praised in told(rectification(town))
    unseen = replace(town.facts, procedures=town.facts.procedures.head(0))
    town.report.data.__dict__["facts"] = unseen
    assert praised not in told(rectification(town))
    assert text("office.problems.no_forms", office.lang) in told(rectification(town))


def test_a_deadline_is_the_setting_in_days(office):
    days = office.campaign.settings.followup.days
    assert say(office, "within", days=days) in told(rectification(town_with(office, "overpaid")))


def test_hostile_names_are_only_names(office):
    town = rename(town_with(office, "overpaid"), HOSTILE)
    content = rectification(town)
    assert differences(content, docx_bytes(content), ".docx") == []
    assert any(name in told(content) for name in HOSTILE)
