"""公示: who goes on being paid, by village: name, size of the household, amount, and nothing else."""

from collections.abc import Iterator
from decimal import Decimal

import pandas as pd

from sampling.codes import ROLL
from sampling.documents.model import PUBLIC, Document, Grid, Heading, Paragraph, Part
from sampling.documents.public import PUBLIC_COLUMNS
from sampling.office.office import Office
from sampling.office.parts import signature
from sampling.office.people import ACCEPTED, RAISE, REDUCE, STOP, is_minor
from sampling.office.reckoning import amount
from sampling.office.statistics import yuan
from sampling.reports.figures import listing
from sampling.words import text


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
    """The households that go on being paid.

    Households whose stop was decided are left out; where another amount was decided, it is that one, as far
    as it is known. The name of a head who is not of age is left out.

    Returns
    -------
    rows
        village_name, then PUBLIC_COLUMNS, and nothing else; the index, village, keeps two villages of one
        name apart.
    """
    rows = office.roll.join(_decided(office), on=["village", "household"])
    rows = rows[rows["verdict"] != STOP]
    due = rows["amount_due_fen"].where(rows["verdict"].isin([REDUCE, RAISE]))
    amounts = [None if pd.isna(fen) else yuan(fen) for fen in due.fillna(rows["amount_fen"])]
    minor = rows["identity"].map(lambda number: is_minor(number, office.reference)).astype(bool)
    named = rows["village_name"].fillna("")
    shown = rows.assign(
        village_name=named.where(named != "", rows["village"]),
        household_name=rows["household_name"].fillna("").mask(minor, _say("minor", office.lang)),
        amount=pd.Series(amounts, index=rows.index, dtype=object),
    )
    return shown.set_index("village")[["village_name", *PUBLIC_COLUMNS]]


def _decided(office: Office) -> pd.DataFrame:
    """What was decided as recommended, by village and household of the roll."""
    found = office.inspected
    done = found[(found["list"] == ROLL) & (found["decision"] == ACCEPTED)]
    return done.set_index(["village", "household"])[["verdict", "amount_due_fen"]]


def _parts(office: Office, rows: pd.DataFrame) -> Iterator[Part]:
    lang, days = office.lang, office.campaign.settings.followup.posted_days
    yield Paragraph(words=_say("intro", lang, days=days))
    if office.hotlines:
        yield Paragraph(words=_say("phones", lang, phones=listing(office.hotlines, lang)))
    titles = tuple(_say(name, lang) for name in PUBLIC_COLUMNS)
    for _, part in rows.groupby(level="village", sort=False):
        yield Heading(words=str(part["village_name"].iloc[0]), level=2)
        yield Grid(
            caption="",
            columns=titles,
            rows=tuple(_row(*row) for row in part[list(PUBLIC_COLUMNS)].itertuples(index=False, name=None)),
            numeric=(1, 2),
            widths=(3, 1, 2),
        )


def _row(name: str, persons: object, money: Decimal | None) -> tuple[str, str, str]:
    people = "" if pd.isna(persons) else str(persons)  # type: ignore[call-overload]
    return name, people, "" if money is None else amount(money)


def _say(key: str, lang: str, **fields: object) -> str:
    return text(f"notices.public.{key}", lang, **fields)
