"""Lambda and probability of every unit where they are not alike, fixed before the seed exists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

import numpy as np
import pandas as pd

from sampling.designs.design import UNEQUAL, Design, Selection
from sampling.designs.fitting import fitted, named
from sampling.designs.groups import stratum_of, substratum_of
from sampling.designs.measures import household_sizes, village_sizes
from sampling.designs.probabilities import LARGE, calibrate, inclusion, lambdas
from sampling.designs.sizing import Number, group_numbers
from sampling.frames import Frame
from sampling.words import REFUSED, REPORTED, Problem, refuse_if_any

APPROXIMATE, UNREACHED = "hajek", "unreached"
NOTES = {APPROXIMATE: ("designs.approximate", REPORTED), UNREACHED: ("designs.not_calibrated", REFUSED)}


@dataclass(frozen=True, kw_only=True, eq=False)
class Chances:
    """Of every unit of one stage; `how` says of every group how its probabilities were computed."""

    lam: np.ndarray
    pi: np.ndarray
    how: pd.Series

    def written(self) -> dict[str, list[str]]:
        """The two columns as text that every language reads back to the same double."""
        return {"lambda": [x.hex() for x in self.lam.tolist()], "pi": [repr(x) for x in self.pi.tolist()]}


def with_chances(frame: Frame, design: Design) -> Frame:
    """The frame with lambda and probability of every unit whose stage draws with unequal probabilities.

    Returns
    -------
    frame
        `villages`, `units` or both have the text columns lambda (a hexadecimal float) and pi (the shortest
        decimal of the double). Villages that are all taken have 1. Of households pi is that of their own
        stage. A row without a household has neither.

    Raises
    ------
    InputError
        If the design cannot be applied to this frame.
    """
    table, notes = fitted(frame, design)
    refuse_if_any(notes)
    assert table is not None  # what cannot be reckoned is refused
    villages, households = _village_chances(frame, table, design), _household_chances(frame, design)
    refuse_if_any(_notes(villages, households))
    if villages:
        frame = replace(frame, villages=frame.villages.assign(**villages.written()))
    if households:
        units = frame.units.assign(**{"lambda": "", "pi": ""})
        there = units["household"] != ""
        for name, cells in households.written().items():
            units.loc[there, name] = cells
        frame = replace(frame, units=units)
    return frame


def chance_notes(frame: Frame, design: Design) -> tuple[Problem, ...]:
    """Groups whose probabilities are approximations (reported), or cannot be what was asked (refused).

    Raises
    ------
    InputError
        If the design cannot be applied to this frame.
    """
    if not {design.villages_by.method, design.households_by.method} & set(UNEQUAL):
        return ()
    table, notes = fitted(frame, design)
    refuse_if_any(notes)
    assert table is not None  # what cannot be reckoned is refused
    return tuple(_notes(_village_chances(frame, table, design), _household_chances(frame, design)))


def _notes(*stages: Chances | None) -> Iterator[Problem]:
    for stage in filter(None, stages):
        for how, (key, severity) in NOTES.items():
            groups = stage.how.index[stage.how == how]
            if len(groups):
                fields = {"count": len(groups), "groups": named(groups)}
                yield Problem(key=key, severity=severity, fields=fields)


def _village_chances(frame: Frame, table: pd.DataFrame, design: Design) -> Chances | None:
    """Of every village of the frame, in its order."""
    if design.villages_by.method not in UNEQUAL:
        return None
    villages = frame.villages
    codes = pd.Index(table["stratum"]).get_indexer(stratum_of(villages))
    sizes = village_sizes(villages, design).mask(villages["certainty"] == "1", 1.0)
    triples = zip(table["n"].tolist(), table["expected"], table["bound"], strict=True)
    numbers = [Number(n=n, expected=Fraction(expected), bound=bound) for n, expected, bound in triples]
    return _chances(codes, sizes.to_numpy(), pd.Index(table["stratum"]), numbers, design.villages_by)


def _household_chances(frame: Frame, design: Design) -> Chances | None:
    """Of every household of the frame, in the order of `units` without the empty rows."""
    if design.households_by.method not in UNEQUAL:
        return None
    units = frame.units[frame.units["household"] != ""]
    keys = [units["village"], substratum_of(units, design).rename("substratum")]
    by = units.groupby(keys, sort=True)
    groups = by.size().rename("M").reset_index()
    places, each = group_numbers(groups, design)
    apart = groups["village"] + " " + groups["substratum"]
    names = pd.Index(groups["village"].where(groups["substratum"] == "", apart))
    numbers = [each[place] for place in places]
    sizes = household_sizes(units, design).to_numpy()
    return _chances(by.ngroup().to_numpy(), sizes, names, numbers, design.households_by)


def _chances(
    codes: np.ndarray, sizes: np.ndarray, names: pd.Index, numbers: Sequence[Number], selection: Selection
) -> Chances:
    """Group by group: `codes` is the group of every unit, a place in `names` and in `numbers`."""
    counts = np.bincount(codes, minlength=len(names))
    if selection.method == "bernoulli":
        pairs = zip(numbers, counts.tolist(), strict=True)
        lam = np.array([float(number.expected / N) for number, N in pairs])[codes]
        return Chances(lam=lam, pi=lam, how=pd.Series("exact", index=names))
    order = np.lexsort((sizes, codes))  # by size within the group: groups with the same sizes are one sum
    lam, pi, how = np.empty(len(codes)), np.empty(len(codes)), []
    ends = np.cumsum(counts)
    for start, end, number in zip(ends - counts, ends, numbers, strict=True):
        places = order[start:end]
        lam[places], pi[places], one = _group(selection, number, sizes[places].tobytes())
        how.append(one)
    return Chances(lam=lam, pi=pi, how=pd.Series(how, index=names, dtype="str"))


@lru_cache(maxsize=1 << 16)
def _group(selection: Selection, number: Number, sizes: bytes) -> tuple[np.ndarray, np.ndarray, str]:
    """lambda, pi and how, of one group by its sizes (doubles): units of one size have one chance."""
    measure = np.frombuffer(sizes)
    lam, pi, how = _of_sizes(selection, number, measure)
    _, first, alike = np.unique(measure, return_index=True, return_inverse=True)
    return lam[first][alike], pi[first][alike], how  # else an integral may tell them apart by a last digit


def _of_sizes(
    selection: Selection, number: Number, measure: np.ndarray
) -> tuple[np.ndarray, np.ndarray, str]:
    if selection.method == "poisson" or number.n is None:
        lam = lambdas(measure, float(number.expected))
        return lam, lam, "exact"
    lam = lambdas(measure, number.n)
    if not selection.calibrated:
        found = inclusion(selection.method, lam, number.n)
        return lam, found.pi, found.how
    try:
        how = APPROXIMATE if np.sum((lam > 0) & (lam < 1)) > LARGE else "quadrature"
        return calibrate(selection.method, lam, number.n), lam, how
    except ValueError:
        return lam, lam, UNREACHED
