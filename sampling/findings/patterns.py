"""Patterns in what teams wrote down that call for a second visit: pace, copies, digits, rates.

None of them proves anything: each is a reason to look again, with the figures that say so.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

UNUSUAL = 0.001
"""How rare, by chance alone, a rate or a spread of digits must be to be told."""
QUICK = 8
"""Median minutes of a visit under which a team is asked how it works; the plan reckons with 25."""
ENOUGH = 10
"""Visits, or amounts, under which nothing is said."""
COPIES = 3
"""Households with the very same answers, from which on they are told."""
INCOMES = ["income_wages_fen", "income_business_fen", "income_property_fen", "income_transfers_fen"]


class Pattern(NamedTuple):
    """One pattern of one team: its name (`reconcile.pattern.<name>` has the sentence), and its figures."""

    team: str
    pattern: str
    figures: Mapping[str, object]
    serials: tuple[str, ...]


def patterns(findings: pd.DataFrame) -> tuple[Pattern, ...]:
    """Everything unusual, by team.

    Parameters
    ----------
    findings
        The table of `Register.findings()`; a team is who made the visits together.
    """
    timed = findings.assign(
        minutes=minutes_of(findings),
        team=teams_of(findings),
        income=findings[INCOMES].sum(axis=1, min_count=1),
    )
    return tuple(pattern for look in LOOKS for pattern in look(timed))


def teams_of(findings: pd.DataFrame) -> pd.Series:
    """The team of each finding: its inspectors, in the order of their names."""
    return findings["inspectors"].map(lambda names: ";".join(sorted(names.split(";")))).astype("str")


def minutes_of(findings: pd.DataFrame) -> pd.Series:
    """How long each visit took; missing where a time is."""
    arrive, leave = (
        pd.to_datetime(findings[name], format="%H:%M", errors="coerce") for name in ("arrive", "leave")
    )
    return (leave - arrive).dt.total_seconds() / 60


def _pace(findings: pd.DataFrame) -> Iterator[Pattern]:
    """Visits so short that nobody can have sat down."""
    done = findings[(findings["outcome"] == "completed") & findings["minutes"].notna()]
    for team, visits in done.groupby("team"):
        median = visits["minutes"].median()
        if len(visits) >= ENOUGH and median < QUICK:
            figures = {"minutes": f"{median:g}", "visits": len(visits)}
            yield Pattern(str(team), "pace", figures, tuple(visits.nsmallest(5, "minutes")["serial"]))


def _two_places(findings: pd.DataFrame) -> Iterator[Pattern]:
    """One inspector in two households at the same time."""
    timed = findings[findings["minutes"].notna()]
    people = timed.assign(inspector=timed["inspectors"].str.split(";")).explode("inspector")
    for (inspector, day), visits in people.groupby(["inspector", "date"]):
        ordered = visits.sort_values(["arrive", "leave"])
        until = ordered["leave"].cummax().shift(fill_value="")
        both = ordered[(ordered["arrive"] < until).to_numpy()]
        if len(both):
            yield Pattern(
                str(inspector), "two_places", {"day": day, "visits": len(both)}, tuple(both["serial"])
            )


def _copies(findings: pd.DataFrame) -> Iterator[Pattern]:
    """Households of one village with the very same incomes, none of them simply nothing."""
    told = findings[findings["income"].fillna(0) > 0]
    for (team, _village, *_), same in told.groupby(["team", "village", *INCOMES], dropna=False):
        if len(same) >= COPIES:
            yield Pattern(str(team), "copies", {"households": len(same)}, tuple(same["serial"]))


def _digits(findings: pd.DataFrame) -> Iterator[Pattern]:
    """Last digits of incomes that are not round: where they are counted, all ten are about as frequent."""
    for team, visits in findings.groupby("team"):
        digits = visits[INCOMES].stack().dropna().to_numpy("int64") // 100 % 10
        counts = np.bincount(digits, minlength=10)[1:]
        if counts.sum() < 5 * ENOUGH:
            continue
        found = stats.chisquare(counts)
        if found.pvalue < UNUSUAL:
            digit = int(counts.argmax()) + 1
            figures = {
                "digit": digit,
                "share": f"{counts.max() / counts.sum():.0%}",
                "amounts": int(counts.sum()),
            }
            yield Pattern(str(team), "digits", figures, ())


def _rates(findings: pd.DataFrame) -> Iterator[Pattern]:
    """Households not met, and errors found, much more or less often than by the other teams."""
    completed = findings[(findings["outcome"] == "completed") & (findings["list"] == "")]
    wrong = completed["verdict"].isin(["ineligible", "overpaid", "underpaid"])
    absent = findings["outcome"].isin(["absent", "refused", "not_found"])
    yield from _unlike_others(findings["team"], absent, "absent", more=True)
    yield from _unlike_others(completed["team"], wrong, "no_errors", more=False)


def _unlike_others(team: pd.Series, hit: pd.Series, name: str, *, more: bool) -> Iterator[Pattern]:
    """Fisher's exact test of each team against all others together, one-sided."""
    counts = pd.DataFrame({"hits": hit.groupby(team).sum(), "visits": hit.groupby(team).size()})
    for who, hits, visits in counts.itertuples():
        others = counts.drop(who).sum()
        table = [[hits, visits - hits], [others["hits"], others["visits"] - others["hits"]]]
        rare = stats.fisher_exact(table, alternative="greater" if more else "less").pvalue
        if visits >= ENOUGH and rare < UNUSUAL:
            rest = others["hits"] / others["visits"]
            figures = {"hits": int(hits), "visits": int(visits), "others": f"{rest:.1%}"}
            yield Pattern(str(who), name, figures, ())


LOOKS: tuple[Callable[[pd.DataFrame], Iterator[Pattern]], ...] = (
    _pace,
    _two_places,
    _copies,
    _digits,
    _rates,
)
"""All that is looked for; a new pattern is an entry and its sentence in each language."""
