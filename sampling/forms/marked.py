"""Tables inside the sheets of a returned workbook: found by hidden fields, or by titles if these are gone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from sampling.forms.layout import ANSWER_FIELDS, FIELD, GIVEN_FIELDS, MEMBER_FIELDS
from sampling.forms.recognised import HOUSEHOLDS, MEMBERS, field_of, names_a_household, names_a_member

Grid = list[list[str]]
"""The cells of a sheet as text."""
ONE_FORM = (*GIVEN_FIELDS, *ANSWER_FIELDS)
ENOUGH = 5
"""Titles of ours that make a line of cells a header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows below a line of fields; `rows` are the number that the spreadsheet counts, and the cells by field.

    `sheet` is set where a whole sheet is one household's: members then belong to the row of that sheet.
    """

    fields: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    sheet: int | None = None

    @property
    def is_members(self) -> bool:
        """Whether the rows are members of households."""
        return "member_name" in self.fields or "relation" in self.fields

    def of_sheet(self, sheet: int) -> "Table":
        """The same table as part of one household's sheet."""
        return replace(self, sheet=sheet)


def marked_tables(rows: Grid) -> Iterator[Table]:
    """The tables of a sheet, each below a hidden line of fields that has a serial among them."""
    lines = {number: _marks(row) for number, row in enumerate(rows)}
    starts = [number for number, fields in lines.items() if len(fields) > 1 and "serial" in fields.values()]
    for start, end in pairwise([*starts, len(rows) + 1]):
        yield _table(rows, start, end, lines[start])


def titled_tables(rows: Grid) -> Iterator[Table]:
    """The same where the hidden line is gone: the titles say what each column is, in either language."""
    for number, row in enumerate(rows):
        for kind, names in (("households", names_a_household), ("members", names_a_member)):
            fields = _titles(row, HOUSEHOLDS if kind == "households" else MEMBERS, names)
            if fields:
                yield _table(rows, number, len(rows) + 1, fields)
                return


def upright_rows(rows: Grid, *, sheet: int) -> Table | None:
    """A sheet of one household: each field in a line of its own, the answer two cells to its right."""
    said: dict[str, str] = {}
    first = 0
    for number, row in enumerate(rows, start=1):
        marks = _marks(row)
        if len(marks) == 1 and (field := next(iter(marks.values()))) in ONE_FORM:
            place = next(iter(marks))
            said[field] = row[place + 2] if len(row) > place + 2 else ""
            first = number if field == "outcome" else first
    return Table(fields=tuple(said), rows=((first, said),), sheet=sheet) if "serial" in said else None


def _marks(row: Sequence[str]) -> dict[int, str]:
    return {place: cell[len(FIELD) :] for place, cell in enumerate(row) if cell.startswith(FIELD)}


def _titles(row: Sequence[str], kind: str, names: Callable[[set[str]], bool]) -> dict[int, str]:
    found = {place: field for place, cell in enumerate(row) if (field := field_of(cell, kind))}
    return found if len(found) >= ENOUGH and names(set(found.values())) else {}


def _table(rows: Grid, start: int, end: int, fields: Mapping[int, str]) -> Table:
    """The rows below the line `start`; those without any cell are left out."""
    told = []
    for number, row in enumerate(rows[start + 1 : end], start=start + 2):
        values = {field: row[place] for place, field in fields.items() if place < len(row)}
        if any(value.strip() for value in values.values()):
            told.append((number, values))
    return Table(fields=tuple(fields.values()), rows=tuple(told))


def members_filled(values: Mapping[str, str]) -> bool:
    """Whether a line for a member says anything of one."""
    return any(values.get(field, "").strip() for field in MEMBER_FIELDS)
