"""From the grids of all sheets to rows under field names; what is no row of data is left out and reported."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sampling.frames.headers import TIERS, fold_header
from sampling.frames.ids import fault, pseudonyms
from sampling.frames.layout import Layout, blank, cell_at, label, letters, title
from sampling.frames.rows import Rows, text_of
from sampling.frames.values import ID_FIELDS
from sampling.words import REPORTED, Problem

TOTAL_WORDS = frozenset({"合计", "总计", "小计", "共计", "累计"})
TOTAL = re.compile(r"(.{0,30}(合计|总计|小计|共计|累计|总和)|(sub|grand)?total)([:(\d].*)?")
TOTAL_WITHIN = 4
"""A total says so in one of its first four filled cells."""

FOOTER = re.compile(
    r"(单位负责人|负责人|填表人|填报人|制表人|制表|审核人|审核|经办人|填报日期|制表日期|说明|备注|注)[:：]"
)
RESERVED = frozenset({"amount_fen", "member_amount_fen"})


@dataclass(frozen=True, kw_only=True, eq=False)
class Gathered:
    """All rows of all sheets, cells as they stand, and how the households are numbered."""

    rows: Rows
    personal: np.ndarray
    """Whether a row's household id is the number of a person or of the line rather than of a household."""

    serial: bool


def gather(
    layouts: Sequence[Layout], key_field: str, fields: Sequence[str], key: bytes | None
) -> tuple[Gathered, list[Problem]]:
    """Join the rows of all sheets by field name; what is no row of data is left out and reported."""
    parts, files, numbers, personal = [], [], [], []
    headers: dict[tuple[str, str], str] = {}
    problems: list[Problem] = []
    for layout in layouts:
        kept, left_out = _data_rows(layout, key_field)
        columns, notes = _columns(layout, kept, key or b"")
        problems += left_out + notes
        parts.append(pd.DataFrame(columns, index=range(len(kept)), dtype=object))
        files += [layout.sheet.file] * len(kept)
        numbers += [i + 1 for i in kept]
        personal += [_is_personal(layout)] * len(kept)
        headers |= {(layout.sheet.file, f): layout.header(f) for f in layout.assignment.columns}
    table = pd.concat(parts, ignore_index=True).fillna("") if len(parts) > 1 else parts[0]
    order = [f for f in fields if f in table] + [c for c in table if c not in fields]
    places = np.array(files, dtype=object)
    rows = Rows(table=table[order], files=places, numbers=np.array(numbers, dtype=int), headers=headers)
    serial = any(layout.assignment.serial for layout in layouts)
    return Gathered(rows=rows, personal=np.array(personal, dtype=bool), serial=serial), problems


def _is_personal(layout: Layout) -> bool:
    columns = layout.assignment.columns
    disguised = "household" in layout.assignment.pseudonyms and "户主" not in layout.header("household")
    return "household" in columns and (disguised or layout.assignment.serial)


def _data_rows(layout: Layout, key_field: str) -> tuple[list[int], list[Problem]]:
    """Positions of the rows of data, and one note for each other row (one for a run of blank ones)."""
    at = layout.assignment.columns.get(key_field, ())
    folded = [fold_header(cell) for cell in layout.headers]
    rows = layout.sheet.rows
    kept: list[int] = []
    notes: list[Problem] = []
    blank: list[int] = []
    for i in range(layout.start, len(rows)):
        kind = _kind(rows[i], [cell_at(rows[i], column) for column in at], folded)
        if kind == "blank":
            blank.append(i)
            continue
        notes += _blank_run(layout, blank)
        blank = []
        if kind:
            notes.append(_left_out(layout, i, f"frames.row.{kind}"))
        else:
            kept.append(i)
    return kept, notes + _too_long(layout, kept)  # blank rows at the end are nothing but the end


def _left_out(layout: Layout, i: int, key: str, severity: str = REPORTED) -> Problem:
    value = title(layout.sheet.rows[i])
    return Problem(key=key, file=layout.sheet.file, row=i + 1, value=value, severity=severity)


def _blank_run(layout: Layout, run: Sequence[int]) -> list[Problem]:
    if not run:
        return []
    fields = {"count": len(run)}
    place: dict[str, Any] = {"file": layout.sheet.file, "row": run[0] + 1}
    return [Problem(key="frames.row.blank", **place, fields=fields, severity=REPORTED)]


