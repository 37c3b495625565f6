"""The amount due as a formula of a spreadsheet: it follows while the incomes are typed."""

from collections.abc import Sequence

from xlsxwriter.utility import xl_rowcol_to_cell

from sampling.forms.layout import GIVEN, INCOMES, VISIT, Column
from sampling.forms.standard import CLASS
from sampling.words import text


def due_formula(row: int, each: str, mode: str, columns: Sequence[Column], lang: str) -> str:
    """The amount due of the household in this row; empty where the county names no standard for it.

    Parameters
    ----------
    row
        Counted from 0; the same on the sheet of households, which has the persons found.
    each
        The standard, or the amount of its class, in yuan a person.
    mode
        Of the standard.
    columns
        Of the sheet that the formula stands on.

    Notes
    -----
    As `Standard.due`.
    """
    if not each:
        return ""
    places = {column.field: xl_rowcol_to_cell(row, place) for place, column in enumerate(columns)}
    entitled = places["entitled_found"]
    if mode == CLASS:
        return f'=IF({entitled}="","",ROUND({each}*{entitled},2))'
    persons = persons_cell(row, lang)
    incomes = f"{places[INCOMES[0]]}:{places[INCOMES[-1]]}"
    return difference_formula(each, incomes, persons, entitled)


def difference_formula(each: str, incomes: str, persons: str, entitled: str) -> str:
    """The difference to the standard, from the cells that it depends on."""
    unknown = f'OR(COUNT({incomes})=0,N({persons})=0,{entitled}="")'
    return f'=IF({unknown},"",ROUND(MAX(0,({each}-SUM({incomes})/{persons})*{entitled}),2))'


def persons_cell(row: int, lang: str) -> str:
    """Where the sheet of households has the persons found."""
    fields = [column.field for column in (*GIVEN, *VISIT)]
    cell = xl_rowcol_to_cell(row, fields.index("persons_found"))
    return f"'{text('forms.sheet.name', lang)}'!{cell}"
