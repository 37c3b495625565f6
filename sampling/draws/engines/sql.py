"""The words of the draw in SQL: tickets, uniform numbers and scores, exactly as docs/draw-v1.md says them."""

import unicodedata

from sampling.draws.engines.tables import literal
from sampling.draws.methods import BITS, DIGITS
from sampling.draws.tickets import SEPARATOR, SPEC, ticket_maker

LEADING = 16
"""Hexadecimal digits of a ticket that are sorted first, as one number; equal ones are looked at whole."""


def opening(seed: str, campaign: str, stage: str) -> str:
    """What the messages of all tickets of a stage begin with, as a text in SQL.

    Raises
    ------
    InputError, ValueError
        As `ticket_maker` does.
    """
    ticket_maker(seed, campaign, stage)
    parts = [SPEC, seed, *(unicodedata.normalize("NFC", one) for one in (campaign, stage)), ""]
    return literal(SEPARATOR.join(parts))


def leading(text: str) -> str:
    """The first digits of a ticket as a whole number."""
    return f"('0x' || {text}[1:{LEADING}])::UBIGINT"


def uniform(text: str) -> str:
    """The number between 0 and 1 that a ticket is: a double, exactly."""
    top = f"('0x' || {text}[1:{DIGITS}])::BIGINT::DOUBLE"
    return f"(({top} + 0.5::DOUBLE) / {2**BITS}::DOUBLE)"


PARETO = "(u * (1::DOUBLE - lam)) / ((1::DOUBLE - u) * lam)"
SHARE = "u / lam"
SCORES = {"bernoulli": SHARE, "poisson": SHARE, "pareto": PARETO, "sequential_poisson": SHARE}
"""The score of the methods whose lambda stands in the frame, from the columns u and lam."""


def score(method: str) -> str:
    """The score, 0 for a unit that is taken for sure."""
    return f"CASE WHEN lam = 1 THEN 0::DOUBLE ELSE {SCORES[method]} END"
