"""Numbers that the design takes from fields of villages and households, which are text in every file."""

import math
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pandas as pd

from sampling.designs.design import DRAWN_BEFORE, Design

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def is_size(text: str) -> bool:
    """Whether a cell can measure a size: a number of 0 or more, written in plain digits."""
    return is_number(text) and not text.startswith("-")


def is_number(text: str) -> bool:
    """Whether a cell is a number written in plain digits, that a double can hold."""
    return bool(NUMBER.fullmatch(text)) and math.isfinite(float(text))


def each(texts: pd.Series, function: Callable[[str], Any]) -> pd.Series:
    """The function of every cell, reckoned once for each different text."""
    known = {text: function(text) for text in texts.unique()}
    return texts.map(known)


def village_sizes(villages: pd.DataFrame, design: Design) -> pd.Series:
    """The measure of size of every village as the method uses it: the field, times the weight of those
    drawn before; NaN where the field holds no size."""
    name = design.villages_by.size
    sizes = _sizes(villages, name)
    if design.drawn_before is None:
        return sizes
    return sizes.mask(drawn_before(villages), sizes * float(design.drawn_before))


def household_sizes(units: pd.DataFrame, design: Design) -> pd.Series:
    """The measure of size of every household; NaN where the field holds none."""
    return _sizes(units, design.households_by.size)


def drawn_before(villages: pd.DataFrame) -> pd.Series:
    """Which villages the wave before drew."""
    return villages[DRAWN_BEFORE] == "1"


def _sizes(table: pd.DataFrame, name: str) -> pd.Series:
    if not name:
        return pd.Series(1.0, index=table.index)
    return each(table[name], lambda text: float(text) if is_size(text) else math.nan).astype("float64")


def totals(values: pd.Series, groups: pd.Series) -> pd.Series:
    """Exact sums of a field's numbers by group."""
    return each(values, _exact).groupby(groups).sum()


def variances(values: pd.Series, groups: pd.Series) -> pd.Series:
    """Exact variances S^2 (divisor N - 1) of a field's numbers by group; 0 for a group of one."""
    by = [each(values, function).groupby(groups) for function in (_exact, lambda text: _exact(text) ** 2)]
    counts = by[0].size()
    triples = zip(counts.tolist(), by[0].sum().tolist(), by[1].sum().tolist(), strict=True)
    found = [Fraction(N * squares - total**2, max(1, N * (N - 1))) for N, total, squares in triples]
    return pd.Series(found, index=counts.index, dtype="object")


def _exact(text: str) -> Fraction | int:
    return Fraction(text) if "." in text else int(text)  # whole numbers are ten times as fast
