"""Workbooks that were copied, cut and moved about: what they say is told once, what they lost is said."""

import io

import openpyxl
import pandas as pd
import pytest
from findings_office import FIRST, VISITED, Office, counted, ends_somewhere, make_office
from openpyxl.worksheet.worksheet import Worksheet
from test_forms_workbook import FACES, HEADING, PEOPLE, members, row

from sampling.forms import ReturnedForm, read_workbook
from sampling.forms.layout import ANSWER_FIELDS, GIVEN_FIELDS, MEMBER_FIELDS, QUESTION_FIELDS
from sampling.forms.workbook import workbook_bytes, write_in_tables, write_upright

COVER, CONCLUDED, SEEN, PERSONS = range(4)
"""The sheets of the face in tables."""
ANSWERS = {
    "outcome": "已入户",
    "verdict": "继续保障",
    "date": "2026-06-03",
    "note": "看过",
    "mode": "入户",
    "arrive": "09:05",
    "income_wages": "1200.5",
    "photos": "1.jpg",
}
VILLAGE = dict.fromkeys(QUESTION_FIELDS, "") | {"posting_days": "7", "village_note": "齐全"}
THREE = pd.concat(
    [row(serial=f"0000{n}", household=f"h{n}", household_name=f"户主{n}", **ANSWERS) for n in (1, 2, 3)],
    ignore_index=True,
)
FAMILY = pd.concat([members(*PEOPLE, serial="00001"), members(*PEOPLE[1:], serial="00003")])
BOOKS = {face: workbook_bytes(HEADING, THREE, VILLAGE, members=FAMILY, face=face) for face in FACES}
TOLD = [*GIVEN_FIELDS, *ANSWER_FIELDS]


def damaged(face, change) -> ReturnedForm:
    book = openpyxl.load_workbook(io.BytesIO(BOOKS[face]))
    change(book)
    return read_workbook(saved(book))


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def without_hidden_column(sheet: Worksheet) -> None:
    for area in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(area))
    sheet.delete_cols(1)


def is_whole(form: ReturnedForm) -> bool:
    """Whether every household, member and question is told as it was written, once."""
    rows = form.rows.sort_values("serial", kind="stable")[TOLD].values.tolist()
    people = form.members.merge(form.rows[["link", "household"]], on="link", how="left")
    said = people.sort_values("household", kind="stable")[["household", *MEMBER_FIELDS]].values.tolist()
    family = [["h1", *person] for person in FAMILY[FAMILY["serial"] == "00001"][list(MEMBER_FIELDS)].values]
    family += [["h3", *person] for person in FAMILY[FAMILY["serial"] == "00003"][list(MEMBER_FIELDS)].values]
    return rows == THREE[TOLD].values.tolist() and said == family and form.village_answers == VILLAGE


@pytest.mark.parametrize("face", FACES)
def test_an_undamaged_form_is_whole(face):
    form = damaged(face, lambda book: None)
    assert is_whole(form) and not form.notes


@pytest.mark.parametrize("sheet", [CONCLUDED, SEEN, PERSONS])
def test_a_sheet_that_lost_its_hidden_line_alone_is_read_by_its_titles(sheet):
    form = damaged(write_in_tables, lambda book: book.worksheets[sheet].delete_rows(3))
    assert is_whole(form) and not form.notes


@pytest.mark.parametrize("sheets", [(1,), (2,), (1, 2, 3)])
def test_an_upright_sheet_that_lost_its_hidden_column_is_read_by_its_titles(sheets):
    form = damaged(write_upright, lambda book: [without_hidden_column(book.worksheets[n]) for n in sheets])
    assert is_whole(form) and not form.notes


@pytest.mark.parametrize("face", FACES)
def test_a_cover_that_lost_its_hidden_column_is_read_by_its_questions(face):
    form = damaged(face, lambda book: without_hidden_column(book.worksheets[COVER]))
    assert is_whole(form) and not form.notes


@pytest.mark.parametrize("sheet", [COVER, SEEN, PERSONS])
def test_a_copied_sheet_of_facts_members_or_questions_says_nothing_twice(sheet):
    form = damaged(write_in_tables, lambda book: book.copy_worksheet(book.worksheets[sheet]))
    assert is_whole(form) and not form.notes


