"""Tables inside the sheets of a returned workbook, found by their hidden fields."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from sampling.forms.layout import ANSWER_FIELDS, FIELD, GIVEN_FIELDS, MEMBER_FIELDS, VISIT_FIELDS

Grid = list[list[str]]
"""The cells of a sheet as text."""
ONE_FORM = (*GIVEN_FIELDS, *ANSWER_FIELDS)
ENOUGH = 5
"""Fields or titles of ours that make lines of cells a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows below a line of fields; `rows` are the number that the spreadsheet counts, and the cells by field.

    `sheet` is set where a whole sheet is one household's: members then belong to the row of that sheet.
    """

    fields: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    sheet: int | None = None

    @property
    def kind(self) -> Literal["members", "households", "facts"]:
        """What a row is: a member, what was concluded of a household, or what was seen there."""
        if "member_name" in self.fields or "relation" in self.fields:
            return "members"
        return "households" if set(self.fields).intersection(VISIT_FIELDS) else "facts"

    def of_sheet(self, sheet: int) -> "Table":
        """The same table as part of one household's sheet."""
        return replace(self, sheet=sheet)


def marked_tables(rows: Grid, *, sheet: int) -> list[Table]:
    """The tables of a sheet: a household's own with its members, or each below a hidden line of fields."""
    upright = _upright(rows, sheet=sheet)
    tables = _in_lines(rows)
    if upright is None:
        return list(tables)
    return [upright, *(table.of_sheet(sheet) for table in tables if table.kind == "members")]


def is_marked(rows: Grid) -> bool:
    """Whether anything of our hidden fields is left in a sheet."""
    return any(cell.startswith(FIELD) for row in rows for cell in row)


def table_below(rows: Grid, start: int, end: int, fields: Mapping[int, str]) -> Table:
    """The rows below the line `start`; those without any cell are left out."""
    told = []
    for number, row in enumerate(rows[start + 1 : end], start=start + 2):
        values = {field: row[place] for place, field in fields.items() if place < len(row)}
        if any(value.strip() and not value.startswith(FIELD) for value in values.values()):
            told.append((number, values))
    return Table(fields=tuple(fields.values()), rows=tuple(told))


def members_filled(values: Mapping[str, str]) -> bool:
    """Whether a line for a member says anything of one."""
    return any(values.get(field, "").strip() for field in MEMBER_FIELDS)


def _in_lines(rows: Grid) -> Iterator[Table]:
    lines = {number: _marks(row) for number, row in enumerate(rows)}
    starts = [number for number, fields in lines.items() if len(fields) > 1 and "serial" in fields.values()]
    for start, end in pairwise([*starts, len(rows) + 1]):
        yield table_below(rows, start, end, lines[start])


def _upright(rows: Grid, *, sheet: int) -> Table | None:
    """A sheet of one household: each field in a line of its own, the answer two cells to its right."""
    said: dict[str, str] = {}
    first = 0
    for number, row in enumerate(rows, start=1):
        marks = _marks(row)
        if len(marks) == 1 and (field := next(iter(marks.values()))) in ONE_FORM:
            place = next(iter(marks))
            said[field] = said.get(field) or (row[place + 2] if len(row) > place + 2 else "")
            first = number if field == "outcome" or not first else first
    whole = "serial" in said and len(said) >= ENOUGH
    return Table(fields=tuple(said), rows=((first, said),), sheet=sheet) if whole else None


def _marks(row: Sequence[str]) -> dict[int, str]:
    return {place: cell[len(FIELD) :] for place, cell in enumerate(row) if cell.startswith(FIELD)}
