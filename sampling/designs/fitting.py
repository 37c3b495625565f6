"""Whether a design fits a frame: what is refused, and what a reader must know before the draw."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction

import numpy as np
import pandas as pd

from sampling.designs.design import DRAWN_BEFORE, SIZED, Design, SizeRule, rate_text
from sampling.designs.groups import CERTAINTY, substratum_of
from sampling.designs.measures import drawn_before, each, household_sizes, is_number, is_size, village_sizes
from sampling.designs.reader import FILE
from sampling.designs.sizing import (
    boxes,
    group_numbers,
    household_groups,
    number,
    rule_codes,
    strata_table,
)
from sampling.frames import Frame
from sampling.words import REFUSED, REPORTED, Problem

NAMED = 40
"""A problem names this many towns or villages at most; a national frame has 40,000 towns."""
NOTE_BY_CONFLICT = {"bounds": "bounds_won", "rate": "rate_won", "refuse": "rate_against_bounds"}


def fitted(frame: Frame, design: Design) -> tuple[pd.DataFrame | None, tuple[Problem, ...]]:
    """The strata with their sizes, None where they cannot be reckoned, and every note on how they fit."""
    refused = tuple(_missing_fields(frame, design)) or tuple(_misfits(frame, design))
    if refused:
        return None, refused
    table = strata_table(frame, design)
    notes = (
        *_out_of_reach(table, design),
        *_none_drawn(frame, design, table),
        *_unused(frame, design),
        *_disagreements(table, design),
        *_village_sizes(frame, design, table),
        *_household_sizes(frame, design),
    )
    return table, notes


def list_notes(lists: Mapping[str, Frame], design: Design) -> Iterator[Problem]:
    """Villages of another list of which rounding leaves no household."""
    for name, frame in lists.items():
        counts = frame.units.loc[frame.units["household"] != "", "village"].value_counts(sort=False)
        sizes = {M: number(design.lists[name], M, "srs", design.rounding).n for M in counts.unique().tolist()}
        villages = sorted(counts.index[counts.map(sizes) == 0])
        if villages:
            fields = {"list": name, "count": len(villages), "villages": named(villages)}
            yield Problem(
                key="designs.no_listed_household_drawn", file=FILE, column="design.rounding", fields=fields
            )


def named(ids: Iterable[str]) -> str:
    """Ids for a sentence; no more than forty."""
    ids = list(ids)
    return ", ".join(ids[:NAMED]) + (" …" if len(ids) > NAMED else "")


def _missing_fields(frame: Frame, design: Design) -> Iterator[Problem]:
    for name in (name for name in design.fields if name not in frame.villages):
        yield Problem(key="designs.field_missing", column=name)
    for name in (name for name in design.household_fields if name not in frame.units):
        yield Problem(key="designs.household_field_missing", column=name)


def _misfits(frame: Frame, design: Design) -> Iterator[Problem]:
    """What keeps sizes from being reckoned at all."""
    yield from _clashing_names(frame)
    yield from _mixed_towns(frame, design)
    ordinary = frame.villages[frame.villages["certainty"] != "1"]
    sized = design.villages_by.size
    if sized:
        yield from _unreadable(ordinary[sized], ordinary["village"], "designs.no_size", is_size)
    if design.allocation and design.allocation.spread:
        spread = design.allocation.spread
        yield from _unreadable(ordinary[spread], ordinary["village"], "designs.no_number", is_number)
    if design.drawn_before is not None:
        yield from _unreadable(
            ordinary[DRAWN_BEFORE], ordinary["village"], "designs.no_yes_no", {"0", "1"}.__contains__
        )
    if design.households_by.size:
        units = frame.units[frame.units["household"] != ""]
        cells = units[design.households_by.size]
        yield from _unreadable(cells, units["village"], "designs.no_size", is_size)


def _clashing_names(frame: Frame) -> Iterator[Problem]:
    """A town called "x/certainty" beside a town "x": two strata would share a name."""
    towns = set(frame.villages["township"].unique())
    for town in sorted(town for town in towns if town + CERTAINTY in towns):
        yield Problem(key="designs.stratum_name", column="township", value=town + CERTAINTY)


def _mixed_towns(frame: Frame, design: Design) -> Iterator[Problem]:
    """Towns whose villages name different rules, with what stands in the field that tells them apart."""
    villages = frame.villages
    _, codes = rule_codes(villages, design)
    towns = villages["township"].to_numpy()[codes["row"]]
    pairs = pd.DataFrame({"town": towns, "code": codes["code"].to_numpy()}).drop_duplicates()
    mixed = villages[villages["township"].isin(pairs.loc[pairs["town"].duplicated(), "town"])]
    for name in design.kinds:
        for town, values in mixed.groupby("township", sort=True)[name]:
            shown = ", ".join(sorted(value or "–" for value in values.unique()))
            yield Problem(key="designs.mixed_town", column=name, value=shown, fields={"town": town})


def _unreadable(
    cells: pd.Series, villages: pd.Series, key: str, fits: Callable[[str], bool]
) -> Iterator[Problem]:
    """One problem for a field whose cells do not all fit, with the first that does not and the villages."""
    bad = ~each(cells, fits).astype(bool)
    if bad.any():
        fields = {"count": int(bad.sum()), "villages": named(villages[bad].unique())}
        yield Problem(key=key, column=str(cells.name), value=str(cells[bad].iat[0]), fields=fields)


def _out_of_reach(table: pd.DataFrame, design: Design) -> Iterator[Problem]:
    """A total that the bounds of the strata cannot hold."""
    if not design.allocation:
        return
    low, high = boxes(table[table["certainty"] != "1"])
    if not sum(low) <= design.allocation.total <= sum(high):
        fields = {"least": sum(low), "most": sum(high)}
        value = str(design.allocation.total)
        yield Problem(
            key="designs.total_out_of_reach",
            file=FILE,
            column="design.villages.total",
            value=value,
            fields=fields,
        )


def _none_drawn(frame: Frame, design: Design, table: pd.DataFrame) -> Iterator[Problem]:
    """Groups of which rounding leaves nobody: nobody there would have a chance."""
    towns = table.loc[table["n"].eq(0).fillna(False), "township"]
    if len(towns):
        fields = {"count": len(towns), "towns": named(towns)}
        yield Problem(key="designs.no_village_drawn", file=FILE, column="design.rounding", fields=fields)
    groups = household_groups(frame, design)
    codes, numbers = group_numbers(groups, design)
    zero = np.array([found.n == 0 for found in numbers], dtype=bool)
    none = zero[codes] & (groups["M"] > 0).to_numpy(dtype=bool)
    if none.any():
        villages = groups.loc[none, "village"].unique()
        fields = {"count": len(villages), "villages": named(villages)}
        yield Problem(key="designs.no_household_drawn", file=FILE, column="design.rounding", fields=fields)


def _unused(frame: Frame, design: Design) -> Iterator[Problem]:
    """Rules for a value that no village, or no household, has."""
    for rules, units, key in (
        (design.kinds, frame.villages, "designs.kind_unused"),
        (design.categories, frame.units, "designs.category_unused"),
    ):
        for name, values in rules.items():
            there = set(units[name].unique())
            known = named(sorted(there - {""})) or "–"
            for value in (value for value in values if value not in there):
                fields = {"known": known}
                yield Problem(key=key, column=name, value=value, severity=REPORTED, fields=fields)


def _disagreements(table: pd.DataFrame, design: Design) -> Iterator[Problem]:
    """One problem for each rule and side on which rate and bounds disagree, naming the towns."""
    if design.allocation:
        return
    towns: dict[tuple[SizeRule, str], list[str]] = {}
    ordinary = table[table["certainty"] != "1"]
    for town, N, rule in zip(ordinary["township"], ordinary["N"].tolist(), ordinary["rule"], strict=True):
        by_rate, by_bounds = (
            number(rule, N, design.villages_by.method, design.rounding, conflict).expected
            for conflict in ("rate", "bounds")
        )
        if by_rate != by_bounds:
            towns.setdefault((rule, "more" if by_rate > by_bounds else "fewer"), []).append(town)
    severity = REFUSED if design.conflict == "refuse" else REPORTED
    for (rule, side), names in towns.items():
        key = f"designs.{NOTE_BY_CONFLICT[design.conflict]}_{side}"
        fields = {"rate": rate_text(rule.rate), "count": len(names), "towns": named(names)}
        fields |= {"at_least": rule.at_least, "at_most": rule.at_most}
        yield Problem(key=key, file=FILE, column="design.villages", severity=severity, fields=fields)


def _village_sizes(frame: Frame, design: Design, table: pd.DataFrame) -> Iterator[Problem]:
    """Strata with fewer villages of a size above 0 than are to be drawn; villages that cannot be drawn."""
    if design.villages_by.method not in SIZED:
        return
    villages = frame.villages[frame.villages["certainty"] != "1"]
    sizes = village_sizes(villages, design)
    there = (sizes > 0).groupby(villages["township"]).sum()
    wanted = _expected(table[table["certainty"] != "1"].set_index("township")["expected"])
    short = wanted.index[there.reindex(wanted.index).to_numpy() < wanted.to_numpy()]
    if len(short):
        fields = {"count": len(short), "towns": named(short)}
        yield Problem(key="designs.too_few_sized", file=FILE, column="design.villages.size", fields=fields)
    excluded = drawn_before(villages) if design.drawn_before == 0 else pd.Series(False, index=villages.index)
    zero = ~(sizes > 0) & ~excluded
    for key, whom in (("designs.village_excluded", excluded), ("designs.village_size_zero", zero)):
        if whom.any():
            fields = {"count": int(whom.sum()), "villages": named(villages.loc[whom, "village"])}
            column = design.villages_by.size or DRAWN_BEFORE
            yield Problem(key=key, column=column, severity=REPORTED, fields=fields)


def _expected(fractions: pd.Series) -> pd.Series:
    return each(fractions, lambda text: float(Fraction(text)))


def _household_sizes(frame: Frame, design: Design) -> Iterator[Problem]:
    """The same for the households of every village and substratum."""
    if design.households_by.method not in SIZED:
        return
    units = frame.units[frame.units["household"] != ""]
    has = household_sizes(units, design) > 0
    keys = [units["village"], substratum_of(units, design).rename("substratum")]
    groups = has.groupby(keys).agg(["size", "sum"]).rename(columns={"size": "M"}).reset_index()
    codes, numbers = group_numbers(groups, design)
    wanted = np.array([float(found.expected) for found in numbers])[codes]
    column = design.households_by.size
    reports: Mapping[str, tuple[str, pd.Series, str]] = {
        "designs.too_few_sized_households": (REFUSED, groups["sum"] < wanted, FILE),
        "designs.household_size_zero": (REPORTED, groups["sum"] < groups["M"], ""),
    }
    for key, (severity, whom, file) in reports.items():
        if whom.any():
            villages = groups.loc[whom, "village"].unique()
            fields = {"count": len(villages), "villages": named(villages), "households": int((~has).sum())}
            yield Problem(key=key, file=file, column=column, severity=severity, fields=fields)
