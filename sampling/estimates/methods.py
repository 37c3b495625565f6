"""Which draws can be estimated: what is not built is refused by name, never estimated as something else."""

from collections.abc import Iterator

import pandas as pd

from sampling.designs import Design
from sampling.draws.roles import REPLACED
from sampling.words.errors import Problem

BUILT = {"1": ("srs", "systematic"), "2": ("srs", "systematic")}
"""The methods that have a variance, by stage."""
CLOSE = 1e-9


def unbuilt(sample: pd.DataFrame, design: Design | None) -> Iterator[Problem]:
    """What the sample was drawn by that has no variance here."""
    if design is not None:
        for stage, selection in (("1", design.villages_by), ("2", design.households_by)):
            if selection.method not in BUILT[stage]:
                key = f"estimates.method.not_built_{stage}"
                yield Problem(key=key, value=selection.method, fields={"built": ", ".join(BUILT[stage])})
    if "substratum" in sample:
        yield Problem(key="estimates.method.substrata_not_built")
    if (sample["role"] == REPLACED).any():
        yield Problem(key="estimates.method.reserves_not_built")
