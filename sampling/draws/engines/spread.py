"""The draw from a Dask DataFrame: whole villages are brought together, then drawn where they lie."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandas as pd

from sampling.designs import Design, Selection
from sampling.draws.acts import Acts, read_acts
from sampling.draws.engines.checks import NAMED
from sampling.draws.engines.sources import FrameParts
from sampling.draws.engines.villages import of_villages
from sampling.draws.ranking import NUMBER
from sampling.draws.roles import drawn_rows
from sampling.draws.sample import SAMPLE_COLUMNS, SUBSTRATUM, OnDemand, Sample, list_notes, written
from sampling.draws.stages import ROLL, draw_households, draw_villages
from sampling.frames import Frame
from sampling.words import Problem, refuse_if_any

if TYPE_CHECKING:
    from dask.dataframe import DataFrame as Parts

NO_LISTS: Mapping[str, FrameParts] = MappingProxyType({})
ID = ["village", "household"]
PLACE = ["township", "stratum", "village", "N", "n", "pi"]
"""What stage 2 must know of a drawn village."""
NO_ROW = {"other_row": "–", "other_value": ""}
"""Rows of a Dask DataFrame have no numbers."""


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """What stage 2 is made by, in a form that travels to other machines."""

    design: dict[str, Any]
    acts: Acts
    visited: pd.DataFrame
    seed: str
    campaign: str


def draw_parts(
    source: FrameParts,
    design: Design,
    *,
    seed: str,
    campaign: str,
    lists: Mapping[str, FrameParts] = NO_LISTS,
    acts: Sequence[Mapping[str, Any]] = (),
) -> Sample:
    """Draw villages and households by their tickets: the very sample that `draw` makes of the same frame.

    Parameters
    ----------
    source
        The roll's frame, with its chances where a method needs them, in any order and parted anywhere.
    design, seed, campaign, acts
        As for `draw`.
    lists
        Frames of the other lists that the design names; their table of villages is not read.

    Returns
    -------
    sample
        Its fingerprints are reckoned when they are asked for.

    Raises
    ------
    InputError
        If a household stands on two rows, the seed is too short, or frame, lists and design do not fit.
    ValueError
        If `lists` are not those of the design, or an act opens a reserve that is not the next.
    """
    if set(lists) != set(design.lists):
        raise ValueError(f"lists must be those of the design, {sorted(design.lists)}, got {sorted(lists)}")
    later = read_acts(acts)
    frame = _villages_alone(source)
    refuse_if_any(list_notes(frame, {name: _places_alone(part) for name, part in lists.items()}))
    villages = draw_villages(frame, of_villages(design), later, seed=seed, campaign=campaign)
    plan = _Plan(
        design=design.to_dict(), acts=later, visited=drawn_rows(villages)[PLACE], seed=seed, campaign=campaign
    )
    tables = [written(villages, design), _households(source, ROLL, design.households_by, plan)]
    tables += [_households(lists[name], name, Selection(), plan) for name in sorted(lists)]
    parts = {ROLL: source, **lists}
    makers = {name: (lambda part=part: part.fingerprint) for name, part in parts.items()}
    table = pd.concat([table for table in tables if len(table)], ignore_index=True)
    return Sample(table=table, seed=seed, campaign=campaign, fingerprints=OnDemand(makers))


def _villages_alone(source: FrameParts) -> Frame:
    """The frame without its households; how many each village has is counted where they lie."""
    filled = source.units[source.units["household"] != ""]
    counts = filled.groupby("village").size().compute()
    index = pd.Index(source.villages["village"], name="village")
    sizes = counts.reindex(index, fill_value=0).astype("int64").rename("households")
    units = pd.DataFrame(columns=list(source.units.columns), dtype="str")
    return Frame(units=units, villages=source.villages, sizes=sizes, control_totals={})


def _places_alone(part: FrameParts) -> Frame:
    """One row for each village of a list that has households: enough for the list's notes."""
    filled = part.units[part.units["household"] != ""]
    places = filled[["township", "village"]].drop_duplicates().compute().astype("str")
    sizes = pd.Series(dtype="int64")
    return Frame(units=places.assign(household="x"), villages=part.villages, sizes=sizes, control_totals={})


def _households(part: FrameParts, name: str, selection: Selection, plan: _Plan) -> pd.DataFrame:
    """The rows of stage 2 of one list, written, in the order of the sample."""
    import dask

    units = part.units
    drawn = units["village"].isin(plan.visited["village"].tolist())
    whole = units[(units["household"] != "") & drawn].shuffle("village")
    columns = [*SAMPLE_COLUMNS, *([SUBSTRATUM] if plan.design["categories"] else [])]
    empty = pd.DataFrame(columns=columns, dtype="str")
    marks = _marks(units, selection)
    rows = whole.map_partitions(_rows, name, plan, marks, meta=empty)
    twins = whole.map_partitions(_twins, meta=pd.DataFrame(columns=ID, dtype="str"))
    found, twice = dask.compute(rows, twins)
    refuse_if_any(
        Problem(key="frames.household.doubled", column="household", value=" / ".join(pair), fields=NO_ROW)
        for pair in sorted(twice.itertuples(index=False, name=None))[:NAMED]
    )
    return found.sort_values(["stratum", "village"], kind="stable")


def _rows(units: pd.DataFrame, name: str, plan: _Plan, marks: pd.DataFrame) -> pd.DataFrame:
    """The rows of the sample in one part, which holds whole villages."""
    design = Design.from_dict(plan.design)
    columns = [*SAMPLE_COLUMNS, *([SUBSTRATUM] if design.categories else [])]
    table = pd.concat([units.astype("str"), marks], ignore_index=True)
    frame = Frame(units=table, villages=table, sizes=pd.Series(dtype="int64"), control_totals={})
    rows = draw_households(
        frame, name, design, plan.acts, plan.visited, seed=plan.seed, campaign=plan.campaign
    )
    return written(rows, design) if len(rows) else pd.DataFrame(columns=columns, dtype="str")


def _twins(units: pd.DataFrame) -> pd.DataFrame:
    """Ids of the households that stand on two rows of a part, once each."""
    ids = units[ID].astype("str")
    composed = ids.map(lambda cell: unicodedata.normalize("NFC", cell))
    return composed[composed.duplicated()].drop_duplicates()


def _marks(units: "Parts", selection: Selection) -> pd.DataFrame:
    """A row without a household, no number in the fields of the order that are text in the whole frame.

    Whether a field sorts as numbers is decided by the whole file, not by the villages in hand.
    """
    row = {}
    for field in selection.order:
        cells = units[field]
        if not bool(((cells == "") | cells.str.fullmatch(NUMBER.pattern)).all().compute()):
            row[field] = "-"
    columns = list(units.columns)
    cells = [{column: row.get(column, "") for column in columns}] if row else []
    return pd.DataFrame(cells, columns=columns, dtype="str")
