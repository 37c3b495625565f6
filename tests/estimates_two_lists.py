"""A tiny population with three lists in the same four villages, and all its two-stage samples."""

from itertools import combinations, product

import numpy as np
import pandas as pd

from sampling.estimates import survey_data

LISTS = {
    "": {"a": [1, 0, 0], "b": [0, 1], "c": [0, 0, 1], "d": [1, 1, 0]},
    "removed": {"a": [0, 1], "b": [], "c": [1], "d": [0, 1, 1]},
    "refused": {"a": [1], "b": [0, 0, 1], "c": [0], "d": [1, 0]},
}
"""By list and village: whether each household is in error."""
TAKEN = {"": 2, "removed": 2, "refused": 2}
DRAWN = 2


def every_sample():
    """All samples of 2 of the 4 villages, and of each list's households in them, with their chances.

    A sample is by list a table with a row for each household, and one for a village without.
    """
    villages = list(LISTS[""])
    for drawn in combinations(villages, DRAWN):
        cells = [(name, village) for name in LISTS for village in drawn]
        inside = [list(_inside(LISTS[name][village], TAKEN[name])) for name, village in cells]
        for chosen in product(*inside):
            rows = {name: [] for name in LISTS}
            for (name, village), picked in zip(cells, chosen, strict=True):
                size = len(LISTS[name][village])
                here = [_row(name, village, j, size) for j in picked]
                rows[name] += here or [{"village": village, "household": "", "N": 4, "M": None}]
            chance = 1 / 6 / np.prod([len(found) for found in inside])
            yield {name: pd.DataFrame(found) for name, found in rows.items()}, chance


def _inside(households, taken):
    return combinations(range(len(households)), min(taken, len(households)))


def _row(name, village, j, size):
    value = LISTS[name][village][j]
    more = {"wrong": value, "persons": 1 + j, "yuan": 100.0 * (1 + (j + len(village)) % 3)}
    return {"village": village, "household": f"{name}{j}", "N": 4, "M": size, **more}


def list_data(table, **options):
    """One list's table as survey data."""
    columns = {"psu": "village", "ssu": "household", "psu_count": "N", "ssu_count": "M"}
    return survey_data(table, **columns, **options)
