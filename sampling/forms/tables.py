"""Tables that somebody made of answers: sheets of a workbook, CSV files, with or without members."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from sampling.forms.grids import cell_text, refuse
from sampling.forms.layout import QUESTION_FIELDS, VISIT_FIELDS
from sampling.forms.recognised import (
    HOUSEHOLDS,
    KEY,
    MEMBERS,
    PARENT,
    field_of,
    fields_of,
    is_system,
    names_a_household,
    names_a_member,
    names_a_village,
)
from sampling.forms.records import Cells, Record, forms_of
from sampling.forms.returned import ReturnedForm
from sampling.frames.sheets import Sheet
from sampling.words import REPORTED, Problem

SEARCHED = 40
"""Rows in which the headers are looked for."""
PHOTOS = "photos"
NEEDED = tuple(name for name in VISIT_FIELDS if name not in ("amount_due", "evidence", "note"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """One sheet, or one CSV file of an export: what its rows are, and each of them."""

    name: str
    kind: str
    headers: Sequence[str]
    rows: Sequence[Record]


@dataclass(slots=True, kw_only=True)
class _Family:
    """A row and what other tables say of it."""

    record: Record
    members: list[Record] = field(default_factory=list)
    photos: list[tuple[str, str]] = field(default_factory=list)


def read_tables(
    sheets: Sequence[Sheet], *, file: str, notes: Sequence[Problem] = ()
) -> tuple[ReturnedForm, ...]:
    """The forms that these sheets are, however their columns are called and ordered.

    Parameters
    ----------
    sheets
        Of one workbook, or the CSV files of one export.
    file
        The name of the whole, for the problems.
    notes
        What is known of the file already.

    Raises
    ------
    InputError
        If no sheet tells which households it is about.
    """
    tables = [_table(sheet) for sheet in sheets]
    mains = [table for table in tables if table and table.kind == HOUSEHOLDS]
    if not mains:
        raise refuse("no_place", file)
    left = [sheet for sheet, table in zip(sheets, tables, strict=True) if table is None and _filled(sheet)]
    told = [*notes, *_left_out(left, file), *_missing_columns(mains, file)]
    families = [_Family(record=record) for table in mains for record in _named(table, len(mains) > 1)]
    others = [table for table in tables if table and table.kind != HOUSEHOLDS]
    strays = _join(families, others)
    whole = [
        replace(one.record, members=tuple(one.members), cells=(*one.record.cells, *one.photos))
        for one in families
    ]
    return forms_of(whole, file=file, strays=strays, notes=told)


def _table(sheet: Sheet) -> _Table | None:
    """The sheet as a table, where it has headers that say what it is: the line that has the most of them."""
    strengths = [_strength(row) for row in sheet.rows[:SEARCHED]]
    if not any(strengths):
        return None
    start = strengths.index(max(strengths))
    headers = [cell_text(cell).strip() for cell in sheet.rows[start]]
    rows = tuple(_records(sheet, start, headers))
    return _Table(name=sheet.file, kind=_kind(headers), headers=headers, rows=rows)


def _strength(row: Sequence[object]) -> int:
    """How many headers of a row are known; 0 where it is no row of headers."""
    headers = [cell_text(cell) for cell in row]
    kind = _kind(headers)
    return len(fields_of(headers, MEMBERS if kind == MEMBERS else HOUSEHOLDS)) if kind else 0


def _kind(headers: Iterable[str]) -> str:
    """What a row with these headers tells of; empty where they are none."""
    headers = list(headers)
    said, of_members = fields_of(headers, HOUSEHOLDS), fields_of(headers, MEMBERS)
    if names_a_member(of_members) and "outcome" not in said:
        return MEMBERS
    if PARENT in said:
        return PHOTOS
    return HOUSEHOLDS if len(said) > 1 and (names_a_household(said) or names_a_village(said)) else ""


def _records(sheet: Sheet, start: int, headers: Sequence[str]) -> Iterator[Record]:
    """The rows below the headers that hold anything; headers that are repeated on each page are none."""
    for number, row in enumerate(sheet.rows[start + 1 :], start=start + 2):
        cells = [cell_text(cell) for cell in row]
        if any(cell.strip() for cell in cells) and [cell.strip() for cell in cells] != list(headers):
            yield Record(row=str(number), cells=tuple(zip(headers, cells, strict=False)))


def _named(table: _Table, several: bool) -> Iterator[Record]:
    """The rows; where there are several tables, with the name of theirs."""
    for record in table.rows:
        yield replace(record, row=f"{table.name} {record.row}") if several else record


def _join(families: Sequence[_Family], others: Iterable[_Table]) -> list[Record]:
    """Give each row what other tables say of it; what belongs to no row is returned."""
    strays = []
    for table in others:
        here, there = _link(table, families)
        found = {said(one.record.cells, there, HOUSEHOLDS): one for one in reversed(families)}
        found.pop("", None)
        for record in _named(table, True):
            strays += _give(found.get(said(record.cells, here, MEMBERS)), record, table)
    return strays


def _link(table: _Table, families: Sequence[_Family]) -> tuple[str, str]:
    """By what the rows of a table belong to others: the field here, and the field there."""
    fields = fields_of(table.headers, MEMBERS)
    has_keys = any(said(one.record.cells, KEY, HOUSEHOLDS) for one in families)
    if PARENT in fields and has_keys:
        return PARENT, KEY
    return ("serial", "serial") if "serial" in fields else ("household", "household")


def _give(family: _Family | None, record: Record, table: _Table) -> list[Record]:
    if family is None:
        return [record] if table.kind == MEMBERS else []
    if table.kind == MEMBERS:
        family.members.append(record)
    else:
        family.photos += [
            (PHOTOS, cell)
            for header, cell in record.cells
            if cell.strip() and not field_of(header, MEMBERS) and not is_system(header)
        ]
    return []


def said(cells: Cells, name: str, table: str) -> str:
    """What a row says under a field; empty where it has none such."""
    return next((cell for header, cell in cells if field_of(header, table) == name), "")


def _filled(sheet: Sheet) -> bool:
    return any(cell_text(cell).strip() for row in sheet.rows for cell in row)


def _left_out(sheets: Sequence[Sheet], file: str) -> list[Problem]:
    """Sheets that are no table of ours."""
    return [
        Problem(key="tables.left_sheet", file=file, value=sheet.file.removeprefix(file), severity=REPORTED)
        for sheet in sheets
    ]


def _missing_columns(mains: Sequence[_Table], file: str) -> list[Problem]:
    """Columns that every finding needs and no table has; village answers need none of them."""
    has = set().union(*(fields_of(table.headers, HOUSEHOLDS) for table in mains))
    missing = [name for name in NEEDED if name not in has]
    if not missing or (has & set(QUESTION_FIELDS) and len(missing) == len(NEEDED)):
        return []
    return [Problem(key="tables.missing_columns", file=file, value=", ".join(missing), severity=REPORTED)]
