"""Which draws can be estimated: what is not built is refused by name, never estimated as something else."""

from collections.abc import Iterator

import pandas as pd

from sampling.designs import RANDOM_SIZE, UNEQUAL, Design
from sampling.words.errors import Problem

BUILT = ("srs", "systematic", "bernoulli", "poisson", "pareto", "sequential_poisson")
"""The methods that have a variance, at both stages."""


def unbuilt(design: Design | None, roll: pd.DataFrame) -> Iterator[Problem]:
    """What was drawn by a method that has no variance here, or without the chances that it needs.

    Raises
    ------
    ValueError
        If the roll lacks the columns lambda or substratum that the households' method needs.
    """
    if design is None:
        return
    for stage, selection in (("1", design.villages_by), ("2", design.households_by)):
        if selection.method not in BUILT:
            key = f"estimates.method.not_built_{stage}"
            yield Problem(key=key, value=selection.method, fields={"built": ", ".join(BUILT)})
    if design.households_by.method in UNEQUAL and design.households_by.method not in RANDOM_SIZE:
        needed = {"lambda", *(["substratum"] if design.categories else [])}
        if lacking := needed - set(roll.columns):
            raise ValueError(f"roll must have the columns {sorted(needed)}, got none of {sorted(lacking)}")
