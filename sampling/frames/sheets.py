"""Files as grids of cells: CSV, XLSX, XLS and Parquet, every cell as it stands, every row in its place.

What a file is, its first bytes say, not its name: offices rename. Nothing is guessed from a cell: text
stays text, a number that a workbook holds as a number stays a number, so that a later check can see it.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from sampling.words import REPORTED, Problem

DELIMITERS = (",", "\t", ";")
ENCODING_MARKS = (b"\xff\xfe", b"\xfe\xff")  # UTF-16, what Excel calls "Unicode text"
UTF8_MARK = b"\xef\xbb\xbf"
WORKBOOK_MARKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
PAGE_MARK = re.compile(rb"\s*<(!doctype|html|table|\?xml)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One grid of cells. Row 1 of the file is `rows[0]`; an empty cell is ""."""

    file: str
    rows: list[list[Any]]
    numeric: frozenset[int] = frozenset()
    """Columns that the file itself declares as something else than text (Parquet)."""


def read_sheets(path: Path, name: str) -> tuple[list[Sheet], list[Problem]]:
    """The sheets of one file, and what is wrong with it; `name` is what the reader calls the file."""
    try:
        data = path.read_bytes()
    except OSError:
        return [], [Problem(key="frames.file.missing", file=name)]
    return sheets_of(data, name)


def sheets_of(data: bytes, name: str) -> tuple[list[Sheet], list[Problem]]:
    """The same of the bytes of a file."""
    if not data.strip():
        return [], [Problem(key="frames.file.empty", file=name)]
    if data.startswith(b"PAR1"):
        return _parquet(data, name)
    if data.startswith(WORKBOOK_MARKS):
        return _workbook(data, name)
    if PAGE_MARK.match(data.removeprefix(UTF8_MARK)):
        return [], [Problem(key="frames.file.web_page", file=name)]
    return _csv(data, name)


def _csv(data: bytes, name: str) -> tuple[list[Sheet], list[Problem]]:
    text, encoding = _decode(data)
    if text is None:
        return [], [Problem(key="frames.file.encoding", file=name)]
    problems = []
    if encoding == "gb18030":
        problems.append(Problem(key="frames.file.gb18030", file=name, severity=REPORTED))
    rows: list[list[Any]] = []
    # strict: a quote that is never closed would otherwise swallow the rest of the roll without a word
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        rows.extend(reader)
    except csv.Error:
        return [], [*problems, Problem(key="frames.file.quotes", file=name, row=len(rows) + 1)]
    return [Sheet(file=name, rows=rows)], problems


def _decode(data: bytes) -> tuple[str | None, str]:
    encodings: Sequence[str] = ("utf-8-sig", "gb18030")
    if data.startswith(ENCODING_MARKS):
        encodings = ("utf-16",)
    elif data.startswith(UTF8_MARK):  # it says what it is: if it is broken, it is not something else
        encodings = ("utf-8-sig",)
    for encoding in encodings:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return None, ""


def _delimiter(text: str) -> str:
    """The delimiter that stands in most of the first lines; among equals the one that stands most often."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in text[:20_000].splitlines()[:20]]

    def strength(delimiter: str) -> tuple[int, int]:
        return sum(delimiter in line for line in lines), sum(line.count(delimiter) for line in lines)

    return max(DELIMITERS, key=strength)


def _workbook(data: bytes, name: str) -> tuple[list[Sheet], list[Problem]]:
    try:
        with CalamineWorkbook.from_object(io.BytesIO(data)) as book:
            visible = {
                sheet.name: sheet.visible == SheetVisibleEnum.Visible for sheet in book.sheets_metadata
            }
            grids = [(title, _grid(book.get_sheet_by_name(title))) for title in book.sheet_names]
    except PasswordError:
        return [], [Problem(key="frames.file.password", file=name)]
    except CalamineError:
        return [], [Problem(key="frames.file.unreadable", file=name)]
    filled = [(title, rows) for title, rows in grids if any(any(_filled(c) for c in row) for row in rows)]
    if not filled:
        return [], [Problem(key="frames.file.empty", file=name)]
    # a workbook of one sheet is called by its file alone
    names = {title: name if len(filled) == 1 else f"{name}[{title}]" for title, _ in filled}
    hidden = [
        Problem(key="frames.file.hidden_sheet", file=names[title], severity=REPORTED)
        for title, _ in filled
        if not visible.get(title, True)
    ]
    return [Sheet(file=names[title], rows=rows) for title, rows in filled], hidden


def _grid(sheet: CalamineSheet) -> list[list[Any]]:
    """All cells from A1 on, with the value of a cell that was merged downwards in each of its rows.

    That is what the sheet shows: one village name beside forty households. Cells merged across columns
    (titles) are left as they are.
    """
    rows = sheet.to_python(skip_empty_area=False)
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        for row in rows[top + 1 : bottom + 1]:
            if left < len(row) and row[left] == "":
                row[left] = rows[top][left]
    return rows


def _filled(cell: Any) -> bool:
    return not (isinstance(cell, str) and not cell.strip())


def _parquet(data: bytes, name: str) -> tuple[list[Sheet], list[Problem]]:
    try:
        table = pq.read_table(io.BytesIO(data))
    except (pa.ArrowException, OSError):
        return [], [Problem(key="frames.file.unreadable", file=name)]
    columns = [
        ["" if cell is None or cell != cell else cell for cell in column.to_pylist()]
        for column in table.columns
    ]
    numeric = frozenset(i for i, column in enumerate(table.schema.types) if not _is_text(column))
    rows: list[list[Any]] = [list(table.column_names), *map(list, zip(*columns, strict=True))]
    return [Sheet(file=name, rows=rows, numeric=numeric)], []


def _is_text(kind: pa.DataType) -> bool:
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.types.is_string(value) or pa.types.is_large_string(value) or pa.types.is_string_view(value)
