"""The ticket of a unit: a number that depends on the seed, the campaign, the stage and its id alone."""

import hashlib
import unicodedata
from collections.abc import Callable

from sampling.words import InputError, Problem

SPEC = "draw-v1"
SEPARATOR = "\x1f"
SEED_DIGITS = 20
"""Twenty decimal digits are 66 bits: too many to try out which seed suits whom."""


def ticket(seed: str, campaign: str, stage: str, *ids: str) -> str:
    """The ticket of one unit.

    Parameters
    ----------
    seed
        ASCII digits, 20 or more.
    campaign
        The campaign's id.
    stage
        "1" for villages, "2" for households of the roll, "2/<list>" for households of another list.
    ids
        The path to the unit: village, or village and household.

    Returns
    -------
    ticket
        64 hexadecimal digits in lower case.

    Raises
    ------
    InputError
        If the seed is too short or has other signs than digits.
    ValueError
        If a part is empty, holds the separator or cannot be written as UTF-8.

    Notes
    -----
    SHA-256 of "draw-v1", seed, campaign, stage and ids, each in Unicode's form NFC, joined by U+001F:
    draw-v1, tickets.
    """
    return ticket_maker(seed, campaign, stage)(*ids)


def ticket_maker(seed: str, campaign: str, stage: str) -> Callable[..., str]:
    """`ticket` for many units of one stage: what they share is checked and hashed once."""
    check_seed(seed)
    shared = hashlib.sha256(SEPARATOR.join([SPEC, seed, _part(campaign), _part(stage)]).encode())

    def make(*ids: str) -> str:
        digest = shared.copy()
        digest.update("".join(SEPARATOR + _part(name) for name in ids).encode())
        return digest.hexdigest()

    return make


def check_seed(seed: str) -> None:
    """Refuse a seed that is not 20 or more ASCII digits.

    Raises
    ------
    InputError
        Saying what is wrong with it.
    """
    if not (seed.isascii() and seed.isdigit()):
        raise InputError([Problem(key="draws.seed_digits", value=seed)])
    if len(seed) < SEED_DIGITS:
        fields = {"given": len(seed), "wanted": SEED_DIGITS}
        raise InputError([Problem(key="draws.seed_short", value=seed, fields=fields)])


def _part(text: str) -> str:
    if not text or SEPARATOR in text:  # else two different paths could make one message
        raise ValueError(f"a part of a ticket must not be empty nor hold U+001F, got {text!r}")
    return unicodedata.normalize("NFC", text)
