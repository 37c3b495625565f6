"""Two invented town halls answer what was found in them, on the very sheets that they would get."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from sampling.campaign import Campaign
from sampling.codes import label
from sampling.documents.model import Book, Cell
from sampling.documents.xlsx import xlsx_bytes
from sampling.files import write_whole
from sampling.office.office import Office, open_office
from sampling.office.reply_sheet import reply_sheet
from sampling.reports.report import safe_name
from sampling.words import text

TOWNS = 2
CONTESTED_EVERY, AGAIN_EVERY = 7, 11
"""Every so many answers contest the finding, or ask for another visit."""
OWED = Decimal(600)


def answer_problems(campaign: Campaign, folder: Path, *, day: date) -> list[Path]:
    """Fill in the reply sheets of the first towns that have any; the day is that of all answers."""
    county = open_office(campaign, lang=campaign.lang)
    offices = [county.of(number) for number in campaign.units()["number"]]
    books = [(office, book) for office in offices if (book := reply_sheet(office)) is not None]
    paths = []
    for office, book in books[:TOWNS]:
        path = folder / f"replies-{safe_name(office.unit['unit'])}.xlsx"
        write_whole(path, xlsx_bytes(_answered(book, office, day)))
        paths.append(path)
    return paths


def _answered(book: Book, office: Office, day: date) -> Book:
    (sheet,) = book.sheets
    rows = tuple(_answer(row, place, office, day) for place, row in enumerate(sheet.rows, start=1))
    return replace(book, sheets=(replace(sheet, rows=rows),))


def _answer(row: Sequence[Cell], place: int, office: Office, day: date) -> tuple[Cell, ...]:
    """The row as given, then what the town writes into its eight open cells."""
    lang, given = office.lang, tuple(row[:3])
    who = text("demo.reply.responsible", lang, number=1 + place % 3)
    if place % CONTESTED_EVERY == 0:
        said = label("reply", "contested", lang), who, "", None, None, None
        return (*given, *said, label("yes_no", "no", lang), text("demo.reply.contested", lang))
    if place % AGAIN_EVERY == 0:
        said = label("reply", "visit_again", lang), who, "", None, None, None
        return (*given, *said, label("yes_no", "no", lang), "")
    measure = text("demo.reply.measure", lang)
    accepted = label("reply", "accepted", lang), who, measure, day, OWED, OWED / 2
    return (*given, *accepted, label("yes_no", "yes" if place % 2 else "no", lang), "")
