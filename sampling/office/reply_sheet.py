"""反馈意见回复表: the sheet on which a town answers each finding, and which is read back."""

import datetime
from collections.abc import Mapping
from typing import Any

from sampling.codes import REPLIES, YES_NO, label
from sampling.documents.model import DATE, RESTRICTED, TEXT, YUAN, Book, Cell, Column, Sheet
from sampling.office.ledger import MONEY, money
from sampling.office.office import Office
from sampling.office.problems import worded
from sampling.words import text

GIVEN = {"item": 24, "place": 28, "words": 28}
ASKED = {
    "attitude": (TEXT, 12),
    "responsible": (TEXT, 14),
    "measure": (TEXT, 30),
    "done_on": (DATE, 13),
    "to_recover": (YUAN, 14),
    "recovered": (YUAN, 14),
    "settled": (TEXT, 10),
    "note": (TEXT, 24),
}


def reply_sheet(office: Office) -> Book | None:
    """The sheet of a town, with what it answered already; none where there is nothing to answer."""
    problems = worded(office)
    if problems.empty:
        return None
    lang = office.lang
    sheet = Sheet(
        name=_say("sheet", lang),
        title=_say("heading", lang, name=office.name),
        columns=(*_given(lang), *_asked(lang)),
        rows=tuple(_row(row, lang) for row in problems.to_dict("records")),
        notes=(_say("note", lang, days=office.campaign.settings.followup.days),),
    )
    return Book(
        title=_say("title", lang),
        lang=lang,
        tier=RESTRICTED,
        marks=office.marks(RESTRICTED, draft=False),
        sheets=(sheet,),
    )


def _given(lang: str) -> list[Column]:
    return [Column(title=text(f"followup.column.{name}", lang), width=width) for name, width in GIVEN.items()]


def _asked(lang: str) -> list[Column]:
    choices = {
        "attitude": tuple(label("reply", code, lang) for code in REPLIES),
        "settled": tuple(label("yes_no", code, lang) for code in YES_NO),
    }
    return [
        Column(
            title=text(f"followup.column.{name}", lang),
            kind=kind,
            width=width,
            choices=choices.get(name, ()),
            open=True,
        )
        for name, (kind, width) in ASKED.items()
    ]


def _row(row: Mapping[Any, Any], lang: str) -> tuple[Cell, ...]:
    """What is given, then the last answer; a problem without one has empty cells."""
    answered = bool(row["attitude"])
    done = datetime.date.fromisoformat(row["done_on"]) if row["done_on"] else None
    attitude = label("reply", row["attitude"], lang) if answered else ""
    settled = label("yes_no", "yes" if row["settled"] else "no", lang) if answered else ""
    yuan = (money(row[f"{name}_fen"]) for name in MONEY)
    given = (row["problem"], row["place"], row["words"])
    return (*given, attitude, row["responsible"], row["measure"], done, *yuan, settled, row["note"])


def _say(key: str, lang: str, **fields: object) -> str:
    return text(f"followup.sheet.{key}", lang, **fields)
