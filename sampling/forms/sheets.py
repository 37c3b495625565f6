"""The sheets of a visit workbook, drawn with XlsxWriter: cover, households, and two hidden ones."""

import datetime
import math
import re
import unicodedata
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from sampling.codes import ROLL, Codebook, list_label
from sampling.forms.layout import (
    FIELD,
    GIVEN,
    MARK,
    MARKS,
    QUESTIONS,
    VERSION,
    VISIT,
    Column,
    Heading,
    choice_label,
    choices_of,
)
from sampling.words import text

A4 = 9
NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?")
UNIT = re.compile(r"\s*([（(].*[)）])$")
"""A title's unit in brackets goes on a line of its own."""
NUMBER_FORMATS = {"money": "#,##0.00", "number": "0", "date": "yyyy-mm-dd"}
ALIGNED = {"long": "left", "money": "right"}
CELL_LIMIT = 32767
"""Characters that a cell of a workbook can hold."""
UNPRINTABLE = {code: None for code in (0xFFFE, 0xFFFF, *range(0xD800, 0xE000))}
"""Code points that XML cannot carry at all; a sheet with one of them would not open."""
GRID, TITLE, SHADE, ASKED = "#A6A6A6", "#1F3864", "#F2F2F2", "#FFF2CC"

Styles = Mapping[str, Format]


def make_styles(book: Workbook, lang: str) -> Styles:
    """The looks of all cells; what is asked is unlocked and text stays text when somebody types into it."""
    base = {"font_name": text("forms.look.font", lang), "font_size": 11, "valign": "vcenter"}
    cell = base | {"border": 1, "border_color": GRID, "text_wrap": True}
    head = cell | {"bold": True, "align": "center"}
    looks: dict[str, dict[str, Any]] = {
        "title": base | {"bold": True, "font_size": 16, "font_color": TITLE},
        "subtitle": base | {"font_color": "#404040"},
        "heading": base | {"bold": True, "font_size": 12, "font_color": TITLE},
        "line": base | {"text_wrap": True, "indent": 1},
        "mark": base | {"bold": True, "font_color": "#C00000"},
        "head_given": head | {"bg_color": "#D9E2EC"},
        "head_asked": head | {"bg_color": ASKED},
        "label": cell | {"bg_color": SHADE, "indent": 1},
        "fact": cell | {"bg_color": SHADE, "indent": 1, "num_format": "@"},
    }
    for kind in ("text", "long", "choice", "number", "money", "date"):
        form = {"num_format": NUMBER_FORMATS.get(kind, "@"), "align": ALIGNED.get(kind, "center")}
        looks[f"given_{kind}"] = cell | form | {"bg_color": SHADE}
        looks[f"asked_{kind}"] = cell | form | {"locked": False}
    return {name: book.add_format(look) for name, look in looks.items()}


def write_identity(book: Workbook, heading: Heading) -> None:
    """The hidden sheet by which a form is known again, whatever its file is called by then."""
    sheet = book.add_worksheet("form")
    facts = {
        MARK: VERSION,
        "form_id": heading.form_id,
        "campaign": heading.campaign,
        "township": heading.township,
        "township_name": heading.township_name,
        "village": heading.village,
        "village_name": heading.village_name,
        "lang": heading.lang,
        "data": " ".join(MARKS[name] for name in heading.marks),
    }
    for row, (name, value) in enumerate(facts.items()):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, legal(value))
    sheet.very_hidden()


def write_choices(book: Workbook, lang: str, codebook: Codebook) -> dict[str, str]:
    """The hidden sheet with the drop-down lists, and where each stands.

    Lists written into the rule itself would stop at 255 characters, hence a range.
    """
    sheet = book.add_worksheet("lists")
    places = {}
    for column, (table, choices) in enumerate(choices_of(codebook).items()):
        sheet.write_string(0, column, table)
        for row, code in enumerate(choices, start=1):
            sheet.write_string(row, column, choice_label(table, code, lang, codebook))
        letter = chr(ord("A") + column)
        places[table] = f"=lists!${letter}$2:${letter}${len(choices) + 1}"
    sheet.hide()
    return places


