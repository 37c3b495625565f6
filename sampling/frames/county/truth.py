"""The hidden truth: who is not entitled and why, what the self-check saw, and who is paid a wrong amount.

Every step draws freely around its own rate and is then cut so that the county's totals hold to the last
household: a cut shifts all log odds by one constant and leaves the pattern between villages as it was drawn.
"""

import numpy as np
import pandas as pd

from sampling.codes import REASONS
from sampling.frames.county.chance import Chance, highest, log_odds
from sampling.frames.county.households import ABLE, ALONE, URBAN
from sampling.frames.county.totals import DETECTED, GROUNDS, OVERPAID, PAYMENT_ERRORS, REST, Totals

VILLAGE_ICC = 0.055
"""Of the village error rate as drawn; the households' is 0.05, since cut and categories blur it a little."""

BIG_VILLAGES = (
    0.15  # the village's rate is so much higher, relatively, one standard deviation above the median
)
TOWN_SD = 0.08
"""Standard deviation between towns of the share that a self-check detects."""

DILIGENCE_ICC = 0.5
"""Of detection, between the villages of one town: the errors that are left cluster as those before did."""

RELATIVES_SPREAD = 1.2  # sigma of the log weight that makes officials' relatives cluster
CATEGORY_LIFT = {ALONE: -0.5, ABLE: 0.3}  # log odds of being ineligible, against the ill and disabled
OVERPAID_REASONS = {"persons_wrong": 0.6, "income_wrong": 0.25, "class_wrong": 0.15}
NEW_WRONG = {"living_improved": 0.6, "official_relative": 0.25, "pensioner": 0.15}


def village_truth(seed: int, places: pd.DataFrame, totals: Totals) -> pd.DataFrame:
    """What governs each place: error_rate, detection (town and village) and pull (of relatives)."""
    chance = Chance(seed, "villages")
    size = places["size"].to_numpy()
    lived = size > 0
    z = np.zeros(len(places))
    z[lived] = np.clip(np.log(size[lived] / np.median(size[lived])) / 0.55, -2, 2)
    mean = sum(totals.ineligible.values()) / totals.before * (1 + BIG_VILLAGES * z)
    checked = size[~places["blank"]].sum() / size.sum()
    detected = sum(totals.rightly_removed.values()) / (sum(totals.ineligible.values()) * checked)
    detected = min(detected, 0.9)
    town, _ = pd.factorize(places["township"])
    by_town = chance.beta(np.full(town.max() + 1, detected), TOWN_SD**2 / (detected * (1 - detected)))
    return pd.DataFrame(
        {
            "error_rate": chance.beta(mean, VILLAGE_ICC),
            "town_detection": by_town[town],
            "detection": chance.beta(by_town[town], DILIGENCE_ICC),
            "pull": np.exp(RELATIVES_SPREAD * chance.normal(len(places))),
        }
    )


def true_grounds(
    chance: Chance, households: pd.DataFrame, villages: pd.DataFrame, totals: Totals
) -> np.ndarray:
    """The ground on which each household is truly ineligible, "" for the entitled; totals exact.

    In blank villages nothing is detected: no more are ineligible there than can be left on the roll.
    """
    blank = households["blank"].to_numpy()
    score = chance.log_odds_score(villages["error_rate"].to_numpy()[households["place"]])
    score = score + households["category"].map(CATEGORY_LIFT).fillna(0.0).to_numpy()
    count = sum(totals.ineligible.values())
    wrong = highest(score, count, limited=blank, at_most=totals.left[REST])
    ground = np.where(wrong, REST, "").astype(object)
    weights = _ground_weights(households, villages)
    for name in ("orphan_adult", "former_official", "official_relative", "pensioner", "head_died"):
        free = np.where(ground == REST, chance.weighted_score(weights[name]), -np.inf)
        ground[highest(free, totals.ineligible[name], limited=blank, at_most=totals.left[name])] = name
    return ground


