"""The hidden truth as files: only the simulated inspectors and the page of comparison read them."""

from typing import Any

import numpy as np
import pandas as pd

from sampling.frames.county.office import MARK, household_ids
from sampling.frames.county.world import World
from sampling.words import text

ERRORS = ("ineligible", "overpaid", "underpaid")


def truth_tables(world: World) -> dict[str, pd.DataFrame]:
    """The truth by file name; all cells are text.

    households.csv has one row per household of each list (the roll's list is ""): status is correct,
    ineligible, overpaid or underpaid on the roll; correct (rightly off it) or entitled on the removed and
    refused lists. self_check.csv has the roll before the self-check, what that said and what is true.
    """
    tables = {
        "households.csv": _households(world),
        "self_check.csv": _self_check(world),
        "villages.csv": _villages(world),
        "hotline.csv": _hotline(world),
    }
    mark = MARK.format(seed=world.seed)
    return {name: table.assign(data=mark).astype("str") for name, table in tables.items()}


def true_totals(world: World) -> dict[str, Any]:
    """The county's true figures: by, then domain, then parameter, named as in `estimates.csv`.

    `by` is "" (the whole roll), township, category, reason, new_inclusion or blank; a domain is the text that
    the roll has (reasons are codes, yes and no are 1 and 0). `lists` counts the other lists, `self_check` the
    six grounds.
    """
    roll = world.roll
    domains = {
        "": pd.Series("", index=roll.index),
        "township": world.places["township"].iloc[roll["place"]].reset_index(drop=True),
        "category": roll["category"].map(lambda code: text(f"codes.category.{code}", "zh")),
        "new_inclusion": roll["new"].astype(int).astype("str"),
        "blank": roll["blank"].astype(int).astype("str"),
    }
    figures: dict[str, Any] = {
        by: {str(domain): _figures(rows, rows) for domain, rows in roll.groupby(domain_of, sort=True)}
        for by, domain_of in domains.items()
    }
    wrong = roll[roll["reason"] != ""]
    figures["reason"] = {str(code): _figures(rows, roll) for code, rows in wrong.groupby("reason", sort=True)}
    figures["lists"] = {name: _list_figures(rows) for name, rows in world.lists.items()}
    figures["self_check"] = _ground_figures(world)
    return {"data": MARK.format(seed=world.seed), "seed": world.seed, "figures": figures}


def _figures(rows: pd.DataFrame, whole: pd.DataFrame) -> dict[str, int | float]:
    """The true parameters of some rows of the roll, as shares of `whole`."""
    counts = {name: int((rows["status"] == name).sum()) for name in ERRORS}
    more = rows["amount_fen"] - rows["amount_due_fen"]
    over, under = int(more.clip(lower=0).sum()), int((-more).clip(lower=0).sum())
    amount, wrong = int(whole["amount_fen"].sum()), sum(counts.values())
    return {
        "households": len(whole),
        "amount_yuan": amount / 100,
        **{f"{name}_households": count for name, count in counts.items()},
        **{f"{name}_share": count / len(whole) for name, count in counts.items()},
        "error_households": wrong,
        "error_share": wrong / len(whole),
        "overpaid_yuan": over / 100,
        "underpaid_yuan": under / 100,
        "net_yuan": (over - under) / 100,
        "paid_in_error_rate": over / amount,
    }


def _list_figures(rows: pd.DataFrame) -> dict[str, int | float]:
    entitled = rows["status"] == "entitled"
    return {
        "households": len(rows),
        "persons": int(rows["persons"].sum()),
        "entitled_households": int(entitled.sum()),
        "entitled_persons": int(rows["persons"].where(entitled, 0).sum()),
        "entitled_yuan": int(rows["amount_due_fen"].where(entitled, 0).sum()) / 100,
    }


def _ground_figures(world: World) -> dict[str, dict[str, int]]:
    """By ground: truly ineligible before, removed, of these wrongly, and left on the roll."""
    before = world.before
    hit = before["removed"] != ""
    counts = {
        "ineligible": before["ground"],
        "removed": before["removed"],
        "wrongly_removed": before["removed"].where(before["ground"] == "", ""),
        "left": before["ground"].where(~hit, ""),
    }
    table = pd.DataFrame({name: codes[codes != ""].value_counts() for name, codes in counts.items()})
    return {
        str(ground): {str(name): int(n) for name, n in row.items()}
        for ground, row in table.fillna(0).iterrows()
    }


def _households(world: World) -> pd.DataFrame:
    named = world.roll.iloc[world.named["row"]]
    parts = {"": world.roll, **world.lists, "named": named}
    return pd.concat([_household_truth(world, rows, name) for name, rows in parts.items()], ignore_index=True)


def _household_truth(world: World, rows: pd.DataFrame, name: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "list": name,
            "village": world.places["village"].to_numpy()[rows["place"]],
            "household": household_ids(rows, name).to_numpy(),
            "status": rows["status"].to_numpy(),
            "reason": rows["reason"].to_numpy(),
            "amount_due_fen": rows["amount_due_fen"].to_numpy(),
        }
    )


def _self_check(world: World) -> pd.DataFrame:
    before = world.before
    said = np.select([before["blank"], before["removed"] != ""], ["", "ineligible"], "correct")
    return pd.DataFrame(
        {
            "village": world.places["village"].to_numpy()[before["place"]],
            "household": household_ids(before),
            "self_check": said,
            "self_check_reason": before["removed"],
            "status": np.where(before["ground"] == "", "correct", "ineligible"),
            "reason": before["ground"],
        }
    )


def _villages(world: World) -> pd.DataFrame:
    places, before, roll = world.places, world.before, world.roll
    ineligible = roll["status"] == "ineligible"
    counts = {
        "households_before": before["place"],
        "ineligible_before": before["place"][before["ground"] != ""],
        "removed": before["place"][before["removed"] != ""],
        "wrongly_removed": before["place"][(before["removed"] != "") & (before["ground"] == "")],
        "households": roll["place"],
        "ineligible": roll["place"][ineligible],
        "overpaid": roll["place"][roll["status"] == "overpaid"],
        "underpaid": roll["place"][roll["status"] == "underpaid"],
    }
    table = pd.DataFrame({"township": places["township"], "village": places["village"]})
    table["blank"] = places["blank"].astype(int)
    for name, where in counts.items():
        table[name] = np.bincount(where, minlength=len(places))
    for name in ("error_rate", "town_detection", "detection"):
        table[f"drawn_{name}"] = world.villages[name].map("{:.4f}".format)
    return table


def _hotline(world: World) -> pd.DataFrame:
    rows = world.roll.iloc[world.hotline["row"]]
    return pd.DataFrame(
        {
            "report": [f"R{k:04d}" for k in range(1, len(rows) + 1)],
            "village": world.places["village"].to_numpy()[rows["place"]],
            "household": household_ids(rows).to_numpy(),
            "confirmed": world.hotline["confirmed"].astype(int),
        }
    )
