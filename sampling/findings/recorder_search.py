"""Finding the household of a form that lies on the desk: by what is printed on it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sampling.findings.expected import Expected, Issued
from sampling.forms.serials import FormCode, read_code
from sampling.words import fold

SHORTEST_TICKET = 6
"""Digits of a ticket that are enough to look for; fewer would rather be a serial."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """The forms that went out; `tickets` has the first 16 hex digits of each household's ticket by serial."""

    campaign: str
    issued: Issued
    tickets: Mapping[str, str]


def find(papers: Papers, written: str) -> tuple[Expected, ...]:
    """The households that somebody can mean; one where it is sure, none where it is nothing of ours.

    Parameters
    ----------
    papers
        The forms that went out.
    written
        The text of a QR code, a serial (zeros in front may be missing), a ticket or at least 6 digits of its
        beginning, "village household", a household's number alone, or a village for all that is drawn there.
    """
    plain = written.strip()
    if code := read_code(plain):
        return _coded(papers, code)
    for look in (_numbered, _ticketed, _placed):
        if found := look(papers, plain):
            return found
    return ()


def _coded(papers: Papers, code: FormCode) -> tuple[Expected, ...]:
    """A code of another campaign, or of a draw that is void, names nobody here."""
    one = papers.issued.by_serial.get(code.serial)
    own = (papers.campaign.replace("/", "_"), papers.tickets.get(code.serial))
    return (one,) if one and (code.campaign, code.ticket.lower()) == own else ()


def _numbered(papers: Papers, plain: str) -> tuple[Expected, ...]:
    digits = fold(plain)
    width = len(next(iter(papers.issued.by_serial), ""))
    one = papers.issued.by_serial.get(digits.zfill(width) if digits.isdigit() else plain)
    return (one,) if one else ()


def _ticketed(papers: Papers, plain: str) -> tuple[Expected, ...]:
    beginning = fold(plain).lower()
    if len(beginning) < SHORTEST_TICKET:
        return ()
    # a whole ticket has 64 digits, of which 16 are known here
    serials = [s for s, ticket in papers.tickets.items() if ticket.startswith(beginning[: len(ticket)])]
    return tuple(papers.issued.by_serial[serial] for serial in serials)


def _placed(papers: Papers, plain: str) -> tuple[Expected, ...]:
    places = papers.issued.by_place
    village, _, household = plain.replace("/", " ").partition(" ")
    if found := places.get((village, household.strip())):
        return found
    there = [one for place, found in places.items() if plain in place for one in found]
    return tuple(sorted(there, key=lambda one: one.serial))
