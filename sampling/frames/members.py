"""One row per member folded into households, the head's row leading.

A roll has one row per member if it has a column of relations to the head, or a column of members' names
beside the head's name. Members belong to the household whose id stands on their row, or, where they have
no household id of their own, to the head (与户主关系 = 户主) above them.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from sampling.frames.gather import Gathered
from sampling.frames.rows import Rows, shown
from sampling.frames.values import ID_FIELDS
from sampling.words import REPORTED, Problem, fold

HEADS = frozenset(
    {"户主", "本人", "户主本人", "本人(户主)", "户主(本人)", "申请人", "申请人本人", "head", "self"}
)
SHARED = ("township_name", "village_name", "kind", "blank", "group", "address", "category", "programme")
"""Fields of the whole household: where the head's row is empty, a member's row may say them."""

DOUBLED = "frames.household.doubled"
SUMS = ("amount_fen", "persons", "entitled")


def fold_members(gathered: Gathered) -> tuple[Rows, list[Problem]]:
    """The households of a roll, one row each, and what a reader must know about how they came about."""
    rows = gathered.rows
    if not set(ID_FIELDS) <= set(rows.table):
        return rows, []
    if "relation" not in rows.table:
        if "member_name" not in rows.table:
            return rows, []
        return (rows, _unnumbered(rows)) if gathered.personal.any() else _fold(rows)
    heads = rows.table["relation"].map(_is_head).to_numpy(dtype=bool)
    rows, leader, problems = _follow(rows, heads, gathered.personal)
    folded, more = _fold(rows, heads=heads, leader=leader)
    return folded, problems + more


def _is_head(relation: str) -> bool:
    return "".join(fold(relation).split()).lower() in HEADS


def _unnumbered(rows: Rows) -> list[Problem]:
    """Members in a roll that numbers neither households nor says who is the head: nothing joins them."""
    table = rows.table
    heads = table.get("household_name", "")
    others = np.flatnonzero((table["member_name"] != heads) & (table["member_name"] != ""))
    return rows.each("frames.member.unnumbered", others, "household")


def _follow(rows: Rows, heads: np.ndarray, personal: np.ndarray) -> tuple[Rows, np.ndarray, list[Problem]]:
    """Give each member without a household id of its own the ids of the head above it in the same file.

    The array has the position of that head, or else of the row itself.
    """
    table = rows.table.copy()
    follower = ~heads & (personal | (table["household"] == "").to_numpy())
    head_at = pd.Series(np.where(heads, np.arange(len(table)), -1))
    above = head_at.groupby(pd.Series(rows.files)).cummax().to_numpy()
    orphans = np.flatnonzero(follower & (above < 0))
    problems = rows.each("frames.member.no_head_above", orphans, "relation")
    led = np.flatnonzero(follower & (above >= 0))
    for field in ("township", "village"):
        own = table[field].to_numpy()
        strayed = led[(own[led] != "") & (own[led] != own[above[led]])]
        problems += rows.each("frames.member.elsewhere", strayed, field, fields=_beside(rows, above, field))
    for field in ID_FIELDS:
        if field in table:
            column = table[field].to_numpy(dtype=object, copy=True)
            column[led] = column[above[led]]
            table[field] = pd.Series(column, dtype="str")
    leader = np.arange(len(table))
    leader[led] = above[led]
    return rows.take(np.arange(len(table)), table), leader, problems


def _beside(rows: Rows, others: np.ndarray, field: str) -> Callable[[int], Mapping[str, object]]:
    """For each row the place and value of the row that belongs beside it."""
    return lambda i: rows.other(int(others[i]), field, beside=i)


def _fold(
    rows: Rows, *, heads: np.ndarray | None = None, leader: np.ndarray | None = None
) -> tuple[Rows, list[Problem]]:
    """Fold the rows of each (village, household) into one; a head without an id still leads its members."""
    table = rows.table
    leader = np.arange(len(table)) if leader is None else leader
    alone = (table["household"] == "").to_numpy()
    group = table.groupby(["village", "household"], sort=False).ngroup().to_numpy()
    group = np.where(alone, group.max(initial=-1) + 1 + leader, group)
    lead = _leads(table, group, heads)
    problems = _doubled_heads(rows, group, heads) if heads is not None else _doubled_members(rows, group)
    if heads is None and len(lead) == len(table):
        return _named(rows), problems
    problems += _headless(rows, group, lead, heads)
    folded, more = _household_values(rows, group, lead, heads)
    problems += more
    count = {"rows": len(table), "households": len(lead)}
    note = Problem(key="frames.member.folded", file=_files(rows), severity=REPORTED, fields=count)
    return _named(rows.take(lead, folded)), [note, *problems]


def _leads(table: pd.DataFrame, group: np.ndarray, heads: np.ndarray | None) -> np.ndarray:
    """Position of the leading row of each household: the head's, else the first."""
    if heads is None:
        named = {"member_name", "household_name"} <= set(table)
        heads = (
            (table["member_name"] == table["household_name"]).to_numpy()
            if named
            else np.zeros(len(table), bool)
        )
    order = pd.DataFrame({"group": group, "later": ~heads})
    first = order.sort_values(["group", "later"], kind="stable").drop_duplicates("group")
    return np.sort(first.index.to_numpy())


