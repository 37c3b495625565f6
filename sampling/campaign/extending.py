"""More villages for a draw that is there: along the same order, or with a seed of its own after looking."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.redrawing import Drawn, add_acts, finished, read_drawn
from sampling.campaign.step import Done
from sampling.draws.acts import EXTENSION
from sampling.draws.additions import Fresh, extendable, extension_act
from sampling.words import REPORTED, InputError, Problem


def extend_draw(
    campaign: Campaign,
    *,
    more: Sequence[str] = (),
    every: int = 0,
    fresh: Fresh | None = None,
    now: datetime,
) -> Done:
    """Draw further villages and their households, and write the new sample and receipt.

    Parameters
    ----------
    more
        Strata with the number of further villages, each `STRATUM=D`.
    every
        Instead: so many more in every stratum that is not taken whole, or all that it has left.
    fresh
        The seed of an extension decided after looking at findings, and where it comes from; else None.

    Raises
    ------
    InputError
        If nothing is drawn yet, or a rule of `extension_act` is broken.
    """
    if done := finished(campaign):
        return done
    drawn = read_drawn(campaign)
    numbers, notes = _numbers(drawn, more, every)
    act = extension_act(
        drawn.sample,
        drawn.design,
        drawn.frame.villages,
        numbers,
        receipt=drawn.receipt,
        found=campaign.has_findings(),
        fresh=fresh,
    )
    _, files = add_acts(drawn, [act], kind=EXTENSION, now=now)
    fields = {"villages": sum(numbers.values()), "strata": len(numbers)}
    return Done(key="campaign.done.extend", fields=fields, notes=notes, files=files)


def _numbers(drawn: Drawn, more: Sequence[str], every: int) -> tuple[Mapping[str, int], tuple[Problem, ...]]:
    """Further villages by stratum, and the strata that have fewer left than were asked for."""
    if every:
        numbers = extendable(drawn.sample, drawn.frame.villages, every)
        short = {name: count for name, count in numbers.items() if count < every}
        return _some(numbers), tuple(_short(short, every))
    pairs = [word.rpartition("=") for word in more]
    wrong = ["".join(pair) for pair in pairs if not (pair[0] and pair[2].isascii() and pair[2].isdigit())]
    if wrong:
        raise InputError([Problem(key="campaign.bad_more", value=word) for word in wrong])
    return _some({name: int(count) for name, _, count in pairs}), ()


def _some(numbers: Mapping[str, int]) -> Mapping[str, int]:
    if not numbers:
        raise InputError([Problem(key="campaign.nothing_to_extend", file=place.RECEIPT)])
    return numbers


def _short(strata: Mapping[str, int], every: int) -> Iterator[Problem]:
    for name, count in strata.items():
        fields: dict[str, Any] = {"more": every, "left": count}
        yield Problem(key="campaign.extended_less", value=name, severity=REPORTED, fields=fields)
