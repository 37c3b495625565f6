"""A campaign in memory, small enough to count by hand: five towns with roll, draw, findings and estimates."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from sampling.campaign import Campaign, open_campaign
from sampling.campaign.facts import Facts, facts_of
from sampling.codes import BUILT_IN, Codebook
from sampling.findings import tables as kept
from sampling.words import InputError, Problem

TOWNS = ("示范一镇", "示范二镇", "示范三镇", "示范四街道", "市直单位一")
VILLAGES, DRAWN, HOUSEHOLDS = 6, 3, 12
BLANK = "certainty"
"""In each town the third drawn village is certain to be inspected."""


@dataclass(frozen=True)
class StandIn:
    """What reports ask of a campaign, with made-up tables; `names` are the towns' names."""

    folder: Path
    names: tuple[str, ...] = TOWNS
    lang: str = "zh"
    id: str = "stand-in"
    marks: tuple[str, ...] = ("synthetic",)
    codebook: Codebook = BUILT_IN
    changed: dict = field(default_factory=dict)

    def __getattr__(self, name: str):
        if name.startswith("_") or name not in _TABLES:
            raise AttributeError(name)
        return lambda: self.changed.get(name, _TABLES[name](self)).copy()

    def commit(self) -> dict:
        return {"frame_sha256": "ab" * 32, "synthetic": True}

    def fact_tables(self) -> Facts:
        forms = pd.DataFrame(columns=list(kept.VILLAGES))
        lists = {"": self.roll()}
        return facts_of(self.id, self.sample(), self.findings(), lists, forms, self.estimates(), made_from={})

    def unit(self, wanted: str) -> dict:
        units = self.units()
        rows = units[(units["number"].str.lstrip("0") == wanted.lstrip("0")) | (units["unit"] == wanted)]
        if rows.empty:
            raise InputError([Problem(key="campaign.no_unit", value=wanted, fields={"known": "01"})])
        return rows.iloc[0].to_dict()


def _units(campaign: StandIn) -> pd.DataFrame:
    numbers = [f"{index + 1:02}" for index in range(len(campaign.names))]
    return pd.DataFrame(
        {
            "unit": [f"{number}_{name}" for number, name in zip(numbers, campaign.names, strict=True)],
            "number": numbers,
            "township": [f"t{number}" for number in numbers],
            "name": list(campaign.names),
            "kind": "town",
        }
    )


def _villages(campaign: StandIn) -> pd.DataFrame:
    rows = [
        {
            "township": unit.township,
            "township_name": unit.name,
            "village": f"{unit.township}v{number}",
            "village_name": f"样村{number:02}",
            "x": 10.0 * index + number,
            "y": 3.0 * number + (index % 3) * 20,
        }
        for index, unit in enumerate(_units(campaign).itertuples())
        for number in range(1, VILLAGES + 1)
    ]
    return pd.DataFrame(rows)


def _roll(campaign: StandIn) -> pd.DataFrame:
    villages = _villages(campaign)
    rows = villages.loc[villages.index.repeat(HOUSEHOLDS), ["township", "village"]].reset_index(drop=True)
    numbers = [f"h{index % HOUSEHOLDS:02}" for index in range(len(rows))]
    person = {"household_name": "户主-0000001", "identity": "99999919500101001T", "phone": "000-0000001"}
    known = {"category": "alone", "new_inclusion": False, "amount_fen": 40000}
    return rows.assign(household=numbers, account="0000000000000001", **person, **known)


def _sample(campaign: StandIn) -> pd.DataFrame:
    rows = []
    for township in _units(campaign)["township"]:
        for rank in range(1, DRAWN + 2):
            role = "reserve" if rank > DRAWN else BLANK if rank == DRAWN else "main"
            village = f"{township}v{rank}"
            size = {"N": "1", "n": "1"} if role == BLANK else {"N": "5", "n": "2"}
            place = {"township": township, "stratum": f"{township}/{size['N']}", "village": village}
            place |= {"stage": "1", "list": "", "household": ""}
            rows.append({**place, "role": role, "rank": str(rank), **size})
            if role != "reserve":
                rows += [_drawn(township, village, "", number) for number in range(7)]
                rows += [_drawn(township, village, "removed", number) for number in range(2)]
    return pd.DataFrame(rows).fillna("")


