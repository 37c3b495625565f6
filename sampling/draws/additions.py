"""Acts to be added to a draw, checked and built: more villages, a reserve opened, a village on arrival."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from sampling.codes import ROLL
from sampling.designs import UNEQUAL, Design, stratum_of
from sampling.designs.probabilities import inclusion
from sampling.draws.acts import EXTENSION, RESERVE, VILLAGE
from sampling.draws.methods import METHODS
from sampling.draws.roles import CERTAINTY, DRAWN, REPLACED
from sampling.draws.roles import RESERVE as WAITING
from sampling.draws.tickets import check_seed
from sampling.words import InputError, Problem, refuse_if_any

OPENING_REASONS = ("not_paid", "listed_twice")
"""Why a unit is out of scope: not paid in the reference month, or listed twice. Nothing else is."""
Act = dict[str, Any]
Fresh = tuple[str, Mapping[str, Any]]
"""A seed of its own, and where it comes from: event, time, witnesses."""


def extension_act(
    sample: pd.DataFrame,
    design: Design,
    villages: pd.DataFrame,
    more: Mapping[str, int],
    *,
    receipt: Mapping[str, Any],
    found: bool,
    fresh: Fresh | None = None,
) -> Act:
    """The act that draws `more` villages in some strata.

    Parameters
    ----------
    sample
        The rows of `sample.csv` as they are now.
    design, villages
        As committed; villages with their lambda where the method has one.
    more
        Further villages by stratum.
    receipt
        What `receipt.json` says: the seeds so far, and when the first was made.
    found
        Whether findings are there already: then only a seed of its own will do.
    fresh
        The seed of an extension decided after looking at findings, and where it comes from; else None.

    Raises
    ------
    InputError
        If the method cannot go on, a stratum is unknown, taken whole, has not so many villages left or had a
        reserve opened, findings are there and no seed is, or the seed will not do.

    Notes
    -----
    For simple random and order sampling n and then d more along the same order is exactly a sample of n + d.
    """
    if not METHODS[design.villages_by.method].extends:
        raise InputError([Problem(key="draws.additions.method", value=design.villages_by.method)])
    if found and fresh is None:
        raise InputError([Problem(key="draws.additions.looked")])
    strata = _strata(sample, villages)
    refuse_if_any(_extension_problems(strata, more, _opened_strata(sample, receipt["acts"])))
    act: Act = {"act": EXTENSION, "more": dict(more), "looked": fresh is not None}
    act["pi"] = _inclusion(strata, villages, design, more)
    return act | (_fresh(fresh, receipt) if fresh else {})


def _strata(sample: pd.DataFrame, villages: pd.DataFrame) -> pd.DataFrame:
    """N, n, role and how many villages can be drawn, by stratum."""
    first = sample[(sample["stage"] == "1") & sample["role"].isin([*DRAWN, REPLACED])]
    table = first.drop_duplicates("stratum").set_index("stratum")[["N", "n", "role"]]
    table = table.astype({"N": "int64", "n": "int64"})
    return table.assign(open=_drawable(villages).groupby(stratum_of(villages)).sum())


def _drawable(villages: pd.DataFrame) -> pd.Series:
    """Whether a village can be drawn at all: not where its lambda is 0."""
    if "lambda" not in villages:
        return pd.Series(True, index=villages.index)
    return (villages["lambda"].map(float.fromhex) > 0) | (villages["certainty"] == "1")


def _extension_problems(strata: pd.DataFrame, more: Mapping[str, int], opened: set[str]) -> Iterator[Problem]:
    left, role = (strata["open"] - strata["n"]).to_dict(), strata["role"].to_dict()
    for name, count in more.items():
        if name not in strata.index:
            yield Problem(
                key="draws.additions.no_stratum", value=name, fields={"known": ", ".join(strata.index)}
            )
            continue
        if role[name] == CERTAINTY:
            yield Problem(key="draws.additions.taken_whole", value=name)
        elif not 0 < count <= left[name]:
            yield Problem(
                key="draws.additions.too_many", value=name, fields={"more": count, "left": left[name]}
            )
        elif name in opened:
            yield Problem(key="draws.additions.opened_before", value=name)


def _opened_strata(sample: pd.DataFrame, acts: Sequence[Mapping[str, Any]]) -> set[str]:
    """Strata where a reserve village was opened: then the number in scope is fixed, not the number drawn."""
    opened = [act["village"] for act in acts if act["act"] == RESERVE and not act["household"]]
    return set(sample.loc[(sample["stage"] == "1") & sample["village"].isin(opened), "stratum"])


def _inclusion(
    strata: pd.DataFrame, villages: pd.DataFrame, design: Design, more: Mapping[str, int]
) -> dict[str, str]:
    """The new probability of every village of the strata that grow, where it is not n/N: lambda stays."""
    method = design.villages_by.method
    if method not in UNEQUAL:
        return {}
    found: dict[str, str] = {}
    groups = villages.groupby(stratum_of(villages))
    drawn = strata["n"].to_dict()
    for name, count in more.items():
        part = groups.get_group(name)
        lam = part["lambda"].map(float.fromhex).to_numpy()
        pi = inclusion(method, lam, drawn[name] + count).pi
        found |= dict(zip(part["village"], map(repr, pi.tolist()), strict=True))
    return found


def extendable(sample: pd.DataFrame, villages: pd.DataFrame, count: int) -> dict[str, int]:
    """`count` more in every stratum that is not taken whole, or as many as it has left; nothing where it has
    none."""
    strata = _strata(sample, villages)
    strata = strata[strata["role"] != CERTAINTY]
    left = (strata["open"] - strata["n"]).clip(upper=count)
    return {str(name): int(value) for name, value in left.items() if value > 0}


def reserve_act(
    sample: pd.DataFrame,
    design: Design,
    *,
    list: str = ROLL,
    village: str,
    household: str = "",
    reason: str,
    by: str,
    time: str,
) -> Act:
    """The act that opens the next reserve in place of a drawn unit that turned out to be out of scope.

    Parameters
    ----------
    sample
        The rows of `sample.csv` as they are now.
    design
        As committed.
    list, village, household
        The unit to be replaced; a village where `household` is empty.
    reason
        One of OPENING_REASONS.
    by, time
        Who decided it, and when (ISO 8601 with zone).

    Raises
    ------
    InputError
        If the reason does not make a unit out of scope, the unit was not drawn or is replaced already, the
        method has no order to go on in, or no reserve is left.

    Notes
    -----
    Opening reserves until n units are in scope is inverse sampling: Haldane (1945), On a method of estimating
    frequencies, Biometrika 33, 222-225.
    """
    selection = design.households_by if household and list == ROLL else design.villages_by
    method = "srs" if household and list != ROLL else selection.method
    problems = [] if reason in OPENING_REASONS else [Problem(key="draws.additions.reason", value=reason)]
    problems += [Problem(key="draws.additions.opening_method", value=method)] if method != "srs" else []
    refuse_if_any(problems)
    unit = _drawn_unit(sample, list, village, household)
    following = _next_reserve(sample, unit, design)
    return {
        "act": RESERVE,
        "list": list,
        "village": following["village"],
        "household": following["household"],
        "replaces": household or village,
        "reason": reason,
        "by": by,
        "time": time,
    }


def _drawn_unit(sample: pd.DataFrame, name: str, village: str, household: str) -> pd.Series:
    """The row of the unit to be replaced, which must be drawn."""
    stage = "2" if household else "1"
    rows = sample[(sample["stage"] == stage) & (sample["list"] == name)]
    rows = rows[(rows["village"] == village) & (rows["household"] == household)]
    value = f"{village} {household}".strip()
    if rows.empty or rows["role"].iloc[0] == WAITING:
        raise InputError([Problem(key="draws.additions.not_drawn", value=value)])
    if rows["role"].iloc[0] == REPLACED:
        raise InputError([Problem(key="draws.additions.replaced_already", value=value)])
    return rows.iloc[0]


def _next_reserve(sample: pd.DataFrame, unit: pd.Series, design: Design) -> pd.Series:
    """The first reserve of the unit's own group; the window of reserves moves on with every opening."""
    same = ["stage", "list", "stratum", *(["village"] if unit["household"] else [])]
    same += ["substratum"] if "substratum" in sample and unit["household"] else []
    group = sample[(sample[same] == unit[same]).all(axis=1)]
    waiting = group[group["role"] == WAITING]
    if len(waiting):
        return waiting.iloc[int(waiting["rank"].astype(int).argmin())]
    fields = {"N": unit["M" if unit["household"] else "N"], "needed": (group["role"] == REPLACED).sum() + 1}
    key = "draws.additions.no_reserve_left" if design.reserves else "draws.additions.no_reserves"
    raise InputError([Problem(key=key, value=unit["stratum"], fields=fields)])


