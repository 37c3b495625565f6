"""A tiny drawn sample with its roll, a list and the hidden truth: enough for forms, intake and inspectors."""

import hashlib
from pathlib import Path

import pandas as pd

from sampling.forms import write_forms

CAMPAIGN = "test-2026"
DRAWN, TAKEN = "2026-06-01T09:00:00+08:00", "2026-06-20T18:00:00+08:00"
NUMBERS = {"persons": "Int64", "entitled": "Int64", "amount_fen": "Int64"}
EMPTY = "999999001004"
"""A drawn village without a household."""


def make_visits(villages: int = 4, households: int = 12) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """A sample, its roll and its list of removed households; every third drawn household is a reserve's."""
    rows, people = [], []
    for v in range(1, villages + 1):
        village, town = f"999999001{v:03d}", f"99999900{(v + 1) // 2}"
        role = "certainty" if v == 2 else "main"
        rows.append(_sampled(1, "", town, village, "", role, v))
        for h in range(1, households + 1) if village != EMPTY else ():
            name = "removed" if h > households - 3 else ""
            rows.append(_sampled(2, name, town, village, f"{h:05d}", "reserve" if h % 5 == 0 else "main", h))
            people.append({"list": name, **_household(town, village, h)})
    rows.append(_sampled(1, "", "999999001", "999999001900", "", "reserve", 9))
    roll = pd.DataFrame(people).astype(NUMBERS)
    lists = {name: roll[roll["list"] == name].drop(columns="list") for name in ("", "removed")}
    return (
        pd.DataFrame(rows).sort_values("stage", kind="stable", ignore_index=True),
        lists[""],
        lists["removed"],
    )


def make_truth(sample: pd.DataFrame, roll: pd.DataFrame) -> pd.DataFrame:
    """The truth about every sampled household: errors of each kind, at fixed places."""
    drawn = sample[sample["stage"] == 2].reset_index(drop=True)
    amounts = roll.set_index(["village", "household"])["amount_fen"]
    truth = []
    for place, row in enumerate(drawn.to_dict("records")):
        key = {name: row[name] for name in ("list", "village", "household")}
        paid = amounts.get((row["village"], row["household"]), 0)
        said = _truth(place, "removed" if row["list"] else "", int(paid))
        truth.append(key | dict(zip(("status", "reason", "amount_due_fen"), said, strict=True)))
    return pd.DataFrame(truth)


def make_forms(folder: Path, **options) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The sample, roll and list of `make_visits`, and their workbooks written to `folder`."""
    sample, roll, removed = make_visits(**options)
    lists = {"removed": removed}
    write_forms(sample, roll, lists, folder, campaign=CAMPAIGN, lang="zh", marks=("synthetic",))
    return sample, roll, removed


def _sampled(stage: int, name: str, town: str, village: str, household: str, role: str, rank: int) -> dict:
    ticket = hashlib.sha256(f"{stage}{name}{village}{household}".encode()).hexdigest()
    place = {"township": town, "stratum": town, "village": village, "household": household}
    return {"stage": stage, "list": name, **place, "role": role, "rank": rank, "ticket": ticket}


def _household(town: str, village: str, h: int) -> dict:
    return {
        "township": town,
        "township_name": "示范一镇",
        "village": village,
        "village_name": f"样村{village[-2:]}",
        "household": f"{h:05d}",
        "household_name": f"户主-{village[-2:]}{h:05d}",
        "identity": "999999190001010T",
        "group": f"{h % 4 + 1}组",
        "address": f"样村{village[-2:]}{h}号",
        "phone": "000-0000",
        "persons": h % 4 + 1,
        "entitled": h % 3 + 1,
        "category": ("alone", "ill_or_disabled", "able_to_work")[h % 3],
        "amount_fen": 20000 + 1050 * h,
        "account": f"00000000{h:08d}",
        "self_check": "看过",
    }


def _truth(place: int, name: str, paid: int) -> tuple[str, str, str]:
    if name:
        return ("entitled" if place % 4 == 0 else "correct", "", "")
    errors = {
        1: ("ineligible", "living_improved", "0"),
        4: ("overpaid", "persons_wrong", str(paid - 9000)),
        8: ("underpaid", "income_wrong", str(paid + 9000)),
    }
    return errors.get(place % 11, ("correct", "", str(paid)))
