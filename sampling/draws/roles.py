"""What a unit of the sample is there for: drawn, next in order, or replaced."""

import pandas as pd

MAIN, CERTAINTY, RESERVE, REPLACED = "main", "certainty", "reserve", "replaced"
DRAWN = (MAIN, CERTAINTY)
"""Roles of the units that are inspected and that estimates are made from."""


def drawn_rows(sample: pd.DataFrame) -> pd.DataFrame:
    """The rows of `sample.csv` whose units are inspected: no reserve, no unit that a reserve replaced."""
    return sample[sample["role"].isin(DRAWN)]
