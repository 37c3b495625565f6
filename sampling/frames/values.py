"""Cells into amounts, counts, yes or no, and coordinates; exact, or a problem that names the row."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from sampling.frames.rows import PRIVATE, Rows, text_of
from sampling.words import REPORTED, Problem, fold

ID_FIELDS = ("township", "village", "household")
HIGHEST_YUAN = 1_000_000
"""A month's amount above this is an account number or a slip of the pen."""

HIGHEST_COUNTS = {"persons": 999, "entitled": 999, "households": 1_000_000}
YES = frozenset({"1", "是", "yes", "true"})
NO = frozenset({"", "0", "否", "no", "false"})
AMOUNT = re.compile(r"-?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")
COUNT = re.compile(r"(\d+)(\.0+)?")
COORDINATE = re.compile(r"-?\d+(\.\d+)?")
MOST_DIGITS = 10**15
"""Spreadsheets keep 15 digits of a number and turn the others into zeros."""


class UnreadableError(Exception):
    """A cell that is none of what its column holds; its text is the key of the problem."""


def fen(cell: Any) -> int | None:
    """A month's amount in fen; None where the cell is empty.

    Raises
    ------
    UnreadableError
        If it is no amount, negative, finer than a fen, or more than a million yuan.

    >>> fen("￥１，２３０．５０元"), fen(210.0), fen("")
    (123050, 21000, None)
    """
    text = fold(_number_text(cell)).replace(" ", "").replace("−", "-")
    text = text.removeprefix("¥").removeprefix("RMB").removesuffix("元")
    if not text:
        return None
    if not AMOUNT.fullmatch(text):
        raise UnreadableError("frames.amount.unreadable")
    hundredths = Decimal(text.replace(",", "")) * 100
    if hundredths < 0:
        raise UnreadableError("frames.amount.negative")
    if hundredths != int(hundredths):
        raise UnreadableError("frames.amount.fraction")
    if hundredths > HIGHEST_YUAN * 100:
        raise UnreadableError("frames.amount.too_high")
    return int(hundredths)


def _number_text(cell: Any) -> str:
    """A cell as its digits; a workbook's number as the 15 digits that a spreadsheet shows of it."""
    if isinstance(cell, float):
        return format(Decimal(format(cell, ".15g")), "f")
    return str(cell) if isinstance(cell, bool) else text_of(cell)  # TRUE is no number


def count(cell: Any, highest: int) -> int | None:
    """A count of persons or households; None where the cell is empty.

    Raises
    ------
    UnreadableError
        If it is no whole number from 0 to `highest`.
    """
    text = fold(_number_text(cell)).removesuffix("人").removesuffix("户").removesuffix("口").strip()
    if not text:
        return None
    match = COUNT.fullmatch(text)
    if match is None:
        raise UnreadableError("frames.count.unreadable")
    if len(match[1]) > 15 or int(match[1]) > highest:
        raise UnreadableError("frames.count.too_high")
    return int(match[1])


def yes(cell: Any) -> bool:
    """Yes or no: 1/0, 是/否, yes/no, true/false; empty is no.

    Raises
    ------
    UnreadableError
        If it is something else.
    """
    text = fold(text_of(cell)).lower()
    if text not in YES | NO:
        raise UnreadableError("frames.yes_no.unreadable")
    return text in YES


def coordinate(cell: Any) -> float:
    """A coordinate; NaN where the cell is empty.

    Raises
    ------
    UnreadableError
        If it is no number.
    """
    if isinstance(cell, float):
        return cell
    text = fold(text_of(cell))
    if text and not COORDINATE.fullmatch(text):
        raise UnreadableError("frames.coordinate.unreadable")
    return float(text or "nan")


def parse(rows: Rows, field: str, rule: Callable[[Any], Any]) -> tuple[list[Any], list[Problem]]:
    """A rule's answer for each cell of a column, None where it is unreadable, and what is wrong."""
    answers: dict[tuple[type, Any], Any] = {}
    faults: dict[tuple[type, Any], str] = {}
    keys = [(type(cell), cell) for cell in rows.table[field]]
    for key in set(keys):
        try:
            answers[key] = rule(key[1])
        except UnreadableError as fault:
            faults[key] = str(fault)
    problems = []
    for kind in sorted(set(faults.values())):
        problems += rows.each(kind, [i for i, key in enumerate(keys) if faults.get(key) == kind], field)
    return [answers.get(key) for key in keys], problems


def convert(rows: Rows) -> tuple[pd.DataFrame, list[Problem]]:
    """The table with each field in its own type: ids and words as text, money in fen, counts, yes and no.

    An id that a workbook holds as a number is refused, because the sheet has lost its zeros.
    """
    columns: dict[str, pd.Series] = {}
    problems: list[Problem] = []
    for field in rows.table:
        name, column, found = _column(rows, str(field))
        columns[name] = column
        problems += found
    return pd.DataFrame(columns), problems


def _column(rows: Rows, field: str) -> tuple[str, pd.Series, list[Problem]]:
    if field in ("amount", "member_amount"):
        values, problems = parse(rows, field, fen)
        return f"{field}_fen", pd.Series(values, dtype="Int64"), problems
    if field in HIGHEST_COUNTS:
        values, problems = parse(rows, field, lambda cell: count(cell, HIGHEST_COUNTS[field]))
        return field, pd.Series(values, dtype="Int64"), problems
    if field in ("blank", "new_inclusion"):
        values, problems = parse(rows, field, yes)
        return field, pd.Series([value is True for value in values], dtype=bool), problems
    if field in ("x", "y"):
        values, problems = parse(rows, field, coordinate)
        return field, pd.Series([np.nan if v is None else v for v in values], dtype=float), problems
    return field, *_text_column(rows, field)


def _text_column(rows: Rows, field: str) -> tuple[pd.Series, list[Problem]]:
    cells = rows.table[field]
    typed = [i for i, cell in enumerate(cells) if not isinstance(cell, str)]
    if field in ID_FIELDS:
        texts = cells.map(text_of) if typed else cells
        return texts.astype("str"), rows.each("frames.id.number", typed, field)
    long = [i for i, cell in enumerate(cells) if isinstance(cell, int | float) and abs(cell) >= MOST_DIGITS]
    lost = rows.each("frames.number.digits_lost", long, field, severity=REPORTED) if field in PRIVATE else []
    return pd.Series([text_of(cell).strip() for cell in cells], dtype="str"), lost
