"""What must hold of a table: each unit once, each village in one town and the same throughout."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from sampling.frames.rows import Rows, shown, text_of
from sampling.words import Problem

LENIENT = frozenset({"village_name", "township_name"})
"""Fields that may be missing on some rows of a village; a rule of the design must not."""


def doubled(rows: Rows, fields: list[str], key: str) -> list[Problem]:
    """Rows whose unit stands on an earlier row already; rows without an id are another problem's."""
    table = rows.table[fields]
    whole = (table != "").all(axis=1)
    first = pd.Series(table.index, index=table.index).groupby([table[f] for f in fields]).transform("first")
    later = np.flatnonzero(whole & (first != table.index))
    firsts = first.to_numpy(dtype=int)
    return rows.each(
        key, later, fields[-1], fields=lambda i: rows.other(int(firsts[i]), fields[-1], beside=i)
    )


def two_towns(rows: Rows) -> list[Problem]:
    """Village ids that stand in two towns, with both towns and a row of each."""
    pairs = rows.table[["village", "township"]].drop_duplicates()
    pairs = pairs[(pairs["village"] != "") & (pairs["township"] != "")]
    first = pd.Series(pairs.index, index=pairs.index).groupby(pairs["village"]).transform("first")
    later = pairs.index[first != pairs.index]

    def towns(i: int) -> dict[str, object]:
        other = rows.other(int(first.loc[i]), "township", beside=i)
        return {"township": shown(str(rows.table["township"].iat[i])), **other}

    return rows.each("frames.village.two_towns", later, "village", fields=towns)


def differing(rows: Rows, fields: Iterable[str], *, unit: str = "village") -> list[Problem]:
    """Fields of a village, or of a township, whose values differ between its rows."""
    problems = []
    for field in fields:
        if field in rows.table:
            problems += _differing(rows, field, unit)
    return problems


def _differing(rows: Rows, field: str, unit: str) -> list[Problem]:
    pairs = rows.table[[unit, field]].drop_duplicates()
    if field in LENIENT:
        pairs = pairs[pairs[field] != ""]
    first = pd.Series(pairs.index, index=pairs.index).groupby(pairs[unit]).transform("first")
    later = pairs.index[(first != pairs.index) & (pairs[unit] != "")]

    def both(i: int) -> dict[str, object]:
        other = rows.other(int(first.loc[i]), field, beside=i)
        return {"unit": shown(text_of(rows.table[unit].iat[i])), **other}

    key = "frames.village.yes_and_no" if rows.table[field].dtype == bool else f"frames.{unit}.differing"
    return rows.each(key, later, field, fields=both)