def write_cover(
    sheet: Worksheet,
    heading: Heading,
    styles: Styles,
    places: Mapping[str, str],
    households: int,
    answers: Mapping[str, str],
) -> None:
    """The cover: what this is, how to fill it in, and the questions about the village."""
    lang = heading.lang
    sheet.set_column(0, 0, None, None, {"hidden": True})
    sheet.set_column(1, 1, 27)
    sheet.set_column(2, 2, 23)
    sheet.set_column(3, 3, 42)
    sheet.set_row(0, 30)
    sheet.write_string(0, 1, text("forms.cover.title", lang), styles["title"])
    sheet.write_string(0, 3, _mark(heading), styles["mark"])
    facts = {
        "campaign": heading.campaign,
        "township": _named(heading.township_name, heading.township, lang),
        "village": _named(heading.village_name, heading.village, lang),
        "households": str(households),
        "form_id": heading.form_id,
    }
    for row, (name, value) in enumerate(facts.items(), start=1):
        sheet.write_string(row, 1, text(f"forms.cover.{name}", lang), styles["label"])
        sheet.set_row(row, 21)
        sheet.merge_range(row, 2, row, 3, "", styles["fact"])
        sheet.write_string(row, 2, legal(value), styles["fact"])
    row = _write_guide(sheet, 7, lang, styles)
    row = _write_questions(sheet, row + 1, lang, styles, places, answers)
    sheet.set_row(row + 1, 34)
    sheet.merge_range(row + 1, 1, row + 1, 3, text("forms.cover.signatures", lang), styles["line"])
    _set_up_page(sheet, heading)
    sheet.set_portrait()


def write_households(
    sheet: Worksheet,
    heading: Heading,
    styles: Styles,
    places: Mapping[str, str],
    households: pd.DataFrame,
) -> None:
    """The households, one a row: the shaded cells are given and locked, the others are to be filled in."""
    lang, columns = heading.lang, (*GIVEN, *VISIT)
    town = _named(heading.township_name, heading.township, lang)
    place = f"{town} {_named(heading.village_name, heading.village, lang)}"
    sheet.set_row(0, 26)
    sheet.write_string(0, 0, legal(text("forms.sheet.title", lang, place=place)), styles["title"])
    sheet.write_string(0, len(GIVEN), text("forms.sheet.legend", lang), styles["subtitle"])
    sheet.write_string(0, len(GIVEN) + 5, _mark(heading), styles["mark"])
    sheet.set_row(1, 50)
    sheet.set_row(2, None, None, {"hidden": True})  # the fields: all below them is data
    for place_of, column in enumerate(columns):
        style = styles["head_given" if column in GIVEN else "head_asked"]
        sheet.set_column(place_of, place_of, column.width)
        title = text(f"forms.column.{column.field}", lang)
        sheet.write_string(1, place_of, UNIT.sub(r"\n\1", title), style)
        sheet.write_string(2, place_of, FIELD + column.field)
    for row, values in enumerate(households.to_dict("records"), start=3):
        sheet.set_row(row, _height(values, columns))
        for place_of, column in enumerate(columns):
            given = "given" if column in GIVEN else "asked"
            style = styles[f"{given}_{column.kind}"]
            write_answer(sheet, (row, place_of), values.get(column.field, ""), column.kind, style)
    _set_rules(sheet, heading, places, households)
    sheet.freeze_panes(3, 4)
    sheet.repeat_rows(0, 1)
    sheet.set_landscape()
    _set_up_page(sheet, heading)


def write_answer(sheet: Worksheet, cell: tuple[int, int], value: str, kind: str, style: Format) -> None:
    """One cell as Excel would hold it: numbers and dates as such where they are, all else as plain text.

    Never `write`: a name that begins with "=" is a name, and must not become a formula.
    """
    if not value:
        sheet.write_blank(*cell, None, style)
    elif kind in ("number", "money") and NUMBER.fullmatch(value):
        sheet.write_number(*cell, float(value), style)
    elif kind == "date" and (date := _iso_date(value)):
        sheet.write_datetime(*cell, date, style)
    else:
        sheet.write_string(*cell, legal(value), style)


def legal(value: str) -> str:
    """A text that a cell can hold: not longer than a cell, without the code points that XML forbids."""
    return value.translate(UNPRINTABLE)[:CELL_LIMIT]


