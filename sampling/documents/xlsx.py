"""A workbook as XLSX: text that stays text, numbers that add up; the same content gives the same bytes."""

import datetime
import io
import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range_abs
from xlsxwriter.worksheet import Worksheet

from sampling.documents.clean import half_signs, longest_word
from sampling.documents.inputs import PREFIX
from sampling.documents.model import DATE, SHARE, TEXT, WHOLE, YUAN, Book, Cell, Column, Sheet
from sampling.forms.cells import A4, GRID, SHADE, TITLE, legal
from sampling.words import text

CREATED = datetime.datetime(2000, 1, 1)
FORMATS = {TEXT: "@", WHOLE: "#,##0", YUAN: "#,##0.00", SHARE: "0.0%", DATE: "yyyy-mm-dd"}
RIGHT = (WHOLE, YUAN, SHARE)
LISTS = "_lists"
"""The hidden sheet with what may be chosen: a list written into a cell's rule ends at 255 signs."""
SHEET_NAME = 31
LINE = 15
"""Points of a line of a title."""
FORBIDDEN = dict.fromkeys(map(ord, "[]:*?/\\'"), "_")
"""Signs that the name of a sheet cannot have."""
Looks = Mapping[str, Format]


def xlsx_bytes(book: Book, *, inputs: str = "") -> bytes:
    """The XLSX of a book.

    Parameters
    ----------
    book
        What stands in it. Where any column is open, all other cells are locked (without a password: against
        slips, not against people).
    inputs
        The hash of what it was made from; kept in the file's properties.
    """
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True, "strings_to_numbers": False}) as file:
        keywords = f"{PREFIX}{inputs}" if inputs else ""
        file.set_properties({"title": legal(book.title)[:255], "created": CREATED, "keywords": keywords})
        looks = _looks(file, book.lang)
        lists = _lists(book)
        for sheet, name in zip(book.sheets, _names(book), strict=True):
            _write_sheet(file.add_worksheet(name), sheet, book, looks, lists)
        if lists:
            _write_lists(file.add_worksheet(LISTS), lists)
    return out.getvalue()


def _names(book: Book) -> Iterator[str]:
    """Names that a workbook takes: short, without certain signs, each only once."""
    used: set[str] = set()
    for sheet in book.sheets:
        stem = legal(sheet.name).translate(FORBIDDEN)[:SHEET_NAME] or "_"
        name, number = stem, 2
        while name.lower() in used:
            name, number = f"{stem[: SHEET_NAME - 4]}_{number}", number + 1
        used.add(name.lower())
        yield name


def _looks(file: Workbook, lang: str) -> Looks:
    base = {"font_name": text("forms.look.font", lang), "valign": "vcenter"}
    cell = base | {"border": 1, "border_color": GRID, "text_wrap": True}
    looks: dict[str, dict[str, Any]] = {
        "title": base | {"bold": True, "font_size": 16, "font_color": TITLE},
        "mark": base | {"bold": True, "font_color": "#C00000"},
        "note": base | {"font_color": "#404040"},
        "head": cell | {"bold": True, "bg_color": SHADE, "align": "center"},
    }
    for kind, form in FORMATS.items():
        shape = cell | {"num_format": form, "align": "right" if kind in RIGHT else "left"}
        looks[kind] = shape
        looks[f"open_{kind}"] = shape | {"locked": False, "bg_color": "#FFF2CC"}
        looks[f"total_{kind}"] = shape | {"bold": True, "top": 2}
    return {name: file.add_format(look) for name, look in looks.items()}


def _write_sheet(
    page: Worksheet, sheet: Sheet, book: Book, looks: Looks, lists: Mapping[tuple[str, ...], str]
) -> None:
    above = [(words, "mark") for words in book.marks]
    above += [(sheet.title, "title"), *((note, "note") for note in sheet.notes)]
    for row, (words, look) in enumerate(above):
        page.write_string(row, 0, legal(words), looks[look])
    head = len(above)
    for place, column in enumerate(sheet.columns):
        page.write_string(head, place, legal(column.title), looks["head"])
    for row, cells in enumerate(sheet.rows, start=head + 1):
        last = sheet.total and row == head + len(sheet.rows)
        for place, (cell, column) in enumerate(zip(cells, sheet.columns, strict=True)):
            _write_cell(page, (row, place), cell, column.kind, looks[_look(column, last=last)])
    _lay_out(page, sheet, book, head)
    _set_rules(page, sheet, head, lists)


def _look(column: Column, *, last: bool) -> str:
    if last:
        return f"total_{column.kind}"
    return f"open_{column.kind}" if column.open else column.kind


def _write_cell(page: Worksheet, place: tuple[int, int], cell: Cell, kind: str, look: Format) -> None:
    """Never `write`: a name that begins with "=" is a name, and must not become a formula."""
    if cell is None or cell == "":
        page.write_blank(*place, None, look)
    elif isinstance(cell, datetime.date):
        page.write_datetime(*place, datetime.datetime(cell.year, cell.month, cell.day), look)
    elif isinstance(cell, int | Decimal):
        page.write_number(*place, float(cell), look)
    else:
        page.write_string(*place, legal(cell), look)


def _lay_out(page: Worksheet, sheet: Sheet, book: Book, head: int) -> None:
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, _width(column))
    lines = max(math.ceil(half_signs(column.title) / _width(column)) for column in sheet.columns)
    page.set_row(head, LINE * (lines + 0.3))
    page.freeze_panes(head + 1, 0)
    page.repeat_rows(head)
    page.set_paper(A4)
    if sum(column.width for column in sheet.columns) > 90:
        page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_footer("&C— &P —")
    page.set_header("&R" + legal("  ".join(book.marks)).replace("&", "&&")[:200])
    if sheet.rows:
        end = head + len(sheet.rows) - int(sheet.total)
        page.autofilter(head, 0, max(end, head), len(sheet.columns) - 1)
    if any(column.open for part in book.sheets for column in part.columns):
        page.protect("", {"format_columns": True, "format_rows": True, "autofilter": True, "sort": True})


def _width(column: Column) -> float:
    """As wide as asked for, at least as wide as the longest word of its title."""
    return max(column.width, min(half_signs(column.title), 12) + 2, longest_word(column.title) + 2)


def _set_rules(page: Worksheet, sheet: Sheet, head: int, lists: Mapping[tuple[str, ...], str]) -> None:
    for place, column in enumerate(sheet.columns):
        if column.choices and sheet.rows:
            rule = {"validate": "list", "source": lists[column.choices]}
            page.data_validation(head + 1, place, head + len(sheet.rows), place, rule)


def _lists(book: Book) -> dict[tuple[str, ...], str]:
    """Where each list of choices stands: a column of the hidden sheet."""
    lists = {column.choices for sheet in book.sheets for column in sheet.columns if column.choices}
    return {
        choices: f"={LISTS}!" + xl_range_abs(0, place, len(choices) - 1, place)
        for place, choices in enumerate(sorted(lists))
    }


def _write_lists(page: Worksheet, lists: Mapping[tuple[str, ...], str]) -> None:
    for place, choices in enumerate(lists):
        for row, choice in enumerate(choices):
            page.write_string(row, place, legal(choice))
    page.hide()
