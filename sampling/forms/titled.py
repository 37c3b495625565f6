"""Tables inside the sheets of a returned workbook that lost their hidden fields: found by their titles.

Only what no other sheet tells is read so: a team's own notes beside our sheets must not contradict them.
"""

from collections.abc import Iterator, Sequence

from sampling.forms.layout import ANSWER_FIELDS, GIVEN_FIELDS
from sampling.forms.marked import ENOUGH, Grid, Table, marked_tables, table_below
from sampling.forms.recognised import HOUSEHOLDS, MEMBERS, field_of, names_a_household, names_a_member

SHEET = (*GIVEN_FIELDS, *ANSWER_FIELDS)


def titled_tables(grids: Sequence[Grid], known: Sequence[Table]) -> Iterator[Table]:
    """The tables that only their titles tell.

    Parameters
    ----------
    grids
        All sheets.
    known
        The tables that were found by their hidden fields.
    """
    kinds = {table.kind for table in known}
    serials = {row.get("serial", "").strip() for table in known for _, row in table.rows}
    for number, rows in enumerate(grids):
        if marked_tables(rows, sheet=number):
            continue
        if upright := _upright(rows, sheet=number):
            if upright[0].rows[0][1]["serial"].strip() not in serials:
                yield from upright
        elif (table := _in_lines(rows)) and table.kind not in kinds:
            yield table


def _in_lines(rows: Grid) -> Table | None:
    """The first line of titles with all that is below it."""
    for number, row in enumerate(rows):
        for kind, told in ((HOUSEHOLDS, names_a_household), (MEMBERS, names_a_member)):
            fields = _titles(row, kind)
            if len(fields) >= ENOUGH and told(set(fields.values())):
                return table_below(rows, number, len(rows) + 1, fields)
    return None


def _upright(rows: Grid, *, sheet: int) -> tuple[Table, ...] | None:
    """A sheet of one household: each title in a line of its own, the answer beside it, members at the end."""
    said: dict[str, str] = {}
    first, people = 0, []
    for number, row in enumerate(rows, start=1):
        place = next((place for place, cell in enumerate(row) if cell.strip()), 0)
        if len(fields := _titles(row, MEMBERS)) >= ENOUGH:
            people.append(table_below(rows, number - 1, len(rows) + 1, fields).of_sheet(sheet))
        elif (field := field_of(row[place], HOUSEHOLDS) if row else "") in SHEET and field not in said:
            said[field] = row[place + 1] if len(row) > place + 1 else ""
            first = number if field == "outcome" or not first else first
    if "serial" not in said or len(said) < len(SHEET) // 2:
        return None
    return (Table(fields=tuple(said), rows=((first, said),), sheet=sheet), *people[:1])


def _titles(row: Sequence[str], kind: str) -> dict[int, str]:
    return {place: field for place, cell in enumerate(row) if (field := field_of(cell, kind))}
