"""公示: who goes on being paid, by village: name, size of the household, amount, and nothing else."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import pandas as pd

from sampling.codes import ROLL
from sampling.documents.model import PUBLIC, Document, Grid, Heading, Paragraph, Part
from sampling.documents.public import PUBLIC_COLUMNS
from sampling.office.office import Office
from sampling.office.parts import signature
from sampling.office.people import RAISE, REDUCE, STOP
from sampling.office.statistics import yuan
from sampling.reports.figures import listing
from sampling.words import text

ACCEPTED = "accepted"
"""The decision that follows a recommendation; a recommendation alone changes nothing here."""
OF_AGE = 18


def public_notice(office: Office) -> Document | None:
    """The notice of a town; none where nobody in it is paid."""
    rows = public_rows(office)
    if rows.empty:
        return None
    return Document(
        title=_say("title", office.lang, name=office.name),
        lang=office.lang,
        tier=PUBLIC,
        marks=office.marks(PUBLIC, draft=False)[1:],  # that it may be published need not be said on the wall
        parts=(*_parts(office, rows), *signature(office)),
    )


def public_rows(office: Office) -> pd.DataFrame:
    """The households that go on being paid: village_name, then PUBLIC_COLUMNS, and nothing else.

    Households whose stop was decided are left out; where another amount was decided, it is that one. The name
    of a head who is not of age is left out.
    """
    decided = office.inspected
    decided = decided[(decided["list"] == ROLL) & (decided["decision"] == ACCEPTED)]
    known = decided.set_index(["village", "household"])[["verdict", "amount_due_fen"]]
    rows = office.roll.join(known, on=["village", "household"])
    rows = rows[rows["verdict"] != STOP]
    changed = rows["verdict"].isin([REDUCE, RAISE])
    fen = rows["amount_fen"].mask(changed, rows["amount_due_fen"]).fillna(0)
    minor = rows["identity"].fillna("").map(lambda number: _is_minor(number, office.reference)).astype(bool)
    names = rows["household_name"].fillna("").mask(minor, _say("minor", office.lang))
    named = rows["village_name"].fillna("")
    shown = rows.assign(
        village_name=named.where(named != "", rows["village"]),
        household_name=names,
        amount=fen.map(yuan).astype(object),
    )
    return shown[["village_name", *PUBLIC_COLUMNS]].reset_index(drop=True)


def _is_minor(identity: str, day: date) -> bool:
    """Whether the birthday in an identity number is less than 18 years back; an odd number tells none."""
    digits = identity[6:14] if len(identity) == 18 else f"19{identity[6:12]}" if len(identity) == 15 else ""
    try:
        born = datetime.strptime(digits, "%Y%m%d").date()
    except ValueError:
        return False
    return (day.year - born.year, day.month, day.day) < (OF_AGE, born.month, born.day)


def _parts(office: Office, rows: pd.DataFrame) -> Iterator[Part]:
    lang, days = office.lang, office.campaign.settings.followup.posted_days
    yield Paragraph(words=_say("intro", lang, days=days))
    if office.hotlines:
        yield Paragraph(words=_say("phones", lang, phones=listing(office.hotlines, lang)))
    titles = tuple(_say(name, lang) for name in PUBLIC_COLUMNS)
    for village, part in rows.groupby("village_name", sort=False):
        yield Heading(words=str(village), level=2)
        yield Grid(
            caption="",
            columns=titles,
            rows=tuple(_row(*row) for row in part[list(PUBLIC_COLUMNS)].itertuples(index=False, name=None)),
            numeric=(1, 2),
            widths=(3, 1, 2),
        )


def _row(name: str, persons: object, amount: Decimal) -> tuple[str, str, str]:
    return name, "" if pd.isna(persons) else str(persons), f"{amount:,.2f}"  # type: ignore[call-overload]


def _say(key: str, lang: str, **fields: object) -> str:
    return text(f"notices.public.{key}", lang, **fields)
