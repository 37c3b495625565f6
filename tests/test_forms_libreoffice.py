"""A workbook filled in and saved by LibreOffice comes back whole, and LibreOffice reckons what we reckon."""

import datetime
import io

import pytest
from forms_libreoffice import SAVED_AS, Typed, has_libreoffice, type_into
from python_calamine import CalamineWorkbook
from test_forms_workbook import FACES, HEADING, row

from sampling.codes import BUILT_IN
from sampling.findings.answers import read_amount, read_count, read_date, read_time
from sampling.forms import read_workbook
from sampling.forms.layout import ANSWERS, FIELD, MEMBERS, QUESTIONS, Column, choice_label, choices_of
from sampling.forms.standard import standard_of
from sampling.forms.workbook import workbook_bytes, write_in_tables

pytestmark = pytest.mark.skipif(not has_libreoffice(), reason="LibreOffice is not installed")
STANDARD = standard_of({"mode": "difference", "rural": 500})
TYPED = {
    "text": "组3-1",
    "long": "'=1+1 看过𠮷😀 〇",  # an apostrophe is how somebody types text that begins with "="
    "number": "2",
    "money": "100.5",
    "date": "2026-06-03",
    "time": "9:05",
}
READ = {"number": read_count, "money": read_amount, "date": read_date, "time": read_time}
MEANT = {"number": 2, "money": 10050, "date": datetime.date(2026, 6, 3), "time": datetime.time(9, 5)}


def typed(column: Column) -> str:
    if column.kind == "choice":
        return choice_label(column.choices, choices_of(BUILT_IN)[column.choices][0], "zh", BUILT_IN)
    return TYPED[column.kind]


def cells_of(data: bytes) -> list[Typed]:
    """Every cell that is asked, once: the first household's, the first member's, the village's."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    asked = {column.field: column for column in (*ANSWERS, *MEMBERS, *QUESTIONS)}
    found: dict[str, Typed] = {}
    for sheet, name in enumerate(book.sheet_names):
        for r, line in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False)):
            marks = {c: str(cell)[len(FIELD) :] for c, cell in enumerate(line) if str(cell).startswith(FIELD)}
            for c, field in marks.items():
                place = (r, c + 2) if len(marks) == 1 else (r + 1, c)
                if field in asked:
                    found.setdefault(field, (sheet, *place, typed(asked[field])))
    return list(found.values())


@pytest.mark.parametrize("kind", SAVED_AS)
@pytest.mark.parametrize("face", FACES)
def test_every_answer_typed_into_libreoffice_comes_back_and_the_rest_as_it_was(tmp_path, face, kind):
    given = {"household": "00042", "household_name": "户主-𠮷", "account": "0071", "list": "在册"}
    data = workbook_bytes(
        HEADING, row(**given, amount="210.50", each="500.00"), {}, standard=STANDARD, face=face
    )
    cells = cells_of(data)
    assert len(cells) == len(ANSWERS) + len(MEMBERS) + len(QUESTIONS)
    source, target = tmp_path / "out.xlsx", tmp_path / f"back{kind}"
    source.write_bytes(data)
    type_into(source, target, cells)
    form = read_workbook(target)
    (told,), (member,) = form.rows.to_dict("records"), form.members.to_dict("records")
    assert form.heading == HEADING and not form.notes
    assert {name: told[name] for name in given} == given and read_amount(told["amount"]) == 21050
    for columns, said in ((ANSWERS, told), (MEMBERS, member), (QUESTIONS, form.village_answers)):
        for column in columns:
            written = said[column.field]
            if column.kind in READ:
                assert READ[column.kind](written) == MEANT[column.kind], column.field
            else:
                assert written == typed(column).removeprefix("'"), column.field
    assert member["link"] == told["link"]
    assert (
        due_cell(target, face)
        == STANDARD.due(area="rural", category="", income_fen=4 * 10050, persons=2, entitled=2) / 100
    )


def due_cell(path, face) -> float:
    """What LibreOffice worked out beside the title of the amount due."""
    book = CalamineWorkbook.from_path(path)
    for name in book.sheet_names:
        lines = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for r, line in enumerate(lines):
            for c, cell in enumerate(line):
                if str(cell).startswith("按标准核算应发"):
                    return lines[r + 2][c] if face is write_in_tables else line[c + 1]
    raise AssertionError("the amount due is gone")