def _doubled_heads(rows: Rows, group: np.ndarray, heads: np.ndarray) -> list[Problem]:
    """Two heads under one household id are two households, or one that is on the roll twice."""
    at = np.arange(len(heads))
    first = pd.Series(np.where(heads, at, len(at))).groupby(group).transform("min").to_numpy()
    later = np.flatnonzero(heads & (first != at))
    return rows.each(DOUBLED, later, "household", fields=_beside(rows, first, "household"))


def _doubled_members(rows: Rows, group: np.ndarray) -> list[Problem]:
    """Without relations, a member twice or another head's name: the household is there twice."""
    table, at = rows.table, np.arange(len(rows.table))
    first = pd.Series(at).groupby(group).transform("min").to_numpy()
    twice = pd.DataFrame({"group": group, "name": table["member_name"]}).duplicated().to_numpy()
    if "household_name" in table:
        heads = table["household_name"].to_numpy()
        twice = twice | (heads != "") & (heads[first] != "") & (heads != heads[first])
    later = np.flatnonzero(twice & (first != at))
    return rows.each(DOUBLED, later, "household", fields=_beside(rows, first, "household"))


def _headless(rows: Rows, group: np.ndarray, lead: np.ndarray, heads: np.ndarray | None) -> list[Problem]:
    if heads is None:
        return []
    without = [i for i in lead if not heads[i]]
    return rows.each("frames.member.no_head", without, "household", severity=REPORTED)


def _household_values(
    rows: Rows, group: np.ndarray, lead: np.ndarray, heads: np.ndarray | None
) -> tuple[pd.DataFrame, list[Problem]]:
    """The leading rows, with the money and the counts of the whole household."""
    table = rows.table
    folded = table.iloc[lead].reset_index(drop=True)
    at = group[lead]
    problems: list[Problem] = []
    for field in SUMS:
        if field in table:
            values, found = _one_value(rows, field, group)
            folded[field] = values.reindex(at).astype("Int64").array
            problems += found
    if "member_amount_fen" in table and "amount_fen" not in table:
        sums = table["member_amount_fen"].groupby(group).sum(min_count=1)
        folded["amount_fen"] = sums.reindex(at).astype("Int64").array
        problems.append(Problem(key="frames.member.summed", file=_files(rows), severity=REPORTED))
    if "persons" not in table:
        folded["persons"] = pd.Series(group).value_counts().reindex(at).astype("Int64").array
        problems.append(Problem(key="frames.member.counted", file=_files(rows), severity=REPORTED))
    for field in SHARED:
        if field in table and field != "blank":
            said = table[field].where(table[field] != "").groupby(group).first().reindex(at).fillna("")
            folded[field] = folded[field].where(folded[field] != "", said.to_numpy()).astype("str")
    return folded, problems


def _one_value(rows: Rows, field: str, group: np.ndarray) -> tuple[pd.Series, list[Problem]]:
    """The household's amount or count: the one value that its rows hold, a zero giving way to another.

    The same amount on several rows is the household's, written on each: kept once, and reported. Different
    amounts cannot both be the household's: refused.
    """
    values = rows.table[field]
    said = values.where(values != 0).groupby(group)
    lowest, highest, number = said.min(), said.max(), said.count()
    chosen = highest.fillna(values.groupby(group).max())
    kind = "amount" if field == "amount_fen" else "count"
    torn = lowest.index[(lowest != highest).fillna(False).to_numpy(dtype=bool)]
    rows_torn = np.flatnonzero(np.isin(group, torn) & (values.notna() & (values != 0)).to_numpy(dtype=bool))
    household = rows.table["household"]
    problems = rows.each(
        f"frames.member.torn_{kind}",
        rows_torn,
        field,
        fields=lambda i: {"household": shown(str(household.iat[i]))},
    )
    repeated = int(((number > 1) & (lowest == highest).fillna(False)).sum())
    if repeated and kind == "amount":
        fields = {"count": repeated}
        problems.append(
            Problem(key="frames.member.repeated_amount", file=_files(rows), severity=REPORTED, fields=fields)
        )
    return chosen, problems


def _named(rows: Rows) -> Rows:
    """The households without the columns of their members; the leading member's name is the household's."""
    table = rows.table
    if "member_name" in table and "household_name" not in table:
        table = table.rename(columns={"member_name": "household_name"})
    if "member_amount_fen" in table and "amount_fen" not in table:
        table = table.rename(columns={"member_amount_fen": "amount_fen"})
    table = table.drop(columns=["relation", "member_name", "member_amount_fen"], errors="ignore")
    return rows.take(np.arange(len(table)), table)


def _files(rows: Rows) -> str:
    return ", ".join(dict.fromkeys(map(str, rows.files)))
