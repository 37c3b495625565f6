"""Cells of a form, drawn with XlsxWriter: how each kind of answer looks, what may be typed into it."""

import datetime
import math
import re
import unicodedata
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from sampling.forms.layout import FIELD, MARKS, Column, Heading
from sampling.words import text

A4 = 9
NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
UNIT = re.compile(r"\s*([（(].*[)）])$")
"""A title's unit in brackets goes on a line of its own."""
NUMBER_FORMATS = {"money": "#,##0.00", "number": "0", "date": "yyyy-mm-dd", "time": "hh:mm"}
ALIGNED = {"long": "left", "money": "right"}
CELL_LIMIT = 32767
"""Characters that a cell of a workbook can hold."""
UNPRINTABLE = {code: None for code in (0xFFFE, 0xFFFF, *range(0xD800, 0xE000))}
"""Code points that XML cannot carry at all; a sheet with one of them would not open."""
GRID, TITLE, SHADE, ASKED = "#A6A6A6", "#1F3864", "#F2F2F2", "#FFF2CC"

Styles = Mapping[str, Format]
Area = tuple[int, int, int, int]
"""First row, first column, last row, last column."""


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
        "mark": base | {"bold": True, "font_color": "#C00000", "align": "right"},
        "head_given": head | {"bg_color": "#D9E2EC"},
        "head_asked": head | {"bg_color": ASKED},
        "begins": {"border": 1, "border_color": GRID, "top_color": TITLE},
        "label": cell | {"bg_color": SHADE, "indent": 1},
        "fact": cell | {"bg_color": SHADE, "indent": 1, "num_format": "@"},
    }
    for kind in ("text", "long", "choice", "number", "money", "date", "time"):
        form = {"num_format": NUMBER_FORMATS.get(kind, "@"), "align": ALIGNED.get(kind, "center")}
        looks[f"given_{kind}"] = cell | form | {"bg_color": SHADE}
        looks[f"asked_{kind}"] = cell | form | {"locked": False}
        for side in ("given", "asked"):
            looks[f"{side}_line_{kind}"] = looks[f"{side}_{kind}"] | {"align": "left", "indent": 1}
    return {name: book.add_format(look) for name, look in looks.items()}


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
    elif kind == "time" and TIME.fullmatch(value):
        sheet.write_datetime(*cell, datetime.time.fromisoformat(value), style)
    else:
        sheet.write_string(*cell, legal(value), style)


def legal(value: str) -> str:
    """A text that a cell can hold: not longer than a cell, without the code points that XML forbids."""
    return value.translate(UNPRINTABLE)[:CELL_LIMIT]


def write_titles(
    sheet: Worksheet, row: int, columns: Sequence[Column], given: Sequence[Column], styles: Styles, lang: str
) -> None:
    """The titles of a table, with the hidden row of fields below them: all below that is data."""
    sheet.set_row(row, 60)
    sheet.set_row(row + 1, None, None, {"hidden": True})
    for place, column in enumerate(columns):
        style = styles["head_given" if column in given else "head_asked"]
        sheet.set_column(place, place, column.width)
        sheet.write_string(row, place, in_two(text(f"forms.column.{column.field}", lang)), style)
        sheet.write_string(row + 1, place, FIELD + column.field)


def in_two(title: str) -> str:
    """A title for a narrow column."""
    return UNIT.sub(r"\n\1", title)


def write_row(
    sheet: Worksheet,
    row: int,
    values: Mapping,
    columns: Sequence[Column],
    given: Sequence[Column],
    styles: Styles,
) -> None:
    """One row of a table: what is given is shaded and locked."""
    for place, column in enumerate(columns):
        style = styles[f"{'given' if column in given else 'asked'}_{column.kind}"]
        write_answer(sheet, (row, place), values.get(column.field, ""), column.kind, style)


def set_rule(sheet: Worksheet, column: Column, area: Area, lang: str, places: Mapping[str, str]) -> None:
    """What may be typed into an area; `places` says where each drop-down list stands."""
    rules: dict[str, dict[str, Any]] = {
        "choice": {"validate": "list", "source": places.get(column.choices)},
        "number": {"validate": "integer", "criteria": ">=", "value": 0},
        "money": {"validate": "decimal", "criteria": ">=", "value": 0},
        "date": {"validate": "date", "criteria": ">=", "value": datetime.date(2000, 1, 1)},
        "time": {"validate": "time", "criteria": "between", "minimum": 0, "maximum": 0.99999},
    }
    if column.kind in rules:
        words = {"error_title": text("forms.rule.title", lang)}
        words["error_message"] = text(f"forms.rule.{column.kind}", lang)
        sheet.data_validation(*area, rules[column.kind] | words)


def set_up_page(sheet: Worksheet, heading: Heading) -> None:
    """A4, as wide as the paper, with pages numbered and everything locked that is not asked."""
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    name = f"{heading.campaign}  {heading.village}"[:60].replace("&", "&&")
    pages = text("forms.look.pages", heading.lang, page="&P", pages="&N")
    sheet.set_footer(f"&L{legal(name)}&C{pages}&R{heading.form_id}")
    sheet.protect("", {"format_columns": True, "format_rows": True})


def mark(heading: Heading) -> str:
    """What must be said on every sheet: invented people, a rehearsal."""
    return "  ".join(text(f"forms.look.{name}", heading.lang, mark=MARKS[name]) for name in heading.marks)


def named(name: str, code: str, lang: str) -> str:
    """A place by its name and its id."""
    return text("forms.look.named", lang, name=name, code=code) if name and name != code else code


def height(values: Mapping[Hashable, str], columns: Sequence[Column]) -> float:
    """Room for the longest text of the row, and at least for handwriting on a printed form."""
    lines = [math.ceil(width_of(values.get(c.field, "")) / (c.width - 1)) for c in columns]
    return max(30.0, min(16.0 * max(lines), 400.0))


def width_of(value: str) -> int:
    """The characters of a cell that a text takes; a Chinese one takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in value)


def _iso_date(value: str) -> datetime.date | None:
    try:
        date = datetime.date.fromisoformat(value) if len(value) == 10 else None
    except ValueError:
        return None
    return date if date and date.year >= 1900 else None
