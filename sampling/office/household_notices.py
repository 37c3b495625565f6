"""停发（减发、增发）告知书: to each household, why its allowance shall change, with a receipt of delivery."""

from collections.abc import Iterator

from sampling.documents.model import (
    ADDRESS,
    RESTRICTED,
    RIGHT,
    TITLE,
    Document,
    Grid,
    PageBreak,
    Paragraph,
    Part,
)
from sampling.office.office import Office
from sampling.office.parts import signature
from sampling.office.people import CHANGED, STOP, Household, to_notify
from sampling.office.reckoning import amount, in_words
from sampling.reports.figures import listing
from sampling.words import text

HEAD_DIED = "head_died"
RECEIPT = ("person", "paper", "place", "way", "signed", "other", "bearer", "remarks")
"""The lines of a receipt of delivery."""


def household_notices(office: Office) -> Document | None:
    """The notices of a town, each on a page of its own, its receipt behind it; none where nobody gets one."""
    households = list(to_notify(office))
    if not households:
        return None
    return Document(
        title=_say("title", office.lang, name=office.name),
        lang=office.lang,
        tier=RESTRICTED,
        marks=office.marks(RESTRICTED, draft=True),
        parts=(
            Paragraph(words=_say("cover", office.lang, number=len(households))),
            *(part for one in households for part in _notice(one, office)),
        ),
    )


def _notice(one: Household, office: Office) -> Iterator[Part]:
    lang = office.lang
    yield PageBreak()
    yield Paragraph(words=_title(one, lang), look=TITLE)
    yield Paragraph(words=_say("paper_number", lang), look=RIGHT)
    place = {"name": one.name, "town": one.town, "village": one.village, "household": one.number}
    yield Paragraph(words=_say(f"to.{_whom(one)}", lang, **place), look=ADDRESS)
    yield Paragraph(words=_say("visited", lang, date=one.date))
    reason = office.report.reason(one.reason) if one.reason else _say("no_reason", lang)
    yield Paragraph(words=_say("reason", lang, reason=reason))
    if words := in_words(one.reckoning, lang):
        yield Paragraph(words=words)
    yield Paragraph(words=_money(one, lang))
    yield Paragraph(words=_say("decided" if one.decision else "not_decided", lang))
    days = office.campaign.settings.followup.objection_days
    yield Paragraph(words=_say("rights", lang, days=days, house=office.house))
    if office.hotlines:
        yield Paragraph(words=_say("phones", lang, phones=listing(office.hotlines, lang)))
    yield from signature(office)
    yield PageBreak()
    yield Paragraph(words=_say("receipt.title", lang), look=TITLE)
    yield _receipt(one, lang)


def _title(one: Household, lang: str) -> str:
    """What the paper is called; where the county decided something else, it may be anything."""
    return _say("changed_title" if one.decision == CHANGED else f"{one.verdict}.title", lang)


def _whom(one: Household) -> str:
    """To whom a paper is: nobody writes to the dead, and a child has somebody to act for it."""
    return "family" if one.reason == HEAD_DIED else "guardian" if one.minor else "head"


def _money(one: Household, lang: str) -> str:
    """What is paid and what shall be; left open where the county decided something else."""
    if one.paid is None or one.due is None:
        return _say("money_unknown", lang)
    paid, due = amount(one.paid), amount(one.due)
    if one.decision == CHANGED:
        return _say("money_changed", lang, paid=paid)
    if one.verdict == STOP:
        return _say("ineligible.money", lang, paid=paid)
    return _say(f"{one.verdict}.money", lang, paid=paid, due=due, change=amount(abs(one.due - one.paid)))


def _receipt(one: Household, lang: str) -> Grid:
    person = _say(f"receipt.{_whom(one)}", lang, name=one.name, village=one.village, household=one.number)
    known = {"person": person, "paper": _title(one, lang)}
    return Grid(
        caption="",
        columns=(_say("receipt.line", lang), _say("receipt.entry", lang)),
        rows=tuple((_say(f"receipt.{name}", lang), known.get(name, "")) for name in RECEIPT),
        widths=(1, 3),
    )


def _say(key: str, lang: str, **fields: object) -> str:
    return text(f"notices.household.{key}", lang, **fields)
