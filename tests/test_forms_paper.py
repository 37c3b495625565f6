"""Forms on paper: read back from the PDF, and their QR codes from a picture of the page."""

import io
import json
import re
from collections.abc import Mapping

import numpy as np
import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader
from visits_stand_in import EMPTY, make_visits

from sampling.codes import Codebook
from sampling.forms import issued_households
from sampling.forms.layout import Heading
from sampling.forms.paper import TEMPLATE, paper_content, paper_rows, write_papers
from sampling.forms.printing import compiler
from sampling.forms.serials import read_code
from sampling.forms.standard import NO_STANDARD, standard_of
from sampling.words import LANGUAGES, catalogue, text

CAMPAIGN = "test-2026"
VILLAGE = "999999001001"
AWKWARD = r"#let *x* _y_ $z$ ]) \ = - // <a> @b `c` {each} {serial}"
OWN = {
    "ineligible": {f"own_{n}": {"zh": f"县里自定的停发原因之{n}", "en": f"own reason {n}"} for n in range(20)}
}


def tight(written: str) -> str:
    """Without white space: where a line breaks is not what is asked."""
    return "".join(written.split())


def made(folder, lang="zh", *, roll=lambda table: table, villages=1, **options) -> Mapping[str, list[str]]:
    """The text of each page of each village's PDF."""
    sample, known, removed = make_visits(villages=villages)
    papers = write_papers(
        sample,
        roll(known.assign(programme="农村低保")),
        {"removed": removed},
        folder,
        campaign=CAMPAIGN,
        lang=lang,
        **options,
    )
    return {path.stem: [tight(page.extract_text()) for page in PdfReader(path).pages] for path in papers}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    return {
        lang: made(tmp_path_factory.mktemp(lang), lang, villages=4, marks=("synthetic", "rehearsal"))
        for lang in LANGUAGES
    }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_village_has_a_page_of_its_own_one_a_household_and_one_for_residents(pages, lang):
    sample, _, _ = make_visits()
    for village, found in pages[lang].items():
        drawn = sample[
            (sample["stage"] == 2) & (sample["village"] == village) & (sample["role"] != "reserve")
        ]
        assert len(found) == 2 + len(drawn)
        titles = ["to_village", *["to_household"] * len(drawn), "to_residents"]
        for page, title in zip(found, titles, strict=True):
            assert tight(text(f"paper.{title}", lang)) in page
            assert tight(text("forms.look.pages", lang, page=1, pages=1)) in page
            assert CAMPAIGN in page and "DATA=SYNTHETIC" in page and "REHEARSAL" in page
    assert len(pages[lang][EMPTY]) == 2
    assert tight(text("paper.no_households", lang)) in pages[lang][EMPTY][0]


def test_all_that_is_known_and_every_choice_stands_on_the_page_of_a_household(pages):
    page = pages["zh"][VILLAGE][1]
    for known in ("00001", "户主-0100001", "2组", "样村011号", "病残户", "210.50", "0001", "在册"):
        assert known in page
    for table in ("outcome", "verdict", "mode", "payment", "tie", "holder", "receiver", "health", "reason"):
        for key, word in catalogue("zh").items():
            if key.startswith(f"codes.{table}.") and key != "codes.verdict.entitled":
                assert tight(word) in page, key


def test_nothing_of_others_and_nothing_too_personal_is_on_paper(pages):
    _, roll, removed = make_visits()
    for village, found in pages["zh"].items():
        everything = "".join(found)
        for person in [*roll.to_dict("records"), *removed.to_dict("records")]:
            own = person["village"] == village and int(person["household"]) % 5 != 0
            assert (person["household_name"] in everything) == own
            for field in ("identity", "account", "phone", "self_check"):
                assert person[field] not in everything
        assert not [other for other in pages["zh"] if other != village and other in everything]


def test_no_name_is_on_the_sheets_for_the_village_and_for_residents(pages):
    for found in pages["zh"].values():
        assert "户主-" not in found[0] + found[-1]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_household_off_the_roll_has_verdicts_of_its_own_and_no_amount_due(pages, lang):
    *_, off_the_roll, _ = pages[lang][VILLAGE]
    for code, stands in {"list_verdict.correct": True, "verdict.overpaid": False}.items():
        assert (tight(text(f"codes.{code}", lang)) in off_the_roll) == stands
    assert tight(text("forms.column.amount_due", lang)) not in off_the_roll
    assert tight(text("forms.column.amount_due", lang)) in pages[lang][VILLAGE][1]


