"""A form's serial as people and machines find it again: in a QR code, typed, or read from a screen."""

from typing import NamedTuple

from sampling.words import fold

MARK = "SAMPLING"


class FormCode(NamedTuple):
    """What a QR code on a form says: the campaign, the serial, the beginning of the household's ticket."""

    campaign: str
    serial: str
    ticket: str


def code_text(campaign: str, serial: str, ticket: str) -> str:
    """The text of a form's QR code; no name and no household number is in it.

    >>> code_text("demo-2026", "00017", "a41f0c5522b91e07")
    'SAMPLING/demo-2026/00017/a41f0c5522b91e07'
    """
    return "/".join((MARK, campaign.replace("/", "_"), serial, ticket[:16]))


def read_code(written: str) -> FormCode | None:
    """What a QR code's text says; None if it is none of ours.

    >>> read_code("SAMPLING/demo-2026/00017/a41f0c5522b91e07").serial
    '00017'
    """
    parts = fold(written).split("/")
    return FormCode(*parts[1:]) if len(parts) == 4 and parts[0].upper() == MARK else None
