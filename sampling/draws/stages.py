"""The two stages of the draw: villages of every stratum, households of every drawn village."""

from collections.abc import Callable, Mapping
from fractions import Fraction

import pandas as pd

from sampling.designs import (
    ROUND,
    UNEQUAL,
    Design,
    Selection,
    household_rule,
    in_scope_chance,
    rounded_by,
    size,
    stratum_of,
    stratum_sizes,
    substratum_of,
)
from sampling.draws.acts import Acts, Extension
from sampling.draws.ranking import positions, ranked
from sampling.draws.roles import CERTAINTY, MAIN, REPLACED, RESERVE
from sampling.draws.tickets import ticket_maker
from sampling.files import records
from sampling.frames import Frame

ROLL = ""
RANDOM = "random"
ONE = Fraction(1)
Path = tuple[str, str]
"""A unit: village and household, which is empty for a village."""


def draw_villages(frame: Frame, design: Design, acts: Acts, *, seed: str, campaign: str) -> pd.DataFrame:
    """The rows of stage 1: drawn, replaced and reserve villages; pi is the exact chance of a drawn one."""
    make = ticket_maker(seed, campaign, "1")
    villages = _plain(frame.villages, design.villages_by, ["township", "certainty", "village"])
    villages = villages.assign(
        stratum=stratum_of(villages), certain=villages["certainty"] == "1", household=""
    )
    villages = villages.assign(group=villages["stratum"], ticket=villages["village"].map(make))
    villages = villages.join(_village_sizes(frame, design, seed, campaign), on="stratum")
    villages = _started(villages, design.villages_by, ticket_maker(seed, campaign, "start-1"))
    rows = ranked(villages, design.villages_by, "village")
    for act in acts.extensions:
        rows = _extended(rows, act, design.villages_by, campaign)
    here = [act for act in acts.openings if not act.household]
    opened = _opened(rows, {(act.replaces, "") for act in here}, {(act.village, "") for act in here})
    rows = _with_roles(opened, design.reserves)
    later = {village: chance for act in acts.extensions for village, chance in act.pi.items()}
    chance = _chances(rows, design.villages_by, later)
    return rows.assign(stage="1", list=ROLL, substratum="", M="", m="", pi_stage=chance, pi=chance)


def _plain(units: pd.DataFrame, selection: Selection, ids: list[str]) -> pd.DataFrame:
    """The units with what the method needs, and no field that could be named as a column of the sample."""
    if selection.method in UNEQUAL:
        return units[[*ids, "lambda", "pi"]]
    if selection.method == "systematic":
        return units[ids].assign(position=positions(units, selection.order, ids[-1]))
    return units[ids]


def _village_sizes(frame: Frame, design: Design, seed: str, campaign: str) -> pd.DataFrame:
    """N and n by stratum; n is 0 where the method takes as many as come."""
    sizes = stratum_sizes(frame, design).set_index("stratum")[["N", "n"]]
    if design.rounding == RANDOM and not design.allocation:
        make = ticket_maker(seed, campaign, "round-1")
        ordinary = frame.villages[frame.villages["certainty"] != "1"].drop_duplicates("township")
        for village in records(ordinary):
            town = village["township"]
            rule, N = design.village_rule(village), int(sizes["N"][town])
            sizes.loc[town, "n"] = size(rule, N, design.conflict, rounded_by(make(town)))[0]
    return sizes.fillna(0).astype("int64")


def _started(units: pd.DataFrame, selection: Selection, make: Callable[..., str]) -> pd.DataFrame:
    """The units with the start of their group where the draw is systematic."""
    if selection.method != "systematic":
        return units
    starts = {group: make(*group.split("\x1f")) for group in units["group"].unique()}
    return units.assign(start=units["group"].map(starts))


def _extended(rows: pd.DataFrame, act: Extension, selection: Selection, campaign: str) -> pd.DataFrame:
    """The rows with more drawn in some strata; with a seed of its own the rest is put in a new order."""
    more = rows["stratum"].map(act.more).fillna(0).astype("int64")
    if act.seed:
        rest = (rows["rank"] > rows["n"]) & (more > 0)
        make = ticket_maker(act.seed, campaign, "1")
        fresh = rows[rest].assign(ticket=rows.loc[rest, "village"].map(make))
        if "lambda" in fresh:
            fresh["lambda"] = fresh["lambda"].map(float.hex)
        again = ranked(fresh.drop(columns=["start", "position"], errors="ignore"), selection, "village")
        again["rank"] += again["n"]
        rows = pd.concat([rows[~rest], again]).sort_values(["group", "rank"])
    return rows.assign(n=rows["n"] + rows["stratum"].map(act.more).fillna(0).astype("int64"))


