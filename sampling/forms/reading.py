"""The visit workbook on its way back: read by what is hidden in it, whatever it looks like by now."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
from python_calamine import CalamineSheet, CalamineWorkbook

from sampling.forms.cover import village_answers
from sampling.forms.grids import cell_text, guard, refuse_area
from sampling.forms.joining import join_tables
from sampling.forms.layout import MARK, MARKS, QUESTION_FIELDS, VERSION, Heading
from sampling.forms.marked import Grid, Table, marked_tables
from sampling.forms.missing import missing_parts
from sampling.forms.returned import MEMBER_COLUMNS, ROW_COLUMNS, ReturnedForm
from sampling.forms.titled import titled_tables
from sampling.words import LANGUAGES, InputError, Problem, fold

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
    identity = _identity(grids, name)
    heading = _heading(identity, name)
    lang = heading.lang if heading.lang in LANGUAGES else LANGUAGES[0]
    tables = _tables(grids)
    joined = join_tables(tables)
    answers, doubts = village_answers(grids, lang)
    given = fold(identity.get("households", ""))
    notes = missing_parts(
        tables,
        joined.rows,
        answers,
        households=int(given) if given.isdecimal() else 0,
        lang=lang,
    )
    return ReturnedForm(
        heading=heading,
        village_answers=dict.fromkeys(QUESTION_FIELDS, "") | answers,
        rows=pd.DataFrame(joined.rows, columns=[*ROW_COLUMNS, LINKED], dtype="str").fillna(""),
        members=pd.DataFrame(joined.members, columns=[*MEMBER_COLUMNS, LINKED], dtype="str").fillna(""),
        notes=tuple(replace(note, file=name) for note in (*notes, *doubts)),
    )


def _grids(data: bytes, name: str) -> list[Grid]:
    """All cells of all sheets. Whatever a broken file makes the readers do, it becomes one sentence."""
    guard(data, name)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        return [_grid(book.get_sheet_by_name(sheet), name) for sheet in book.sheet_names]
    except (InputError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic inside the reader is not an Exception
        raise InputError([Problem(key="forms.unreadable", file=name)]) from error


def _grid(sheet: CalamineSheet, name: str) -> Grid:
    """The cells of a sheet as text; a merged cell says the same in every row that it covers."""
    refuse_area(sheet.total_height + 1, sheet.total_width + 1, name)
    rows = [[cell_text(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        if top < bottom and bottom < len(rows) and left < len(rows[top]):
            for row in rows[top + 1 : bottom + 1]:
                row[left] = rows[top][left]
    return rows


def _identity(grids: Sequence[Grid], name: str) -> dict[str, str]:
    """What the hidden sheet says."""
    for rows in grids:
        if rows and rows[0] and rows[0][0] == MARK:
            return {row[0]: row[1] for row in rows if len(row) > 1}
    raise InputError([Problem(key="forms.not_a_form", file=name)])


def _heading(facts: Mapping[str, str], name: str) -> Heading:
    if (version := facts.get(MARK, "")) != VERSION:
        problem = Problem(key="forms.version", file=name, value=version, fields={"known": VERSION})
        raise InputError([problem])
    names = ("form_id", "campaign", "township", "township_name", "village", "village_name", "lang")
    if missing := [field for field in names if field not in facts]:
        raise InputError([_damaged(name, missing)])
    known = {field: facts[field] for field in names}
    said = facts.get("data", "").split()
    return Heading(**known, marks=tuple(name for name, mark in MARKS.items() if mark in said))


def _damaged(name: str, missing: Sequence[str]) -> Problem:
    return Problem(key="forms.damaged", file=name, fields={"missing": ", ".join(missing)})


def _tables(grids: Sequence[Grid]) -> list[Table]:
    """All tables by their hidden fields; by their titles where no sheet has those."""
    marked = [table for number, rows in enumerate(grids) for table in marked_tables(rows, sheet=number)]
    return [*marked, *titled_tables(grids, marked)]