def _drawn(township: str, village: str, list_name: str, number: int) -> dict:
    role = "reserve" if number == 6 else "main"
    return {"stage": "2", "list": list_name, "household": f"h{number:02}", "township": township,
            "village": village, "role": role, "rank": str(number + 1), "M": "12", "m": "6"}  # fmt: skip


def _findings(campaign: StandIn) -> pd.DataFrame:
    sample = _sample(campaign)
    drawn = sample[(sample["stage"] == "2") & (sample["role"] == "main")].reset_index(drop=True)
    found = [_finding(row.list, row.village[-1], int(row.household[1:])) for row in drawn.itertuples()]
    table = pd.concat([drawn[["list", "township", "village", "household"]], pd.DataFrame(found)], axis=1)
    return table.assign(
        amount_paid_fen=table["amount_paid_fen"].astype("Int64"),
        amount_due_fen=table["amount_due_fen"].astype("Int64"),
    )


def _finding(list_name: str, village: str, number: int) -> dict:
    """Household 0 of a village is absent, 1 ineligible; in the certain village 2 is overpaid, 3 underpaid."""
    paid = {
        "outcome": "completed",
        "verdict": "correct",
        "reason": "",
        "amount_paid_fen": 40000,
        "amount_due_fen": 40000,
    }
    if list_name:
        return paid | {
            "verdict": "entitled" if number == 1 else "correct",
            "amount_paid_fen": None,
            "amount_due_fen": None,
        }
    special = {
        0: {"outcome": "absent", "verdict": "", "amount_paid_fen": None, "amount_due_fen": None},
        1: {"verdict": "ineligible", "reason": "living_improved", "amount_due_fen": 0},
    }
    if village == str(DRAWN):
        special[2] = {"verdict": "overpaid", "reason": "persons_wrong", "amount_due_fen": 30000}
        special[3] = {"verdict": "underpaid", "reason": "income_wrong", "amount_due_fen": 45000}
    return paid | special.get(number, {})


def _estimates(campaign: StandIn) -> pd.DataFrame:
    rows = [
        {"by": by, "domain": domain, "parameter": parameter, "estimate": value, "low": low, "high": high,
         "confidence": 0.95, "interval": "stand_in/1", "note": ""}
        for by, domain, roll, spread in [
            ("", "", 360, 0.05), *(("township", town, 72, 0.1 + 0.06 * index)
                                    for index, town in enumerate(_units(campaign)["township"]))]
        for parameter, value, low, high in [
            ("ineligible_share", 0.2, 0.2 - spread / 2, 0.2 + spread),
            ("ineligible_households", 0.2 * roll, (0.2 - spread / 2) * roll, (0.2 + spread) * roll),
            ("error_share", 0.25, 0.25 - spread / 2, 0.25 + spread),
            ("overpaid_yuan", 90.0 * roll, 60.0 * roll, 140.0 * roll),
            ("underpaid_yuan", 3.0 * roll, 0.0, 9.0 * roll),
        ]
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _quarantine(campaign: StandIn) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "problem": ["findings.missing", "findings.missing", "findings.unknown"],
            "value": ["户主-0000001"] * 3,
        }
    )


_TABLES = {
    "units": _units,
    "villages": _villages,
    "roll": _roll,
    "sample": _sample,
    "findings": _findings,
    "estimates": _estimates,
    "quarantine": _quarantine,
}


def copy_of(campaign: Campaign, folder: Path) -> Campaign:
    """The campaign in another folder, without reports."""
    shutil.copytree(campaign.folder, folder, ignore=shutil.ignore_patterns("reports"))
    return open_campaign(folder)