def village_act(
    sample: pd.DataFrame,
    design: Design,
    village: str,
    fresh: Fresh,
    *,
    receipt: Mapping[str, Any],
) -> Act:
    """The act that draws the households of a village with the seed thrown on arrival there.

    Parameters
    ----------
    sample
        The rows of `sample.csv` as they are now.
    design
        As committed; it must seal the households.
    village
        A drawn village.
    fresh
        Its seed, and where it comes from.
    receipt
        What `receipt.json` says: the seeds so far, and when the first was made.

    Raises
    ------
    InputError
        If the design does not seal, the village is not drawn or its households are, or the seed is too
        short, older than the draw of the villages, or used before.
    """
    if not design.sealed:
        raise InputError([Problem(key="draws.additions.not_sealed")])
    _drawn_unit(sample, ROLL, village, "")
    if village in {act["village"] for act in receipt["acts"] if act["act"] == VILLAGE}:
        raise InputError([Problem(key="draws.additions.village_drawn", value=village)])
    return {"act": VILLAGE, "village": village} | _fresh(fresh, receipt)


def _fresh(fresh: Fresh, receipt: Mapping[str, Any]) -> dict[str, Any]:
    """Seed and source of an act, which must be new: never used before, not older than the draw."""
    (seed, source), drawn_at = fresh, receipt["seed_source"]["time"]
    check_seed(seed)
    if seed in {receipt["seed"], *(act.get("seed") for act in receipt["acts"])}:
        raise InputError([Problem(key="draws.additions.seed_used", value=seed)])
    if datetime.fromisoformat(source["time"]) < datetime.fromisoformat(drawn_at):
        fields = {"drawn": drawn_at, "time": source["time"]}
        raise InputError([Problem(key="draws.additions.seed_old", value=seed, fields=fields)])
    return {"seed": seed, "seed_source": dict(source)}


