"""The synthetic county: made from a seed, written as the files that an office would hand over."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import pandas as pd
import xlsxwriter

from sampling.files import csv_bytes, json_bytes, write_whole
from sampling.frames.county.answers import true_totals, truth_tables
from sampling.frames.county.office import source_tables
from sampling.frames.county.places import SHAPES, lay_over, lay_places
from sampling.frames.county.world import make_world

MADE = datetime(2026, 1, 1)  # a workbook's date of making: the same file every time


@dataclass(frozen=True, kw_only=True)
class County:
    """A synthetic county: the files an office would hand over, and the truth apart.

    `tables` and `truth` hold tables of text by file name; `totals` holds the true figures of
    `truth/totals.json`, by domain and parameter.
    """

    seed: int
    tables: Mapping[str, pd.DataFrame]
    truth: Mapping[str, pd.DataFrame]
    totals: Mapping[str, Any]

    def __repr__(self) -> str:
        rows, places = len(self.tables["roll.csv"]), len(self.tables["villages.csv"])
        return f"County(seed={self.seed}, {rows} households on the roll, {places} villages)"

    def write(self, folder: Path | str) -> None:
        """Write `source/*` and `truth/*` into the folder."""
        for name, table in self.tables.items():
            content = _workbook_bytes(table) if name.endswith(".xlsx") else csv_bytes(table)
            write_whole(Path(folder) / "source" / name, content)
        for name, table in self.truth.items():
            write_whole(Path(folder) / "truth" / name, csv_bytes(table))
        write_whole(Path(folder) / "truth" / "totals.json", json_bytes(dict(self.totals)))


def make_county(
    seed: int,
    *,
    size: Literal["county", "tiny"] = "county",
    villages: pd.DataFrame | None = None,
    conflict: bool = False,
) -> County:
    """A county without one real person; the same arguments give the same bytes.

    Parameters
    ----------
    seed
        Any whole number from 0 up.
    size
        "county" has the first report's totals: 26,214 households before the self-check, 25,719 after it.
        "tiny" has 400 before, and totals of its own in proportion.
    villages
        Lay the households over this list instead: township and village, perhaps village_name, township_name
        and kind ("unit" for municipal units). From 100 villages on the totals are the county's, below that
        in proportion to the villages. The people are invented; so is every finding about a real village.
    conflict
        Give the first town 31 villages, so that "20 %" and "3 to 5" cannot both hold.

    Raises
    ------
    ValueError
        If an argument is not one of these, or the list of villages is empty or names one twice.

    Notes
    -----
    The totals are the first report's. How this county reads what that leaves open:

    - The 400 villages are those of the 17 towns and 3 streets; the 17 municipal units have 1 to 6 base units
      each beside them, 1,214 households together, and the other 25,000 live in the villages.
    - 16 of the 400 villages are blank: nothing is detected there, nobody is removed and nobody included.
      The other 384, and all base units, did their self-check. Two villages and two base units
      have no household.
    - The village error rate (Beta, ICC 0.05) is that of the roll before the self-check. Detection is a town's
      (Beta, standard deviation 8 points), and villages differ around it so that the errors which are left
      cluster as much as those before: the ICC on the roll after the self-check is about 0.05 too.
    - The 40 wrong new inclusions have grounds of their own, beside the 668 that the self-check left.
    - Five-guarantee, 40 % relief and other relief count persons, and have no errors.
    """
    if size not in SHAPES:
        raise ValueError(f"size must be one of {', '.join(SHAPES)}, got {size!r}")
    if villages is not None and conflict:
        raise ValueError("conflict must be False where a list of villages is given, got True")
    if villages is None:
        places = lay_places(seed, SHAPES[size], conflict=conflict)
    else:
        places = lay_over(seed, villages)
    world = make_world(seed, places)
    return County(
        seed=seed,
        tables=MappingProxyType(source_tables(world)),
        truth=MappingProxyType(truth_tables(world)),
        totals=MappingProxyType(true_totals(world)),
    )


def _workbook_bytes(table: pd.DataFrame) -> bytes:
    """A table as a workbook with one sheet; every cell is text, so that long numbers keep their digits."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": False}) as book:
        book.set_properties({"created": MADE})
        sheet = book.add_worksheet()
        for row, cells in enumerate([list(table.columns), *table.to_numpy().tolist()]):
            for column, cell in enumerate(cells):
                sheet.write_string(row, column, cell)
        sheet.autofit()
    return out.getvalue()