def test_a_name_that_looks_like_markup_stays_text(tmp_path):
    def awkward(table):
        return table.assign(household_name=AWKWARD, address=AWKWARD, village_name=AWKWARD)

    page = made(tmp_path, roll=awkward)[VILLAGE][1]
    assert page.count(tight(AWKWARD)) == 3


@pytest.mark.parametrize("lang", LANGUAGES)
def test_long_words_and_many_reasons_of_the_countys_own_still_make_one_page(tmp_path, lang):
    def long(table):
        return table.assign(address="某县某乡某村某组某号" * 15, household_name="阿卜杜拉·买买提" * 5)

    found = made(tmp_path, lang, roll=long, codebook=Codebook(own=OWN), standard=standard_of({"rural": 500}))[
        VILLAGE
    ]
    assert len(found) == 12
    assert tight(OWN["ineligible"]["own_19"][lang]) in found[1] and found[1].count("某组某号") == 15
    assert tight(text("paper.sign_household", lang)) in found[1]


def test_the_formula_of_the_standard_is_printed_where_the_county_names_one(pages, tmp_path):
    by_class = standard_of({"mode": "class", "classes": {"孤寡户": 480}})
    difference = made(tmp_path / "d", standard=standard_of({"rural": 512.5}))[VILLAGE]
    classes = made(tmp_path / "c", standard=by_class)[VILLAGE]
    assert "(512.50元" in difference[1].replace("（", "(") and "核算应发" not in pages["zh"][VILLAGE][1]
    with_class = [page for page in classes if "480.00元×实有保障人口" in page]
    assert with_class and all("孤寡户" in page for page in with_class)
    assert not [page for page in difference if "核算应发" in page and "已退出" in page]


def test_the_same_forms_are_the_same_bytes(tmp_path):
    made(tmp_path / "1"), made(tmp_path / "2")
    files = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert files == [f"{VILLAGE}.pdf"]
    assert all((tmp_path / "1" / n).read_bytes() == (tmp_path / "2" / n).read_bytes() for n in files)


def test_papers_of_some_villages_are_those_of_all_and_no_others(tmp_path):
    made(tmp_path / "all", villages=2)
    sample, roll, removed = make_visits(villages=2)
    options = {"campaign": CAMPAIGN, "lang": "zh", "villages": [VILLAGE]}
    (one,) = write_papers(
        sample, roll.assign(programme="农村低保"), {"removed": removed}, tmp_path / "one", **options
    )
    assert one.read_bytes() == (tmp_path / "all" / one.name).read_bytes()
    assert [path.name for path in (tmp_path / "one").iterdir()] == [one.name]


def test_pages_are_a4_and_bring_their_font(tmp_path):
    made(tmp_path)
    for page in PdfReader(tmp_path / f"{VILLAGE}.pdf").pages:
        width, height = page.mediabox[2:]
        assert (round(float(width) / 72 * 25.4), round(float(height) / 72 * 25.4)) == (210, 297)
        for font in page["/Resources"]["/Font"].values():
            inside = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            assert "NotoSansSC" in inside["/FontName"] and "/FontFile3" in inside


def test_the_qr_code_of_every_household_is_read_from_the_picture_of_its_page():
    sample, roll, removed = make_visits(villages=1, households=6)
    issued = issued_households(sample, roll, {"removed": removed})
    rows = paper_rows(issued, "2026/一期", "zh", NO_STANDARD)
    heading = Heading(
        campaign="2026/一期",
        form_id="f",
        township="1",
        township_name="",
        village=VILLAGE,
        village_name="",
        lang="zh",
    )
    inputs = {"data": json.dumps(paper_content(heading, rows, Codebook(), NO_STANDARD))}
    pictures = compiler(TEMPLATE).compile(sys_inputs=inputs, format="png", ppi=100)
    read = [read_code(code.text) for picture in pictures for code in zxingcpp.read_barcodes(as_grey(picture))]
    assert [(code.serial, code.ticket) for code in read] == list(
        rows.index.map(lambda place: tuple(issued.loc[place, ["serial", "ticket"]]))
    )


def as_grey(picture: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture)).convert("L"))


def test_every_word_of_the_catalogue_is_printed_by_the_template_and_none_is_missing():
    template = TEMPLATE.read_text(encoding="utf-8")
    asked = set(re.findall(r"words\.([a-z_]+)", template)) - {"at"}
    asked |= {
        name for found in re.findall(r"asked = \((.*)\)", template) for name in re.findall(r"\w+", found)
    }
    asked |= {f"{name}_answers" for name in asked if f"paper.{name}_answers" in catalogue("en")}
    named = {key.removeprefix("paper.") for key in catalogue("en") if key.startswith("paper.")}
    assert asked | {"difference", "class"} == named | {"campaign", "form_id", "pages"}
