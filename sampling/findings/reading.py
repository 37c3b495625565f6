"""A row of a form read: every cell as the code, date, count or amount that it says, in any language."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sampling.codes import Codebook, code_of, verdict_table
from sampling.findings.answers import read_amount, read_count, read_date, read_time, read_yes_no
from sampling.findings.expected import Expected, written_list
from sampling.forms.layout import ANSWERS, INCOMES, MEMBERS, Column
from sampling.forms.standard import Standard

Row = Mapping[str, str]
READERS: Mapping[str, Callable[[str], Any]] = {
    "number": read_count,
    "money": read_amount,
    "date": read_date,
    "time": read_time,
    "text": str.strip,
    "long": str.strip,
}
"""How the cells of each kind of column are read; None where they cannot be."""


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """What the answers of a campaign are held against: its days, its codes, its standard.

    `earliest` and `latest` are the days between which a visit can have been: that of the draw and today.
    """

    earliest: datetime.date
    latest: datetime.date
    codebook: Codebook
    standard: Standard


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What a form says of one household: cells as they were written, and values as they were read.

    `values` has None for what is empty or cannot be read. `members` are the cells of each member, as text.
    """

    cells: Row
    values: Mapping[str, Any]
    members: tuple[Row, ...]
    people: tuple[Mapping[str, Any], ...]
    expected: Expected | None
    list: str
    rulebook: Rulebook

    def said(self, field: str) -> bool:
        """Whether anything is written there."""
        return bool(self.cells[field].strip())

    @property
    def completed(self) -> bool:
        """Whether the household was seen, so that there can be a verdict."""
        return self.values["outcome"] == "completed"

    @cached_property
    def paid(self) -> int | None:
        """What the roll says is paid, else what the form was printed with; in fen."""
        if self.expected and self.expected.amount_paid_fen is not None:
            return self.expected.amount_paid_fen
        return read_amount(self.cells["amount"])

    @property
    def income(self) -> int | None:
        """All kinds of income together, in fen a month; None where none is given."""
        said = [self.values[field] for field in INCOMES if self.values[field] is not None]
        return sum(said) if said else None

    @cached_property
    def computed(self) -> int | None:
        """The amount due by the county's standard; None where it cannot be reckoned."""
        if self.expected is None:
            return None
        return self.rulebook.standard.due(
            area=self.expected.area,
            category=self.expected.category,
            income_fen=self.income,
            persons=self.values["persons_found"],
            entitled=self.values["entitled_found"],
        )


def read_answers(
    row: Row, expected: Expected | None, rulebook: Rulebook, *, members: Sequence[Row] = ()
) -> Answers:
    """Read a row of a returned form.

    Parameters
    ----------
    row
        The fields of the form as text; answers in any of the languages, as labels or codes.
    expected
        The drawn household that the row is about; None if that is not known.
    rulebook
        The campaign's codes.
    members
        The members of the household, each the member fields as text; empty lines are left out.
    """
    list_name = expected.list if expected else written_list(row)
    filled = tuple(member for member in members if any(value.strip() for value in member.values()))
    return Answers(
        cells=row,
        values={column.field: read_cell(column, row, list_name, rulebook.codebook) for column in ANSWERS},
        members=filled,
        people=tuple(
            {column.field: read_cell(column, member, list_name, rulebook.codebook) for column in MEMBERS}
            for member in filled
        ),
        expected=expected,
        list=list_name,
        rulebook=rulebook,
    )


def read_cell(column: Column, row: Row, list_name: str, codebook: Codebook) -> Any:
    """What a cell says; None where it is empty or cannot be read."""
    written = row[column.field]
    if not written.strip():
        return None
    if column.kind != "choice":
        return READERS[column.kind](written)
    if column.choices == "yes_no":
        return read_yes_no(written)
    if column.choices == "reason":
        return codebook.code_of(written)
    return code_of(verdict_table(list_name) if column.choices == "verdict" else column.choices, written)


def is_blank(row: Row, fields: Sequence[str]) -> bool:
    """Whether nothing was filled in: the household is still to be visited."""
    return not any(row[field].strip() for field in fields)
