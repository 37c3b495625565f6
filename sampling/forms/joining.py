"""What several tables of a workbook say of one household, put together: nothing dropped, nothing doubled."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sampling.forms.layout import FACTS, MEMBER_FIELDS, VISIT_FIELDS
from sampling.forms.marked import Table, members_filled
from sampling.words import fold

FACT_FIELDS = tuple(column.field for column in FACTS)
Row = dict[str, str]
Key = tuple[str, str]
"""Serial and household of a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Rows of households and of members; `link` says which belong together."""

    rows: Sequence[Row]
    members: Sequence[Row]


def join_tables(tables: Sequence[Table]) -> Joined:
    """Put together what the tables say.

    Facts and members belong to the row of their household, and to that of their serial where there is no
    such household: a serial is more easily copied into the wrong row. A sheet that was copied says the same
    twice; where a copy says something else, that stands beside it, in a row or a link of its own, for a
    person to see.
    """
    rows: list[Row] = []
    for table in tables:
        if table.kind == "households":
            rows += _own_rows(table, len(rows))
    for table in tables:
        if table.kind == "facts":
            rows += _add_facts(table, rows)
    return Joined(rows=rows, members=_members([table for table in tables if table.kind == "members"], rows))


def _own_rows(table: Table, before: int) -> list[Row]:
    """The rows of a table of households. A sheet is named by its place: its name tells who lives there."""
    if table.sheet is None:
        return [
            {**values, "row": str(number), "link": str(place)}
            for place, (number, values) in enumerate(table.rows, start=before)
        ]
    link = f"sheet {table.sheet}"
    return [{**values, "row": f"{table.sheet + 1}:{number}", "link": link} for number, values in table.rows]


def _add_facts(table: Table, rows: Sequence[Row]) -> list[Row]:
    """Write the facts into the rows that they belong to; return those that find none, or others there."""
    apart: list[Row] = []
    index = _index(rows)
    for number, values in table.rows:
        told, places = _facts(values), _places(values, rows, index)
        if places and all(_facts(rows[place]) in ({}, told) for place in places):
            for place in places:
                rows[place].update({field: values[field] for field in FACT_FIELDS if values.get(field)})
        elif told:
            apart.append({**values, "row": str(number), "link": f"facts {len(rows) + len(apart)}"})
    return apart


def _facts(row: Mapping[str, str]) -> Row:
    """What is filled in of the facts; spaces say nothing."""
    return {field: row[field].strip() for field in FACT_FIELDS if row.get(field, "").strip()}


def _members(tables: Iterable[Table], rows: Sequence[Row]) -> list[Row]:
    """The members with the link of their household's row; without one they are strays."""
    index, found = _index(rows), []
    known: dict[str, list[list[str]]] = {}
    for table in tables:
        for link, people in _by_link(table, rows, index).items():
            said = [[person.get(field, "").strip() for field in MEMBER_FIELDS] for person in people]
            if link not in known:
                found += people
            elif said != known[link]:
                found += [{**person, "link": f"other than {link}"} for person in people]
            known.setdefault(link, said)
    return found


def _by_link(table: Table, rows: Sequence[Row], index: Mapping[Key, Sequence[int]]) -> dict[str, list[Row]]:
    """The members of one table; those of a row that stands there twice belong to both."""
    people: dict[str, list[Row]] = {}
    for number, values in table.rows:
        if not members_filled(values):
            continue
        links = [rows[place]["link"] for place in _places(values, rows, index)] or [f"stray {number}"]
        for link in links if table.sheet is None else [f"sheet {table.sheet}"]:
            people.setdefault(link, []).append({**values, "row": str(number), "link": link})
    return people


def _index(rows: Sequence[Row]) -> dict[Key, list[int]]:
    """The places of the rows by serial and household, and by either alone."""
    index: dict[Key, list[int]] = {}
    for place, row in enumerate(rows):
        serial, household = _key(row)
        for key in {(serial, household), (serial, ""), ("", household)} - {("", "")}:
            index.setdefault(key, []).append(place)
    return index


def _key(values: Mapping[str, str]) -> Key:
    """A serial counts without the zeros that a spreadsheet takes away when it makes it a number."""
    return fold(values.get("serial", "")).lstrip("0"), values.get("household", "").strip()


def _places(values: Mapping[str, str], rows: Sequence[Row], index: Mapping[Key, Sequence[int]]) -> list[int]:
    """The rows of this household, those that say anything first; more than one where a sheet was copied."""
    serial, household = _key(values)
    for key in ((serial, household), ("", household), (serial, "")):
        if key != ("", "") and (places := index.get(key)):
            break
    else:
        return []
    if len({_key(rows[place]) for place in places}) > 1:
        return []  # the same number on two lists, or a serial that stands twice: a person has to say
    filled = [place for place in places if any(rows[place].get(field, "").strip() for field in VISIT_FIELDS)]
    return filled or list(places[:1])
