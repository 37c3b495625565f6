"""The record of a draw: all that matters on one sheet of paper, whole on a phone, asking nobody."""

import os
import re
import shutil
from fractions import Fraction
from html import unescape
from pathlib import Path

import pytest
from draws_papers import DESIGN, SEED, TIME, TOWNS, digest, papers

from sampling.designs import Allocation, Design, Selection, SizeRule
from sampling.designs.design import ALLOCATIONS, CONFLICTS, METHODS, ROUNDINGS
from sampling.draws.record import record_page
from sampling.draws.rules import rules
from sampling.words import LANGUAGES

RECEIPT = digest("receipt")
VOID = digest("void")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
browser_only = pytest.mark.skipif(
    CHROMIUM is None and os.environ.get("CI") != "true", reason="NO CHROMIUM ON THIS MACHINE"
)
SOURCE = {"event": "到村掷骰", "time": TIME, "witnesses": []}
ACTS = [
    {"act": "extension", "more": {TOWNS[0]: 1, TOWNS[3]: 2}, "looked": False, "pi": {}},
    {"act": "village", "village": "441481100201", "seed": "3" * 20, "seed_source": SOURCE},
    {
        **{"act": "reserve", "list": "", "village": "441481100201", "household": "00417"},
        **{"replaces": "00099", "reason": "not_paid", "by": "经办丁", "time": TIME},
    },
]


def words_of(html: str) -> str:
    """The text of a page as somebody who copies it gets it."""
    return unescape(re.sub(r"<style>.*?</style>|<[^>]+>", "", html, flags=re.S))


def shown(lang: str = "zh", design: Design = DESIGN, **more: object) -> str:
    return words_of(record_page(*papers(design, **more), RECEIPT, lang))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_hash_the_seed_and_every_village_stand_whole_in_the_text(lang):
    commit, receipt = papers(voided=[VOID], previous_receipt=digest("before"))
    words = words_of(record_page(commit, receipt, RECEIPT, lang))
    hashes = [
        receipt[name] for name in ("commit_sha256", "frame_sha256", "sample_sha256", "previous_receipt")
    ]
    hashes += [RECEIPT, VOID, commit["villages_sha256"], receipt["heads"]["log"]["hash"]]
    villages = [unit["id"] for unit in receipt["sample"]]
    assert all(one in words for one in [*hashes, SEED, *villages]) and len(villages) == 80
    source = receipt["seed_source"]
    named = [*TOWNS, *source["witnesses"], source["event"], source["time"], commit["seed_event"]]
    assert all(one in words for one in [*named, commit["committed_at"]])


def test_a_draw_without_later_acts_says_so_once_for_acts_and_once_for_void_draws():
    assert shown().count("无") == 2 and shown(voided=[VOID]).count("无") == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_later_acts_are_told_with_their_seeds_and_no_household(lang):
    words = shown(lang, acts=ACTS)
    assert "3" * 20 in words and "经办丁" in words and "到村掷骰" in words
    assert not re.search(r"00417|00099", words)
    assert {"zh": "增抽 3 个村（居）", "en": "looked at: 3"}[lang] in words


def test_a_correction_names_who_came_and_who_left():
    corrects = {"commit_sha256": digest(1), "receipt_sha256": digest(2), "reason": "漏登两村"}
    words = shown(corrects=corrects, came=["A1"], left=["B1", "B2"])
    assert digest(2) in words and "漏登两村" in words and "退出：B1、B2" in words and "退出 2 个" in words


@pytest.mark.parametrize(("rehearsal", "number"), [(True, 3), (False, 0)])
def test_a_rehearsal_says_so_across_the_page_at_its_head_and_in_its_title(rehearsal, number):
    html = record_page(*papers(rehearsal=rehearsal), RECEIPT, "en")
    assert html.count("REHEARSAL") == number


def test_what_people_wrote_is_text_and_never_markup():
    bad = '<script>alert("x")</script>&'
    source = {"event": bad, "time": TIME, "witnesses": [bad]}
    html = record_page(*papers(seed_source=source, campaign=bad, seed_event=bad), RECEIPT, "zh")
    assert (
        "<script" not in html and words_of(html).count(bad) == 4 + 1
    )  # title and head, event twice, witness


