"""Sizes of every stratum: what the rates, bounds and totals of a design come to over a frame."""

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from sampling.designs.chances import chance_notes
from sampling.designs.design import Design
from sampling.designs.fitting import fitted, list_notes
from sampling.designs.sizing import COLUMNS
from sampling.frames import Frame
from sampling.words import REFUSED, Problem, refuse_if_any


def stratum_sizes(frame: Frame, design: Design) -> pd.DataFrame:
    """How many villages each stratum has, how many are drawn, and why.

    Returns
    -------
    table
        stratum, township, certainty ("1" for a take-all stratum), N and n (villages; n is missing where the
        draw decides it: by random rounding, or village by village), expected (n on average over all draws, an
        exact fraction in text), bound (the rule that made n: rate, at_least, at_most, all, total), rate
        (expected/N, an exact fraction in text), pi (the same in floats: of unequal probabilities the mean),
        weight (1/pi), households (in the frame) and expected_visits (households to visit, on average over
        all draws; by each village's own probability where the frame has its chances).
        Sorted by stratum.

    Raises
    ------
    InputError
        If the design cannot be applied to this frame, or refuses the towns where rate and bounds disagree.
    """
    table, notes = fitted(frame, design)
    refuse_if_any(notes)
    assert table is not None  # what cannot be reckoned is refused
    return table[COLUMNS]


def design_notes(
    frame: Frame, design: Design, *, lists: Mapping[str, Frame] = MappingProxyType({})
) -> tuple[Problem, ...]:
    """What a reader must know before the draw: where the design and the frame do not quite fit each other.

    Parameters
    ----------
    lists
        Frames of the other lists that the design names, by name.

    Returns
    -------
    problems
        Reported ones: towns where rate or bounds beat the other, rules that nobody falls under, units that
        cannot be drawn, probabilities that are approximations. Refused ones: contradictions where
        `conflict = "refuse"`; fields that are missing or cannot be reckoned with; a town whose villages name
        different rules; a group that nobody is drawn from; a total out of reach; more to be drawn than
        there are units of a size above 0.
    """
    notes = (*fitted(frame, design)[1], *list_notes(lists, design))
    if any(note.severity == REFUSED for note in notes):
        return notes
    return (*notes, *chance_notes(frame, design))
