"""Three errors on one page: wrongly kept (on the roll), wrongly removed, wrongly left out (two lists).

The lists are drawn in the same villages, so what is found on them is not independent: a village that is
kept badly can have errors on all three. Taken together they are one sample of villages, in which the
households of each list were drawn apart from those of the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sampling import codes
from sampling.estimates.alike import villages_of_domains
from sampling.estimates.area_limits import area_limits, shape_of
from sampling.estimates.areas import TAINT
from sampling.estimates.estimate import Estimates, estimate_total
from sampling.estimates.icc import PRIOR, Prior
from sampling.estimates.intervals import with_prior
from sampling.estimates.survey import Calibration, SurveyData
from sampling.estimates.twophase import restated, with_columns
from sampling.estimates.unequal import Pairs, Unequal
from sampling.estimates.variance import TwoStage

ERROR_OF_LIST = {codes.ROLL: "wrongly_kept", "removed": "wrongly_removed", "refused": "wrongly_left_out"}
"""What a household in error is, by the list that it stands on."""

SUMS = {"wrongly_off_roll": ("removed", "refused"), "three_errors": tuple(ERROR_OF_LIST)}
"""Sums over lists."""


def join_lists(lists: Mapping[str, SurveyData], *, drawn: SurveyData | None = None) -> SurveyData:
    """Samples of several lists, drawn in the same villages, as one sample.

    Parameters
    ----------
    lists
        By name: the sampled households of each list with their final weights, each list by itself adjusted
        for nonresponse and calibrated to its length (or none of them).
    drawn
        The sample that has all villages that were drawn; the first list, if it has.

    Returns
    -------
    data
        Its table has all households, and the name of their list in `list`. A list's households of a village
        are a cell of the second stage; the totals of a village are taken over all its lists before villages
        are compared, so variances of sums over lists are the joint ones. A drawn village in which a list has
        no household, or no respondent left, counts with 0 of that list (with residuals: with its average).

    Raises
    ------
    ValueError
        If a list has a village that was not drawn, or in another stratum, or more than one calibration.
    """
    drawn = next(iter(lists.values())) if drawn is None else drawn
    parts = list(lists.values())
    places = [_places(part, drawn) for part in parts]
    if max(len(part.steps) for part in parts) > 1:
        raise ValueError("lists must have one calibration each or none, got more")
    cells = np.cumsum([0, *(len(part.design.size) for part in parts)])
    design = replace(
        drawn.design,
        psu=np.concatenate([place[part.design.psu] for part, place in zip(parts, places, strict=True)]),
        cell=np.concatenate([part.design.inside + at for part, at in zip(parts, cells, strict=False)]),
        home=np.concatenate([place[part.design.place] for part, place in zip(parts, places, strict=True)]),
        size=np.concatenate([part.design.size for part in parts]),
        weight=np.concatenate([part.design.weight for part in parts]),
        second=_second([part.design for part in parts], cells),
    )
    tables = [part.table.assign(list=name) for name, part in lists.items()]
    return replace(
        drawn,
        table=pd.concat(tables, ignore_index=True),
        weight=np.concatenate([part.weight for part in parts]),
        design=design,
        pool_within=any(part.pool_within for part in [drawn, *parts]),
        steps=_steps(parts),
        notes=_notes([drawn, *parts]),
        psu_sizes=None,
    )


def _notes(parts: list[SurveyData]) -> dict[str, tuple[str, ...]]:
    """The notes of all lists together."""
    keys = dict.fromkeys(key for part in parts for key in part.notes)
    return {key: tuple(dict.fromkeys(n for part in parts for n in part.notes.get(key, ()))) for key in keys}


def _places(part: SurveyData, drawn: SurveyData) -> np.ndarray:
    """Where the villages of a list are among those that were drawn."""
    place = pd.Index(drawn.psu_names).get_indexer(pd.Index(part.psu_names))
    if (place < 0).any():
        raise ValueError(f"lists must lie in the drawn villages, got {part.psu_names[place < 0][0]!r}")
    here = drawn.stratum_names[drawn.design.stratum[place]]
    if (here != part.stratum_names[part.design.stratum]).any():
        raise ValueError("lists must have the strata of the drawn villages, got a village in another one")
    return place


def _second(designs: list[TwoStage], cells: np.ndarray) -> Unequal | None:
    """How the households were drawn, cell by cell; None: by simple random sampling everywhere."""
    if all(design.second is None for design in designs):
        return None
    pairs: dict[int, Pairs] = {}
    for design, at in zip(designs, cells, strict=False):
        pairs |= {
            int(at) + cell: pair for cell, pair in (design.second.pairs if design.second else {}).items()
        }
    parts = [_inner(design) for design in designs]
    return Unequal(
        chance=np.concatenate([part.chance for part in parts]),
        pairs=pairs,
        alone=np.concatenate([part.alone for part in parts]),
        sure=np.concatenate([part.sure for part in parts]),
    )


def _inner(design: TwoStage) -> Unequal:
    """The second stage of a list, written out where it is simple random sampling."""
    if design.second is not None:
        return design.second
    chance = (design.counted / np.maximum(design.size, 1))[design.inside]
    alone = np.zeros(len(design.size), dtype=bool)
    return Unequal(chance=chance, pairs={}, alone=alone, sure=chance == 1)


def _steps(parts: list[SurveyData]) -> tuple[Calibration, ...]:
    """The calibrations of the lists as one, in which no list explains another."""
    if not any(part.steps for part in parts):
        return ()
    weight = np.concatenate([part.steps[0].weight if part.steps else part.weight for part in parts])
    groups = [_groups(part) for part in parts]
    name = "lists"
    if all(numbers is not None for numbers in groups):
        found = [numbers for numbers in groups if numbers is not None]
        at = np.cumsum([0, *(numbers.max(initial=-1) + 1 for numbers in found)])
        joined = np.concatenate([numbers + start for numbers, start in zip(found, at, strict=False)])
        return (Calibration(name=name, weight=weight, groups=joined),)
    blocks = [_columns(part) for part in parts]
    columns = np.zeros((len(weight), sum(block.shape[1] for block in blocks)))
    row = column = 0
    for block in blocks:
        columns[row : row + len(block), column : column + block.shape[1]] = block
        row, column = row + len(block), column + block.shape[1]
    return (Calibration(name=name, weight=weight, columns=columns),)


def _groups(part: SurveyData) -> np.ndarray | None:
    """The post-strata of a list; one inside a stratum whose spread is taken from others is that of them all.

    Around its own mean a stratum's only village has the total 0, and would seem to have no error.
    """
    if not part.steps or part.steps[0].groups is None:
        return None
    groups, design = part.steps[0].groups, part.design
    stratum = design.stratum[design.psu]
    home = np.zeros(groups.max(initial=-1) + 1, dtype=np.intp)
    home[groups] = stratum
    inside = np.bincount(groups, weights=home[groups] != stratum) == 0
    alone = inside[groups] & design.lonely[stratum]
    return np.where(alone, groups.max(initial=-1) + 1 + design.group[stratum], groups)


def _columns(part: SurveyData) -> np.ndarray:
    """What a list's weights were calibrated on, as columns; none where they were not."""
    if not part.steps:
        return np.zeros((len(part.weight), 0))
    step = part.steps[0]
    if step.columns is not None:
        return step.columns
    groups = _groups(part)
    assert groups is not None
    return (groups[:, None] == np.unique(groups)).astype(float)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Base:
    """What is counted of a household in error: a column of the table, None for the household itself."""

    name: str
    column: str | None


