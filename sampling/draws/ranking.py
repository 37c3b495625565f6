"""One stage of a draw: the units of every group put in order, and how many of them are drawn."""

import re

import pandas as pd

from sampling.designs import Selection
from sampling.draws.methods import METHODS

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def positions(units: pd.DataFrame, order: tuple[str, ...], unit: str) -> pd.Series:
    """The place of every unit of a file in the order of a systematic draw: by the fields, then by the id.

    A field whose every filled cell is a number sorts as numbers, the empty cells first; else as text.
    """
    keys = {f"key{i}": _sortable(units[name]) for i, name in enumerate(order)}
    table = pd.DataFrame({**keys, "unit": units[unit]})
    by = table.sort_values(list(table.columns), na_position="first").index
    return pd.Series(range(len(by)), index=by).reindex(units.index)


def _sortable(cells: pd.Series) -> pd.Series:
    filled = cells[cells != ""]
    numbers = filled.map(lambda cell: NUMBER.fullmatch(cell) is not None).all()
    return cells.where(cells != "", None).astype("float64") if numbers else cells


def ranked(units: pd.DataFrame, selection: Selection, unit: str) -> pd.DataFrame:
    """The units with their `rank` in their group, those that cannot be drawn left out, and the number drawn.

    Parameters
    ----------
    units
        group, ticket, certain (taken whatever the method), N, n, the column `unit`; lambda as text, or start
        and position, where the method needs them. n is not read where the method has no fixed size.
    selection
        Method and order.

    Returns
    -------
    units
        In order within every group, with score (0 for certain units) and rank; n is the number drawn.
    """
    method = METHODS[selection.method]
    if "lambda" in units:
        units = units.assign(**{"lambda": units["lambda"].map(float.fromhex)})
        units = units[(units["lambda"] > 0) | units["certain"]]
    open_units = units[~units["certain"]]
    score = method.score(open_units).reindex(units.index, fill_value=0.0)
    units = units.assign(score=score).sort_values(["group", "score", "ticket", unit])
    units["rank"] = units.groupby("group", sort=False).cumcount() + 1
    if not method.fixed:
        units["n"] = (units["score"] < 1).groupby(units["group"]).transform("sum")
    return units
