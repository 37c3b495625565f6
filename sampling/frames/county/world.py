"""The synthetic county as it is, before any office writes it down: places, households, truth and lists."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sampling.frames.county.chance import Chance, highest
from sampling.frames.county.households import (
    ALONE,
    YEAR,
    make_households,
    mark_relatives,
    persons_of,
    spread_over,
)
from sampling.frames.county.places import TOWN, totals_of
from sampling.frames.county.totals import Totals
from sampling.frames.county.truth import new_grounds, payment_truth, self_check, true_grounds, village_truth

WATCHED = 0.3  # of the refused or watched households
FEWEST, TEAMS, HOUSEHOLDS_A_TEAM = 3, 8, 3_000
"""With fewer teams some village would be closed to all of them: somebody is at home there."""


@dataclass(frozen=True, kw_only=True)
class World:
    """Everything about a synthetic county, typed, with its truth.

    `before` and `roll` have the columns of make_households and: ground (of being truly ineligible), removed
    (ground of the self-check), new, relative. `roll` also has status, reason and amount_due_fen, as have the
    other lists. `hotline` and `named` have row numbers of `roll`.
    """

    seed: int
    totals: Totals
    places: pd.DataFrame
    villages: pd.DataFrame
    before: pd.DataFrame
    roll: pd.DataFrame
    lists: Mapping[str, pd.DataFrame]
    hotline: pd.DataFrame
    named: pd.DataFrame
    teams: pd.DataFrame


def make_world(seed: int, places: pd.DataFrame) -> World:
    """Households, truth and lists over these places."""
    totals = totals_of(places)
    villages = village_truth(seed, places, totals)
    before = _before(seed, places, villages, totals)
    new = _new(seed, places, villages, totals)
    roll = pd.concat([before[before["removed"] == ""], new], ignore_index=True)
    roll = roll.sort_values(["place", "number"], kind="stable", ignore_index=True)
    roll = roll.join(payment_truth(Chance(seed, "payments"), roll, roll["ground"].to_numpy()))
    hotline = _hotline(Chance(seed, "hotline"), roll, totals)
    return World(
        seed=seed,
        totals=totals,
        places=places,
        villages=villages,
        before=before,
        roll=roll,
        lists=_lists(seed, places, before, totals),
        hotline=hotline,
        named=_named(roll, hotline),
        teams=_teams(Chance(seed, "teams"), places, totals),
    )


def _before(seed: int, places: pd.DataFrame, villages: pd.DataFrame, totals: Totals) -> pd.DataFrame:
    where = np.repeat(np.arange(len(places)), places["size"])
    before = make_households(Chance(seed, "before"), places, where, first_serial=1)
    ground = true_grounds(Chance(seed, "grounds"), before, villages, totals)
    removed = self_check(Chance(seed, "self-check"), before, ground, villages, totals)
    known = (ground == "official_relative") | (removed == "official_relative")
    relative = mark_relatives(Chance(seed, "relatives"), before, known, villages["pull"].to_numpy())
    return before.assign(ground=ground, removed=removed, new=False, relative=relative)


def _new(seed: int, places: pd.DataFrame, villages: pd.DataFrame, totals: Totals) -> pd.DataFrame:
    """Households included by the self-check: none where there was no self-check."""
    chance = Chance(seed, "new")
    where = spread_over(chance, places, totals.new, also=~places["blank"].to_numpy())
    after = places["size"].to_numpy() + 1
    new = make_households(chance, places, where, first_serial=totals.before + 1, first_number=after)
    ground = new_grounds(chance, new, villages, totals)
    relative = mark_relatives(chance, new, ground == "official_relative", villages["pull"].to_numpy())
    return new.assign(ground=ground, removed="", new=True, relative=relative)


def _lists(seed: int, places: pd.DataFrame, before: pd.DataFrame, totals: Totals) -> dict[str, pd.DataFrame]:
    """The lists beside the roll, each with its truth: whether the household is entitled to be on the roll."""
    removed = before[before["removed"] != ""].reset_index(drop=True)
    lists = {"removed": _with_status(removed, (removed["ground"] == "").to_numpy())}
    serial = totals.before + totals.new + 1
    lists["refused"] = _refused(Chance(seed, "refused"), places, totals, serial)
    serial += totals.refused
    for name, total in totals.persons.items():
        chance = Chance(seed, name)
        persons = persons_of(chance, total)
        where = spread_over(chance, places, len(persons))
        people = make_households(chance, places, where, first_serial=serial, persons=persons)
        people = people.assign(category=ALONE, relative=False, status="correct", reason="")
        lists[name] = people.assign(
            amount_due_fen=people["amount_fen"], birth_year=people["birth_year"].clip(upper=YEAR - 60)
        )
        serial += len(people)
    return lists


def _refused(chance: Chance, places: pd.DataFrame, totals: Totals, serial: int) -> pd.DataFrame:
    where = spread_over(chance, places, totals.refused)
    refused = make_households(chance, places, where, first_serial=serial)
    watched = highest(chance.uniform(len(refused)), round(WATCHED * len(refused)))
    entitled = highest(chance.uniform(len(refused)), totals.refused_entitled)
    return _with_status(refused.assign(watched=watched, relative=False), entitled)


def _with_status(households: pd.DataFrame, entitled: np.ndarray) -> pd.DataFrame:
    due = households["amount_fen"].where(entitled, 0)
    status = np.where(entitled, "entitled", "correct")
    return households.assign(status=status, reason="", amount_due_fen=due)


def _hotline(chance: Chance, roll: pd.DataFrame, totals: Totals) -> pd.DataFrame:
    """Reports about households on the roll: `row`, confirmed (it is not entitled), day of April."""
    n, n_true = totals.hotline, totals.hotline_confirmed
    score = chance.uniform(len(roll))
    true = highest(np.where(roll["status"] == "ineligible", score, -np.inf), n_true)
    false = highest(np.where(roll["status"] == "correct", score, -np.inf), n - n_true)
    row = np.flatnonzero(true | false)
    reports = pd.DataFrame({"row": row, "confirmed": true[row], "day": chance.whole(n, 1, 30)})
    return reports.sort_values(["day", "row"], kind="stable", ignore_index=True)


def _named(roll: pd.DataFrame, hotline: pd.DataFrame) -> pd.DataFrame:
    """Households that are inspected whole: `row`, and whether reported, whether an official's relative."""
    reported = roll.index.isin(hotline["row"])
    row = np.flatnonzero(reported | roll["relative"].to_numpy())
    return pd.DataFrame({"row": row, "reported": reported[row], "relative": roll["relative"].to_numpy()[row]})


def _teams(chance: Chance, places: pd.DataFrame, totals: Totals) -> pd.DataFrame:
    """Inspection teams of three or four members: team, home (row number of `places`), department."""
    teams = min(TEAMS, max(FEWEST, 1 + totals.before // HOUSEHOLDS_A_TEAM))
    members = chance.deal({3: 0.5, 4: 0.5}, teams)
    homes = np.flatnonzero((places["kind"] == TOWN) & (places["size"] > 0))
    rows = [(team, k) for team, count in enumerate(members, start=1) for k in range(count)]
    home = homes[chance.whole(len(rows), 0, len(homes) - 1)] if len(homes) else np.zeros(len(rows), dtype=int)
    return pd.DataFrame(rows, columns=["team", "department"]).assign(home=home)
