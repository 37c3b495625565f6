"""draw.html, and both pages on a phone and in two languages, in a browser."""

import json
import re
from itertools import product
from pathlib import Path

import pytest
from draws_browser import choose, needs_browser, opened
from draws_edits import EDITS, fresh
from draws_random import campaign

from sampling.campaign.sealing import sealed_packs
from sampling.designs.design import METHODS
from sampling.draws import ticket
from sampling.draws.additions import record_problems

pytest_plugins = ["draws_opened"]
pytestmark = needs_browser
DIGITS = "00000000001111111111"

# What draw.html does

PACK = {
    "spec": "draw-v1",
    "pack": "village",
    "campaign": "demo-2026",
    "village": "441481102201",
    "village_name": "鸽池村",
    "reserves": 2,
    "groups": [
        {
            "list": "",
            "substratum": "",
            "method": "srs",
            "m": 3,
            "households": [f"{i:05}" for i in range(410, 425)],
        },
        {
            "list": "removed",
            "substratum": "",
            "method": "srs",
            "rule": {"rate": "1/2", "at_least": 1, "at_most": None},
            "rounding": "up",
            "households": ["NA", "1e5", "𠮷", "Cafe\u0301", "0371"],
        },
    ],
}


def give(found, pack: dict) -> None:
    found.page.set_input_files(
        "#pack", [{"name": "pack.json", "mimeType": "", "buffer": json.dumps(pack).encode()}]
    )


def throw(found, digits: str) -> None:
    for digit in digits:
        found.page.click(f"#pad button:has-text('{digit}')")


def by_tickets(group: dict, seed: str) -> list[str]:
    stage = f"2/{group['list']}" if group["list"] else "2"
    return sorted(group["households"], key=lambda id_: ticket(seed, "demo-2026", stage, PACK["village"], id_))


def test_a_village_is_drawn_by_the_digits_thrown_there(chromium, paths):
    found = opened(chromium, paths["draw"], width=360)
    give(found, PACK)
    throw(found, DIGITS)
    found.page.fill("#event", "村委会，掷骰子")
    found.page.fill("#witnesses", "甲、乙")
    found.page.click("#draw")
    with found.page.expect_download() as download:
        found.page.click("#save")
    record = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    source = record.pop("seed_source")
    assert source["event"] == "村委会，掷骰子" and source["witnesses"] == ["甲", "乙"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", source["time"])
    groups = []
    for group in PACK["groups"]:
        order = by_tickets(group, DIGITS)
        parts = {"drawn": order[:3], "reserves": order[3:5]}
        groups.append({"list": group["list"], "substratum": "", **parts})
    head = {name: PACK[name] for name in ("spec", "campaign", "village")}
    assert record == head | {"act": "village", "seed": DIGITS, "groups": groups}
    shown = found.page.locator("ol.drawn:not(.reserves) li")
    assert (
        shown.evaluate_all("items => items.map(item => item.lastChild.textContent)")
        == groups[0]["drawn"] + groups[1]["drawn"]
    )
    assert found.said == []


def test_the_packs_of_a_campaign_draw_what_python_draws(chromium, paths):
    found = opened(chromium, paths["draw"])
    seen = set()
    for method, number in product(METHODS, range(2)):
        made = campaign(number, "srs", method, sealed=True)
        if made is None or not made.acts:
            continue
        lists = made.lists
        packs = sealed_packs(made.commit, made.frame, lists, made.sample.table)
        by_village = {pack["village"]: pack for pack in map(json.loads, list(packs.values())[1:])}
        for act in made.acts:
            if pack := by_village.get(act["village"]):
                assert found.ask("pack => drawV1.problemsOf(pack)", pack) == []
                groups = found.ask("([pack, seed]) => drawV1.drawPack(pack, seed)", [pack, act["seed"]])
                assert list(record_problems(made.sample.table, pack | {"groups": groups})) == []
                seen.add(method)
    assert seen == set(METHODS)


def test_fewer_than_twenty_digits_draw_nothing(chromium, paths):
    found = opened(chromium, paths["draw"])
    give(found, PACK)
    throw(found, DIGITS[:19])
    assert found.page.is_disabled("#draw") and "还差 1 位" in found.page.inner_text("#count")
    throw(found, "7")
    found.page.click("#draw")
    assert "由来" in found.page.inner_text("#refused") and not found.page.is_visible("#result")


def test_a_list_typed_in_is_drawn_like_a_village(chromium, paths):
    found = opened(chromium, paths["draw"])
    found.page.click("#plain summary")
    group = PACK["groups"][0]
    found.page.fill("#plain-campaign", "demo-2026")
    found.page.fill("#plain-village", PACK["village"])
    found.page.fill("#plain-ids", "\n".join(f"{id_},x" for id_ in group["households"]))
    found.page.fill("#plain-rate", "20%")
    found.page.click("#plain-take")
    record = found.ask("seed => drawV1.drawPack(drawV1.state.pack, seed)", DIGITS)
    assert record[0]["drawn"] == by_tickets(group, DIGITS)[:3]


BAD = {
    "no campaign": {"campaign": ""},
    "another format": {"spec": "draw-v2"},
    "no group": {"groups": []},
    "an id twice": {"groups": [PACK["groups"][0] | {"households": ["é", "e\u0301", "1"]}]},
    "more than there are": {"groups": [PACK["groups"][0] | {"m": 99}]},
    "a rate above one": {
        "groups": [PACK["groups"][1] | {"rule": {"rate": "3/2", "at_least": 0, "at_most": None}}]
    },
    "no lambda": {"groups": [PACK["groups"][0] | {"method": "pareto"}]},
    "another method": {"groups": [PACK["groups"][0] | {"method": "best"}]},
    "another count": {"groups": [PACK["groups"][0] | {"N": 3}]},
}


@pytest.mark.parametrize("name", BAD)
def test_a_pack_that_is_wrong_is_refused_in_words(chromium, paths, name):
    found = opened(chromium, paths["draw"])
    give(found, PACK | BAD[name])
    found.page.wait_for_selector("#problems li")
    assert not found.page.is_visible("#throwing") and found.said == []


# Phone, print, languages


@pytest.mark.parametrize("lang", ["zh-CN", "en-US"])
def test_nothing_is_wider_than_a_phone_and_nothing_is_asked_for(chromium, paths, lang):
    found = opened(chromium, paths["verify"], lang=lang, width=360)
    wide = "document.documentElement.scrollWidth > window.innerWidth"
    choose(found, EDITS["a household swapped with a reserve"][0](fresh()))
    assert not found.ask(wide) and found.said == []
    found = opened(chromium, paths["draw"], lang=lang, width=360)
    give(found, PACK)
    found.page.fill("#digits", DIGITS * 3)
    found.page.fill("#event", "x")
    assert not found.ask(wide)
    found.page.click("#draw")
    assert not found.ask(wide) and found.said == []


def test_the_button_changes_the_language_of_all_that_stands_there(chromium, paths):
    found = opened(chromium, paths["verify"])
    choose(found, fresh())
    before = found.page.inner_text("main")
    found.page.click("#lang")
    after = found.page.inner_text("main")
    assert "全部相符" in before and "Everything agrees" in after and found.page.title() == "Check a draw"
    places = re.sub(r"[甲乙、]|大坪镇|宁新街道|县林场|中文", "", after)
    assert not re.search("[一-鿿]", places)
