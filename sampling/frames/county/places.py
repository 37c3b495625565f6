"""Where the synthetic county's households live: towns, municipal units, their villages and base units."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sampling.frames.county.chance import Chance, apportion, highest
from sampling.frames.county.grid import scatter
from sampling.frames.county.totals import COUNTY, Totals, scaled

NUMERALS = [tens + ones for tens in ("", "十") for ones in "一二三四五六七八九十"]
SPREAD = 0.55  # sigma of the lognormal village size
TINY_SPREAD = 0.9  # of a base unit's: some have two or three households
BLANK, EMPTY_VILLAGES, EMPTY_BASE_UNITS = 0.04, 1 / 200, 1 / 30
CONFLICT_VILLAGES = 31  # 20 % of them are 7: more than "3 to 5"
FULL_COUNTY = 100  # a list of so many villages gets the whole county's households
TOWN, UNIT = "town", "unit"


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How many places of each kind a county has, and its households before the self-check."""

    towns: int
    streets: int
    villages: int
    fewest: int
    most: int
    units: int
    before: int
    unit_households: int


SHAPES = {
    "county": Shape(
        towns=17, streets=3, villages=400, fewest=15, most=25, units=17, before=26_214, unit_households=1_214
    ),
    "tiny": Shape(towns=3, streets=1, villages=24, fewest=6, most=6, units=2, before=400, unit_households=19),
}


def lay_places(seed: int, shape: Shape, *, conflict: bool) -> pd.DataFrame:
    """The county's own places, one row each, in the order of their ids.

    Columns: township, village, village_name, kind, blank, urban (the chance that a household is on the
    urban programme), x, y (metres), size (households before the self-check; 0 where none lives).
    """
    chance = Chance(seed, "places")
    names = [f"示范{NUMERALS[k]}镇" for k in range(shape.towns)]
    names += [f"示范{NUMERALS[k]}街道" for k in range(shape.streets)]
    names += [f"示范单位{k:02d}" for k in range(1, shape.units + 1)]
    villages = _village_counts(chance, shape, conflict)
    base_units = chance.deal(dict.fromkeys(range(1, 7), 1.0), shape.units)
    township = np.repeat(np.arange(len(names)), [*villages, *base_units])
    number = pd.Series(township).groupby(township).cumcount() + 1
    is_town = township < len(villages)
    places = pd.DataFrame(
        {
            "town": np.where(is_town, township, -1),
            "township": np.array(names)[township],
            "village": "999999" + digits(pd.Series(township + 1), 3) + digits(number, 3),
            "village_name": np.where(is_town, "样村", "基层单位") + digits(number, 2),
            "kind": np.where(is_town, TOWN, UNIT),
        }
    )
    return _furnish(seed, places, shape.before, shape.unit_households)


def lay_over(seed: int, villages: pd.DataFrame) -> pd.DataFrame:
    """Places from a list of villages: township and village, perhaps village_name, township_name and kind.

    The township's name stands for the township where every township has one name of its own.

    Raises
    ------
    ValueError
        If the list is empty, lacks a column or names a village twice.
    """
    if missing := {"township", "village"} - set(villages.columns):
        raise ValueError(f"villages must have the columns township and village, got no {sorted(missing)}")
    if villages.empty or villages["village"].duplicated().any():
        raise ValueError("villages must be a list of at least one village, each named once")
    text = villages.astype(str).sort_values("village", kind="stable", ignore_index=True)
    names = text["village_name"] if "village_name" in text else text["village"]
    kinds = text["kind"].where(text["kind"] == UNIT, TOWN) if "kind" in text else TOWN
    places = pd.DataFrame({"village": text["village"], "township": _town_names(text), "village_name": names})
    places = places.assign(kind=kinds)
    places["town"] = pd.factorize(places["township"].where(places["kind"] == TOWN))[0]
    share = 1 if len(places) >= FULL_COUNTY else len(places) / SHAPES["county"].villages
    before = round(COUNTY.before * share)
    base_units = int((places["kind"] == UNIT).sum())
    in_units = before * base_units // (3 * len(places)) if base_units < len(places) else before
    return _furnish(seed, places, before, in_units)


