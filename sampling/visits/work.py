"""What is to be visited: one row per drawn village, with the households that are left there."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from sampling.designs import Design, stratum_of, stratum_sizes
from sampling.designs.sizing import expected_households, number
from sampling.draws.roles import CERTAINTY, drawn_rows
from sampling.frames import Frame

KEY = ["list", "village", "household"]
ABSENT = "absent"
SRS = "srs"
"""How households of other lists are drawn."""


def work(
    sample: pd.DataFrame,
    findings: pd.DataFrame | None = None,
    *,
    expected: Mapping[str, int] = MappingProxyType({}),
) -> pd.DataFrame:
    """The work of a sample.

    Parameters
    ----------
    sample
        The rows of `sample.csv`, every cell text.
    findings
        What was found so far, one row per household of a list; such households are not visited again.
    expected
        By village, how many households to reckon with where they are still to be drawn on arrival.

    Returns
    -------
    work
        village, township, households (all lists together; 0 where none is drawn or all are found), certainty,
        rank (draw order within the town) and reason, which is empty. Sorted by township and rank.
    """
    drawn = drawn_rows(sample)
    villages = drawn[drawn["stage"] == "1"]
    left = _left(drawn[drawn["stage"] == "2"], findings)["village"].value_counts()
    counts = left.reindex(villages["village"]).fillna(0).astype("int64")
    more = villages["village"].map(dict(expected)).fillna(0).astype("int64")
    table = pd.DataFrame(
        {
            "village": villages["village"].to_numpy(),
            "township": villages["township"].to_numpy(),
            "households": counts.to_numpy() + more.to_numpy(),
            "certainty": (villages["role"] == CERTAINTY).to_numpy(),
            "rank": pd.to_numeric(villages["rank"], errors="coerce").fillna(0).astype("int64").to_numpy(),
            "reason": "",
        }
    )
    return table.sort_values(["township", "certainty", "rank", "village"], ignore_index=True)


def _left(households: pd.DataFrame, findings: pd.DataFrame | None) -> pd.DataFrame:
    if findings is None or findings.empty:
        return households
    found = pd.MultiIndex.from_frame(findings[KEY])
    return households[~pd.MultiIndex.from_frame(households[KEY]).isin(found)]


def calls(
    sample: pd.DataFrame, findings: pd.DataFrame, *, called: Mapping[str, str] = MappingProxyType({})
) -> dict[str, int]:
    """By village, how many drawn households were absent, so that a team must call again.

    Parameters
    ----------
    sample, findings
        As in `work`; findings have an outcome and a date.
    called
        By village, the last day on which a team called again there, as YYYY-MM-DD: households that were found
        absent on that day or later have been called twice, and are not called a third time.
    """
    drawn = drawn_rows(sample)
    households = pd.MultiIndex.from_frame(drawn.loc[drawn["stage"] == "2", KEY])
    absent = findings[findings["outcome"] == ABSENT]
    absent = absent[pd.MultiIndex.from_frame(absent[KEY]).isin(households)]
    last = absent["village"].map(lambda village: called.get(village, ""))
    once = (last == "") | (absent["date"].astype(str).str[:10] < last)
    return {str(village): int(count) for village, count in absent.loc[once, "village"].value_counts().items()}


def expected_work(
    frame: Frame, design: Design, lists: Mapping[str, Frame] = MappingProxyType({})
) -> pd.DataFrame:
    """What a draw will ask for on average, before it is made.

    Parameters
    ----------
    frame, design
        What is drawn from, and how.
    lists
        Frames of the other lists that the design names.

    Returns
    -------
    work
        One row per village of the frame: village, township, chance (of being drawn) and households (to visit
        there if it is drawn, all lists together, on average).

    Raises
    ------
    InputError
        If the design cannot be applied to the frame.
    """
    villages = frame.villages
    strata = stratum_sizes(frame, design).set_index("stratum")["pi"]
    chance = villages["pi"] if "pi" in villages else strata.reindex(stratum_of(villages))
    households = expected_households(frame, design)
    for name, part in lists.items():
        households = (
            households + _of_list(part, design, name).reindex(villages["village"]).fillna(0).to_numpy()
        )
    return pd.DataFrame(
        {
            "village": villages["village"].to_numpy(),
            "township": villages["township"].to_numpy(),
            "chance": np.asarray(chance, dtype=float),
            "households": households,
        }
    )


def _of_list(frame: Frame, design: Design, name: str) -> pd.Series:
    """Households of another list to visit in each of its villages, on average."""
    rule = design.lists[name]
    counts = [float(number(rule, int(M), SRS, design.rounding).expected) for M in frame.sizes]
    return pd.Series(counts, index=frame.sizes.index, dtype=float)