def test_rows_of_a_copied_sheet_of_households_say_all_that_the_first_say():
    form = damaged(write_in_tables, lambda book: book.copy_worksheet(book.worksheets[CONCLUDED]))
    assert form.rows["link"].is_unique and len(form.rows) == 6
    assert form.rows[TOLD].values.tolist() == [*THREE[TOLD].values.tolist()] * 2
    said = form.members.merge(form.rows[["link", "row"]], on="link").groupby("link").size()
    assert sorted(said) == [1, 1, 2, 2]


def test_an_empty_copy_of_a_sheet_takes_nothing_from_the_filled_one():
    def with_copy(book):
        copy = book.copy_worksheet(book.worksheets[CONCLUDED])
        for line in copy.iter_rows(min_row=4, min_col=len(GIVEN_FIELDS) + 1):
            for cell in line:
                cell.value = None
        book.move_sheet(copy, -5)  # the empty one comes first

    form = damaged(write_in_tables, with_copy)
    filled = form.rows[form.rows["outcome"] != ""]
    assert filled[TOLD].values.tolist() == THREE[TOLD].values.tolist()
    assert (form.rows.loc[form.rows["outcome"] == "", list(ANSWER_FIELDS)] == "").all(axis=None)
    assert set(form.members["link"]) <= set(filled["link"])


def change_copy(book: openpyxl.Workbook, sheet: int, cell: str, value: object) -> None:
    book.copy_worksheet(book.worksheets[sheet])[cell] = value


def test_other_facts_in_a_copy_stand_in_a_row_of_their_own_and_are_never_chosen_between():
    form = damaged(write_in_tables, lambda book: change_copy(book, SEEN, "E4", "资料核实"))
    assert form.rows.loc[form.rows["household"] == "h1", "mode"].tolist() == ["入户", "资料核实"]
    assert len(form.rows) == 4


def test_other_members_in_a_copy_belong_to_no_row_so_that_a_person_looks():
    form = damaged(write_in_tables, lambda book: change_copy(book, PERSONS, "D4", "别人"))
    apart = form.members[~form.members["link"].isin(form.rows["link"])]
    assert apart["member_name"].tolist() == ["别人", PEOPLE[1]["member_name"]]
    assert len(form.members) == 5


def test_a_question_that_a_copied_cover_answers_otherwise_is_said():
    def with_copy(book):
        copy = book.copy_worksheet(book.worksheets[COVER])
        next(line[2] for line in copy.iter_rows() if line[0].value == "field:posting_days").value = 3

    form = damaged(write_in_tables, with_copy)
    assert form.village_answers["posting_days"] == "7"
    assert [(note.key, note.value) for note in form.notes] == [("forms.cover_twice", "公示天数")]


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        (CONCLUDED, {"forms.part_gone": "入户核查"}),
        (SEEN, {"forms.part_gone": "家庭情况"}),
        (PERSONS, {"forms.part_gone": "家庭成员"}),
    ],
)
def test_a_sheet_that_is_gone_is_said(sheet, said):
    form = damaged(write_in_tables, lambda book: book.remove(book.worksheets[sheet]))
    assert {note.key: note.value for note in form.notes} == said
    for note in form.notes:
        assert note.to_line("zh") and note.to_line("en")


def test_a_member_column_and_a_question_that_are_gone_are_said():
    def cut(book):
        book.worksheets[PERSONS].delete_cols(6)
        book.worksheets[COVER].delete_rows(16)

    form = damaged(write_in_tables, cut)
    assert {note.value for note in form.notes} == {"年龄", "公示天数"}


def test_households_whose_upright_sheet_was_deleted_are_counted_and_the_others_whole():
    form = damaged(write_upright, lambda book: book.remove(book.worksheets[2]))
    (note,) = form.notes
    assert (note.key, note.value, note.fields) == ("forms.households_gone", "2", {"households": 3})
    assert form.rows["household"].tolist() == ["h1", "h3"]


def test_a_serial_copied_into_the_wrong_row_is_no_household_gone():
    def copied(book):
        book.worksheets[CONCLUDED]["A5"] = "00001"

    form = damaged(write_in_tables, copied)
    assert not form.notes and form.rows["serial"].tolist() == ["00001", "00001", "00003"]


