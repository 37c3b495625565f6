"""How often the printed intervals of a campaign hold the truth: fresh counties, fresh draws, no field noise.

python benchmarks/campaign_coverage.py [counties] [draws]
"""

import sys
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from estimates_stand_in import draw_sample, make_findings, make_roll, make_villages, roll_columns

from sampling.estimates import estimate_campaign

SHOWN = ("ineligible_share", "error_share", "overpaid_yuan", "underpaid_yuan", "net_yuan")


def truth_by_town(roll: pd.DataFrame) -> pd.DataFrame:
    """The true values of SHOWN, by township and, under "", for the county."""
    paid, due = roll["amount_fen"] / 100, roll["due"] / 100
    rows = pd.DataFrame({"township": roll["township"], "n": 1.0})
    rows["ineligible_share"] = (roll["verdict"] == "ineligible").astype(float)
    rows["error_share"] = (roll["verdict"] != "correct").astype(float)
    rows["overpaid_yuan"], rows["underpaid_yuan"] = (paid - due).clip(lower=0), (due - paid).clip(lower=0)
    rows["net_yuan"] = paid - due
    sums = pd.concat([rows.groupby("township").sum(), rows.drop(columns="township").sum().to_frame("").T])
    sums[["ineligible_share", "error_share"]] = sums[["ineligible_share", "error_share"]].div(
        sums["n"], axis=0
    )
    return sums


def coverage(counties: int, draws: int) -> pd.DataFrame:
    """Share of intervals that hold the truth, for the county, towns, and units with one village drawn."""
    found = []
    for county in range(counties):
        roll = make_roll(1000 + county, towns=20, units=17, villages=(15, 25), size=55, rate=0.028)
        truth = truth_by_town(roll)
        for draw in range(draws):
            sample = draw_sample(roll, 7919 * county + draw)
            findings = make_findings(sample, roll)
            table = estimate_campaign(sample, findings, roll_columns(roll), make_villages(roll))
            rows = table[table["parameter"].isin(SHOWN) & table["by"].isin(["", "township"])].copy()
            pairs = zip(rows["domain"], rows["parameter"], strict=True)
            rows["truth"] = [truth.loc[domain, parameter] for domain, parameter in pairs]
            lonely = rows["note"].str.contains("collapsed") & (rows["by"] != "")
            rows["kind"] = rows["by"].replace({"": "county", "township": "town"}).mask(lonely, "unit")
            found.append(rows[["kind", "parameter", "truth", "low", "high"]])
    rows = pd.concat(found)
    rows["holds"] = (rows["low"] - 1e-9 <= rows["truth"]) & (rows["truth"] <= rows["high"] + 1e-9)
    rows["half_width"] = (rows["high"] - rows["low"]) / 2
    return rows.groupby(["kind", "parameter"])[["holds", "half_width"]].mean().round(3)


if __name__ == "__main__":
    counties, draws = (int(text) for text in (*sys.argv[1:], "10", "10")[:2])
    print(coverage(counties, draws).to_string())
