"""The visit workbook on its way back: read by what is hidden in it, whatever it looks like by now."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
from python_calamine import CalamineSheet, CalamineWorkbook

from sampling.forms.grids import cell_text, guard
from sampling.forms.joining import Joined, join_tables
from sampling.forms.layout import FIELD, MARK, MARKS, QUESTION_FIELDS, VERSION, Heading
from sampling.forms.marked import Grid, Table, marked_tables, titled_tables, upright_rows
from sampling.forms.returned import MEMBER_COLUMNS, ROW_COLUMNS, ReturnedForm
from sampling.words import InputError, Problem

LINKED = "link"
"""The column by which members belong to a row."""


def read_workbook(source: Path | bytes) -> ReturnedForm:
    """Read a returned workbook by what is hidden in it, whatever its names and columns look like by now.

    Parameters
    ----------
    source
        The file, or its bytes.

    Returns
    -------
    ReturnedForm
        Everything as text: numbers without an idle ".0", dates as ISO, times as HH:MM. Rows that are empty
        throughout are left out. Columns that are gone are in its notes.

    Raises
    ------
    InputError
        If the file is broken, is no workbook of ours, or has a version that is not known.
    OSError
        If the file cannot be opened at all.
    """
    name = "" if isinstance(source, bytes) else source.name
    grids = _grids(source if isinstance(source, bytes) else source.read_bytes(), name)
    heading = _heading(grids, name)
    joined = _joined(grids, name, heading.lang)
    return ReturnedForm(
        heading=heading,
        village_answers=_village_answers(grids),
        rows=pd.DataFrame(joined.rows, columns=[*ROW_COLUMNS, LINKED], dtype="str").fillna(""),
        members=pd.DataFrame(joined.members, columns=[*MEMBER_COLUMNS, LINKED], dtype="str").fillna(""),
        notes=joined.notes,
    )


def _grids(data: bytes, name: str) -> list[Grid]:
    """All cells of all sheets. Whatever a broken file makes the readers do, it becomes one sentence."""
    guard(data, name)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        return [_grid(book.get_sheet_by_name(sheet)) for sheet in book.sheet_names]
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic inside the reader is not an Exception
        raise InputError([Problem(key="forms.unreadable", file=name)]) from error


def _grid(sheet: CalamineSheet) -> Grid:
    """The cells of a sheet as text; a merged cell says the same in every row that it covers."""
    rows = [[cell_text(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        if top < bottom and bottom < len(rows) and left < len(rows[top]):
            for row in rows[top + 1 : bottom + 1]:
                row[left] = rows[top][left]
    return rows


def _heading(grids: Sequence[Grid], name: str) -> Heading:
    facts = next((dict(_pairs(rows)) for rows in grids if rows and rows[0] and rows[0][0] == MARK), None)
    if facts is None:
        raise InputError([Problem(key="forms.not_a_form", file=name)])
    if (version := facts.get(MARK, "")) != VERSION:
        problem = Problem(key="forms.version", file=name, value=version, fields={"known": VERSION})
        raise InputError([problem])
    names = ("form_id", "campaign", "township", "township_name", "village", "village_name", "lang")
    if missing := [field for field in names if field not in facts]:
        raise InputError([_damaged(name, missing)])
    known = {field: facts[field] for field in names}
    said = facts.get("data", "").split()
    return Heading(**known, marks=tuple(name for name, mark in MARKS.items() if mark in said))


def _pairs(rows: Grid) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in rows if len(row) > 1]


def _damaged(name: str, missing: Sequence[str]) -> Problem:
    return Problem(key="forms.damaged", file=name, fields={"missing": ", ".join(missing)})


def _village_answers(grids: Sequence[Grid]) -> dict[str, str]:
    """The answer stands two cells to the right of its hidden field name."""
    answers = dict.fromkeys(QUESTION_FIELDS, "")
    for rows in grids:
        for row in rows:
            for place, value in enumerate(row[:-2]):
                field = value.removeprefix(FIELD)
                if field in answers and value != field:
                    answers[field] = row[place + 2].strip()
    return answers


def _joined(grids: Sequence[Grid], name: str, lang: str) -> Joined:
    """The rows of all tables; by the titles where the hidden fields are gone."""
    tables: list[Table] = list(_tables(grids))
    if not tables and any(len(rows) > 1 for rows in grids):
        tables = [table for rows in grids for table in titled_tables(rows)]
    return join_tables(tables, file=name, lang=lang)


def _tables(grids: Sequence[Grid]) -> Iterator[Table]:
    for number, rows in enumerate(grids):
        upright = upright_rows(rows, sheet=number)
        tables = [table for table in marked_tables(rows) if upright is None or table.is_members]
        if upright:
            yield upright
            tables = [table.of_sheet(number) for table in tables]
        yield from tables