def self_check(
    chance: Chance,
    households: pd.DataFrame,
    ground: np.ndarray,
    villages: pd.DataFrame,
    totals: Totals,
) -> np.ndarray:
    """The ground on which the self-check removed each household, "" where it did not; totals exact.

    Nothing is detected in blank villages; elsewhere each ground at its own rate, shifted by how well the
    village's self-check detects. Some entitled households are removed as well.
    """
    removed = np.full(len(households), "", dtype=object)
    place, blank = households["place"].to_numpy(), households["blank"].to_numpy()
    village_shift = log_odds(villages["detection"].to_numpy()) - log_odds(villages["town_detection"].mean())
    weights = _ground_weights(households, villages)
    for name in GROUNDS:
        odds = log_odds(DETECTED[name]) + village_shift[place]
        seen = odds + log_odds(chance.uniform(len(households)))
        hit = highest(np.where((ground == name) & ~blank, seen, -np.inf), totals.rightly_removed[name])
        removed[hit] = name
        free = (ground == "") & (removed == "") & ~blank
        score = np.where(free, chance.weighted_score(weights[name]), -np.inf)
        removed[highest(score, totals.wrongly_removed[name])] = name
    return removed


def new_grounds(
    chance: Chance, households: pd.DataFrame, villages: pd.DataFrame, totals: Totals
) -> np.ndarray:
    """The ground on which each new inclusion is truly ineligible, "" for the entitled; the total exact."""
    score = chance.log_odds_score(villages["error_rate"].to_numpy()[households["place"]])
    wrong = highest(score, totals.new_wrong)
    ground = np.full(len(households), "", dtype=object)
    ground[wrong] = chance.deal(NEW_WRONG, totals.new_wrong)
    return ground


def payment_truth(chance: Chance, roll: pd.DataFrame, ground: np.ndarray) -> pd.DataFrame:
    """Status, reason and amount due of each household on the roll; wrong amounts are one member's, exactly.

    Too much is paid only where another entitled member stays: a single person paid for nobody is ineligible.
    """
    entitled = ground == ""
    n = round(PAYMENT_ERRORS * int(entitled.sum()))
    n_over = round(OVERPAID * n)
    several = entitled & (roll["entitled"] > 1).to_numpy()
    over = highest(np.where(several, chance.uniform(len(roll)), -np.inf), n_over)
    left_out = (roll["persons"] > roll["entitled"]).to_numpy()
    under_score = chance.weighted_score(np.where(left_out, 6.0, 1.0))
    under = highest(np.where(entitled & ~over, under_score, -np.inf), n - n_over)
    reason = ground.copy()
    reason[over] = chance.deal(OVERPAID_REASONS, n_over)
    reason[under] = np.where(left_out[under], "persons_wrong", REASONS["underpaid"][1])
    due = roll["amount_fen"] + roll["each_fen"] * (under.astype(int) - over.astype(int))
    return pd.DataFrame(
        {
            "status": np.select([~entitled, over, under], ["ineligible", "overpaid", "underpaid"], "correct"),
            "reason": reason,
            "amount_due_fen": due.where(entitled, 0),
        },
        index=roll.index,
    )


def _ground_weights(households: pd.DataFrame, villages: pd.DataFrame) -> dict[str, np.ndarray]:
    """How much each household fits each ground.

    A head who died leaves nobody behind: with entitled survivors it would be a change, not a removal.
    """
    single = (households["persons"] == 1).to_numpy()
    able = (households["category"] == ABLE).to_numpy()
    ones = np.ones(len(households))
    return {
        "head_died": np.where(single, 1.0, 0.001),
        "official_relative": villages["pull"].to_numpy()[households["place"]],
        "former_official": ones,
        "orphan_adult": np.where(single & able, 1.0, 0.001),
        "pensioner": np.where(households["programme"] == URBAN, 5.0, 1.0),
        "living_improved": np.where(able, 2.0, 1.0),
    }
