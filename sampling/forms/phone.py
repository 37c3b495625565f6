"""The upright face of the workbook: one sheet a household, for a phone or for handwriting."""

import math
import re
from collections.abc import Mapping, Sequence

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from sampling.codes import ROLL, list_label
from sampling.forms.cells import Styles, legal, mark, named, set_rule, set_up_page, width_of, write_answer
from sampling.forms.due import difference_formula
from sampling.forms.layout import ANSWERS, FIELD, GIVEN, INCOMES, MEMBER_ROWS, MEMBERS, Column, Heading
from sampling.forms.standard import CLASS, Standard
from sampling.forms.tables_out import verdict_rule
from sampling.words import text

UNFIT = re.compile(r"[\[\]:*?/\\']")
"""What the name of a sheet must not have."""
LABEL = 24
"""Characters that the column of titles holds in a line."""
ANSWER = 55
"""Characters that the place for an answer holds in a line."""
LONGEST = 31
"""Characters that the name of a sheet can have; a rare one counts as two."""
LAST = len(MEMBERS)
"""The last column: the members' table is as wide as the page."""
ORDER = (
    "mode",
    "outcome",
    "date",
    "arrive",
    "leave",
    "persons_found",
    "entitled_found",
    *INCOMES,
    "assets",
    "supporters",
    "tie",
    "holder",
    "receiver",
    "payment",
    "verdict",
    "reason",
    "amount_due",
    "evidence",
    "photos",
    "note",
    "inspector_1",
    "inspector_2",
    "signed",
)
"""In which order a visit goes."""
ASKED = tuple(next(column for column in ANSWERS if column.field == field) for field in ORDER)


def write_upright(
    book: Workbook,
    heading: Heading,
    styles: Styles,
    places: Mapping[str, str],
    households: pd.DataFrame,
    members: pd.DataFrame,
    standard: Standard,
) -> None:
    """A sheet for each household, named by its serial and its head."""
    people: list[dict] = members.to_dict("records")
    records: list[dict] = households.to_dict("records")
    for values in records:
        sheet = book.add_worksheet(sheet_name(values))
        _write_household(sheet, heading, styles, places, values, standard)
        own = [person for person in people if person["serial"] == values["serial"]]
        _write_members(sheet, heading, styles, places, values["serial"], own)
        sheet.set_portrait()
        set_up_page(sheet, heading)
        sheet.fit_to_pages(1, 1)
        sheet.center_horizontally()


def sheet_name(values: Mapping[str, str]) -> str:
    """The name of a household's sheet: the serial, which is unique, and the head.

    >>> sheet_name({"serial": "00017", "household_name": "户主-0000017"})
    '00017 户主-0000017'
    """
    name = f"{values['serial']} {values.get('household_name', '')}"
    units = UNFIT.sub("_", legal(name)).encode("utf-16-le")[: 2 * LONGEST]
    return units.decode("utf-16-le", "ignore").strip()


def _write_household(
    sheet: Worksheet,
    heading: Heading,
    styles: Styles,
    places: Mapping[str, str],
    values: Mapping[str, str],
    standard: Standard,
) -> None:
    lang = heading.lang
    sheet.set_column(0, 0, None, None, {"hidden": True})
    sheet.set_column(1, 1, LABEL)
    sheet.set_column(2, LAST, ANSWER / (LAST - 1))
    sheet.write_string(0, 1, text("forms.upright.title", lang, serial=values["serial"]), styles["title"])
    sheet.write_string(0, LAST, mark(heading), styles["mark"])
    place = f"{named(heading.township_name, heading.township, lang)} {_village(heading)}"
    sheet.write_string(1, 1, legal(place), styles["subtitle"])
    for row, column in enumerate(GIVEN, start=2):
        _write_line(sheet, row, column, values, styles, lang, given=True)
    on_roll = values.get("list", "") == list_label(ROLL, lang)
    first = 2 + len(GIVEN) + 1
    sheet.write_string(first - 1, 1, text("forms.upright.asked", lang), styles["heading"])
    for row, column in enumerate(ASKED, start=first):
        _write_line(sheet, row, column, values, styles, lang, given=False)
        set_rule(sheet, verdict_rule(column, on_roll=on_roll), (row, 2, row, 2), lang, places)
    _write_due(sheet, first, values.get("each", ""), standard, styles, lang)


