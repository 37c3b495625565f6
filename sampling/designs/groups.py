"""Who is drawn together: the stratum of a village, the substratum of a household."""

import pandas as pd

from sampling.designs.design import Design, SizeRule

CERTAINTY = "/certainty"
"""What follows the town's id in the name of its take-all stratum."""


def stratum_of(villages: pd.DataFrame) -> pd.Series:
    """The stratum of each village: its town, or town + "/certainty" for the villages that are all taken."""
    taken = villages["certainty"] == "1"
    return villages["township"].where(~taken, villages["township"] + CERTAINTY)


def substratum_of(units: pd.DataFrame, design: Design) -> pd.Series:
    """The substratum of each household: its value where the design has a rule for it, else ""."""
    for name, rules in design.categories.items():
        return units[name].where(units[name].isin(list(rules)), "")  # read_design takes one field at most
    return pd.Series("", index=units.index, dtype="str")


def household_rule(design: Design, substratum: str) -> SizeRule:
    """The size rule of a substratum; that of all households where it is ""."""
    own = {value: rule for rules in design.categories.values() for value, rule in rules.items()}
    return own[substratum] if substratum else design.households
