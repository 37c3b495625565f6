"""The frame: every village and household that can be drawn, with a fingerprint that needs no order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sampling.files import read_csv
from sampling.frames.checks import differing, doubled, two_towns
from sampling.frames.hashes import fingerprint
from sampling.frames.ids import CONTROL, by_value, id_problems
from sampling.frames.roll import Roll, Villages
from sampling.frames.rows import Rows, gravest_first, shown, stack, text_of, unplaced
from sampling.frames.values import parse, yes
from sampling.words import REPORTED, InputError, Problem, refuse_if_any

UNITS = ["township", "village", "household", "certainty"]
VILLAGES = ["township", "village", "certainty"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Frame:
    """Checked units: the rows of frame.csv and villages.csv, sorted by the bytes of their ids."""

    units: pd.DataFrame
    """township, village, household, certainty, then every household field that the design names; all text.
    A village without a household has one row, household ""."""

    villages: pd.DataFrame
    """township, village, certainty ("0" or "1"), then every field that the design names; all text."""

    sizes: pd.Series
    """Households of each village, M: as counted in the roll, else as the list of villages says, else 0."""

    control_totals: dict[str, int | None]
    """households, persons and amount_fen of the roll, for the payment file to agree with; None if unknown."""

    notes: tuple[Problem, ...] = ()

    @cached_property
    def fingerprint(self) -> str:
        """The two-level SHA-256 of the rows of frame.csv."""
        return fingerprint(self.units.itertuples(index=False, name=None))

    @cached_property
    def villages_sha256(self) -> str:
        """The same hash of the rows of villages.csv."""
        return fingerprint(self.villages.itertuples(index=False, name=None))

    @property
    def counts(self) -> dict[str, int]:
        """townships, villages, villages_without_household, households."""
        return {
            "townships": self.villages["township"].nunique(),
            "villages": len(self.villages),
            "villages_without_household": int((self.sizes == 0).sum()),
            "households": int(self.sizes.sum()),
        }

    def to_table(self) -> pd.DataFrame:
        """One row per township: its villages, those taken with certainty, those empty, its households."""
        villages = self.villages.assign(
            households=self.sizes.reindex(self.villages["village"]).to_numpy(),
            certain=self.villages["certainty"] == "1",
        )
        return villages.groupby("township", as_index=False).agg(
            villages=("village", "size"),
            certainty=("certain", "sum"),
            villages_without_household=("households", lambda sizes: int((sizes == 0).sum())),
            households=("households", "sum"),
        )

    def __repr__(self) -> str:
        numbers = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in self.counts.items())
        return f"Frame({numbers}; fingerprint {self.fingerprint[:16]}…)"

    def _repr_html_(self) -> str:
        return self.to_table().to_html(index=False)


def make_frame(
    roll: Roll | None,
    villages: Villages | None,
    *,
    certainty: str = "",
    fields: Sequence[str] = (),
    household_fields: Sequence[str] = (),
) -> Frame:
    """Check a roll against the list of villages and make the frame that can be drawn from.

    Parameters
    ----------
    roll
        Households; None if only villages are to be drawn.
    villages
        The list of villages; villages without a household come from here. None if the roll is all there is.
    certainty
        A yes/no field of the village: villages with yes are taken with certainty.
    fields
        Fields of the village that the design names; they become columns of villages.csv.
    household_fields
        Fields of the household that the design names; they become columns of frame.csv.

    Raises
    ------
    InputError
        With every reason why the two do not fit together.
    ValueError
        If there is neither a roll nor a list.
    """
    parts = [_placed(part) for part in (villages, roll) if part is not None]
    if not parts:
        raise ValueError("roll or villages must be given, got neither")
    told = {_place(note) for part in (villages, roll) if part is not None for note in part.notes}
    problems = _unit_problems(parts, roll, told)
    if roll is not None and villages is not None:
        problems += _reconciled(listed=parts[0], rolled=parts[1])
    table = stack(parts, ["township", "village"]).table.drop_duplicates("village").reset_index(drop=True)
    sizes = _sizes(table["village"], roll, villages)
    names = [name for name in dict.fromkeys(fields) if name not in VILLAGES]
    columns = {"certainty": pd.Series("0", index=sizes.index)}
    for name in names:
        counted = name == "households" and roll is not None
        columns[name], found = (sizes.map(str), []) if counted else _village_field(parts, name)
        problems += found
    if certainty:
        columns["certainty"], found = _certainty(parts, certainty)
        problems += found
    held, found = _household_columns(parts[-1] if roll is not None else None, household_fields)
    problems += found
    refuse_if_any(gravest_first(problems))
    for name, values in columns.items():
        table[name] = values.reindex(table["village"]).fillna("0" if name == "certainty" else "").to_numpy()
    table = _sorted(table.astype("str"))
    return Frame(
        units=_units(table, roll, held),
        villages=table,
        sizes=sizes.reindex(table["village"]),
        control_totals=_control_totals(roll, villages),
        notes=tuple(problems),
    )


def _placed(part: Roll | Villages) -> Rows:
    return part.places if part.places is not None else unplaced(part.table.reset_index(drop=True))


def _place(problem: Problem) -> tuple[str, str, int | None, str]:
    return problem.key, problem.file, problem.row, problem.column


def _unit_problems(parts: Sequence[Rows], roll: Roll | None, told: set[tuple]) -> list[Problem]:
    """Units twice, ids that cannot be drawn, a village in two towns, in one part or between the two.

    What the files were refused or reported for when they were read is not said again.
    """
    problems: list[Problem] = []
    if roll is not None:
        problems += [problem for problem in id_problems(parts[-1]) if problem.severity != REPORTED]
        problems += doubled(parts[-1], ["township", "village", "household"], "frames.household.doubled")
    if len(parts) > 1 or roll is None:
        problems += doubled(parts[0], ["township", "village"], "frames.village.doubled")
    units = stack(parts, ["township", "village"])
    known = {_place(problem) for problem in problems} | told
    problems += [problem for problem in id_problems(units) if _place(problem) not in known]
    return problems + two_towns(units)


def _reconciled(*, listed: Rows, rolled: Rows) -> list[Problem]:
    """Villages of the roll that the list has not, and counts of households that differ: reported."""
    villages = rolled.table["village"]
    first = villages.drop_duplicates()
    unlisted = first.index[~first.isin(listed.table["village"])]
    problems = rolled.each("frames.village.not_listed", unlisted, "village", severity=REPORTED)
    if "households" in listed.table:
        said, listed_ids = listed.table["households"], listed.table["village"]
        counted = listed_ids.map(villages.value_counts()).fillna(0).astype("Int64")
        torn = np.flatnonzero((said.notna() & (said != counted)).fillna(False))
        problems += listed.each(
            "frames.village.count_differs",
            torn,
            "households",
            severity=REPORTED,
            fields=lambda i: {"village": shown(str(listed_ids.iat[i])), "counted": counted.iat[i]},
        )
    return problems


def _village_field(parts: Sequence[Rows], name: str) -> tuple[pd.Series, list[Problem]]:
    """A field's text by village, from the list where it has the field, and what is wrong with it."""
    having = [part for part in parts if name in part.table]
    if not having:
        known = sorted(set.union(*(set(map(str, part.table)) for part in parts)) - set(UNITS))
        return _nothing(), [
            Problem(key="frames.field.missing", value=name, fields={"known": ", ".join(known)})
        ]
    rows, problems = _as_text(stack(having, ["village", name]), name)
    problems += differing(rows, [name])
    return rows.table.drop_duplicates("village").set_index("village")[name], problems