def _too_long(layout: Layout, kept: Sequence[int]) -> list[Problem]:
    """Rows with more cells than the header: a comma within a cell has moved the others."""
    width, rows = len(layout.headers), layout.sheet.rows
    return [
        Problem(key="frames.row.too_long", file=layout.sheet.file, row=i + 1)
        for i in kept
        if len(rows[i]) > width and not all(map(blank, rows[i][width:]))
    ]


def _kind(row: Sequence[Any], own: Sequence[Any], folded_headers: Sequence[str]) -> str:
    """What a row is if it is no row of data: blank, total, footer or repeated_header; else ""."""
    filled = [cell for cell in row if cell != "" and not blank(cell)]
    if not filled:
        return "blank"
    first = filled[0] if isinstance(filled[0], str) else ""
    if len(first) < 10 and fold_header(first) in TOTAL_WORDS:
        return "total"
    numbered = any(not blank(cell) and not (isinstance(cell, str) and _is_total(cell)) for cell in own)
    if not numbered and any(isinstance(c, str) and _is_total(c) for c in filled[:TOTAL_WITHIN]):
        return "total"
    if FOOTER.match(first) and not any(not blank(cell) and cell is not filled[0] for cell in own):
        return "footer"
    same = (
        fold_header(first) in folded_headers and [fold_header(c) for c in row] == folded_headers[: len(row)]
    )
    return "repeated_header" if same else ""


def _is_total(cell: str) -> bool:
    return len(cell) < 40 and TOTAL.fullmatch(fold_header(cell)) is not None


def _columns(layout: Layout, kept: Sequence[int], key: bytes) -> tuple[dict[str, list[Any]], list[Problem]]:
    rows = [layout.sheet.rows[i] for i in kept]
    columns: dict[str, list[Any]] = {}
    problems: list[Problem] = []
    for field, at in layout.assignment.columns.items():
        cells = [cell_at(row, at[0]) for row in rows] if len(at) == 1 else [_joined(row, at) for row in rows]
        if field in ID_FIELDS and layout.sheet.numeric & set(at):
            cells = [text_of(cell) for cell in cells]
            place: dict[str, Any] = {"file": layout.sheet.file, "column": layout.header(field)}
            problems.append(Problem(key="frames.id.numeric_column", **place))
        columns[field] = _disguised(cells, key) if field in layout.assignment.pseudonyms else cells
    others, notes = _others(layout, rows)
    return columns | others, problems + notes


def _joined(row: Sequence[Any], at: Sequence[int]) -> Any:
    """Cells joined with "/"; a cell that could be no id by itself stands for the whole, to be told."""
    cells = [cell_at(row, i) for i in at]
    for cell in cells:
        if not isinstance(cell, str) or fault(cell):
            return cell
    return "/".join(cells)


def _disguised(cells: Sequence[Any], key: bytes) -> list[Any]:
    """Text cells as pseudonyms; numbers stay, and are refused like any id that is a number."""
    stand_in = iter(pseudonyms([cell for cell in cells if isinstance(cell, str)], key))
    return [next(stand_in) if isinstance(cell, str) else cell for cell in cells]


def _others(layout: Layout, rows: Sequence[Sequence[Any]]) -> tuple[dict[str, list[Any]], list[Problem]]:
    """Columns that are no field, under their own header; notes of them and of columns without one."""
    single = {
        at[0] for f, at in layout.assignment.columns.items() if len(at) == 1 and not _is_copy(layout, f)
    }
    columns: dict[str, list[Any]] = {}
    problems = []
    for i, header in enumerate(layout.headers):
        cells = [cell_at(row, i) for row in rows]
        if i in single:
            continue
        if not blank(header):
            columns[_free_name(label(header), columns)] = cells
        elif not all(map(blank, cells)):
            place: dict[str, Any] = {"file": layout.sheet.file, "column": letters(i)}
            problems.append(Problem(key="frames.header.unnamed", **place, severity=REPORTED))
    if columns:
        fields = {"names": "、".join(columns)}
        key = "frames.header.others"
        problems.append(Problem(key=key, file=layout.sheet.file, fields=fields, severity=REPORTED))
    return columns, problems


def _is_copy(layout: Layout, field: str) -> bool:
    return field in layout.assignment.pseudonyms


def _free_name(name: str, taken: Mapping[str, Any]) -> str:
    """The header itself, or "header (2)" where a field or an earlier column has that name."""
    names = [name, *(f"{name} ({n})" for n in range(2, len(taken) + 3))]
    return next(n for n in names if n not in taken and n not in TIERS and n not in RESERVED)