def test_rows_of_upright_sheets_are_named_by_their_place_and_never_by_who_lives_there():
    form = damaged(write_upright, lambda book: None)
    assert form.rows["row"].is_unique and not form.rows["row"].str.contains("户主").any()


@pytest.mark.parametrize("face", FACES)
def test_sheets_renamed_moved_and_pushed_down_are_read_all_the_same(face):
    def move(book):
        for number, sheet in enumerate(book.worksheets):
            sheet.title = f"表{number}"
            if sheet.sheet_state == "visible" and number:
                sheet.insert_rows(1, number)
        book.move_sheet(book.worksheets[0], 3)

    form = damaged(face, move)
    assert is_whole(form) and not form.notes


def test_rows_sorted_otherwise_on_each_sheet_find_each_other():
    def turn(book):
        for sheet in book.worksheets[1:4]:
            lines = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=4)]
            for number, line in enumerate(reversed(lines), start=4):
                for column, value in enumerate(line, start=1):
                    sheet.cell(number, column).value = value

    form = damaged(write_in_tables, turn)
    people = form.members.merge(form.rows[["link", "household"]], on="link")
    assert sorted(people["household"]) == ["h1", "h1", "h3"]
    assert form.rows.sort_values("serial")[TOLD].values.tolist() == THREE[TOLD].values.tolist()


def test_one_number_on_two_lists_is_told_apart_by_its_serial():
    two = pd.concat([row(serial=f"0000{n}", household="h", mode=mode) for n, mode in ((1, "入户"), (2, ""))])
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(HEADING, two.assign(outcome="已入户"), {})))
    book.worksheets[SEEN].delete_rows(4)
    book.worksheets[SEEN]["E4"] = "资料核实"
    assert read_workbook(saved(book)).rows["mode"].tolist() == ["", "资料核实"]


def test_a_serial_that_became_a_number_still_finds_its_household():
    def as_numbers(book):
        for line in book.worksheets[SEEN].iter_rows(min_row=4):
            line[0].value = int(line[0].value)
            line[1].value = ""

    assert is_whole(damaged(write_in_tables, as_numbers))


def test_notes_of_a_team_beside_our_sheets_contradict_nothing():
    def with_notes(book):
        own = book.create_sheet("自己的记录")
        own.append(["序号", "户编号", "户主姓名", "核查情况", "核查意见", "备注"])
        own.append(["00001", "h1", "户主1", "不在家", "", "改天再去"])

    assert is_whole(damaged(write_in_tables, with_notes))


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    return make_office(tmp_path_factory.mktemp("forms"))


@pytest.mark.parametrize("face", FACES)
def test_in_intake_a_copied_sheet_is_known_already_and_contradicts_nothing(tmp_path, forms, face):
    office = Office(tmp_path, forms)
    form, table = office.filled(FIRST, {**VISITED, "mode": "入户", "arrive": "09:05"}, VISITED)
    family = members(*PEOPLE, serial=table["serial"].iloc[0])
    data = workbook_bytes(form.heading, table, {}, members=family, face=face)
    book = openpyxl.load_workbook(io.BytesIO(data))
    book.copy_worksheet(book.worksheets[1])
    result = office.take_in(office.lay_down(FIRST, saved(book)))
    ended = counted(result)
    assert ends_somewhere(result)
    twice = 2 if face is write_in_tables else 1
    assert {name: ended.get(name, 0) for name in ("accepted", "known", "conflicting", "quarantined")} == {
        "accepted": 2,
        "known": twice,
        "conflicting": 0,
        "quarantined": 0,
    }


def test_in_intake_the_phone_s_file_after_the_desk_s_says_nothing_new(tmp_path, forms):
    office = Office(tmp_path, forms)
    form, table = office.filled(FIRST, {**VISITED, "arrive": "09:05"}, VISITED)
    family = members(*PEOPLE, serial=table["serial"].iloc[0])
    for face, name in ((write_in_tables, "desk.xlsx"), (write_upright, "phone.xlsx")):
        office.lay_down(name, workbook_bytes(form.heading, table, {}, members=family, face=face))
    first = counted(office.take_in(tmp_path / "desk.xlsx"))
    second = counted(office.take_in(tmp_path / "phone.xlsx"))
    assert (first["accepted"], second["known"]) == (2, 2) and "conflicting" not in second
