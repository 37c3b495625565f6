"""The draw: villages of every stratum, then households of every drawn village."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import singledispatch
from types import MappingProxyType
from typing import Any

import pandas as pd

from sampling.designs import Design
from sampling.draws.acts import read_acts
from sampling.draws.roles import DRAWN, RESERVE, drawn_rows
from sampling.draws.stages import ROLL, draw_households, draw_villages
from sampling.files import csv_bytes
from sampling.frames import Frame
from sampling.words import REPORTED, Problem, refuse_if_any

SAMPLE_COLUMNS = ["stage", "list", "township", "stratum", "village", "household", "role", "rank", "ticket"]
SAMPLE_COLUMNS += ["N", "n", "M", "m", "pi_stage", "pi", "weight"]
SUBSTRATUM = "substratum"
"""The last column of a sample whose design has categories of households."""
ORDER = ["stage", "list", "stratum", "village", SUBSTRATUM, "rank"]
NAMED = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class Sample:
    """What was drawn.

    `table` is `sample.csv`, every cell the text that stands there. `fingerprints` are those of the frames it
    was drawn from, by list; the roll's list name is empty.
    """

    table: pd.DataFrame
    seed: str
    campaign: str
    fingerprints: Mapping[str, str]

    def to_table(self) -> pd.DataFrame:
        """The rows of `sample.csv`."""
        return self.table.copy()

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes of `sample.csv`, as the receipt states it."""
        return hashlib.sha256(csv_bytes(self.table)).hexdigest()

    def __repr__(self) -> str:
        drawn = drawn_rows(self.table)
        villages, households = ((drawn["stage"] == stage).sum() for stage in ("1", "2"))
        reserves = (self.table["role"] == RESERVE).sum()
        return f"Sample({villages} villages, {households} households, {reserves} reserves)"

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False)


class OnDemand(Mapping[str, str]):
    """Texts by name, each made when it is asked for: a fingerprint costs as much as the draw itself."""

    def __init__(self, makers: Mapping[str, Callable[[], str]]) -> None:
        self._makers = dict(makers)

    def __getitem__(self, name: str) -> str:
        return self._makers[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


@singledispatch
def draw(
    frame: Frame,
    design: Design,
    *,
    seed: str,
    campaign: str,
    lists: Mapping[str, Frame] = MappingProxyType({}),
    acts: Sequence[Mapping[str, Any]] = (),
) -> Sample:
    """Draw villages and households by their tickets.

    Parameters
    ----------
    frame
        The roll's frame, with its chances where a method needs them. A frame of villages alone gives a sample
        of villages alone. `sampling.draws.engines` draws the same from a `FrameFiles` or a `FrameParts`.
    design
        Sizes, methods and reserves.
    seed
        ASCII digits, 20 or more.
    campaign
        The campaign's id; it is part of every ticket.
    lists
        Frames of the other lists that the design names, by name; they are drawn in the same villages.
    acts
        What happened to the draw since, as `receipt.json` lists it.

    Returns
    -------
    sample
        Its table sorted by stage, list, stratum, village, substratum and rank.

    Raises
    ------
    InputError
        If the seed is too short, or frame, lists and design do not fit each other.
    ValueError
        If `lists` are not those of the design, or an act opens a reserve that is not the next.

    Notes
    -----
    The n lowest scores of a stratum (m of a village) are the sample, the next `reserves` the reserves:
    docs/draw-v1.md.
    """
    if set(lists) != set(design.lists):
        raise ValueError(f"lists must be those of the design, {sorted(design.lists)}, got {sorted(lists)}")
    refuse_if_any(list_notes(frame, lists))
    later = read_acts(acts)
    villages = draw_villages(frame, design, later, seed=seed, campaign=campaign)
    visited = drawn_rows(villages)
    units = {ROLL: frame, **lists}
    parts = [
        draw_households(part, name, design, later, visited, seed=seed, campaign=campaign)
        for name, part in units.items()
    ]
    makers = {name: (lambda part=part: part.fingerprint) for name, part in units.items()}
    rows = pd.concat([villages, *(part for part in parts if len(part))], ignore_index=True)
    table = written(rows, design)
    return Sample(table=table, seed=seed, campaign=campaign, fingerprints=OnDemand(makers))


def list_notes(frame: Frame, lists: Mapping[str, Frame]) -> tuple[Problem, ...]:
    """Households of other lists whose village the frame does not have, or has in another town.

    The first are reported: the draw cannot reach them. The second are refused: one of the two is wrong.
    """
    towns = frame.villages.set_index("village")["township"]
    return tuple(problem for name in lists for problem in _list_notes(towns, name, lists[name].units))


def _list_notes(towns: pd.Series, name: str, units: pd.DataFrame) -> Iterator[Problem]:
    units = units[units["household"] != ""]
    known = units["village"].map(towns)
    unknown = sorted(units["village"][known.isna()].unique())
    if unknown:
        fields = {"list": name, "households": int(known.isna().sum()), "villages": _named(unknown)}
        yield Problem(key="draws.list_village_unknown", severity=REPORTED, fields=fields)
    moved = sorted(units["village"][known.notna() & (known != units["township"])].unique())
    if moved:
        yield Problem(key="draws.list_township", fields={"list": name, "villages": _named(moved)})


def _named(ids: list[str]) -> str:
    return ", ".join(ids[:NAMED]) + (" …" if len(ids) > NAMED else "")


def written(rows: pd.DataFrame, design: Design) -> pd.DataFrame:
    """The rows as `sample.csv` has them: sorted, every cell text, chances of the drawn units only."""
    rows = rows.sort_values(ORDER, ignore_index=True)
    drawn = rows["role"].isin(DRAWN)
    weight = rows["pi"].where(drawn, Fraction(1)).map(lambda pi: 1 / pi)
    for name, chance in (("pi_stage", rows["pi_stage"]), ("pi", rows["pi"]), ("weight", weight)):
        rows[name] = chance.map(_decimal).where(drawn, "")
    return rows[[*SAMPLE_COLUMNS, *([SUBSTRATUM] if design.categories else [])]].astype("str")


def _decimal(value: Fraction) -> str:
    return repr(float(value))  # the shortest decimal of the nearest double: the same in every language
