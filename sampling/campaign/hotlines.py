"""The list of reports from the hotline."""

from pathlib import Path

import pandas as pd

from sampling.files import read_csv
from sampling.words import InputError, Problem

HOTLINE_COLUMNS = {
    "report": ("举报编号", "编号", "report"),
    "township": ("乡镇", "镇", "township"),
    "village": ("村编号", "村", "village"),
    "household": ("户编号", "户号", "household"),
}
"""The titles of its columns, as offices write them."""


def read_hotline(path: Path) -> pd.DataFrame:
    """The reports of the hotline: report, township, village, household.

    Raises
    ------
    InputError
        If there is no such file, or columns are missing: all of them are named.
    """
    if not path.exists():
        raise InputError([Problem(key="followup.no_hotline", file=path.name)])
    table = read_csv(path)
    places = {field: _column(table, names) for field, names in HOTLINE_COLUMNS.items()}
    missing = [HOTLINE_COLUMNS[field][0] for field, name in places.items() if name is None]
    if missing:
        raise InputError(
            [Problem(key="followup.hotline_column", file=path.name, column=name) for name in missing]
        )
    return pd.DataFrame({field: table[name] for field, name in places.items()})


def _column(table: pd.DataFrame, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in table), None)