def _village(heading: Heading) -> str:
    return named(heading.village_name, heading.village, heading.lang)


def _write_line(
    sheet: Worksheet,
    row: int,
    column: Column,
    values: Mapping[str, str],
    styles: Styles,
    lang: str,
    *,
    given: bool,
) -> None:
    """The hidden field, the title, and the answer over the rest of the line."""
    style = styles[f"{'given' if given else 'asked'}_line_{column.kind}"]
    title = text(f"forms.column.{column.field}", lang)
    value = values.get(column.field, "")
    sheet.set_row(row, _height(title, value, least=34 if column.kind == "long" and not given else 21))
    sheet.write_string(row, 0, FIELD + column.field)
    sheet.write_string(row, 1, title, styles["label"])
    sheet.merge_range(row, 2, row, LAST, "", style)
    write_answer(sheet, (row, 2), value, column.kind, style)


def _height(title: str, value: str = "", *, least: int = 21) -> int:
    """Room for the title and for what is there already; a row of a sheet is not higher than 409."""
    lines = max(math.ceil(width_of(title) / (LABEL - 2)), math.ceil(width_of(value) / (ANSWER - 4)))
    return min(max(least, 16 * lines if lines > 1 else 0), 400)


def _write_due(
    sheet: Worksheet, first: int, each: str, standard: Standard, styles: Styles, lang: str
) -> None:
    """What the standard gives, live, below all that is asked."""
    row = first + len(ASKED)
    cells = {field: xl_rowcol_to_cell(first + place, 2) for place, field in enumerate(ORDER)}
    sheet.set_row(row, _height(text("forms.facts.due", lang)))
    sheet.write_string(row, 1, text("forms.facts.due", lang), styles["label"])
    sheet.merge_range(row, 2, row, LAST, "", styles["given_line_money"])
    if not each:
        return
    entitled = cells["entitled_found"]
    formula = f'=IF({entitled}="","",ROUND({each}*{entitled},2))'
    if standard.mode != CLASS:
        incomes = f"{cells[INCOMES[0]]}:{cells[INCOMES[-1]]}"
        formula = difference_formula(each, incomes, cells["persons_found"], entitled)
    sheet.write_formula(row, 2, formula, styles["given_line_money"], "")


def _write_members(
    sheet: Worksheet,
    heading: Heading,
    styles: Styles,
    places: Mapping[str, str],
    serial: str,
    people: Sequence[Mapping[str, str]],
) -> None:
    """The members as a small table at the end; the serial stands hidden beside each line."""
    lang, top = heading.lang, 2 + len(GIVEN) + 1 + len(ASKED) + 2
    sheet.write_string(top, 1, text("forms.upright.members", lang), styles["heading"])
    sheet.set_row(top + 1, 32)
    sheet.set_row(top + 2, None, None, {"hidden": True})
    sheet.write_string(top + 2, 0, f"{FIELD}serial")
    lines = [*people, *([{}] * max(MEMBER_ROWS - len(people), 2))]
    for place, column in enumerate(MEMBERS, start=1):
        sheet.write_string(top + 1, place, text(f"forms.column.{column.field}", lang), styles["head_asked"])
        sheet.write_string(top + 2, place, FIELD + column.field)
        for row, person in enumerate(lines, start=top + 3):
            style = styles[f"asked_{column.kind}"]
            write_answer(sheet, (row, place), person.get(column.field, ""), column.kind, style)
        set_rule(sheet, column, (top + 3, place, top + 2 + len(lines), place), lang, places)
    for row in range(top + 3, top + 3 + len(lines)):
        sheet.write_string(row, 0, serial)
        sheet.set_row(row, 21)