def test_names_of_villages_and_towns_stand_beside_their_ids():
    names = {"441481100201": "样村01", TOWNS[0]: "第一镇"}
    words = words_of(record_page(*papers(), RECEIPT, "zh", names=names))
    assert "样村01 441481100201" in words and "第一镇" in words


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_its_sentence_and_a_way_to_check_one_village(method, lang):
    by = Selection(method=method, size="households", order=("kind",))
    sentences = {
        name: rules(Design(villages=DESIGN.villages, households=DESIGN.households, villages_by=one), lang)
        for name, one in {method: by, "": Selection()}.items()
    }
    assert (sentences[method] != sentences[""]) == (method != "srs")
    assert "cut_" in shown(lang, DESIGN) or method == "systematic"


WHOLE = Design(
    villages=SizeRule(rate=Fraction(1, 3), at_least=1),
    villages_by=Selection(method="pareto", size="households", calibrated=True),
    allocation=Allocation(total=83, how="power", power=Fraction(1, 2)),
    certainty="blank",
    drawn_before=Fraction(1, 4),
    kinds={"kind": {"unit": SizeRule(rate=Fraction(1, 7))}},
    households=SizeRule(rate=Fraction(1), at_most=40),
    categories={"category": {"孤寡户": SizeRule(rate=Fraction(3, 4))}},
    sealed=True,
    lists={"removed": SizeRule(rate=Fraction(1, 8))},
)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_rules_tell_every_number_of_the_design(lang):
    words = " ".join(rules(WHOLE, lang))
    told = ["83", "1/2", "1/4", "unit", "1/7", "40", "孤寡户", "75%", "12.5%"]
    assert [number for number in told if number not in words] == []
    assert {"zh": "到村", "en": "arrival"}[lang] in words


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("field", "values"), [("conflict", CONFLICTS), ("rounding", ROUNDINGS), ("allocation", ALLOCATIONS)]
)
def test_every_word_of_the_design_reads_differently(field, values, lang):
    told = set()
    for value in values:
        part = Allocation(total=9, how=value, spread="amount") if field == "allocation" else value
        design = Design(villages=DESIGN.villages, households=DESIGN.households, **{field: part})
        told.add(rules(design, lang))
    assert len(told) == len(values)


def written(folder: Path, name: str, html: str) -> str:
    (folder / name).write_text(html, encoding="utf-8")
    return (folder / name).as_uri()


def pages_in(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


@browser_only
def test_a_browser_prints_one_sheet_and_a_phone_needs_no_sideways_scroll(tmp_path):
    from playwright.sync_api import sync_playwright

    said: list[str] = []
    counts = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 390, "height": 800})
        page.on("console", lambda message: said.append(message.text))
        page.on("request", lambda request: said.append(request.url) if "file:" not in request.url else None)
        for lang in LANGUAGES:
            kinds = {"plain": {}, "full": {"voided": [VOID], "rehearsal": True}, "acts": {"acts": ACTS * 60}}
            for kind, more in kinds.items():
                both = papers(**more)
                names = {unit["id"]: f"样村{unit['id'][-2:]}" for unit in both[1]["sample"] if kind == "full"}
                html = record_page(*both, RECEIPT, lang, names=names)
                page.goto(written(tmp_path, f"{kind}-{lang}.html", html))
                assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
                assert SEED in page.inner_text("body") and RECEIPT in page.inner_text("body")
                pdf = page.pdf(prefer_css_page_size=True, print_background=True)
                (tmp_path / f"{kind}-{lang}.pdf").write_bytes(pdf)
                counts[kind, lang] = pages_in(pdf)
        browser.close()
    assert {counts[kind, lang] for kind in ("plain", "full") for lang in LANGUAGES} == {1}
    assert min(counts["acts", lang] for lang in LANGUAGES) > 1
    assert [one for one in said if not one.startswith("data:")] == []