def _as_text(rows: Rows, name: str) -> tuple[Rows, list[Problem]]:
    """The rows with this field as text, and the cells that would break a line or a hash."""
    texts = ["" if pd.isna(cell) else text_of(cell) for cell in rows.table[name]]
    rows = replace(rows, table=rows.table.assign(**{name: pd.Series(texts, dtype="str")}))
    broken = np.flatnonzero(
        by_value(rows.table[name], lambda text: "x" if CONTROL.search(text) else "") == "x"
    )
    return rows, rows.each("frames.field.control", broken, name)


def _household_columns(
    rows: Rows | None, names: Sequence[str]
) -> tuple[dict[str, np.ndarray], list[Problem]]:
    """The text of each of these fields, household by household as in the roll, and what is wrong with it."""
    columns: dict[str, np.ndarray] = {}
    problems: list[Problem] = []
    there = set() if rows is None else set(map(str, rows.table))
    for name in (name for name in dict.fromkeys(names) if name not in UNITS):
        if rows is None or name not in there:
            known = ", ".join(sorted(there - set(UNITS)))
            problems.append(Problem(key="frames.field.missing", value=name, fields={"known": known}))
            continue
        read, found = _as_text(rows, name)
        columns[name] = read.table[name].to_numpy()
        problems += found
    return columns, problems