def _opened(rows: pd.DataFrame, replaced: set[Path], opened: set[Path]) -> pd.DataFrame:
    """The rows with `opened`, how many reserves of the group were opened, and `replaced`, yes or no.

    Raises
    ------
    ValueError
        If a reserve was passed over, or a unit is replaced that was not drawn.
    """
    ids = pd.Series(list(zip(rows["village"], rows["household"], strict=True)), index=rows.index)
    counts = rows.loc[ids.isin(opened), "group"].value_counts()
    rows = rows.assign(
        opened=rows["group"].map(counts).fillna(0).astype("int64"), replaced=ids.isin(replaced)
    )
    last = rows["n"] + rows["opened"]
    due = set(ids[(rows["rank"] > rows["n"]) & (rows["rank"] <= last)])
    here = opened & set(ids)
    if due != here or not set(ids[rows["replaced"] & (rows["rank"] > last)]) == set():
        raise ValueError(f"reserves must be opened in order, {sorted(due)}, got {sorted(here)}")
    return rows


def _with_roles(rows: pd.DataFrame, reserves: int) -> pd.DataFrame:
    """The drawn units and the reserves with their roles; the others are left out."""
    last = rows["n"] + rows["opened"]
    role = (
        pd.Series(MAIN, index=rows.index).mask(rows["certain"], CERTAINTY).mask(rows["rank"] > last, RESERVE)
    )
    return rows.assign(role=role.mask(rows["replaced"], REPLACED))[rows["rank"] <= last + reserves]


def _chances(rows: pd.DataFrame, selection: Selection, later: Mapping[str, Fraction]) -> pd.Series:
    """The exact probability of every row at its stage; `later` holds those of villages since an extension."""
    if selection.method in UNEQUAL:
        stated = [
            later.get(v, Fraction(float(pi))) for v, pi in zip(rows["village"], rows["pi"], strict=True)
        ]
        return pd.Series(stated, index=rows.index, dtype="object").mask(rows["certain"], ONE)
    triples = list(zip(rows["N"].tolist(), rows["n"].tolist(), rows["opened"].tolist(), strict=True))
    known = {triple: _equal_chance(*triple) for triple in set(triples)}
    return pd.Series([known[triple] for triple in triples], index=rows.index, dtype="object")


def _equal_chance(N: int, n: int, opened: int) -> Fraction:
    return in_scope_chance(N, n, n + opened) if opened else Fraction(n, N)


def draw_households(
    frame: Frame,
    name: str,
    design: Design,
    acts: Acts,
    visited: pd.DataFrame,
    *,
    seed: str,
    campaign: str,
) -> pd.DataFrame:
    """The rows of stage 2 of one list, in the villages `visited` (drawn rows of stage 1)."""
    seeds = acts.seeds if design.sealed else dict.fromkeys(visited["village"], seed)
    places = visited[visited["village"].isin(list(seeds))].set_index("village")
    selection = design.households_by if name == ROLL else Selection()
    substratum = substratum_of(frame.units, design) if name == ROLL else ""
    units = _plain(frame.units, selection, ["village", "household"]).assign(
        substratum=substratum, certain=False
    )
    units = units[(units["household"] != "") & units["village"].isin(places.index)]
    if units.empty:
        return units
    inner = units["village"] + "\x1f" + units["substratum"]
    units = units.assign(group=units["village"].where(units["substratum"] == "", inner))
    parts = units.groupby(units["village"].map(seeds), sort=True)
    rows = pd.concat(_inside(part, name, design, acts, str(one), campaign) for one, part in parts)
    rows = rows.rename(columns={"N": "M", "n": "m"}).drop(columns="pi", errors="ignore")
    rows = rows.join(places[["township", "stratum", "N", "n", "pi"]], on="village")
    return rows.assign(stage="2", list=name, pi=rows["pi"] * rows["pi_stage"])


def _inside(
    units: pd.DataFrame, name: str, design: Design, acts: Acts, seed: str, campaign: str
) -> pd.DataFrame:
    """Drawn, replaced and reserve households of the villages that have this seed."""
    stage = f"2/{name}" if name else "2"
    make = ticket_maker(seed, campaign, stage)
    selection = design.households_by if name == ROLL else Selection()
    ids = zip(units["village"], units["household"], strict=True)
    units = units.assign(ticket=[make(*path) for path in ids])
    units["N"] = units.groupby("group")["household"].transform("size")
    units["n"] = units["group"].map(_household_sizes(units, name, design, seed, campaign, stage))
    units = _started(units, selection, ticket_maker(seed, campaign, f"start-{stage}"))
    rows = ranked(units, selection, "household")
    here = [act for act in acts.openings if act.household and act.list == name]
    opened = _opened(
        rows, {(act.village, act.replaces) for act in here}, {(act.village, act.household) for act in here}
    )
    rows = _with_roles(opened, design.reserves)
    return rows.assign(pi_stage=_chances(rows, selection, {}))


def _household_sizes(
    units: pd.DataFrame, name: str, design: Design, seed: str, campaign: str, stage: str
) -> dict[str, int]:
    """m by group; 0 where the method takes as many as come."""
    make = ticket_maker(seed, campaign, f"round-{stage}")
    first = units.drop_duplicates("group")
    sizes = {}
    for group, substratum, M in zip(first["group"], first["substratum"], first["N"].tolist(), strict=True):
        rule = household_rule(design, substratum) if name == ROLL else design.lists[name]
        rounding = ROUND.get(design.rounding) or rounded_by(make(*group.split("\x1f")))
        sizes[group] = size(rule, M, rounding=rounding)[0]
    return sizes
