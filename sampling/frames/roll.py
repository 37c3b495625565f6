"""Reading a roll of households, or a list of villages, out of the files that an office has."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sampling.frames.checks import differing, doubled, two_towns
from sampling.frames.gather import Gathered, gather
from sampling.frames.headers import KNOWN, ROLL_FIELDS, VILLAGE_FIELDS, Source, fold_header, read_columns
from sampling.frames.ids import id_problems, identity_problems
from sampling.frames.layout import Layout, lay_out
from sampling.frames.members import fold_members
from sampling.frames.rows import Rows, gravest_first, shown, text_of
from sampling.frames.sheets import Sheet, read_sheets
from sampling.frames.values import convert
from sampling.words import REPORTED, Problem, refuse_if_any

ROLL_NEEDS = ("township", "village", "household")
VILLAGES_NEED = ("township", "village")
MANY_DOUBLED = 0.1
"""From this share of rows on (and five of them), doubled household ids look like one row per member."""

VILLAGE_WIDE = ("village_name", "kind", "blank")


@dataclass(frozen=True, kw_only=True, eq=False)
class Roll:
    """A roll as received: one row per household, ids as they stand, money in fen."""

    table: pd.DataFrame
    notes: tuple[Problem, ...]
    """What was left out, folded or looks odd, but was taken."""

    files: tuple[str, ...]
    places: Rows | None = None
    """Where each row stands in its file; None for a roll that was made, not read."""

    def to_table(self) -> pd.DataFrame:
        """A copy of the table."""
        return self.table.copy()

    def __repr__(self) -> str:
        return f"Roll({len(self.table)} households from {', '.join(self.files)}; {len(self.notes)} notes)"


@dataclass(frozen=True, kw_only=True, eq=False)
class Villages:
    """A list of villages as received: one row per village, whether it has households or not."""

    table: pd.DataFrame
    notes: tuple[Problem, ...]
    files: tuple[str, ...]
    places: Rows | None = None

    def to_table(self) -> pd.DataFrame:
        """A copy of the table."""
        return self.table.copy()

    def __repr__(self) -> str:
        return f"Villages({len(self.table)} villages from {', '.join(self.files)}; {len(self.notes)} notes)"


def read_roll(
    paths: Sequence[Path | str],
    *,
    columns: Mapping[str, Any] | None = None,
    pseudonym_key: bytes | None = None,
) -> Roll:
    """Read a roll of households from CSV, XLSX, XLS or Parquet files, all their sheets together.

    Parameters
    ----------
    paths
        The files; their rows are joined by field name.
    columns
        Header by field, only where headers are not recognised: one header, a list of headers to be joined
        with "/", or `{"pseudonym_of": header}`.
    pseudonym_key
        The secret key of pseudonyms; needed where `columns` has a `pseudonym_of`.

    Returns
    -------
    Roll
        One row per household. Rows of members are folded into households; titles, totals and blank rows
        are left out. `notes` says where.

    Raises
    ------
    InputError
        With every problem of every file, if one of them refuses the roll.
    ValueError
        If a pseudonym is wanted and there is no key.
    """
    gathered, problems, names = _read(paths, columns, ROLL_FIELDS, ROLL_NEEDS, pseudonym_key)
    table, found = convert(gathered.rows)
    converted = Gathered(
        rows=gathered.rows.take(np.arange(len(table)), table),
        personal=gathered.personal,
        serial=gathered.serial,
    )
    rows, folding = fold_members(converted)
    problems += found + folding + _roll_problems(rows, gathered)
    if not any(problem.key.startswith("frames.amount.") for problem in problems):
        problems += _unpaid(rows)
    refuse_if_any(gravest_first(problems))
    return Roll(table=rows.table, notes=tuple(problems), files=names, places=rows)


def read_villages(paths: Sequence[Path | str], *, columns: Mapping[str, Any] | None = None) -> Villages:
    """Read a list of villages: village, township, and what else is known (names, kind, households …).

    Parameters
    ----------
    paths
        CSV, XLSX, XLS or Parquet files; their rows are joined by field name.
    columns
        Header by field, only where headers are not recognised.

    Raises
    ------
    InputError
        With every problem of every file, if one of them refuses the list.
    """
    gathered, problems, names = _read(paths, columns, VILLAGE_FIELDS, VILLAGES_NEED, None)
    table, found = convert(gathered.rows)
    rows = gathered.rows.take(np.arange(len(table)), table)
    problems += found + id_problems(rows)
    if set(VILLAGES_NEED) <= set(table):
        problems += two_towns(rows) + doubled(rows, ["township", "village"], "frames.village.doubled")
        problems += differing(rows, ["township_name"], unit="township")
    refuse_if_any(gravest_first(problems))
    return Villages(table=table, notes=tuple(problems), files=names, places=rows)


def _roll_problems(rows: Rows, gathered: Gathered) -> list[Problem]:
    """What is wrong with the households, and with the villages that they make up."""
    problems = identity_problems(rows) + id_problems(rows)
    if set(ROLL_NEEDS) <= set(rows.table):
        twice = doubled(rows, ["township", "village", "household"], "frames.household.doubled")
        problems += _member_hint(rows) + twice
        problems += two_towns(rows) + differing(rows, VILLAGE_WIDE)
        problems += differing(rows, ["township_name"], unit="township")
    if gathered.serial:
        problems.append(_serial_note(gathered.rows))
    return problems


def _member_hint(rows: Rows) -> list[Problem]:
    """Where many households stand twice, the roll has one row per member and does not say so."""
    later = np.flatnonzero(rows.table.duplicated(["village", "household"]) & (rows.table["household"] != ""))
    if len(later) < max(5, MANY_DOUBLED * len(rows.table)):
        return []
    fields = {"count": len(later), "total": len(rows.table)}
    return [rows.problem("frames.household.members", int(later[0]), "household", fields=fields)]


def _serial_note(rows: Rows) -> Problem:
    header = rows.header(0, "household") if len(rows.table) else ""
    file = ", ".join(dict.fromkeys(map(str, rows.files)))
    return Problem(key="frames.household.serial", file=file, column=header, severity=REPORTED)


def _unpaid(rows: Rows) -> list[Problem]:
    """Households without an amount: the control total of the payment file would not agree."""
    if "amount_fen" not in rows.table:
        return []
    empty = np.flatnonzero(rows.table["amount_fen"].isna())
    if not len(empty):
        return []
    fields = {"count": len(empty)}
    return [
        rows.problem("frames.amount.missing", int(empty[0]), "amount_fen", severity=REPORTED, fields=fields)
    ]


def _read(
    paths: Sequence[Path | str],
    columns: Mapping[str, Any] | None,
    fields: Sequence[str],
    needs: Sequence[str],
    key: bytes | None,
) -> tuple[Gathered, list[Problem], tuple[str, ...]]:
    """All rows of all files under their field names; refuse where nothing can be read at all."""
    if not paths:
        raise ValueError("paths must name a file or more, got none")
    names = _names([Path(path) for path in paths])
    sources, problems = read_columns(columns, fields)
    layouts: list[Layout] = []
    for path, name in zip(paths, names, strict=True):
        sheets, found = read_sheets(Path(path), name)
        laid_out, more = _lay_out_file(name, sheets, sources, fields, needs)
        layouts += laid_out
        problems += found + more
    problems += [problem for layout in layouts for problem in layout.problems]
    if not layouts:
        refuse_if_any(gravest_first(problems))
    problems += _unknown_headers(sources, layouts)
    gathered, found = gather(layouts, needs[-1], fields, key)
    problems += found
    if gathered.rows.table.empty:
        problems.append(Problem(key="frames.file.no_rows", file=", ".join(names)))
        refuse_if_any(gravest_first(problems))
    return gathered, problems, names


def _names(paths: Sequence[Path]) -> tuple[str, ...]:
    """What the reader calls each file: its name, or its path where two files share a name."""
    often = Counter(path.name for path in paths)
    return tuple(path.name if often[path.name] == 1 else str(path) for path in paths)


def _lay_out_file(
    name: str,
    sheets: Sequence[Sheet],
    sources: Mapping[str, Source],
    fields: Sequence[str],
    needs: Sequence[str],
) -> tuple[list[Layout], list[Problem]]:
    """The sheets of a file that hold rows of the roll; others are reported, or refused if none does."""
    laid_out = [(sheet, lay_out(sheet, sources, fields, needs)) for sheet in sheets]
    found = [layout for _, layout in laid_out if layout is not None]
    whole = [layout for layout in found if set(needs) <= set(layout.assignment.columns)]
    summaries = [layout for layout in found if whole and _is_summary(layout, needs)]
    problems = [
        Problem(key="frames.file.no_header_sheet", file=sheet.file, severity=REPORTED)
        for sheet, layout in laid_out
        if layout is None and found
    ]
    problems += [
        Problem(key="frames.file.summary_sheet", file=layout.sheet.file, severity=REPORTED)
        for layout in summaries
    ]
    if sheets and not found:
        problems.append(
            Problem(key="frames.header.none", file=name, fields={"first": _first_line(sheets[0])})
        )
    return [layout for layout in found if layout not in summaries], problems


def _is_summary(layout: Layout, needs: Sequence[str]) -> bool:
    """A table of counts by village beside the roll: no household ids, but a column of 户数."""
    counts = {fold_header(cell) for cell in layout.headers} & KNOWN["households"][0]
    return bool(counts) and "household" in needs and "household" not in layout.assignment.columns


def _first_line(sheet: Sheet) -> str:
    filled = (row for row in sheet.rows if any(text_of(cell).strip() for cell in row))
    return shown(" ".join(text_of(cell).strip() for cell in next(filled, [])))


def _unknown_headers(sources: Mapping[str, Source], layouts: Sequence[Layout]) -> list[Problem]:
    """Headers that `columns` names and no sheet has."""
    there = {fold_header(header) for layout in layouts for header in layout.headers}
    found = "、".join(dict.fromkeys(text_of(h).strip() for layout in layouts for h in layout.headers))
    file = ", ".join(layout.sheet.file for layout in layouts)
    return [
        Problem(key="frames.columns.header", file=file, value=header, fields={"field": field, "found": found})
        for field, source in sources.items()
        for header in source.headers
        if fold_header(header) not in there
    ]