def _certainty(parts: Sequence[Rows], name: str) -> tuple[pd.Series, list[Problem]]:
    """ "1" by village where its yes/no field says yes, else "0"."""
    read, problems = [], []
    for part in parts:
        if name in part.table and part.table[name].dtype != bool:
            answers, found = parse(part, name, yes)
            problems += found
            part = replace(part, table=part.table.assign(**{name: [answer is True for answer in answers]}))
        read.append(part)
    values, found = _village_field(read, name)
    return values, problems + found


def _nothing() -> pd.Series:
    return pd.Series(dtype="str", index=pd.Index([], dtype="str"))


def _sizes(villages: pd.Series, roll: Roll | None, listed: Villages | None) -> pd.Series:
    """Households by village: counted in the roll; without a roll, as the list says; else 0."""
    index = pd.Index(villages, name="village")
    if roll is not None:
        return roll.table["village"].value_counts().reindex(index, fill_value=0).rename("households")
    table = listed.table if listed is not None else pd.DataFrame()
    said = table["households"].fillna(0).to_numpy() if "households" in table else np.zeros(len(table))
    return pd.Series(said.astype("int64"), index=index, name="households")


def _sorted(table: pd.DataFrame) -> pd.DataFrame:
    """Rows by the bytes of their ids, whatever order the files had."""
    keys = [name for name in UNITS[:3] if name in table]
    order = sorted(range(len(table)), key=list(table[keys].itertuples(index=False, name=None)).__getitem__)
    return table.iloc[order].reset_index(drop=True)


def _units(villages: pd.DataFrame, roll: Roll | None, held: Mapping[str, np.ndarray]) -> pd.DataFrame:
    certainty = villages.set_index("village")["certainty"]
    rows = roll.table[UNITS[:3]] if roll is not None else pd.DataFrame(columns=UNITS[:3], dtype="str")
    empty = villages.loc[~villages["village"].isin(rows["village"]), ["township", "village"]].assign(
        household=""
    )
    units = pd.concat([rows, empty], ignore_index=True)
    units["certainty"] = units["village"].map(certainty)
    for name, texts in held.items():
        units[name] = [*texts, *[""] * len(empty)]
    return _sorted(units.astype("str"))


def _control_totals(roll: Roll | None, villages: Villages | None) -> dict[str, int | None]:
    """Sums for the payment file to agree with; of a list of villages alone, its count of households."""
    if roll is None:
        households = _total(villages.table, "households") if villages is not None else None
        return {"households": households, "persons": None, "amount_fen": None}
    sums = {name: _total(roll.table, name) for name in ("persons", "amount_fen")}
    return {"households": len(roll.table), **sums}


def _total(table: pd.DataFrame, name: str) -> int | None:
    return int(table[name].sum()) if name in table else None


def read_frame(frame_csv: Path, villages_csv: Path) -> Frame:
    """The frame of a commit, from its two files with all their columns; control totals stand in the commit.

    Raises
    ------
    InputError
        If a file is missing, lacks a column, or the two do not have the same villages.
    """
    units, problems = _committed(frame_csv, UNITS)
    villages, found = _committed(villages_csv, VILLAGES)
    refuse_if_any(problems + found)
    sides = [set(table[VILLAGES].itertuples(index=False, name=None)) for table in (units, villages)]
    if torn := sorted(sides[0] ^ sides[1]):
        value = shown(" / ".join(torn[0]))
        fields = {"count": len(torn), "other_file": villages_csv.name}
        raise InputError(
            [Problem(key="frames.committed.differ", file=frame_csv.name, value=value, fields=fields)]
        )
    households = units.loc[units["household"] != "", "village"].value_counts()
    if households.empty and "households" in villages:
        households = villages.set_index("village")["households"].replace("", "0").astype(int)
    sizes = (
        households.reindex(pd.Index(villages["village"]), fill_value=0).astype("int64").rename("households")
    )
    totals: dict[str, int | None] = {"households": int(sizes.sum()), "persons": None, "amount_fen": None}
    return Frame(units=units, villages=villages, sizes=sizes, control_totals=totals)


def _committed(path: Path, needs: Sequence[str]) -> tuple[pd.DataFrame, list[Problem]]:
    if not path.exists():
        return pd.DataFrame(), [Problem(key="frames.file.missing", file=path.name)]
    table = read_csv(path)
    missing = [name for name in needs if name not in table]
    fields: dict[str, Any] = {"names": ", ".join(missing)}
    problems = [Problem(key="frames.committed.column", file=path.name, fields=fields)] if missing else []
    return table, problems