BASES = (
    _Base(name="households", column=None),
    _Base(name="people", column="persons"),
    _Base(name="yuan", column="yuan"),
)


def estimate_three_errors(
    data: SurveyData, *, by: str | None = None, confidence: float = 0.95, prior: Prior = PRIOR
) -> Estimates:
    """Totals of the three errors and of their sums: in households, in people and in yuan a month.

    Parameters
    ----------
    data
        From `join_lists`; its table has `list` and `wrong` (yes/no: not entitled on the roll, entitled on
        another list) and, where they are known, `persons` and `yuan`, the month's amount at stake; `assumed`
        is true where that was not recorded (note "amount_unknown").
    by
        A column whose values are the domains: a town.
    confidence
        A share: 0.95.
    prior
        Of the correlation within villages: see `estimate_share`.

    Returns
    -------
    estimates
        `wrongly_kept_households`, `…_people`, `…_yuan`, so for `wrongly_removed`, `wrongly_left_out`, for
        those two together (`wrongly_off_roll`) and for all (`three_errors`), each for the lists that the data
        have, people and yuan where they are known of all of a list. Sums have the note "joint".

    Raises
    ------
    InputError
        If a column is not there or holds something impossible.

    Notes
    -----
    Limits of people and yuan: those of an amount between 0 and the largest at stake on these lists, of all
    lists where nothing is at stake on these (`area_limits`); all limits lie above what was found.
    """
    have = set(data.table["list"])
    parts: dict[str, tuple[str, ...]] = {error: (name,) for name, error in ERROR_OF_LIST.items()}
    parts = {error: names for error, names in parts.items() if have.issuperset(names)}
    sums = {name: tuple(part for part in lists if part in have) for name, lists in SUMS.items()}
    notes = {name: "joint" for name, lists in sums.items() if len(lists) > 1}
    parts |= {name: lists for name, lists in sums.items() if name in notes}
    tables = [
        _error_rows(data, f"{error}_{base.name}", lists, base, by, confidence, prior, notes.get(error, ""))
        for error, lists in parts.items()
        for base in BASES
        if base.column is None or _known(data, lists, base.column)
    ]
    return Estimates(table=pd.concat(tables, ignore_index=True), notes=dict(data.notes))


