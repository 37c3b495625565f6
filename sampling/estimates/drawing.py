"""How a campaign's sample was drawn, as its variances need it: chances, pairs, units out of scope."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd

from sampling import codes
from sampling.designs import RANDOM_SIZE, UNEQUAL, Design, pairs, stratum_of
from sampling.designs.probabilities import LARGE
from sampling.draws.roles import DRAWN, REPLACED
from sampling.estimates.survey import SurveyData, mean_weight
from sampling.estimates.unequal import (
    Pairs,
    Unequal,
    given_size,
    in_scope_pairs,
    looked_chance,
    sen_yates_grundy,
)
from sampling.estimates.variance import TwoStage
from sampling.words.errors import Problem, refuse_if_any

LOOKED = (*DRAWN, REPLACED)
"""Roles of the units that were looked at: a replaced one was, and is out of scope."""
CLOSE = 1e-9
SRS = "srs"


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawing:
    """The draw behind a sample.

    `first` has the villages that were looked at, by village: stratum, N, n, role and, where `sample.csv` has
    it, chance. `frame` has every village with its stratum and, where the method needs them, lambda and pi.
    `roll` has every household; with substratum and lambda where households were not drawn by srs.
    """

    villages_by: str
    households_by: str
    substrata: bool
    first: pd.DataFrame
    frame: pd.DataFrame
    roll: pd.DataFrame

    @property
    def out_of_scope(self) -> pd.Index:
        """Villages that a reserve replaced."""
        return self.first.index[self.first["role"] == REPLACED]


def drawing_of(
    sample: pd.DataFrame, design: Design | None, villages: pd.DataFrame, roll: pd.DataFrame
) -> Drawing:
    """The draw of a sample; without a design simple random sampling at both stages."""
    first = sample[(sample["stage"].astype("str") == "1") & sample["role"].isin(LOOKED)].set_index("village")
    first = first.reindex(columns=["township", "stratum", "N", "n", "role", "pi"])
    sizes = {name: pd.to_numeric(first[name]).fillna(0).astype("int64") for name in ("N", "n")}
    first = first.assign(**sizes, chance=pd.to_numeric(first["pi"], errors="coerce").astype(float))
    replaced = (first["role"] == REPLACED).groupby(first["stratum"]).transform("sum")
    triples = zip(first["N"], first["n"], first["n"] + replaced, strict=True)
    looked = pd.Series([looked_chance(*triple) for triple in triples], index=first.index, dtype=float)
    first["chance"] = first["chance"].mask(first["role"] == REPLACED, looked)
    return Drawing(
        villages_by=design.villages_by.method if design else SRS,
        households_by=design.households_by.method if design else SRS,
        substrata="substratum" in sample,
        first=first,
        frame=villages.assign(stratum=stratum_of(villages)),
        roll=roll,
    )


def looked_inside(rows: pd.DataFrame) -> pd.Series:
    """The chance of a replaced household in its cell; `rows` are the looked-at households of one list."""
    cell = [rows["village"], rows["substratum"]] if "substratum" in rows else [rows["village"]]
    replaced = (rows["role"] == REPLACED).groupby(cell).transform("sum")
    m, size = pd.to_numeric(rows["m"]), pd.to_numeric(rows["M"])
    triples = zip(size, m, m + replaced, strict=True)
    return pd.Series([looked_chance(*triple) for triple in triples], index=rows.index, dtype=float)


def as_drawn(data: SurveyData, drawing: Drawing, list_name: str, *, size_given: bool) -> SurveyData:
    """The data with the weights of the sample and the spread that belongs to its draw.

    Parameters
    ----------
    data
        All drawn households with their places and counts; its table has weight and inner chance where the
        sample has them.
    drawing, list_name
        How they were drawn, and from which list.
    size_given
        Whether the number of villages that came is taken as given where chance decided it (the weights will
        be made to add up to the roll), or counts as chance.

    Raises
    ------
    InputError
        If weights or chances are not those of the draw.
    """
    first = _first_stage(data, drawing, size_given)
    second = _second_stage(data, drawing, list_name)
    weight = data.weight
    if "weight" in data.table:
        weight = data.table["weight"].to_numpy(dtype=float)
        alike = np.isclose(weight, data.weight, rtol=CLOSE, atol=0)
        if first is None and second is None:
            refuse_if_any(_weights_differ(data, ~alike))
        weight = data.weight if alike.all() else weight
    design = replace(data.design, first=first, second=second)
    if second is not None and design.cell is None:
        design = replace(design, cell=design.psu, home=design.place)
    design = replace(design, weight=mean_weight(design.inside, weight, design.counted))
    return replace(data, weight=weight, design=design)


def _weights_differ(data: SurveyData, wrong: np.ndarray) -> list[Problem]:
    if not wrong.any():
        return []
    names = sorted(set(data.psu_names[data.design.psu[wrong]].astype(str)))
    fields = {"names": ", ".join(names[:8])}
    return [Problem(key="estimates.data.weights_differ", value=names[0], fields=fields)]


def _first_stage(data: SurveyData, drawing: Drawing, size_given: bool) -> Unequal | None:
    """How the villages were drawn; None where that is simple random sampling everywhere."""
    if drawing.villages_by not in UNEQUAL and not len(drawing.out_of_scope):
        return None
    first = drawing.first.loc[data.psu_names]
    chance, found = first["chance"].to_numpy().copy(), {}
    alone = np.zeros(len(data.stratum_names), dtype=bool)
    replaced = np.unique(data.design.stratum[(first["role"] == REPLACED).to_numpy()])
    for number, name in enumerate(data.stratum_names):
        members = np.flatnonzero(data.design.stratum == number)
        if (chance[members] == 1).all():
            continue
        here = first.iloc[members]
        if drawing.villages_by not in UNEQUAL:
            in_scope = (here["role"] != REPLACED).to_numpy()
            if number in replaced:
                found[number] = in_scope_pairs(here["N"].iloc[0], here["n"].iloc[0], in_scope)
            continue
        frame = drawing.frame[drawing.frame["stratum"] == name]
        places = pd.Index(frame["village"]).get_indexer(here.index)
        if drawing.villages_by in RANDOM_SIZE and size_given:
            pi = frame["pi"].astype(float).to_numpy()
            chance[members], found[number] = given_size(pi, places)
        elif drawing.villages_by in RANDOM_SIZE:
            alone[number] = True
        else:
            found[number] = _drawn_pairs(drawing.villages_by, frame["lambda"], places, chance[members], name)
    sure = (chance == 1) & ~np.isin(data.design.stratum, replaced)
    return Unequal(chance=chance, pairs=found, alone=alone, sure=sure)


def _drawn_pairs(method: str, lam: pd.Series, places: np.ndarray, chance: np.ndarray, name: str) -> Pairs:
    """The pairs of a sample of fixed size.

    Raises
    ------
    InputError
        If the chances of the sample are not those of the frame's lambda.
    """
    numbers = lam.map(float.fromhex).to_numpy()
    joint = _joint(method, numbers.tobytes(), len(places))[np.ix_(places, places)]
    exact = ((numbers > 0) & (numbers < 1)).sum() <= LARGE
    if exact and not np.allclose(np.diag(joint), chance, rtol=CLOSE, atol=0):
        refuse_if_any([Problem(key="estimates.data.chances_differ", value=name)])
    return sen_yates_grundy(joint)


@lru_cache(maxsize=4096)
def _joint(method: str, lam: bytes, n: int) -> np.ndarray:
    return pairs(method, np.frombuffer(lam), n)


def _second_stage(data: SurveyData, drawing: Drawing, list_name: str) -> Unequal | None:
    """How the households were drawn; None where that is simple random sampling in every cell."""
    method = drawing.households_by if list_name == codes.ROLL else SRS
    table, design = data.table, data.design
    replaced = _replaced(data, drawing)
    if method not in UNEQUAL and not replaced.any():
        return None
    chance = table["inner"].to_numpy(dtype=float)
    found: dict[int, Pairs] = {}
    alone = np.zeros(len(design.size), dtype=bool)
    for cell, members in enumerate(_members(design)):
        if not len(members) or (chance[members] == 1).all():
            continue
        if method in RANDOM_SIZE:
            alone[cell] = True
        elif method in UNEQUAL:
            one = _pairs_inside(method, table.iloc[members], drawing, chance[members])
            found |= {} if one is None else {cell: one}
        elif replaced[members].any():
            m = int(table["m"].iloc[members[0]])
            found[cell] = in_scope_pairs(int(design.size[cell]), m, ~replaced[members])
    return Unequal(chance=chance, pairs=found, alone=alone, sure=chance == 1)


def _replaced(data: SurveyData, drawing: Drawing) -> np.ndarray:
    """By household: whether a reserve replaced it, in a village that is in scope."""
    if "role" not in data.table:
        return np.zeros(len(data.table), dtype=bool)
    within = ~data.table["village"].isin(drawing.out_of_scope)
    return ((data.table["role"] == REPLACED) & within).to_numpy()


def _members(design: TwoStage) -> list[np.ndarray]:
    order = np.argsort(design.inside, kind="stable")
    return np.split(order, np.cumsum(design.counted)[:-1])


def _pairs_inside(method: str, rows: pd.DataFrame, drawing: Drawing, chance: np.ndarray) -> Pairs | None:
    """The pairs of one cell; None for a row that stands for households that were not drawn."""
    village = rows["village"].iloc[0]
    frame = drawing.roll[drawing.roll["village"] == village]
    if drawing.substrata:
        frame = frame[frame["substratum"] == rows["substratum"].iloc[0]]
    places = pd.Index(frame["household"]).get_indexer(pd.Index(rows["household"]))
    if frame.empty or (places < 0).any():
        return None
    return _drawn_pairs(method, frame["lambda"], places, chance, str(village))


def draw_notes(drawing: Drawing, roll: pd.DataFrame, rows: pd.DataFrame) -> Mapping[str, list[str]]:
    """What a reader must know of the draw, by note key, and at which villages or strata."""
    first, frame = drawing.first, drawing.frame
    inhabited = frame["village"].isin(roll["village"].unique())
    drawn = frame["stratum"].isin(first["stratum"])
    notes = {"nothing_drawn": frame.loc[inhabited & ~drawn, "village"]}
    if "systematic" in (drawing.villages_by, drawing.households_by):
        notes["systematic"] = first["stratum"].drop_duplicates()
    if drawing.villages_by in UNEQUAL:
        lam = frame["lambda"].map(float.fromhex)
        notes["unreachable"] = frame.loc[inhabited & drawn & (lam == 0), "village"]
        inside = ((lam > 0) & (lam < 1)).groupby(frame["stratum"]).sum()
        large = inside.index[(inside > LARGE) & (drawing.villages_by not in RANDOM_SIZE)]
        notes["approximate"] = first.loc[first["stratum"].isin(large), "stratum"].drop_duplicates()
    if "role" in rows:
        notes["replaced"] = rows.loc[rows["role"] == REPLACED, "village"].drop_duplicates()
    return {key: list(map(str, names)) for key, names in notes.items() if len(names)}
