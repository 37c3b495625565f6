"""The upright face: a sheet a household; and what holds for both faces, down to the bytes of their files."""

import io
import re
import zipfile
from html import unescape

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_forms_workbook import FACES, FORMULAS, HEADING, PEOPLE, TEXTS, members, row
from visits_stand_in import make_forms

from sampling.codes import BUILT_IN
from sampling.forms import read_workbook
from sampling.forms.layout import (
    ANSWERS,
    GIVEN,
    MEMBER_FIELDS,
    MEMBER_ROWS,
    QUESTIONS,
    Heading,
    choice_label,
    choices_of,
)
from sampling.forms.phone import ASKED, LONGEST, sheet_name
from sampling.forms.workbook import workbook_bytes, write_upright

RARE = "𠮷𪚥𫝀𫠢𬺰𮯠𰀀𱍐㐀〇é👨\u200d👩\u200d👧🏳️\u200d🌈葛\U000e0100"
"""CJK extensions A to H, a combining accent, joined emoji, a variation of a character."""
LONG_TEXTS = [field.field for field in (*ANSWERS, *QUESTIONS) if field.kind in ("text", "long")]


def parts(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return {name: unescape(book.read(name).decode()) for name in book.namelist()}


def opened(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forms")
    return folder, *make_forms(folder)


def test_a_household_has_one_upright_sheet_with_everything_asked_and_given_on_one_page():
    two = pd.concat([row(serial="00001", household_name="甲"), row(serial="00002", household_name="乙")])
    sheets = opened(workbook_bytes(HEADING, two, {}, face=write_upright)).worksheets
    households = [sheet for sheet in sheets[1:] if sheet.sheet_state == "visible"]
    assert [sheet.title for sheet in households] == ["00001 甲", "00002 乙"]
    for sheet in households:
        fields = [cell.value for cell in sheet["A"] if cell.value]
        assert {f"field:{c.field}" for c in (*GIVEN, *ANSWERS)} <= set(fields)
        assert sheet.page_setup.orientation == "portrait" and sheet.page_setup.paperSize == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToWidth in (None, 1) and sheet.page_setup.fitToHeight in (None, 1)
        assert sheet.protection.sheet and sheet.column_dimensions["A"].hidden


def test_the_upright_sheet_asks_everything_once_in_the_order_of_a_visit():
    assert sorted(column.field for column in ASKED) == sorted(column.field for column in ANSWERS)


def test_on_the_upright_sheet_answers_and_members_are_open_and_all_that_is_given_is_locked():
    sheet = opened(workbook_bytes(HEADING, row(), {}, face=write_upright)).worksheets[1]
    free = {cell.row for cell in sheet["C"] if not cell.protection.locked}
    marks = {str(cell.value).removeprefix("field:"): cell.row for cell in sheet["A"] if cell.value}
    assert {marks[column.field] for column in ANSWERS} <= free
    assert not free & {marks[column.field] for column in GIVEN if column.field != "serial"}
    assert len(free) == len(ANSWERS) + MEMBER_ROWS


def test_every_choice_of_the_upright_sheet_is_a_drop_down_list_that_has_all_its_labels():
    book = opened(workbook_bytes(HEADING, row(list="在册"), {}, face=write_upright))
    sheet, lists = book.worksheets[1], book["lists"]
    rules = {
        str(rule.sqref): rule.formula1
        for rule in sheet.data_validations.dataValidation
        if rule.type == "list"
    }
    marks = {cell.value: cell.row for cell in sheet["A"] if cell.value}
    for column in ANSWERS:
        if column.kind == "choice":
            area = rules[f"C{marks[f'field:{column.field}']}"].removeprefix("lists!").replace("$", "")
            said = [cell.value for (cell,) in lists[area]]
            codes = choices_of(BUILT_IN)[column.choices]
            assert said == [choice_label(column.choices, code, "zh", BUILT_IN) for code in codes]


@given(st.text(max_size=50))
def test_any_head_gives_a_name_that_a_sheet_can_have(head):
    name = sheet_name({"serial": "00017", "household_name": head})
    assert name.startswith("00017") and len(name.encode("utf-16-le")) <= 2 * LONGEST
    assert not set(name) & set("[]:*?/\\'")


@settings(max_examples=40, deadline=None)
@given(st.lists(TEXTS, min_size=3, max_size=3), st.sampled_from(FACES))
def test_any_text_of_members_village_and_heading_comes_back(texts, face):
    person, note, place = texts
    heading = Heading(
        **{
            **{name: getattr(HEADING, name) for name in HEADING.__slots__},
            "village_name": place,
            "campaign": note,
        }
    )
    data = workbook_bytes(
        heading, row(), {"village_note": note}, members=members({"member_name": person}), face=face
    )
    form = read_workbook(data)
    assert form.heading == heading
    assert form.village_answers["village_note"] == note.strip()
    assert form.members["member_name"].tolist() == ([person] if person.strip() else [])


@pytest.mark.parametrize("face", FACES)
def test_rare_characters_survive_in_every_place_that_takes_text(face):
    answers = {field: f"甲{RARE}" for field in LONG_TEXTS}
    person = dict.fromkeys(MEMBER_FIELDS, "") | {"member_name": RARE}
    one = row(**{k: v for k, v in answers.items() if k != "village_note"}, household_name=RARE)
    data = workbook_bytes(HEADING, one, {"village_note": RARE}, members=members(person), face=face)
    form = read_workbook(data)
    assert form.rows["household_name"].item() == RARE == form.members["member_name"].item()
    assert form.village_answers["village_note"] == RARE
    assert all(form.rows[name].item() == f"甲{RARE}" for name in LONG_TEXTS if name in form.rows)


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("danger", [*FORMULAS, "\r=1", "\n=1", " =1"])
def test_no_place_of_a_workbook_turns_what_it_is_given_into_a_formula_or_a_link(danger, face):
    place = dict.fromkeys(("township", "township_name", "village", "village_name"), danger)
    heading = Heading(campaign=danger, form_id="f", lang="zh", **place)
    people = members(dict.fromkeys(MEMBER_FIELDS, danger))
    one = row(household_name=danger, note=danger)
    data = workbook_bytes(heading, one, {"village_note": danger}, members=people, face=face)
    sheets = [text for name, text in parts(data).items() if "worksheets" in name]
    assert not any(mark in text for text in sheets for mark in ("<f>", "<f ", "<hyperlink"))
    form = read_workbook(data)
    assert form.members["member_name"].item() == danger == form.rows["note"].item()


def test_a_file_tells_of_its_own_village_and_of_no_other(forms):
    """Searched in every part of every file of both faces, as text without marks of XML."""
    folder, sample, roll, removed = forms
    people = pd.concat([roll, removed])
    drawn = sample[(sample["stage"] == 2) & (sample["role"] != "reserve")]
    for path in folder.rglob("*.xlsx"):
        village = path.stem
        said = "".join(parts(path.read_bytes()).values())
        own = people[people["village"] == village]
        elsewhere = people[people["village"] != village]
        for column in ("village", "village_name", "household_name", "address"):
            others = set(elsewhere[column]) - set(own[column])
            assert not [value for value in others if value in said], (path, column)
        kept = set(drawn.loc[drawn["village"] == village, "household"])
        undrawn = own[~own["household"].isin(kept)]
        assert not [name for name in undrawn["household_name"] if name in said], path
        for column in ("identity", "account", "phone", "self_check"):
            assert not [value for value in people[column] if value in said], (path, column)
        assert all(name in said for name in own.loc[own["household"].isin(kept), "household_name"])


def test_what_the_file_itself_says_of_its_making_names_nobody(forms):
    folder, *_ = forms
    for path in (folder / "999999001001.xlsx", folder / "phone" / "999999001001.xlsx"):
        told = parts(path.read_bytes())
        core = told["docProps/core.xml"]
        assert re.findall(r"<dc:creator>(.*?)</dc:creator>", core) in ([], [""])
        assert "2000-01-01" in core
        assert not re.search(r"户主", told["docProps/app.xml"]) or "phone" in str(path)


def test_the_upright_file_of_a_read_form_is_the_same_bytes_again():
    data = workbook_bytes(HEADING, row(note="看过"), {}, members=members(*PEOPLE), face=write_upright)
    form = read_workbook(data)
    again = workbook_bytes(
        form.heading, form.rows, form.village_answers, members=form.members, face=write_upright
    )
    assert again == data
