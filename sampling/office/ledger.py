"""整改台账: each problem, who answers for it, by when, what came of it, and money to recover."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from sampling.campaign.followup import followup_counts
from sampling.codes import label
from sampling.documents.model import DATE, RESTRICTED, TEXT, WHOLE, YUAN, Book, Cell, Column, Sheet
from sampling.office.office import Office
from sampling.office.problems import worded
from sampling.office.statistics import by_town, sheet_of, yuan
from sampling.words import text

COLUMNS = {
    "number": (WHOLE, 6),
    "words": (TEXT, 26),
    "place": (TEXT, 26),
    "town": (TEXT, 14),
    "responsible": (TEXT, 12),
    "measure": (TEXT, 26),
    "deadline": (DATE, 12),
    "result": (TEXT, 12),
    "settled": (TEXT, 8),
    "to_recover": (YUAN, 12),
    "recovered": (YUAN, 12),
    "note": (TEXT, 20),
}
MONEY = ("to_recover", "recovered")


def ledger(office: Office) -> Book | None:
    """The ledger of a town or of the county; none where there is nothing to put right."""
    problems = worded(office)
    if problems.empty:
        return None
    return Book(
        title=_say("title", office.lang),
        lang=office.lang,
        tier=RESTRICTED,
        marks=office.marks(RESTRICTED, draft=False),
        sheets=(_list(office, problems), _counts(office, problems)),
    )


def _list(office: Office, problems: pd.DataFrame) -> Sheet:
    lang = office.lang
    rows = [_row(number, row, office) for number, row in enumerate(problems.to_dict("records"), start=1)]
    return Sheet(
        name=_say("list", lang),
        title=_say("title", lang),
        columns=tuple(
            Column(title=_say(f"column.{name}", lang), kind=kind, width=width)
            for name, (kind, width) in COLUMNS.items()
        ),
        rows=(*rows, _total(problems, lang)),
        notes=(_deadline_note(office),),
        total=True,
    )


def _deadline_note(office: Office) -> str:
    told = office.campaign.settings.followup
    if told.notified is None:
        return _say("not_notified", office.lang, days=told.days)
    return _say("notified", office.lang, date=told.notified.isoformat(), days=told.days)


def _row(number: int, row: Mapping[Any, Any], office: Office) -> tuple[Cell, ...]:
    lang = office.lang
    answer = label("reply", row["attitude"], lang) if row["attitude"] else _say("unanswered", lang)
    return (
        number,
        *(row["words"], row["place"], row["town"], row["responsible"], row["measure"]),
        office.campaign.settings.followup.deadline,
        answer,
        label("yes_no", "yes" if row["settled"] else "no", lang),
        *(money(row[f"{name}_fen"]) for name in MONEY),
        row["note"],
    )


def money(fen: object) -> Cell:
    """Fen as yuan; None where they are not known."""
    return None if pd.isna(fen) else yuan(int(fen))  # type: ignore[call-overload]


def _total(problems: pd.DataFrame, lang: str) -> tuple[Cell, ...]:
    sums = {name: yuan(int(problems[f"{name}_fen"].fillna(0).sum())) for name in MONEY}
    known: dict[str, Cell] = {"number": len(problems), "words": text("reports.column.total", lang), **sums}
    return tuple(known.get(name) for name in COLUMNS)


def _counts(office: Office, problems: pd.DataFrame) -> Sheet:
    """How far each town is, in numbers."""
    table = followup_counts(problems).set_index("township")
    table.columns = pd.Index([_say(f"count.{name}", office.lang) for name in table.columns])
    name = _say("counts", office.lang)
    return replace(sheet_of(office, "verdicts", by_town(office, table), {}, []), name=name, title=name)


def _say(key: str, lang: str, **fields: object) -> str:
    return text(f"followup.ledger.{key}", lang, **fields)
