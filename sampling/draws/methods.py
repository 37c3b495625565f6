"""The methods: each a score on a unit's ticket. The n lowest scores are drawn, the next are the reserves."""

from collections.abc import Callable, Mapping

import pandas as pd


def srs(tickets: pd.Series) -> pd.Series:
    """Simple random sampling without replacement: the ticket itself is the score, pi is n/N.

    Scores are compared as whole lower-case hexadecimal digests, never as floats.
    """
    return tickets


METHODS: Mapping[str, Callable[[pd.Series], pd.Series]] = {"srs": srs}
"""Methods by the name that a design gives them."""
