"""Who lives there: invented households, their persons, category, programme and monthly amount."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sampling.codes import CATEGORIES
from sampling.frames.county.chance import Chance, apportion, highest

PERSONS = {1: 0.38, 2: 0.27, 3: 0.17, 4: 0.11, 5: 0.05, 6: 0.015, 7: 0.005}
"""Household sizes."""

ALONE, ILL, ABLE = CATEGORIES
CATEGORY_SHARES = {ALONE: 0.14, ILL: 0.54, ABLE: 0.32}
ALONE_BY_PERSONS = (0.33, 0.05, 0.001)  # of 1, of 2, of more persons
ABLE_BY_PERSONS = (0.15, 0.32, 0.50)

URBAN, RURAL = "urban", "rural"
URBAN_SHARE = 0.14
AMOUNTS = {RURAL: (210, 60, 480), URBAN: (380, 100, 700)}
"""Yuan a month and a person by programme: mean, lowest, highest."""

AMOUNT_SPREAD = 0.3
NO_IDENTITY, OTHER_HOLDER, RELATIVES = 0.006, 0.009, 0.022
NOT_ALL_ENTITLED = 0.25  # of the households with two persons or more: one member is not entitled
YEAR = 2026


def spread_over(
    chance: Chance, places: pd.DataFrame, n: int, *, also: np.ndarray | None = None
) -> np.ndarray:
    """The places of n households, in proportion to the villages' sizes, as sorted row numbers of `places`.

    `also` says which places can have some; without it all that have households.
    """
    weights = places["size"].to_numpy() * (1 if also is None else also)
    upto = np.cumsum(weights)
    return np.sort(np.searchsorted(upto, chance.uniform(n) * upto[-1]))


def make_households(
    chance: Chance,
    places: pd.DataFrame,
    where: np.ndarray,
    *,
    first_serial: int,
    first_number: np.ndarray | None = None,
    persons: np.ndarray | None = None,
) -> pd.DataFrame:
    """Households in the places `where` (sorted row numbers of `places`), one row each.

    Columns: place, blank (the village did no self-check), number (in the village, from `first_number` or 1),
    serial (in the county), group, persons, entitled, category, programme, each_fen (a month and a person),
    amount_fen, no_identity, other_holder, birth_year (of the head). Shares of sizes, categories and
    programmes come out exact. Where `persons` are given, all of them are entitled.
    """
    n = len(where)
    number = pd.Series(where).groupby(where).cumcount().to_numpy() + 1
    if first_number is not None:
        number = number + first_number[where] - 1
    if persons is None:
        persons = np.array(chance.deal(PERSONS, n), dtype=np.int64)
        entitled = persons - ((persons > 1) & (chance.uniform(n) < NOT_ALL_ENTITLED))
    else:
        entitled = persons
    category = _categories(chance, persons)
    urban = highest(chance.log_odds_score(places["urban"].to_numpy()[where]), round(URBAN_SHARE * n))
    each = np.where(urban, _amounts(chance, URBAN, n), _amounts(chance, RURAL, n))
    youngest = np.where(category == ALONE, 60, 28)
    return pd.DataFrame(
        {
            "place": where,
            "blank": places["blank"].to_numpy()[where],
            "number": number,
            "serial": np.arange(first_serial, first_serial + n),
            "group": chance.whole(n, 1, 12),
            "persons": persons,
            "entitled": entitled,
            "category": category,
            "programme": np.where(urban, URBAN, RURAL),
            "each_fen": each * 100,
            "amount_fen": each * 100 * entitled,
            "no_identity": highest(chance.uniform(n), round(NO_IDENTITY * n)),
            "other_holder": highest(chance.uniform(n), round(OTHER_HOLDER * n)),
            "birth_year": YEAR - youngest - chance.whole(n, 0, 30),
        }
    )


def mark_relatives(
    chance: Chance, households: pd.DataFrame, known: np.ndarray, pull: np.ndarray
) -> np.ndarray:
    """Which households are relatives of an official: the `known` ones, and others where the pull is strong.

    `pull` is a weight by place that makes them cluster in villages.
    """
    n = max(round(RELATIVES * len(households)), int(known.sum()))
    score = chance.weighted_score(pull[households["place"]])
    return highest(np.where(known, np.inf, score), n)


def _categories(chance: Chance, persons: np.ndarray) -> np.ndarray:
    """Category by household: who lives alone is more often without support, big ones have able members."""
    step = np.minimum(persons, 3) - 1
    n_alone, _, n_able = apportion(np.array(list(CATEGORY_SHARES.values())), len(persons))
    alone = highest(chance.log_odds_score(np.array(ALONE_BY_PERSONS)[step]), n_alone)
    able_score = chance.log_odds_score(np.array(ABLE_BY_PERSONS)[step])
    able = highest(np.where(alone, -np.inf, able_score), n_able)
    return np.select([alone, able], [ALONE, ABLE], ILL)


def _amounts(chance: Chance, programme: str, n: int) -> np.ndarray:
    """Whole yuan a month and a person: lognormal around the programme's mean, within its bounds."""
    mean, low, high = AMOUNTS[programme]
    drawn = mean * np.exp(AMOUNT_SPREAD * chance.normal(n) - AMOUNT_SPREAD**2 / 2)
    return np.clip(np.round(drawn), low, high).astype(np.int64)


def persons_of(chance: Chance, total: int) -> np.ndarray:
    """Household sizes of a small programme: mostly one person, some couples, together `total` persons."""
    couples = total // 20
    sizes: Mapping[int, float] = {1: total - 2 * couples, 2: couples}
    return np.array(chance.deal(sizes, total - couples), dtype=np.int64)
