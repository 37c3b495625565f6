"""The synthetic county's lists with their truth, drawn and found without field noise, as survey data."""

import numpy as np
import pandas as pd

from sampling.estimates import poststratify, survey_data
from sampling.estimates.threelists import join_lists

LISTS = ("", "removed", "refused")
HEADERS = {"村编号": "village", "户编号": "household", "家庭人口": "persons", "月保障金额": "yuan"}


def households(county):
    """Every household of the three lists: its place, what the self-check said, and the truth."""
    truth = county.truth["households.csv"]
    truth = truth[truth["list"].isin(LISTS)]
    places = county.truth["villages.csv"][["village", "township", "blank"]]
    known = [
        county.tables[f"{name or 'roll'}.csv"].rename(columns=HEADERS).assign(list=name) for name in LISTS
    ]
    known = pd.concat(known)[["list", "village", "household", "persons", "yuan", "新纳入"]]
    said = county.truth["self_check.csv"].set_index(["village", "household"])["self_check_reason"]
    rows = truth.merge(places, on="village").merge(known, on=["list", "village", "household"])
    rows["persons"] = rows["persons"].astype(int)
    due = rows["amount_due_fen"].astype(float) / 100
    rows["yuan"] = rows["yuan"].astype(float).where(rows["list"] != "refused", due)
    rows["wrong"] = rows["status"].isin(["ineligible", "entitled"]).astype(int)
    rows["found"] = (rows["list"] == "removed").astype(int)
    rows["not_entitled"] = np.where(rows["list"] == "", rows["wrong"], 1 - rows["wrong"])
    rows["checked"] = ((rows["blank"] == "0") & (rows["新纳入"] != "是")).astype(int)
    removal = said.reindex(pd.MultiIndex.from_frame(rows[["village", "household"]])).fillna("").to_numpy()
    rows["reason"] = rows["reason"].where(rows["list"] == "", removal)
    units = rows["township"].map(places.groupby("township").size()) <= 6
    rows["kind"] = np.select([rows["blank"] == "1", units], ["blank", "unit"], "town")
    rows["stratum"] = rows["township"] + np.where(rows["blank"] == "1", "/blank", "")
    return rows.drop(columns=["data", "status", "新纳入", "amount_due_fen"])


def frame_of(county):
    """Every village with its stratum: its town; blank villages apart."""
    places = county.truth["villages.csv"]
    stratum = places["township"] + np.where(places["blank"] == "1", "/blank", "")
    return places[["village", "township"]].assign(stratum=stratum)


def draw(frame, rng):
    """A fifth of the villages of every town, 3 to 5; all blank villages; one or more of every unit."""
    parts = []
    for name, villages in frame.groupby("stratum"):
        N = len(villages)
        n = N if name.endswith("/blank") else max(min(3, N), min(5, -(-N // 5))) if N > 6 else -(-N // 5)
        picked = villages.iloc[rng.choice(N, n, replace=False)]
        parts.append(picked.assign(N=N))
    return pd.concat(parts)


def parts_of(rows, frame, rng, by="stratum"):
    """A sample of each list in the same drawn villages, with weights that add up to its length."""
    drawn = draw(frame, rng)
    taken = drawn.groupby("stratum")["village"].size()
    alone = taken.index[(taken == 1) & (drawn.groupby("stratum")["N"].first() > 1)]
    found = {}
    for name, listed in rows.groupby("list"):
        here = listed[listed["village"].isin(drawn["village"])]
        M = here.groupby("village")["household"].transform("size")
        order = pd.Series(rng.random(len(here)), index=here.index).groupby(here["village"]).rank()
        half = here.assign(M=M)[order <= np.maximum(np.ceil(M / 2), np.minimum(M, 2))]
        table = drawn.merge(half.drop(columns=["township", "stratum"]), on="village", how="left")
        table["household"] = table["household"].fillna("")
        data = survey_data(
            table,
            psu="village",
            ssu="household",
            stratum="stratum",
            psu_count="N",
            ssu_count="M",
            lonely={stratum: "units" for stratum in alone},
        )
        post = by if name == "" else "list"
        totals = listed[listed[post].isin(data.table[post])].groupby(post).size()
        found[name] = poststratify(data, post, totals)
    return found


def sample_of(rows, frame, seed):
    """The three lists of one draw as one sample."""
    return join_lists(parts_of(rows, frame, np.random.default_rng(seed)))
