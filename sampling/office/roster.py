"""花名册: who is to be stopped, reduced, raised or checked further, and who of other lists is entitled."""

from collections.abc import Sequence
from typing import Any

from sampling.codes import label, list_label
from sampling.documents.model import RESTRICTED, WHOLE, YUAN, Book, Cell, Column, Sheet
from sampling.office.office import Office
from sampling.office.people import CHECK, ENTITLED, RAISE, REDUCE, STOP, Household, households_of
from sampling.words import text

SHEETS = {"stop": STOP, "reduce": REDUCE, "raise": RAISE, "check": CHECK, "entitled": ENTITLED}
KINDS = {"number": WHOLE, "persons": WHOLE, "entitled": WHOLE, "paid": YUAN, "due": YUAN, "change": YUAN}
WIDTHS = {"number": 6, "town": 13, "village": 13, "household": 12, "name": 14, "reason": 20, "decision": 12}
PLACE = ("number", "town", "village", "household", "name")
FOUND = ("persons", "entitled", "category", "paid", "verdict", "reason", "due", "change", "date", "decision")
COLUMNS = (*PLACE, *FOUND)
OF_LISTS = (*PLACE, "list", *FOUND)
"""The columns of a sheet on which not every household is of the roll."""


def roster(office: Office) -> Book | None:
    """The roster of a town or of the county; none where no household is on it."""
    found = {name: households_of(office, verdict) for name, verdict in SHEETS.items()}
    sheets = tuple(_sheet(office, name, rows) for name, rows in found.items() if rows)
    if not sheets:
        return None
    return Book(
        title=text("notices.roster.title", office.lang),
        lang=office.lang,
        tier=RESTRICTED,
        marks=office.marks(RESTRICTED, draft=False),
        sheets=sheets,
    )


def _sheet(office: Office, name: str, households: Sequence[Household]) -> Sheet:
    lang = office.lang
    names = COLUMNS if all(one.of_roll for one in households) else OF_LISTS
    rows = [_row(names, number, one, office) for number, one in enumerate(households, start=1)]
    return Sheet(
        name=text(f"notices.roster.{name}.sheet", lang),
        title=text(f"notices.roster.{name}.title", lang, name=office.name),
        columns=tuple(
            Column(
                title=text(f"notices.column.{column}", lang),
                kind=KINDS.get(column, "text"),
                width=WIDTHS.get(column, 10),
            )
            for column in names
        ),
        rows=(*rows, _total(names, households, lang)),
        notes=(text("notices.roster.note", lang), text(f"notices.roster.{name}.note", lang, **_lists(lang))),
        total=True,
    )


def _lists(lang: str) -> dict[str, str]:
    """What the lists of households that are not paid are called."""
    return {name: list_label(name, lang) for name in ("removed", "refused")}


def _row(names: Sequence[str], number: int, one: Household, office: Office) -> tuple[Cell, ...]:
    lang = office.lang
    cells: dict[str, Cell] = {
        **{"number": number, "town": one.town, "village": one.village, "household": one.number},
        **{"name": one.name, "list": one.list, "persons": one.persons, "entitled": one.entitled},
        **{"category": one.category, "paid": one.paid, "due": one.due, "change": one.change},
        "verdict": label("verdict", one.verdict, lang),
        "reason": office.report.reason(one.reason) if one.reason else "",
        "date": one.date,
        "decision": text(f"notices.decision.{one.decision}", lang) if one.decision else "",
    }
    return tuple(cells[name] for name in names)


def _total(names: Sequence[str], households: Sequence[Household], lang: str) -> tuple[Cell, ...]:
    sums: dict[str, Cell] = {
        "number": len(households),
        "town": text("reports.column.total", lang),
    }
    for name in ("persons", "entitled", "paid", "due", "change"):
        sums[name] = _sum([getattr(one, name) for one in households])
    return tuple(sums.get(name) for name in names)


def _sum(values: Sequence[Any]) -> Cell:
    """The sum; None where one value is not known: a part is no total."""
    return None if None in values else sum(values)
