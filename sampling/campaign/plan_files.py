"""The plan of visits on disk: its two tables, what they were made from, and the plans before."""

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.plan_inputs import DAYS, PLAN
from sampling.files import csv_bytes, json_bytes, read_csv
from sampling.visits.plan import DAY_COLUMNS, PLAN_COLUMNS, VisitPlan
from sampling.words import InputError, Problem

MARK = "visits/plan.json"
"""What the plan was made from and its notes; a plan counts only while this is there."""
EARLIER = "visits/earlier"
"""Where every plan that was replaced lies, by number from 1."""
WHOLE = {"day", "stop", "households", "villages"}
NUMBERS = {"km", "km_back", "hours"}


def read_plan(campaign: Campaign) -> VisitPlan | None:
    """The plan of visits; None if there is none yet.

    Raises
    ------
    InputError
        If its tables lack columns or have cells that are no numbers: somebody changed them.
    """
    if not campaign.has(MARK):
        return None
    told = json.loads((campaign.folder / MARK).read_text(encoding="utf-8"))
    tables, problems = [], list[Problem]()
    for name, columns in ((PLAN, PLAN_COLUMNS), (DAYS, DAY_COLUMNS)):
        table, found = _typed(read_csv(campaign.path(name, "plan")), columns, name)
        tables.append(table)
        problems += found
    if problems:
        raise InputError(problems)
    return VisitPlan(
        visits=tables[0],
        days=tables[1],
        notes=tuple(Problem(**note) for note in told["notes"]),
        made_from=told["made_from"],
    )


def _typed(table: pd.DataFrame, columns: tuple[str, ...], file: str) -> tuple[pd.DataFrame, list[Problem]]:
    """A table with numbers as numbers, or every column that is missing and every cell that is no number."""
    if missing := [name for name in columns if name not in table]:
        return table, [Problem(key="visiting.no_plan_column", file=file, column=name) for name in missing]
    problems, typed = [], dict[str, pd.Series]()
    for name in columns:
        if name in WHOLE | NUMBERS:
            typed[name] = pd.to_numeric(table[name], errors="coerce")
            bad = _no_number(table[name], typed[name], whole=name in WHOLE)
            problems += [
                Problem(
                    key="visiting.no_number", file=file, row=row + 2, column=name, value=table[name].iloc[row]
                )
                for row in np.flatnonzero(bad).tolist()
            ]
    if problems:
        return table, problems
    whole = {name: "int64" for name in typed if name in WHOLE}
    return table[list(columns)].assign(**typed).astype(whole), []


def _no_number(written: pd.Series, read: pd.Series, *, whole: bool) -> np.ndarray:
    """Cells that are no number, or no whole one; a way may be empty, for it can be unknown."""
    if whole:
        return ~(read.notna() & (read % 1 == 0)).to_numpy(dtype=bool)
    return (read.isna() & (written != "")).to_numpy(dtype=bool)


def write_plan(campaign: Campaign, plan: VisitPlan, more: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write a plan, the one before put beside it; `more` are other files of this step, by place.

    Returns
    -------
    tuple of Path
        What to look at: both tables and the other files.
    """
    folder = campaign.folder
    tables = {PLAN: csv_bytes(plan.visits), DAYS: csv_bytes(plan.days)}
    notes = [_kept(note) for note in plan.notes]
    told = {"made_from": plan.made_from, "notes": notes}
    files = {**_replaced(folder, tables[PLAN]), **tables, **more, MARK: json_bytes(told)}
    place.put_in_place(folder, files, mark=MARK)
    return tuple(folder / name for name in (PLAN, DAYS, *more))


def _kept(note: Problem) -> dict[str, object]:
    parts = {part.name: getattr(note, part.name) for part in fields(note)}
    return parts | {"fields": dict(note.fields)}


def _replaced(folder: Path, new: bytes) -> dict[str, bytes]:
    """The files of the plan that is there, at their place among the earlier ones; none if it stays."""
    present = [folder / name for name in (PLAN, DAYS, MARK)]
    if not all(path.exists() for path in present) or present[0].read_bytes() == new:
        return {}
    number = 1 + max((int(path.name) for path in (folder / EARLIER).glob("[0-9]*")), default=0)
    return {f"{EARLIER}/{number}/{path.name}": path.read_bytes() for path in present}
