"""停发（减发、增发）告知书: to each household, why its allowance shall change, with a receipt of delivery."""

from collections.abc import Iterable, Iterator

from sampling.codes import REASONS
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
from sampling.office.people import CHANGED, CHANGES, STOP, Household, day_words, to_notify
from sampling.office.reckoning import amount, in_words
from sampling.reports.figures import listing
from sampling.words import text

RECEIPT = ("person", "paper", "number", "place", "way", "signed", "other", "bearer", "remarks")
"""The lines of a receipt of delivery."""
OTHER = "other"
IN_WORDS = {reason for verdict in CHANGES for reason in REASONS[verdict]} - {OTHER}
"""Reasons that a household is told in a sentence; one of the county's own is told by its name."""
HEAD_DIED, PERSONS_WRONG = "head_died", "persons_wrong"


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
    yield Paragraph(words=_say(f"to.{_whom(one)}", lang, **_who(one), town=one.town), look=ADDRESS)
    yield from (Paragraph(words=words) for words in (*_why(one, office), *_what(one, office)))
    yield from signature(office)
    yield PageBreak()
    yield Paragraph(words=_say("receipt.title", lang), look=TITLE)
    yield _receipt(one, lang)


def _title(one: Household, lang: str) -> str:
    """What the paper is called; where the county decided something else, it may be anything."""
    return _say("changed_title" if one.decision == CHANGED else f"{one.verdict}.title", lang)


def _who(one: Household) -> dict[str, str]:
    return {"name": one.name, "village": one.village, "household": one.number}


def _whom(one: Household) -> str:
    """To whom a paper is: nobody writes to the dead, and a child has somebody to act for it."""
    return "family" if one.reason == HEAD_DIED else "guardian" if one.minor else "head"


def _why(one: Household, office: Office) -> Iterator[str]:
    """What was found, and what that rests on; never what the notes of a visit tell of people."""
    lang, day = office.lang, day_words(one.date, office.lang)
    visited = _say("visited" if one.at_home else "by_documents", lang, date=day)
    yield _together([visited, _say("reason", lang, reason=_reason(one, office)), _persons(one, lang)], lang)
    evidence = _say("evidence.signed" if one.signed else "evidence.form", lang, serial=one.serial)
    sum_ = "" if one.decision == CHANGED else in_words(one.reckoning, lang)  # else it is of another amount
    yield _together([sum_, evidence], lang)


def _persons(one: Household, lang: str) -> str:
    """For how many is paid and for how many it should be, where that is the reason."""
    before, now = one.entitled, one.entitled_found
    if one.reason != PERSONS_WRONG or before is None or now is None or before == now:
        return ""
    return _say("persons", lang, before=before, now=now)


def _reason(one: Household, office: Office) -> str:
    if one.reason in ("", OTHER):
        return _say("no_reason", office.lang)
    if one.reason in IN_WORDS:
        return _say(f"why.{one.reason}", office.lang)
    return office.report.reason(one.reason)


def _what(one: Household, office: Office) -> Iterator[str]:
    """What shall become of the money, whether that is decided, and what the household can do about it."""
    lang, state = office.lang, "decided" if one.decision else "proposed"
    yield _together([_money(one, lang, state), _say(f"state.{state}", lang)], lang)
    days = office.campaign.settings.followup.objection_days
    rights = _say(f"rights.{state}", lang, days=days, house=office.house)
    phones = _say("phones", lang, phones=listing(office.hotlines, lang)) if office.hotlines else ""
    yield _together([rights, phones], lang)


def _money(one: Household, lang: str, state: str) -> str:
    """What is paid and what shall be; left open where the county decided something else."""
    if one.paid is None or one.due is None:
        return _say("money_unknown", lang)
    paid, due = amount(one.paid), amount(one.due)
    if one.decision == CHANGED:
        return _say("money_changed", lang, paid=paid)
    if one.verdict == STOP:
        return _say(f"ineligible.{state}", lang, paid=paid)
    return _say(f"{one.verdict}.{state}", lang, paid=paid, due=due, change=amount(abs(one.due - one.paid)))


def _receipt(one: Household, lang: str) -> Grid:
    known = {
        "person": _say(f"receipt.{_whom(one)}", lang, **_who(one)),
        "paper": _title(one, lang),
        "way": _say("receipt.ways", lang),
        "signed": _say("receipt.day", lang),
        "bearer": _say("receipt.day", lang),
    }
    return Grid(
        caption="",
        columns=(_say("receipt.line", lang), _say("receipt.entry", lang)),
        rows=tuple((_say(f"receipt.{name}", lang), known.get(name, "")) for name in RECEIPT),
        widths=(1, 2),
    )


def _together(sentences: Iterable[str], lang: str) -> str:
    """Sentences as one paragraph: a notice should stay on its page."""
    return _say("between", lang).join(sentence for sentence in sentences if sentence)


def _say(key: str, lang: str, **fields: object) -> str:
    return text(f"notices.household.{key}", lang, **fields)
