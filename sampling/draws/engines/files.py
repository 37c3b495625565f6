"""The draw from Parquet or CSV files, by SQL in DuckDB: only the rows of the sample come out."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from sampling.designs import UNEQUAL, Design
from sampling.draws.acts import read_acts
from sampling.draws.engines.checks import check_frame, check_list, check_units
from sampling.draws.engines.households import draw_units
from sampling.draws.engines.sources import FrameFiles
from sampling.draws.engines.stored import StoredSample, table_or_file
from sampling.draws.engines.tables import UNIT, VILLAGE, attach, connection
from sampling.draws.engines.villages import Plan, draw_places
from sampling.draws.sample import OnDemand, Sample
from sampling.draws.stages import ROLL

NO_LISTS: Mapping[str, FrameFiles] = MappingProxyType({})


def draw_files(
    source: FrameFiles,
    design: Design,
    *,
    seed: str,
    campaign: str,
    lists: Mapping[str, FrameFiles] = NO_LISTS,
    acts: Sequence[Mapping[str, Any]] = (),
    out: Path | None = None,
) -> Sample | StoredSample:
    """Draw villages and households by their tickets: the very sample that `draw` makes of the same frame.

    Parameters
    ----------
    source
        The roll's frame, with its chances where a method needs them.
    design, seed, campaign, acts
        As for `draw`.
    lists
        Frames of the other lists that the design names; their list of villages is not read.
    out
        The Parquet file for a sample of more than 100,000 drawn households.

    Returns
    -------
    sample
        Its fingerprints are reckoned when they are asked for.

    Raises
    ------
    InputError
        If a file is missing, damaged or does not fit the other, a unit stands on two rows, the seed is too
        short, or frame, lists and design do not fit each other.
    ValueError
        If `lists` are not those of the design, an act opens a reserve that is not the next, or `out` is
        needed and not given.
    """
    if set(lists) != set(design.lists):
        raise ValueError(f"lists must be those of the design, {sorted(design.lists)}, got {sorted(lists)}")
    plan = Plan(design=design, acts=read_acts(acts), seed=seed, campaign=campaign)
    with connection(source.memory_limit) as db:
        found = table_or_file(_parts(db, source, lists, plan), out)
    makers = {name: (lambda one=one: one.fingerprint) for name, one in {ROLL: source, **lists}.items()}
    named: dict[str, Any] = {"seed": seed, "campaign": campaign, "fingerprints": OnDemand(makers)}
    if isinstance(found, pd.DataFrame):
        return Sample(table=found, **named)
    return StoredSample(path=found, **named)


def _parts(
    db: duckdb.DuckDBPyConnection, source: FrameFiles, lists: Mapping[str, FrameFiles], plan: Plan
) -> Iterator[pa.Table]:
    """The rows of the sample, written, in their order."""
    design = plan.design
    chances = ("lambda", "pi")
    of_villages = chances if design.villages_by.method in UNEQUAL else ()
    of_units = chances if design.households_by.method in UNEQUAL else ()
    attach(db, "villages", [source.villages], [*VILLAGE, *of_villages])
    columns = attach(db, "units", source.paths, [*UNIT, *of_units])
    check_frame(db, source.paths, source.villages)
    relations = {ROLL: "units"}
    for number, name in enumerate(sorted(lists), 1):
        relations[name] = f"list_{number}"
        attach(db, relations[name], lists[name].paths, UNIT)
        check_units(db, lists[name].paths, relations[name])
        check_list(db, name, relations[name])
    files = {ROLL: source, **lists}
    yield draw_places(db, plan, columns)
    for name, relation in relations.items():
        yield from draw_units(db, plan, name, relation, files[name].paths)
