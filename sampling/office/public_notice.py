"""公示: who goes on being paid, by village: name, size of the household, amount, and nothing else."""

from collections.abc import Iterator
from decimal import Decimal

import pandas as pd

from sampling.codes import ROLL
from sampling.documents.model import PUBLIC, Document, Grid, Heading, Paragraph, Part
from sampling.documents.public import PUBLIC_COLUMNS
from sampling.office.ledger import money
from sampling.office.office import Office
from sampling.office.parts import signature
from sampling.office.people import RAISE, REDUCE, STOP, is_minor
from sampling.office.reckoning import amount
from sampling.reports.figures import listing
from sampling.words import text

ACCEPTED = "accepted"
"""The decision that follows a recommendation; a recommendation alone changes nothing here."""


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
    """The households that go on being paid: by village id its name, then PUBLIC_COLUMNS, and nothing else.

    Households whose stop was decided are left out; where another amount was decided, it is that one. The name
    of a head who is not of age is left out.
    """
    decided = office.inspected
    decided = decided[(decided["list"] == ROLL) & (decided["decision"] == ACCEPTED)]
    known = decided.set_index(["village", "household"])[["verdict", "amount_due_fen"]]
    rows = office.roll.join(known, on=["village", "household"])
    rows = rows[rows["verdict"] != STOP]
    due = rows["amount_due_fen"].where(rows["verdict"].isin([REDUCE, RAISE]))
    minor = rows["identity"].map(lambda number: is_minor(number, office.reference)).astype(bool)
    named = rows["village_name"].fillna("")
    shown = rows.assign(
        village_name=named.where(named != "", rows["village"]),
        household_name=rows["household_name"].fillna("").mask(minor, _say("minor", office.lang)),
        amount=due.fillna(rows["amount_fen"]).map(money).astype(object),
    )
    return shown.set_index("village")[["village_name", *PUBLIC_COLUMNS]]


def _parts(office: Office, rows: pd.DataFrame) -> Iterator[Part]:
    lang, days = office.lang, office.campaign.settings.followup.posted_days
    yield Paragraph(words=_say("intro", lang, days=days))
    if office.hotlines:
        yield Paragraph(words=_say("phones", lang, phones=listing(office.hotlines, lang)))
    titles = tuple(_say(name, lang) for name in PUBLIC_COLUMNS)
    for _, part in rows.groupby(level="village", sort=False):  # two villages can have one name
        yield Heading(words=str(part["village_name"].iloc[0]), level=2)
        yield Grid(
            caption="",
            columns=titles,
            rows=tuple(_row(*row) for row in part[list(PUBLIC_COLUMNS)].itertuples(index=False, name=None)),
            numeric=(1, 2),
            widths=(3, 1, 2),
        )


def _row(name: str, persons: object, yuan: Decimal | None) -> tuple[str, str, str]:
    """A line of the notice; what is not known is left open."""
    number = "" if pd.isna(persons) else str(persons)  # type: ignore[call-overload]
    return name, number, "" if yuan is None else amount(yuan)


def _say(key: str, lang: str, **fields: object) -> str:
    return text(f"notices.public.{key}", lang, **fields)
