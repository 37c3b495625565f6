"""The table of facts: every figure that a document of this campaign may print, and what it was made from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from sampling.codes import ROLL, code_of
from sampling.draws.roles import drawn_rows

UNIT = ["list", "township", "village", "household"]
ABOUT = ["list", "township", "village", "outcome", "verdict", "reason", "decision"]
"""What households are counted by; an empty outcome is a household that nobody has reported on yet."""
SUMS = ["households", "persons", "paid_fen", "error_fen"]
PLACES = {"township": "str", "village": "str", "certainty": "bool", "M": "int64", "m": "int64"}
FOUND = {**dict.fromkeys(ABOUT, "str"), **dict.fromkeys(SUMS, "int64")}
LISTS = {"list": "str", "township": "str", "reason": "str", **dict.fromkeys(SUMS[:3], "int64")}
PROCEDURES = {
    "township": "str",
    **dict.fromkeys(("villages", "posted", "meetings", "files", "blank", "neighbours", "against"), "int64"),
}
POSTED_DAYS = 7
"""Days that a list must have been posted."""
CERTAINTY = "certainty"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What was drawn, found and estimated, counted; no household, no name.

    Attributes
    ----------
    found
        Households to visit, of every list (empty: the roll): list, township, village, outcome, verdict,
        reason, decision; households, persons (as the roll has them), paid_fen and error_fen a month.
    places
        The drawn villages: township, village, certainty, M households on the roll, m of them drawn.
    lists
        The roll and every other list: list, township, reason (why the self-check removed a household; else
        empty); households, persons, paid_fen a month.
    procedures
        What village forms say, by township: villages with a form; posted (7 days or more), meetings (held),
        files (complete), blank (no self-check); neighbours asked, and against.
    estimates
        The rows of `estimates.csv`.
    made_from
        The receipt and the head of the register.
    """

    campaign: str
    found: pd.DataFrame
    places: pd.DataFrame
    lists: pd.DataFrame
    procedures: pd.DataFrame
    estimates: pd.DataFrame
    made_from: Mapping[str, Any]

    def of(self, township: str) -> "Facts":
        """The facts of one town."""
        rows = self.estimates
        mine = rows[(rows["by"] == "township") & (rows["domain"] == township)].reset_index(drop=True)
        return replace(
            self,
            found=_cut(self.found, township),
            places=_cut(self.places, township),
            lists=_cut(self.lists, township),
            procedures=_cut(self.procedures, township),
            estimates=mine,
        )


def _cut(table: pd.DataFrame, township: str) -> pd.DataFrame:
    return table[table["township"] == township].reset_index(drop=True)


