"""The draw: villages of every stratum, then households of every drawn village."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

import pandas as pd

from sampling.designs import Design, SizeRule, size, stratum_of, stratum_sizes
from sampling.draws.methods import METHODS
from sampling.draws.tickets import ticket_maker
from sampling.files import csv_bytes
from sampling.frames import Frame
from sampling.words import REPORTED, Problem, refuse_if_any

ROLL = ""
MAIN, CERTAINTY, RESERVE = "main", "certainty", "reserve"
SAMPLE_COLUMNS = ["stage", "list", "township", "stratum", "village", "household", "role", "rank", "ticket"]
SAMPLE_COLUMNS += ["N", "n", "M", "m", "pi_stage", "pi", "weight"]
ORDER = ["stage", "list", "stratum", "village", "rank"]
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
        drawn = self.table[self.table["role"] != RESERVE]
        villages, households = ((drawn["stage"] == stage).sum() for stage in ("1", "2"))
        reserves = len(self.table) - len(drawn)
        return f"Sample({villages} villages, {households} households, {reserves} reserves)"

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False)


def draw(
    frame: Frame,
    design: Design,
    *,
    seed: str,
    campaign: str,
    lists: Mapping[str, Frame] = MappingProxyType({}),
) -> Sample:
    """Draw villages and households by their tickets.

    Parameters
    ----------
    frame
        The roll's frame. A frame of villages alone gives a sample of villages alone.
    design
        Sizes, method and reserves.
    seed
        ASCII digits, 20 or more.
    campaign
        The campaign's id; it is part of every ticket.
    lists
        Frames of the other lists that the design names, by name; they are drawn in the same villages.

    Returns
    -------
    sample
        Its table sorted by stage, list, stratum, village and rank.

    Raises
    ------
    InputError
        If the seed is too short, or frame, lists and design do not fit each other.
    ValueError
        If `lists` are not those of the design.

    Notes
    -----
    The n lowest tickets of a stratum (m of a village) are the sample, the next `reserves` the reserves:
    draw-v1, the draw.
    """
    if set(lists) != set(design.lists):
        raise ValueError(f"lists must be those of the design, {sorted(design.lists)}, got {sorted(lists)}")
    refuse_if_any(list_notes(frame, lists))
    villages = _draw_villages(frame, design, seed, campaign)
    visited = villages[villages["role"] != RESERVE]
    rules = {ROLL: (frame, design.households)}
    rules |= {name: (lists[name], design.lists[name]) for name in lists}
    parts = []
    for name, (units, rule) in rules.items():
        households = _drawable(units, rule, visited)
        make = ticket_maker(seed, campaign, f"2/{name}" if name else "2")
        parts.append(_draw_households(households, name, make, design))
    fingerprints = {name: units.fingerprint for name, (units, _) in rules.items()}
    table = _written(pd.concat([villages, *parts], ignore_index=True))
    return Sample(table=table, seed=seed, campaign=campaign, fingerprints=MappingProxyType(fingerprints))


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


def _draw_villages(frame: Frame, design: Design, seed: str, campaign: str) -> pd.DataFrame:
    """The rows of stage 1; N and n are numbers still, pi the exact chance of a main or certainty village."""
    make = ticket_maker(seed, campaign, "1")
    villages = frame.villages[["township", "village", "certainty"]].assign(stratum=stratum_of(frame.villages))
    sizes = stratum_sizes(frame, design).set_index("stratum")
    for name in ("N", "n"):
        villages[name] = villages["stratum"].map(sizes[name])
    villages["ticket"] = [make(village) for village in villages["village"]]
    ranked = _ranked(villages, ["stratum"], "village", design.method)
    drawn = ranked[ranked["rank"] <= ranked["n"] + design.reserves]
    roles = _roles(drawn["rank"], drawn["n"]).where(drawn["certainty"] != "1", CERTAINTY)
    chance = _fractions(drawn["n"], drawn["N"])
    return drawn.assign(
        stage="1", list=ROLL, household="", role=roles, M="", m="", pi_stage=chance, pi=chance
    )


def _fractions(numerators: pd.Series, denominators: pd.Series) -> pd.Series:
    pairs = zip(numerators.tolist(), denominators.tolist(), strict=True)
    return pd.Series([Fraction(*pair) for pair in pairs], index=numerators.index, dtype="object")


def _drawable(frame: Frame, rule: SizeRule, visited: pd.DataFrame) -> pd.DataFrame:
    """The households of the visited villages, each with its village's sizes and chances."""
    units = frame.units.loc[frame.units["household"] != "", ["village", "household"]]
    units = units[units["village"].isin(visited["village"])]
    counts = units["village"].value_counts()
    villages = visited[visited["village"].isin(counts.index)].set_index("village")
    villages["M"] = counts.reindex(villages.index)
    villages["m"] = [size(rule, M, "bounds")[0] for M in villages["M"].tolist()]
    villages["pi_stage"] = _fractions(villages["m"], villages["M"])
    villages["pi"] = villages["pi"] * villages["pi_stage"]
    known = villages[["township", "stratum", "N", "n", "M", "m", "pi_stage", "pi"]]
    return units.join(known, on="village")


def _draw_households(
    households: pd.DataFrame, name: str, make: Callable[..., str], design: Design
) -> pd.DataFrame:
    """The rows of stage 2 of one list."""
    ids = zip(households["village"], households["household"], strict=True)
    ticketed = households.assign(ticket=[make(*path) for path in ids])
    ranked = _ranked(ticketed, ["village"], "household", design.method)
    drawn = ranked[ranked["rank"] <= ranked["m"] + design.reserves]
    return drawn.assign(stage="2", list=name, role=_roles(drawn["rank"], drawn["m"]))


def _ranked(units: pd.DataFrame, within: list[str], unit: str, method: str) -> pd.DataFrame:
    """The units with their rank by score; the id breaks a tie, in form only."""
    scored = units.assign(score=METHODS[method](units["ticket"])).sort_values([*within, "score", unit])
    return scored.assign(rank=scored.groupby(within, sort=False).cumcount() + 1)


def _roles(rank: pd.Series, wanted: pd.Series) -> pd.Series:
    return pd.Series(MAIN, index=rank.index).where(rank <= wanted, RESERVE)


def _written(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows as `sample.csv` has them: sorted, every cell text, no chance and no weight for a reserve."""
    rows = rows.sort_values(ORDER, ignore_index=True)
    drawn = rows["role"] != RESERVE
    weight = rows["pi"].map(lambda pi: 1 / pi)
    for name, chance in (("pi_stage", rows["pi_stage"]), ("pi", rows["pi"]), ("weight", weight)):
        rows[name] = chance.map(_decimal).where(drawn, "")
    return rows[SAMPLE_COLUMNS].astype("str")


def _decimal(value: Fraction) -> str:
    return repr(float(value))  # the shortest decimal of the nearest double: the same in every language