def _write_guide(sheet: Worksheet, row: int, lang: str, styles: Styles) -> int:
    sheet.write_string(row, 1, text("forms.cover.guide", lang), styles["heading"])
    for number in range(1, 6):
        sheet.set_row(row + number, 32)
        line = f"{number}. " + text(f"forms.guide.line_{number}", lang)
        sheet.merge_range(row + number, 1, row + number, 3, line, styles["line"])
    return row + 6


def _write_questions(
    sheet: Worksheet,
    row: int,
    lang: str,
    styles: Styles,
    places: Mapping[str, str],
    answers: Mapping[str, str],
) -> int:
    sheet.write_string(row, 1, text("forms.cover.questions", lang), styles["heading"])
    for row, question in enumerate(QUESTIONS, start=row + 1):  # noqa: B020 (rows go on counting)
        sheet.set_row(row, 32)
        sheet.write_string(row, 0, FIELD + question.field)
        sheet.write_string(row, 1, text(f"forms.question.{question.field}", lang), styles["label"])
        style = styles[f"asked_{question.kind}"]
        write_answer(sheet, (row, 2), answers.get(question.field, ""), question.kind, style)
        sheet.write_string(row, 3, text(f"forms.hint.{question.field}", lang), styles["line"])
        _set_rule(sheet, question, (row, 2, row, 2), lang, places)
    return row + 1


def _set_rules(
    sheet: Worksheet, heading: Heading, places: Mapping[str, str], households: pd.DataFrame
) -> None:
    """Drop-downs and number rules; households of other lists have verdicts of their own."""
    on_roll = [name == list_label(ROLL, heading.lang) for name in households["list"]]
    for place_of, column in enumerate(VISIT, start=len(GIVEN)):
        for first, last, roll in _runs(on_roll):
            verdict = column.choices == "verdict" and not roll
            rule = Column(field=column.field, kind="choice", choices="list_verdict") if verdict else column
            _set_rule(sheet, rule, (first + 3, place_of, last + 3, place_of), heading.lang, places)


def _runs(flags: Sequence[bool]) -> list[tuple[int, int, bool]]:
    starts = [i for i, flag in enumerate(flags) if i == 0 or flag != flags[i - 1]]
    ends = [*starts[1:], len(flags)]
    return [(start, end - 1, flags[start]) for start, end in zip(starts, ends, strict=True)] if flags else []


def _set_rule(
    sheet: Worksheet, column: Column, area: tuple[int, int, int, int], lang: str, places: Mapping[str, str]
) -> None:
    rules: dict[str, dict[str, Any]] = {
        "choice": {"validate": "list", "source": places.get(column.choices)},
        "number": {"validate": "integer", "criteria": ">=", "value": 0},
        "money": {"validate": "decimal", "criteria": ">=", "value": 0},
        "date": {"validate": "date", "criteria": ">=", "value": datetime.date(2000, 1, 1)},
    }
    if column.kind in rules:
        words = {"error_title": text("forms.rule.title", lang)}
        words["error_message"] = text(f"forms.rule.{column.kind}", lang)
        sheet.data_validation(*area, rules[column.kind] | words)


def _set_up_page(sheet: Worksheet, heading: Heading) -> None:
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    name = f"{heading.campaign}  {heading.village}"[:60].replace("&", "&&")
    pages = text("forms.look.pages", heading.lang, page="&P", pages="&N")
    sheet.set_footer(f"&L{legal(name)}&C{pages}&R{heading.form_id}")
    sheet.protect("", {"format_columns": True, "format_rows": True})


def _mark(heading: Heading) -> str:
    return "  ".join(text(f"forms.look.{name}", heading.lang, mark=MARKS[name]) for name in heading.marks)


def _named(name: str, code: str, lang: str) -> str:
    return text("forms.look.named", lang, name=name, code=code) if name and name != code else code


def _height(values: Mapping[Hashable, str], columns: Sequence[Column]) -> float:
    """Room for the longest text of the row, and at least for handwriting on a printed form."""
    lines = [math.ceil(_width(values.get(c.field, "")) / (c.width - 1)) for c in columns]
    return max(30.0, min(16.0 * max(lines), 400.0))


def _width(value: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in value)


def _iso_date(value: str) -> datetime.date | None:
    try:
        date = datetime.date.fromisoformat(value) if len(value) == 10 else None
    except ValueError:
        return None
    return date if date and date.year >= 1900 else None
