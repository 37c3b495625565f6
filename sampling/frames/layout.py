"""Finding the header line of a sheet, and which of its columns is which field."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from sampling.frames.headers import TIERS, Assignment, Source, assign, recognised
from sampling.frames.rows import shown, text_of
from sampling.frames.sheets import Sheet
from sampling.words import REPORTED, Problem

HEADER_WITHIN = 30
"""The header stands in the first 30 rows, below whatever titles there are."""

LEAST_HEADERS = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class Layout:
    """A sheet whose header line has been found; data begin at `rows[start]`."""

    sheet: Sheet
    headers: list[Any]
    start: int
    assignment: Assignment
    problems: list[Problem]

    def header(self, field: str) -> str:
        """What the sheet calls a field."""
        return "/".join(label(self.headers[i]) for i in self.assignment.columns[field])


def lay_out(
    sheet: Sheet, sources: Mapping[str, Source], fields: Sequence[str], required: Sequence[str]
) -> Layout | None:
    """Find a sheet's header line and say which column is which field; None if it has no header line."""
    scores = [len(recognised(row, sources, tuple(TIERS))) for row in sheet.rows[:HEADER_WITHIN]]
    if not scores or max(scores) < LEAST_HEADERS:
        return None
    top = scores.index(max(scores))
    headers, start, problems = _second_line(sheet, top, sources)
    assignment = assign(headers, sources, fields)
    problems += _titles(sheet, top) + _header_problems(sheet, top, headers, assignment, required)
    return Layout(sheet=sheet, headers=headers, start=start, assignment=assignment, problems=problems)


def _second_line(
    sheet: Sheet, top: int, sources: Mapping[str, Source]
) -> tuple[list[Any], int, list[Problem]]:
    """Join a header of two lines: a group's title above, the columns' own names below it."""
    upper = sheet.rows[top]
    lower = sheet.rows[top + 1] if top + 1 < len(sheet.rows) else []
    above, below = (recognised(row, sources, tuple(TIERS)) for row in (upper, lower))
    free = all(i in below or blank(cell_at(lower, i)) or lower[i] == upper[i] for i in above)
    if not free or not below or lower == upper:
        return upper, top + 1, []
    width = max(len(upper), len(lower))
    joined = [cell_at(lower, i) if not blank(cell_at(lower, i)) else cell_at(upper, i) for i in range(width)]
    note = Problem(key="frames.header.two_lines", file=sheet.file, row=top + 2, severity=REPORTED)
    return joined, top + 2, [note]


def _titles(sheet: Sheet, top: int) -> list[Problem]:
    """One note for each line above the header; long digits are somebody's telephone."""
    return [
        Problem(key="frames.row.title", file=sheet.file, row=i + 1, value=title(row), severity=REPORTED)
        for i, row in enumerate(sheet.rows[:top])
        if not all(map(blank, row))
    ]


def title(row: Sequence[Any]) -> str:
    """The words of a title row, each once; long digits are masked, for they can be somebody's number."""
    words = dict.fromkeys(text_of(cell).strip() for cell in row if not blank(cell))
    return shown(re.sub(r"\d{7,}", "****", " ".join(words)))


def _header_problems(
    sheet: Sheet,
    top: int,
    headers: Sequence[Any],
    assignment: Assignment,
    required: Sequence[str],
) -> list[Problem]:
    place: dict[str, Any] = {"file": sheet.file, "row": top + 1}
    problems = []
    for field, at in assignment.doubled:
        both = " / ".join(f"{label(headers[i])}（{letters(i)}）" for i in at)
        problems.append(Problem(key="frames.header.doubled", **place, value=both, fields={"field": field}))
    found = shown(" ".join(label(cell) for cell in headers if not blank(cell)))
    for field in required:
        if field not in assignment.columns:
            problems.append(Problem(key=f"frames.header.no_{field}", **place, fields={"found": found}))
    return problems


def label(header: Any) -> str:
    """A header as one line of words."""
    return " ".join(text_of(header).split())


def cell_at(row: Sequence[Any], i: int) -> Any:
    """A cell of a row that can be shorter than the header; empty beyond its end."""
    return row[i] if i < len(row) else ""


def blank(cell: Any) -> bool:
    """Whether a cell shows nothing."""
    return isinstance(cell, str) and not cell.strip()


def letters(column: int) -> str:
    """A spreadsheet's name of a column, counted from 0.

    >>> letters(0), letters(27)
    ('A', 'AB')
    """
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = ascii_uppercase[rest] + name
    return name
