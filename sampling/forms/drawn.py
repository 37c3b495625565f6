"""What was drawn, as forms need it: villages with their form numbers, households with their serials."""

from collections.abc import Mapping

import pandas as pd

from sampling.codes import ROLL

KEYS = ["list", "village", "household"]


def drawn_villages(sample: pd.DataFrame) -> pd.DataFrame:
    """The drawn villages, reserves left out, in the order of the sample.

    Parameters
    ----------
    sample
        The rows of `sample.csv`.

    Returns
    -------
    DataFrame
        township, stratum, village, role, form_id: the first 16 hex digits of the village's ticket.
    """
    rows = sample[(sample["stage"].astype(str) == "1") & (sample["role"] != "reserve")]
    villages = rows[["township", "stratum", "village", "role"]]
    return villages.assign(form_id=rows["ticket"].str[:16]).reset_index(drop=True)


def drawn_households(sample: pd.DataFrame) -> pd.DataFrame:
    """The drawn households of all lists, reserves left out, each with its serial number.

    Parameters
    ----------
    sample
        The rows of `sample.csv`.

    Returns
    -------
    DataFrame
        serial, list, township, village, household, in the order of the sample. A serial is the running
        number of the row, five digits or more, so it is unique in the campaign and can be redone.
    """
    rows = sample[(sample["stage"].astype(str) == "2") & (sample["role"] == "main")]
    households = rows[["list", "township", "village", "household"]].reset_index(drop=True)
    width = max(5, len(str(len(households))))
    serial = pd.Series([str(number + 1).zfill(width) for number in range(len(households))], dtype="str")
    households.insert(0, "serial", serial)
    return households


def issued_households(
    sample: pd.DataFrame, roll: pd.DataFrame, lists: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """The drawn households with everything that the roll or their list says of them.

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
        The columns of `drawn_households`, then the roll's own; same rows, same order.
    """
    known = [table.assign(list=name) for name, table in {ROLL: roll, **lists}.items()]
    every = pd.concat(known, ignore_index=True).drop(columns="township", errors="ignore")
    return drawn_households(sample).merge(every, how="left", on=KEYS, validate="one_to_one")