def record_problems(sample: pd.DataFrame, record: Mapping[str, Any]) -> Iterator[Problem]:
    """Where the record of a village drawn on arrival says something else than the draw made anew.

    Parameters
    ----------
    sample
        The rows of `sample.csv` with this village drawn.
    record
        What the page on the spot saved: village, groups of list, substratum, drawn and reserves.
    """
    inside = sample[(sample["stage"] == "2") & (sample["village"] == record["village"])]
    due = _groups(inside)
    told = {(one["list"], one["substratum"]): one for one in record["groups"]}
    for group in sorted({*due, *told}):
        for part in ("drawn", "reserves"):
            there = list(told.get(group, {}).get(part, ()))
            must = due.get(group, {}).get(part, [])
            if there != must:
                fields = {"list": " ".join(filter(None, group)), "there": _ids(there), "must": _ids(must)}
                yield Problem(key=f"draws.additions.record_{part}", value=record["village"], fields=fields)


def _groups(inside: pd.DataFrame) -> dict[tuple[str, str], dict[str, list[str]]]:
    """Drawn households and reserves, in the order of their ranks, by list and substratum."""
    rows = inside.assign(substratum=inside.get("substratum", ""), place=inside["rank"].astype(int))
    found = {}
    for group, part in rows.sort_values("place").groupby(["list", "substratum"]):
        drawn = part["role"].isin(DRAWN)
        found[group] = {
            "drawn": part.loc[drawn, "household"].tolist(),
            "reserves": part.loc[~drawn, "household"].tolist(),
        }
    return found  # type: ignore[return-value]


def _ids(households: Sequence[str]) -> str:
    return ", ".join(households) or "-"
