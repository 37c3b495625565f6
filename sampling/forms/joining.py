"""What several tables of a workbook say of one household, put together: nothing dropped, nothing doubled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sampling.forms.layout import ANSWER_FIELDS, FACTS, VISIT_FIELDS
from sampling.forms.marked import Table, members_filled
from sampling.words import REPORTED, Problem, text

FACT_FIELDS = tuple(column.field for column in FACTS)
Row = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Rows of households and of members; `link` says which belong together. `notes`: columns gone."""

    rows: Sequence[Row]
    members: Sequence[Row]
    notes: tuple[Problem, ...]


def join_tables(tables: Sequence[Table], *, file: str, lang: str) -> Joined:
    """Put together what the tables say.

    Facts belong to the row of their household, and to that of their serial where there is no such household:
    a serial is more easily copied into the wrong row. A row of facts without any is a row of its own.
    """
    mains = [table for table in tables if not table.is_members and "outcome" in table.fields]
    facts = [table for table in tables if not table.is_members and "outcome" not in table.fields]
    rows: list[Row] = []
    for table in mains:
        for number, values in table.rows:
            link = str(len(rows)) if table.sheet is None else f"sheet {table.sheet}"
            rows.append({**values, "row": str(number), "link": link})
    for table in facts:
        _add(rows, table)
    members = [row for table in tables if table.is_members for row in _members(table, rows)]
    return Joined(rows=rows, members=members, notes=tuple(_gone(mains, facts, file, lang)))


def _add(rows: list[Row], table: Table) -> None:
    """Write the facts into the rows that they belong to, each row once."""
    free = list(range(len(rows)))
    for number, values in table.rows:
        place = _place(values, rows, free)
        told = {field: values[field] for field in FACT_FIELDS if field in values}
        if place is not None:
            free.remove(place)
            rows[place].update(told)
        elif any(value.strip() for value in told.values()):
            rows.append({**values, "row": str(number), "link": str(len(rows))})


def _place(values: Mapping[str, str], rows: Sequence[Row], free: Sequence[int]) -> int | None:
    """The row of this household, else of this serial."""
    for field in ("household", "serial"):
        wanted = values.get(field, "").strip()
        found = [place for place in free if wanted and rows[place].get(field, "").strip() == wanted]
        if found:
            return found[0]
    return None


def _members(table: Table, rows: Sequence[Row]) -> list[Row]:
    """The members of a table with the link of their household's row; without one they are strays."""
    every, told = range(len(rows)), []
    for number, values in table.rows:
        if not members_filled(values):
            continue
        place = _place(values, rows, every)
        link = rows[place]["link"] if place is not None else f"stray {number}"
        told.append(
            {**values, "row": str(number), "link": link if table.sheet is None else f"sheet {table.sheet}"}
        )
    return told


def _gone(mains: Sequence[Table], facts: Sequence[Table], file: str, lang: str) -> list[Problem]:
    """Columns of ours that a form came back without: what they ask counts as not answered."""
    if not mains:
        return []
    upright = [table for table in mains if table.sheet is not None]
    wanted = set(ANSWER_FIELDS if upright else VISIT_FIELDS)
    have = set(mains[0].fields).intersection(*(table.fields for table in mains))
    if not upright:
        wanted |= set(FACT_FIELDS)
        have |= set().union(*(table.fields for table in facts))
    titles = [text(f"forms.column.{field}", lang) for field in ANSWER_FIELDS if field in wanted - have]
    return [Problem(key="forms.column_gone", file=file, column=title, severity=REPORTED) for title in titles]
