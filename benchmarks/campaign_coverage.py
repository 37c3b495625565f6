"""How often the printed intervals of a campaign hold the truth: synthetic counties, no field noise.

python benchmarks/campaign_coverage.py [counties] [draws]
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from estimates_county import households

from sampling.designs import Design, read_design
from sampling.draws import draw
from sampling.draws.roles import drawn_rows
from sampling.estimates import estimate_campaign
from sampling.frames import Frame, make_frame, read_roll, read_villages
from sampling.frames.county import County, make_county

PLANNED = {
    "reserves": 2,
    "villages": {
        "rate": "20%",
        "at_least": 3,
        "at_most": 5,
        "certainty": "blank",
        "kind": {"unit": {"at_least": 1}},
    },
    "households": {"rate": "50%", "at_least": 2},
}
"""What `sampling new` writes for such a county."""
LISTS = ("removed", "refused")
COUNTED = {
    "ineligible_share": "ineligible",
    "error_share": "error",
    "ineligible_households": "ineligible",
    "overpaid_yuan": "over",
    "underpaid_yuan": "under",
    "net_yuan": "net",
}
"""By parameter what it counts; a share is of the households."""
FIRST_SEED = 4000


def truths(rows: pd.DataFrame) -> dict[tuple[str, str, str], float]:
    """The true value by (by, domain, parameter) of COUNTED and of what the self-check detected."""
    roll = rows[rows["list"] == ""]
    found = {}
    for by, domain_of in {"": pd.Series("", roll.index), "township": roll["township"]}.items():
        sums = roll.groupby(domain_of)[["one", *set(COUNTED.values())]].sum()
        for parameter, name in COUNTED.items():
            values = sums[name] / (sums["one"] if parameter.endswith("share") else 1)
            found |= {(by, str(domain), parameter): value for domain, value in values.items()}
    seen = rows[rows["list"].isin(["", "removed"]) & (rows["not_entitled"] == 1) & (rows["checked"] == 1)]
    for by in ("", "township", "reason"):
        keys = pd.Series("", seen.index) if by == "" else seen[by]
        rates = seen.groupby(keys)["found"].mean()
        found |= {(by, str(domain), "detection_rate"): rate for domain, rate in rates.items()}
    return found


def told(county: County) -> pd.DataFrame:
    """Every household of the three lists with what inspectors would find and what is true of it."""
    known = county.truth["households.csv"][["list", "village", "household", "status", "amount_due_fen"]]
    rows = households(county).merge(known, on=["list", "village", "household"])
    paid, due = rows["yuan"], rows["amount_due_fen"].astype(float) / 100
    more = (paid - due).where(rows["list"] == "", 0.0)
    rows["one"], rows["ineligible"] = 1.0, (rows["status"] == "ineligible").astype(float)
    rows["error"] = (rows["status"] != "correct").astype(float)
    rows["over"], rows["under"], rows["net"] = more.clip(lower=0), (-more).clip(lower=0), more
    rows["amount_fen"] = (100 * paid).round().astype("int64")
    rows["new_inclusion"] = (rows["checked"] == 0) & (rows["blank"] == "0")
    return rows


def findings_of(sample: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Everybody at home, and every verdict right."""
    drawn = sample.loc[sample["stage"] == "2", ["list", "village", "household"]]
    found = drawn.merge(rows, on=["list", "village", "household"])
    return found.assign(
        outcome="completed",
        verdict=found["status"],
        reason=found["reason"].where(found["list"] == "", ""),
        amount_paid_fen=found["amount_fen"],
        amount_due_fen=found["amount_due_fen"].astype("int64"),
    )


def frames(county: County) -> tuple[Frame, dict[str, Frame], Design]:
    """What is drawn from, and how."""
    design = read_design(PLANNED, lists={name: {"rate": "50%"} for name in LISTS})
    with TemporaryDirectory() as folder:
        county.write(folder)
        source = Path(folder) / "source"
        roll, villages = read_roll([source / "roll.csv"]), read_villages([source / "villages.csv"])
        lists = {name: make_frame(read_roll([source / f"{name}.csv"]), None) for name in LISTS}
    return make_frame(roll, villages, certainty="blank", fields=design.fields), lists, design


def intervals(seed: int, draws: int) -> Iterator[pd.DataFrame]:
    """The rows of `estimates.csv` whose truth is known, draw by draw, with the truth."""
    county = make_county(seed)
    rows, (frame, lists, design) = told(county), frames(county)
    truth = truths(rows)
    columns = ["township", "village", "household", "persons", "amount_fen"]
    known: Mapping[str, pd.DataFrame] = {
        name: rows.loc[rows["list"] == name, [*columns, *more]]
        for name, more in (("", ["new_inclusion"]), ("removed", ["reason"]), ("refused", []))
    }
    others = {"removed": known["removed"], "refused": known["refused"].drop(columns="amount_fen")}
    for number in range(draws):
        whole = draw(
            frame, design, seed=f"{seed}{number:04d}".zfill(20), campaign="coverage", lists=lists
        ).table
        sample = drawn_rows(whole)
        findings = findings_of(sample, rows)
        table = estimate_campaign(sample, findings, known[""], frame.villages, design=design, lists=others)
        keys = table[["by", "domain", "parameter"]].itertuples(index=False, name=None)
        yield table.assign(truth=[truth.get(key) for key in keys]).dropna(subset=["truth", "low", "high"])


def coverage(counties: int, draws: int) -> pd.DataFrame:
    """How many intervals there were, the share that holds the truth, and the mean half width."""
    found = [rows for county in range(counties) for rows in intervals(FIRST_SEED + county, draws)]
    rows = pd.concat(found)
    unit = rows["note"].str.contains("collapsed") & (rows["by"] == "township")
    rows["where"] = rows["by"].replace({"": "county", "township": "town"}).mask(unit, "unit")
    rows["where"] = rows["where"].mask(rows["by"] == "reason", rows["domain"])
    rows["holds"] = (rows["low"] - 1e-9 <= rows["truth"]) & (rows["truth"] <= rows["high"] + 1e-9)
    rows["half_width"] = (rows["high"] - rows["low"]) / 2
    grouped = rows.groupby(["parameter", "where"])
    return grouped.agg(
        intervals=("holds", "size"), holds=("holds", "mean"), half_width=("half_width", "mean")
    )


if __name__ == "__main__":
    counties, draws = (int(text) for text in (*sys.argv[1:], "20", "10")[:2])
    print(coverage(counties, draws).round(3).to_string())
