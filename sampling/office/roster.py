"""花名册: who is to be stopped, reduced, raised or checked further, and who of other lists is entitled."""

from collections.abc import Sequence
from decimal import Decimal

from sampling.codes import label
from sampling.documents.model import RESTRICTED, WHOLE, YUAN, Book, Cell, Column, Sheet
from sampling.office.office import Office
from sampling.office.people import CHECK, ENTITLED, RAISE, REDUCE, STOP, Household, households_of
from sampling.words import text

SHEETS = {"stop": STOP, "reduce": REDUCE, "raise": RAISE, "check": CHECK, "entitled": ENTITLED}
KINDS = {"number": WHOLE, "persons": WHOLE, "entitled": WHOLE, "paid": YUAN, "due": YUAN, "change": YUAN}
WIDTHS = {"number": 6, "town": 13, "village": 13, "household": 12, "name": 14, "reason": 20, "decision": 12}
COLUMNS = (
    *("number", "town", "village", "household", "name", "persons", "entitled", "category", "paid"),
    *("verdict", "reason", "due", "change", "date", "decision"),
)


def roster(office: Office) -> Book | None:
    """The roster of a town or of the county; none where no household is on it."""
    sheets = [_sheet(office, name, households_of(office, verdict)) for name, verdict in SHEETS.items()]
    if not any(sheet.rows for sheet in sheets):
        return None
    return Book(
        title=text("notices.roster.title", office.lang),
        lang=office.lang,
        tier=RESTRICTED,
        marks=office.marks(RESTRICTED, draft=False),
        sheets=tuple(sheet for sheet in sheets if sheet.rows),
    )


def _sheet(office: Office, name: str, households: Sequence[Household]) -> Sheet:
    lang = office.lang
    rows = [_row(number, one, office) for number, one in enumerate(households, start=1)]
    return Sheet(
        name=text(f"notices.roster.{name}", lang),
        title=text("notices.roster.heading", lang, sheet=text(f"notices.roster.{name}", lang)),
        columns=tuple(
            Column(
                title=text(f"notices.column.{column}", lang),
                kind=KINDS.get(column, "text"),
                width=WIDTHS.get(column, 10),
            )
            for column in COLUMNS
        ),
        rows=(*rows, _total(households, lang)) if rows else (),
        notes=(text("notices.roster.note", lang),),
        total=bool(rows),
    )


def _row(number: int, one: Household, office: Office) -> tuple[Cell, ...]:
    return (
        number,
        *(one.town, one.village, one.number, one.name, one.persons, one.entitled, one.category, one.paid),
        label("verdict", one.verdict, office.lang),
        office.report.reason(one.reason) if one.reason else "",
        *(one.due, one.change, one.date),
        label("decision", one.decision, office.lang) if one.decision else "",
    )


def _total(households: Sequence[Household], lang: str) -> tuple[Cell, ...]:
    sums: dict[str, Cell] = {
        "number": len(households),
        "town": text("reports.column.total", lang),
        "persons": sum(one.persons or 0 for one in households),
        "entitled": sum(one.entitled or 0 for one in households),
    }
    for name in ("paid", "due", "change"):
        sums[name] = sum((getattr(one, name) or Decimal(0) for one in households), Decimal(0))
    return tuple(sums.get(column) for column in COLUMNS)
