"""Reconciliation: what was drawn, printed and issued against what came back, and how each team works."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from sampling.codes import OUTCOMES
from sampling.draws.roles import REPLACED, drawn_rows
from sampling.findings.patterns import Pattern, minutes_of, patterns, teams_of
from sampling.findings.state import State
from sampling.findings.stock import IN_STOCK, MISSING, RETURNED, STATES, VOID, stock_table
from sampling.findings.tables import findings_table

BY = ["list", "township"]


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """Whether everything is accounted for.

    Attributes
    ----------
    forms
        One row per list and town: list, township, printed, in_stock, issued, returned, void, missing.
    households
        One row per list and town: list, township, drawn, the outcomes, found (their sum), waiting,
        outstanding. `waiting` are in quarantine and part of `outstanding`.
    teams
        One row per team: team, visits, the outcomes, share_absent, share_refused, replaced (households that a
        reserve replaced after its visit), minutes (the median visit), days, visits_a_day.
    patterns
        What calls for a second visit.
    missing
        The forms that are out: serial, list, township, village, household, to.
    papers
        Photos and papers that findings name and that did not arrive: serial, file.
    """

    forms: pd.DataFrame
    households: pd.DataFrame
    teams: pd.DataFrame
    patterns: tuple[Pattern, ...]
    missing: pd.DataFrame
    papers: pd.DataFrame

    def to_table(self) -> pd.DataFrame:
        """The forms by list and town."""
        return self.forms.copy()

    def __repr__(self) -> str:
        """The totals in one line."""
        sums = self.forms[["issued", RETURNED, VOID, MISSING]].sum()
        return "Reconciliation(" + ", ".join(f"{name} {number}" for name, number in sums.items()) + ")"

    def _repr_html_(self) -> str:
        return self.forms.to_html(index=False)


def reconcile(numbered: pd.DataFrame, state: State, *, vault: Mapping[str, Mapping]) -> Reconciliation:
    """Hold what came back against what went out.

    Parameters
    ----------
    numbered
        The rows of `numbered_households`: all that forms can have gone out for.
    state
        Of the register.
    vault
        What the vault holds of the findings, by hash: the names of photos.
    """
    findings = findings_table(state)
    stock = stock_table(numbered, state)
    missing = stock[stock["state"] == MISSING].drop(columns="state").reset_index(drop=True)
    return Reconciliation(
        forms=_forms(stock),
        households=_households(numbered, findings, state),
        teams=_teams(numbered, findings),
        patterns=patterns(findings),
        missing=missing,
        papers=_papers(state, vault),
    )


def _forms(stock: pd.DataFrame) -> pd.DataFrame:
    counts = stock.groupby([*BY, "state"]).size().unstack("state", fill_value=0)
    counts = counts.reindex(columns=list(STATES), fill_value=0)
    counts.insert(0, "printed", counts.sum(axis=1))
    counts.insert(2, "issued", counts["printed"] - counts[IN_STOCK])
    return counts.rename_axis(columns=None).reset_index()


def _households(numbered: pd.DataFrame, findings: pd.DataFrame, state: State) -> pd.DataFrame:
    """Those that a reserve replaced count only in their reserve's place."""
    drawn = drawn_rows(numbered).merge(findings[["serial", "outcome"]], on="serial", how="left")
    counts = drawn.groupby(BY).size().to_frame("drawn")
    seen = drawn.groupby([*BY, "outcome"]).size().unstack("outcome", fill_value=0)
    counts = counts.join(seen.reindex(columns=list(OUTCOMES), fill_value=0)).fillna(0).astype("int64")
    counts["found"] = counts[list(OUTCOMES)].sum(axis=1)
    counts["waiting"] = _waiting(drawn, state).reindex(counts.index, fill_value=0)
    counts["outstanding"] = counts["drawn"] - counts["found"]
    return counts.reset_index()


def _waiting(drawn: pd.DataFrame, state: State) -> pd.Series:
    """Households without a finding that have a row in quarantine."""
    keys = {item[1:] for item, entries in state.waiting.items() if item[0] == "household" and entries}
    waits = [key in keys for key in zip(drawn["list"], drawn["village"], drawn["household"], strict=True)]
    return (
        (pd.Series(waits, index=drawn.index, dtype="bool") & drawn["outcome"].isna())
        .groupby([drawn[name] for name in BY])
        .sum()
    )


def _teams(numbered: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    replaced = set(numbered.loc[numbered["role"] == REPLACED, "serial"])
    by = findings.assign(team=teams_of(findings), minutes=minutes_of(findings))
    by["replaced"] = by["serial"].isin(replaced)
    groups = by.groupby("team")
    table = groups.size().to_frame("visits")
    outcomes = by.groupby(["team", "outcome"]).size().unstack("outcome", fill_value=0)
    table = table.join(outcomes.reindex(columns=list(OUTCOMES), fill_value=0))
    table["share_absent"] = table["absent"] / table["visits"]
    table["share_refused"] = table["refused"] / table["visits"]
    table["replaced"], table["minutes"] = groups["replaced"].sum(), groups["minutes"].median()
    table["days"] = groups["date"].nunique()
    table["visits_a_day"] = table["visits"] / table["days"]
    return table.reset_index()


def _papers(state: State, vault: Mapping[str, Mapping]) -> pd.DataFrame:
    """Names of photos and papers in findings, of which no file came."""
    arrived = {payload["file"].casefold() for payload in state.files.values() if payload["state"] == "paper"}
    rows = [
        (payload["finding"]["serial"], name)
        for payload in state.findings.values()
        for name in vault.get(payload.get("personal", ""), {}).get("photos", ())
        if name.casefold() not in arrived
    ]
    return pd.DataFrame(rows, columns=["serial", "file"], dtype="str")