def found_table(
    sample: pd.DataFrame, findings: pd.DataFrame, lists: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Households to visit by what became of them: `Facts.found`.

    Parameters
    ----------
    sample
        Columns of `sample.csv`. Households to visit are those drawn, and reserves that were opened.
    findings
        The register's findings.
    lists
        The roll (under "") and the other lists: village, household and, where known, persons.
    """
    second = sample.loc[sample["stage"] == "2", [*UNIT, "role"]]
    persons = [_persons(name, table) for name, table in lists.items()]
    visits = second.merge(findings.reindex(columns=[*UNIT, *ABOUT[3:], *MONEY]), on=UNIT, how="left")
    visits = visits.merge(pd.concat(persons), on=["list", "village", "household"], how="left")
    visits[ABOUT[3:]] = visits[ABOUT[3:]].astype("str").fillna("")
    visits = visits[(visits["role"] == "main") | (visits["outcome"] != "")]
    return counted(visits.assign(households=1, paid_fen=visits["amount_paid_fen"], error_fen=error_fen))


MONEY = ["amount_paid_fen", "amount_due_fen"]


def counted(visits: pd.DataFrame) -> pd.DataFrame:
    """Rows with the columns of FOUND added up to one for each combination."""
    numbers = {name: pd.to_numeric(visits[name]).fillna(0).astype("int64") for name in SUMS}
    rows = visits.assign(**numbers).groupby(ABOUT, as_index=False, sort=True)[SUMS].sum()
    return rows[list(FOUND)].astype(FOUND)


def error_fen(visits: pd.DataFrame) -> pd.Series:
    """Fen a month in error at each household: all that is paid where it should stop, else the difference."""
    paid = visits["amount_paid_fen"].astype("Float64").fillna(0)
    due = visits["amount_due_fen"].astype("Float64")
    error = (paid - due).abs().where(visits["verdict"].isin(["overpaid", "underpaid"]), 0).fillna(0)
    return error.mask(visits["verdict"] == "ineligible", paid).astype("int64")


def _persons(name: str, table: pd.DataFrame) -> pd.DataFrame:
    rows = table.reindex(columns=["village", "household", "persons"])
    return rows.assign(list=name)


def places_table(sample: pd.DataFrame) -> pd.DataFrame:
    """The drawn villages: `Facts.places`."""
    drawn = drawn_rows(sample)
    first = drawn[drawn["stage"] == "1"]
    second = drawn[(drawn["stage"] == "2") & (drawn["list"] == ROLL)]
    inside = second.groupby("village").agg(M=("M", "first"), m=("household", "size"))
    table = first[["township", "village", "role"]].merge(inside, on="village", how="left")
    numbers = {name: pd.to_numeric(table[name]).fillna(0).astype("int64") for name in ("M", "m")}
    table = table.assign(certainty=table["role"] == CERTAINTY, **numbers)
    return table[list(PLACES)].astype(PLACES)


def lists_table(lists: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The roll and the other lists, counted: `Facts.lists`."""
    parts = [_list_rows(name, table) for name, table in lists.items()]
    return pd.concat(parts, ignore_index=True).astype(LISTS)


def _list_rows(name: str, table: pd.DataFrame) -> pd.DataFrame:
    known = table.reindex(columns=["township", "persons", "amount_fen", "reason"])
    words = known["reason"].dropna().unique()
    codes = {word: code_of("reason", word) or "" for word in words} if name else {}
    rows = known.assign(
        reason=known["reason"].map(codes).astype("str").fillna(""),
        households=1,
        persons=pd.to_numeric(known["persons"]).fillna(0),
        paid_fen=pd.to_numeric(known["amount_fen"]).fillna(0),
    )
    sums = rows.groupby(["township", "reason"], as_index=False, sort=True)[SUMS[:3]].sum()
    return sums.assign(list=name)[list(LISTS)]


def procedures_table(forms: pd.DataFrame) -> pd.DataFrame:
    """What village forms say, by township: `Facts.procedures`."""
    rows = pd.DataFrame(
        {
            "township": forms["township"],
            "villages": 1,
            "posted": forms["posting_days"] >= POSTED_DAYS,
            "meetings": forms["meeting_held"],
            "files": forms["files_complete"],
            "blank": forms["blank_village"],
            "neighbours": forms["neighbours"],
            "against": forms["neighbours_against"],
        }
    )
    return rows.groupby("township", as_index=False).sum().astype(PROCEDURES)


def facts_of(
    campaign: str,
    sample: pd.DataFrame,
    findings: pd.DataFrame,
    lists: Mapping[str, pd.DataFrame],
    village_forms: pd.DataFrame,
    estimates: pd.DataFrame,
    *,
    made_from: Mapping[str, Any],
) -> Facts:
    """Count everything; the arguments are those of the functions for each table."""
    return Facts(
        campaign=campaign,
        found=found_table(sample, findings, lists),
        places=places_table(sample),
        lists=lists_table(lists),
        procedures=procedures_table(village_forms),
        estimates=estimates,
        made_from=made_from,
    )


TABLES = {"found": FOUND, "places": PLACES, "lists": LISTS, "procedures": PROCEDURES}


def facts_from(values: Mapping[str, Any], estimates: pd.DataFrame) -> Facts:
    """The facts that a `facts.json` holds; its estimates stand in `estimates.csv` too, as numbers."""
    tables = {
        name: pd.DataFrame(values[name], columns=list(kinds)).astype(kinds) for name, kinds in TABLES.items()
    }
    return Facts(campaign=values["campaign"], made_from=values["made_from"], estimates=estimates, **tables)
