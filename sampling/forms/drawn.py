"""What was drawn, as forms need it: villages with their form numbers, households with their serials."""

from collections.abc import Mapping

import pandas as pd

from sampling.codes import ROLL
from sampling.draws.roles import RESERVE, drawn_rows

KEYS = ["list", "village", "household"]


def drawn_villages(sample: pd.DataFrame) -> pd.DataFrame:
    """The drawn villages, without reserves and without those that a reserve replaced, in the sample's order.

    Parameters
    ----------
    sample
        The rows of `sample.csv`.

    Returns
    -------
    DataFrame
        township, stratum, village, role, form_id: the first 16 hex digits of the village's ticket.
    """
    return drawn_rows(numbered_villages(sample)).reset_index(drop=True)


def numbered_villages(sample: pd.DataFrame) -> pd.DataFrame:
    """The drawn villages and those that a reserve replaced, with the columns of `drawn_villages`."""
    rows = sample[(sample["stage"].astype(str) == "1") & (sample["role"] != RESERVE)]
    villages = rows[["township", "stratum", "village", "role"]]
    return villages.assign(form_id=rows["ticket"].str[:16]).reset_index(drop=True)


def drawn_households(sample: pd.DataFrame) -> pd.DataFrame:
    """The drawn households of all lists, each with its serial number: those that forms go out for.

    Parameters
    ----------
    sample
        The rows of `sample.csv`.

    Returns
    -------
    DataFrame
        serial, list, township, village, household, ticket, in the order of the sample.
    """
    return drawn_rows(numbered_households(sample)).drop(columns="role").reset_index(drop=True)


def numbered_households(sample: pd.DataFrame) -> pd.DataFrame:
    """The drawn households and those that a reserve replaced: forms of both can come back.

    Parameters
    ----------
    sample
        The rows of `sample.csv`; where the draw was added to, those of `Campaign.issued()`, whose order keeps
        the serials that were given out.

    Returns
    -------
    DataFrame
        serial, list, township, village, household, role, ticket (its first 16 hex digits), in the order of
        the rows. A serial is the running number of the row, five digits or more, so it is unique in the
        campaign and can be redone.
    """
    rows = sample[(sample["stage"].astype(str) == "2") & (sample["role"] != RESERVE)]
    households = rows[["list", "township", "village", "household", "role"]]
    households = households.assign(ticket=rows["ticket"].str[:16]).reset_index(drop=True)
    width = max(5, len(str(len(households))))
    serial = pd.Series([str(number + 1).zfill(width) for number in range(len(households))], dtype="str")
    households.insert(0, "serial", serial)
    return households


def issued_households(
    sample: pd.DataFrame, roll: pd.DataFrame, lists: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """The numbered households with everything that the roll or their list says of them.

    Parameters
    ----------
    sample
        The rows of `sample.csv`.
    roll
        The restricted roll, one row per household.
    lists
        The other drawn lists by name, with the same columns.

    Returns
    -------
    DataFrame
        The columns of `numbered_households`, then the roll's own; same rows, same order.
    """
    known = [table.assign(list=name) for name, table in {ROLL: roll, **lists}.items()]
    every = pd.concat(known, ignore_index=True).drop(columns=["township", "role", "ticket"], errors="ignore")
    return numbered_households(sample).merge(every, how="left", on=KEYS, validate="one_to_one")