def digits(numbers: pd.Series, width: int) -> pd.Series:
    """Numbers as text with leading zeros."""
    return numbers.astype("str").str.zfill(width)


def totals_of(places: pd.DataFrame) -> Totals:
    """What must come out exactly for these places."""
    before = int(places["size"].sum())
    return COUNTY if before == COUNTY.before else scaled(before)


def _village_counts(chance: Chance, shape: Shape, conflict: bool) -> list[int]:
    """Villages by town, each within the bounds; where sizes shall conflict, the first has too many."""
    towns = shape.towns + shape.streets - conflict
    wanted = shape.villages - CONFLICT_VILLAGES * conflict
    wanted = min(max(wanted, shape.fewest * towns), shape.most * towns)
    counts = chance.whole(towns, shape.fewest, shape.most)
    while counts.sum() != wanted:
        step = 1 if counts.sum() < wanted else -1
        free = np.flatnonzero((counts + step >= shape.fewest) & (counts + step <= shape.most))
        counts[free[chance.whole(1, 0, len(free) - 1)[0]]] += step
    return [CONFLICT_VILLAGES] * conflict + counts.tolist()


def _town_names(villages: pd.DataFrame) -> pd.Series:
    if "township_name" not in villages:
        return villages["township"]
    pairs = villages[["township", "township_name"]].drop_duplicates()
    one_to_one = not pairs["township"].duplicated().any() and not pairs["township_name"].duplicated().any()
    return villages["township_name"] if one_to_one else villages["township"]


def _furnish(seed: int, places: pd.DataFrame, before: int, unit_households: int) -> pd.DataFrame:
    """Sizes, blank villages, the urban share and a spot on the map."""
    chance = Chance(seed, "sizes")
    is_unit = (places["kind"] == UNIT).to_numpy()
    of_several = places.groupby("township")["village"].transform("size").to_numpy() > 1
    empty = np.zeros(len(places), dtype=bool)
    for kind, share in ((~is_unit, EMPTY_VILLAGES), (is_unit, EMPTY_BASE_UNITS)):
        n = max(1, round(kind.sum() * share)) if kind.sum() > 20 else 0
        can_be = kind & of_several
        score = np.where(can_be, chance.uniform(len(places)), -np.inf)
        empty |= highest(score, min(n, int(can_be.sum())))
    size = np.zeros(len(places), dtype=np.int64)
    lived = ~is_unit & ~empty
    size[lived] = _village_sizes(chance, int(lived.sum()), before - unit_households)
    lived = is_unit & ~empty
    size[lived] = _base_unit_sizes(chance, int(lived.sum()), unit_households)
    can_be = ~is_unit & ~empty
    score = np.where(can_be, chance.uniform(len(places)), -np.inf)
    blank = highest(score, round(BLANK * (~is_unit).sum()))
    x, y = scatter(Chance(seed, "grid"), places["town"].to_numpy())
    return places.assign(size=size, blank=blank, urban=_urban(places), x=x, y=y)


def _village_sizes(chance: Chance, n: int, total: int) -> np.ndarray:
    """Lognormal sizes between a fifth and four times the median (11 and 220 in the county)."""
    raw = np.exp(SPREAD * chance.normal(n))
    median = total / (max(n, 1) * np.exp(SPREAD**2 / 2))
    low, high = round(median / 5), round(4 * median)
    below, above = 0.0, 16 * median
    for _ in range(60):  # halve the range of the scale until the clipped sizes add up
        scale = (below + above) / 2
        too_few = np.clip(raw * scale, low, high).sum() < total
        below, above = (scale, above) if too_few else (below, scale)
    return apportion(np.clip(raw * above, low, high), total)


def _base_unit_sizes(chance: Chance, n: int, total: int) -> np.ndarray:
    """One household in every base unit, the others lognormal and uneven."""
    return 1 + apportion(np.exp(TINY_SPREAD * chance.normal(n)), total - n) if n else np.zeros(0, dtype=int)


def _urban(places: pd.DataFrame) -> np.ndarray:
    """The chance to be on the urban programme: units, then streets, then a town's first village."""
    first = ~places["town"].duplicated()
    street = places["township"].str.endswith("街道")
    return np.select([places["kind"] == UNIT, street, first], [0.99, 0.62, 0.22], 0.002)