def _known(data: SurveyData, lists: tuple[str, ...], column: str) -> bool:
    """Whether every household of these lists has a value: a list can come without persons or amounts."""
    rows = data.table[data.table["list"].isin(lists)]
    return column in rows and bool(rows[column].notna().all())


def _error_rows(
    data: SurveyData,
    parameter: str,
    lists: tuple[str, ...],
    base: _Base,
    by: str | None,
    confidence: float,
    prior: Prior,
    note: str,
) -> pd.DataFrame:
    members = data.table["list"].isin(lists)
    domain = data.table[by] if by else pd.Series("", index=data.table.index)
    data = with_columns(data, domain=domain.where(members))
    if base.column is None:
        table = estimate_total(data, "wrong", by="domain", confidence=confidence, prior=prior).to_table()
        found = data.table["wrong"]
    else:
        stake = pd.to_numeric(data.table[base.column]).fillna(0.0)
        ceiling = stake[members].max() or stake.max() or 1.0
        data = with_columns(data, lost=stake * data.table["wrong"])
        found = data.table["lost"]
        if base.column == "yuan" and _assumed(data.table[members]):
            note = f"amount_unknown;{note}".strip(";")
        table = amount_rows(data, "lost", by="domain", ceiling=ceiling, confidence=confidence, prior=prior)
    seen = found.astype(float).groupby(data.table["domain"]).sum()
    table["low"] = np.maximum(table["low"], table["domain"].map(seen))
    return restated(data, table, parameter=parameter, note=note).table


def _assumed(rows: pd.DataFrame) -> bool:
    """Whether a household in error has an amount that was not recorded."""
    return "assumed" in rows and bool((rows["assumed"].eq(True) & (rows["wrong"] == 1)).any())


def amount_rows(
    data: SurveyData, y: str, *, by: str, ceiling: float, confidence: float, prior: Prior = PRIOR
) -> pd.DataFrame:
    """Rows for the total of an amount that is 0 for most households, with limits that stand at 0.

    Parameters
    ----------
    data, y, by, confidence, prior
        As for `estimate_total`; `y` lies between 0 and `ceiling`.
    ceiling
        The largest amount that a household can have.
    """
    table = estimate_total(data, y, by=by, confidence=confidence, interval="t").to_table()
    owner = pd.Index(table["domain"]).get_indexer(pd.Index(data.table[by].astype("str")))
    inside = (owner >= 0) & data.table[by].notna().to_numpy()
    count = len(table)
    code = np.where(inside, owner, count)
    weight = np.where(inside, data.weight, 0.0)
    part = np.where(inside, data.table[y].to_numpy(dtype=float), 0.0) / ceiling

    def by_domain(values: np.ndarray) -> np.ndarray:
        return np.bincount(code, weights=values, minlength=count + 1)[:count]

    size = by_domain(weight)
    low, high = area_limits(
        by_domain(weight * part) / size,
        (table["se"].to_numpy() / (size * ceiling)) ** 2,
        shape_of(weight, part, np.ones(len(part)), by_domain, 1 / size),
        villages_of_domains(data, (part > 0).astype(float), code, count, prior=prior),
        table["n_ssu"].to_numpy(),
        np.maximum(table["df"].to_numpy(), 1),
        confidence,
    )
    return table.assign(
        low=low * size * ceiling, high=high * size * ceiling, interval=with_prior(TAINT, prior)
    )
