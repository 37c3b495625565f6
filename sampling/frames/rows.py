"""Rows of several sheets under one set of field names, each with its place in the file it came from."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from sampling.words import REFUSED, Problem

CAP = 200
"""Rows named one by one for one kind of problem in one column; the rest is counted."""

PRIVATE = frozenset({"identity", "phone", "account"})
NUMBERS = frozenset({"amount", "member_amount", "persons", "entitled", "households"})
LONG_NUMBER = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){13,16}[ -]?[0-9XTxt](?![0-9])")
HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})
LONGEST_SHOWN = 60


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """A table and where each of its rows stands. The table's index is 0, 1, 2 …"""

    table: pd.DataFrame
    files: np.ndarray
    numbers: np.ndarray
    """Row numbers as a spreadsheet shows them."""

    headers: Mapping[tuple[str, str], str]
    """What a file calls a field, by (file, field)."""

    def row_of(self, i: int) -> int | None:
        """The row number of the row at position i; None if it came from no file."""
        return int(self.numbers[i]) or None

    def take(self, positions: np.ndarray, table: pd.DataFrame) -> "Rows":
        """The rows at these positions, with `table` as their table."""
        return replace(self, table=table, files=self.files[positions], numbers=self.numbers[positions])

    def problem(
        self,
        key: str,
        i: int,
        field: str = "",
        *,
        value: str | None = None,
        severity: str = REFUSED,
        fields: Mapping[str, object] | None = None,
    ) -> Problem:
        """What is wrong with the row at position i; the value is the field's own, made fit to be shown."""
        cell: Any = value
        if cell is None:
            cell = self.table[field].iat[i] if field in self.table else ""
        return Problem(
            key=key,
            file=str(self.files[i]),
            row=self.row_of(i),
            column=self.header(i, field),
            value=_fit(field, shown(_yuan(cell) if field.endswith("_fen") else text_of(cell))),
            severity=severity,
            fields=dict(fields or {}),
        )

    def header(self, i: int, field: str) -> str:
        """What the file of row i calls a field."""
        name = field.removesuffix("_fen")
        return self.headers.get((str(self.files[i]), name), name)

    def other(self, i: int, field: str, *, beside: int) -> dict[str, object]:
        """Row i for a sentence about the row `beside` that names both: its place and its value."""
        place = str(self.row_of(i) or "")
        if self.files[i] != self.files[beside]:
            place = f"{place} ({self.files[i]})"
        return {"other_row": place, "other_value": shown(text_of(self.table[field].iat[i]))}

    def each(
        self,
        key: str,
        positions: Iterable[int],
        field: str = "",
        *,
        severity: str = REFUSED,
        fields: Callable[[int], Mapping[str, object]] | None = None,
    ) -> list[Problem]:
        """One problem for each of these rows; after the first 200 one that says how many more there are."""
        positions = [int(i) for i in positions]
        found = [
            self.problem(key, i, field, severity=severity, fields=fields(i) if fields else None)
            for i in positions[:CAP]
        ]
        return found + self._more(positions[CAP:], field, severity)

    def _more(self, positions: list[int], field: str, severity: str) -> list[Problem]:
        if not positions:
            return []
        last = self.row_of(positions[-1])
        fields = {"count": len(positions), "last": "" if last is None else last}
        return [self.problem("frames.more", positions[0], field, value="", severity=severity, fields=fields)]


def _yuan(fen: Any) -> str:
    return "" if pd.isna(fen) else f"{int(fen) // 100}.{int(fen) % 100:02d}"


def _fit(field: str, value: str) -> str:
    """A value without what may be somebody's account or telephone number, whatever column it strayed into."""
    if field in PRIVATE:
        return ""
    return value[:4] + "…" if field in NUMBERS and len(value) > 10 else value


def gravest_first(problems: Sequence[Problem]) -> list[Problem]:
    """Refusals before reports, each in the order in which they were found."""
    return sorted(problems, key=lambda problem: problem.severity != REFUSED)


def unplaced(table: pd.DataFrame) -> Rows:
    """Rows that came from no file."""
    n = len(table)
    files = np.full(n, "", dtype=object)
    return Rows(table=table, files=files, numbers=np.zeros(n, dtype=int), headers={})


def stack(parts: Sequence[Rows], fields: list[str]) -> Rows:
    """These fields of several tables, one below the other."""
    headers = {key: header for part in parts for key, header in part.headers.items()}
    return Rows(
        table=pd.concat([part.table[fields] for part in parts], ignore_index=True),
        files=np.concatenate([part.files for part in parts]),
        numbers=np.concatenate([part.numbers for part in parts]),
        headers=headers,
    )


def text_of(cell: Any) -> str:
    """A cell as text: a whole number without ".0", a date as ISO 8601.

    >>> text_of(371.0), text_of(date(2026, 1, 2))
    ('371', '2026-01-02')
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool | np.bool_):
        return "1" if cell else "0"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e21:
        return str(int(cell))
    if isinstance(cell, datetime) and cell == datetime(cell.year, cell.month, cell.day):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def shown(value: str) -> str:
    """A value as a problem may print it: identity numbers masked, the invisible made visible, not long.

    >>> shown("99999919900101001T"), shown("0371\\u200b"), shown("00417 ")
    ('9999************1T', '0371<U+200B>', '00417␣')
    """
    if value.isascii() and value.isalnum() and len(value) < 15:
        return value
    folded = unicodedata.normalize("NFKC", value)
    masked = LONG_NUMBER.sub(_mask, folded)
    text = masked if masked != folded else value
    text = "".join(f"<U+{ord(c):04X}>" if unicodedata.category(c) in HIDDEN_CATEGORIES else c for c in text)
    core = text.strip()
    text = (
        "␣" * (len(text) - len(text.lstrip())) + core + "␣" * (len(text) - len(text.rstrip())) if core else ""
    )
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


def _mask(match: re.Match[str]) -> str:
    """Stars over what may be an identity number: 15 or 18 characters with a birth date in them."""
    number = re.sub("[ -]", "", match[0])
    long = len(number) > 15  # a digit more or less is a slip of the pen, and still a person's number
    month, day = (number[10:12], number[12:14]) if long else (number[8:10], number[10:12])
    if (long and number[6:8] not in ("18", "19", "20")) or not (
        "01" <= month <= "12" and "01" <= day <= "31"
    ):
        return match[0]
    return number[:4] + "*" * (len(number) - 6) + number[-2:]
