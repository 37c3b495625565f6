"""A small county with a drawn sample and its findings, for the tests of the estimates."""

import numpy as np
import pandas as pd

FINDING = [
    "list",
    "village",
    "household",
    "outcome",
    "verdict",
    "reason",
    "amount_paid_fen",
    "amount_due_fen",
]


def make_roll(seed, towns=8, units=5, villages=(8, 14), size=30, rate=0.05, rho=0.05):
    """The roll with the hidden truth of each household in `verdict`, `reason`, `due`."""
    rng = np.random.default_rng(seed)
    parts = []
    for town in range(towns + units):
        is_unit = town >= towns
        count = int(rng.integers(1, 6)) if is_unit else int(rng.integers(*villages))
        for village in range(count):
            households = max(2, int(rng.lognormal(np.log(size), 0.5)))
            p = rng.beta(rate * (1 / rho - 1), (1 - rate) * (1 / rho - 1)) if rho else rate
            kind = rng.choice(
                ["ineligible", "overpaid", "underpaid", "correct"],
                households,
                p=[p, p / 3, p / 4, 1 - p * 19 / 12] if p < 0.6 else [0.6, 0.1, 0.1, 0.2],
            )
            parts.append(
                pd.DataFrame(
                    {
                        "township": f"T{town:02d}",
                        "village": f"V{town:02d}{village:02d}",
                        "household": [f"{j:04d}" for j in range(households)],
                        "category": rng.choice(["alone", "ill_or_disabled", "able_to_work"], households),
                        "new_inclusion": rng.random(households) < 0.05,
                        "persons": rng.integers(1, 6, households),
                        "amount_fen": rng.integers(60, 900, households) * 100,
                        "verdict": kind,
                        "certainty": "1" if not is_unit and village == 0 and town % 3 == 0 else "0",
                    }
                )
            )
    roll = pd.concat(parts, ignore_index=True)
    change = {"overpaid": 0.7, "underpaid": 1.4}
    roll["due"] = (roll["amount_fen"] * roll["verdict"].map(change).fillna(1)).astype(int)
    roll.loc[roll["verdict"] == "ineligible", "due"] = 0
    reason = {"ineligible": "head_died", "overpaid": "income_wrong", "underpaid": "persons_wrong"}
    roll["reason"] = roll["verdict"].map(reason).fillna("")
    return roll


def draw_sample(roll, seed, rate=0.2, units=1):
    """Rows of sample.csv: towns 20 % of villages, at least 3; units `units`; half of the households."""
    rng = np.random.default_rng(seed)
    rows = []
    frame = roll.groupby(["township", "village"], as_index=False).agg(
        M=("household", "size"), certainty=("certainty", "first")
    )
    households = roll.groupby("village")["household"].apply(list)
    for (town, certain), stratum in frame.groupby(["township", "certainty"]):
        n_town = stratum["village"].nunique()
        is_unit = not (frame[frame["township"] == town].shape[0] >= 8)
        n = (
            n_town
            if certain == "1"
            else min(n_town, units if is_unit else max(3, int(np.ceil(rate * n_town))))
        )
        name, role = (f"{town}/certainty", "certainty") if certain == "1" else (town, "main")
        for village in sorted(rng.choice(stratum["village"], n, replace=False)):
            shared = {"township": town, "stratum": name, "village": village, "N": n_town, "n": n}
            rows.append({"stage": "1", "list": "", "household": "", "role": role, **shared})
            M = len(households[village])
            m = max(2, -(-M // 2))
            for household in rng.choice(households[village], min(m, M), replace=False):
                rows.append(
                    {
                        "stage": "2",
                        "list": "",
                        "household": household,
                        "role": "main",
                        "M": M,
                        "m": m,
                        **shared,
                    }
                )
    return pd.DataFrame(rows)


def make_findings(sample, roll, seed=0, missing=0.0):
    """Findings without field noise; a share of households absent."""
    rng = np.random.default_rng(seed)
    drawn = sample[(sample["stage"] == "2") & (sample["list"] == "")][["list", "village", "household"]]
    rows = drawn.merge(roll, on=["village", "household"])
    rows["outcome"] = np.where(rng.random(len(rows)) < missing, "absent", "completed")
    rows["amount_paid_fen"], rows["amount_due_fen"] = rows["amount_fen"], rows["due"]
    away = rows["outcome"] == "absent"
    rows.loc[away, ["verdict", "reason"]] = ""
    return rows[FINDING]


def make_villages(roll):
    """The columns of villages.csv."""
    return roll[["township", "village", "certainty"]].drop_duplicates().reset_index(drop=True)


def roll_columns(roll):
    """What estimators may see."""
    return roll[["township", "village", "household", "category", "new_inclusion", "persons", "amount_fen"]]
