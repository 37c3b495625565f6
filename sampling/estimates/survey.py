"""The sampled households as estimators want them: placed in their design, weighted, checked at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from sampling.estimates.variance import LONELY, TwoStage
from sampling.words.errors import Problem, refuse_if_any

ROWS_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """One step that made the weights agree with known totals; variances then use its residuals.

    `groups` are post-strata by number (`columns` is empty), or `columns` span the calibration variables
    and are orthogonal under `weight` (`groups` is empty); `weight` is that of the regression, before the
    step.
    """

    name: str
    weight: np.ndarray
    groups: np.ndarray | None = None
    columns: np.ndarray | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyData:
    """Sampled households with their design; made by `survey_data`, reweighted by the functions of `weights`.

    `table` has one row per observed household; `weight` belongs to it row by row. Villages that were drawn
    but have no household are in `design` and `psu_names` all the same.
    """

    table: pd.DataFrame
    weight: np.ndarray
    design: TwoStage
    psu_names: np.ndarray
    stratum_names: np.ndarray
    lonely: str
    pool_within: bool = False
    steps: tuple[Calibration, ...] = ()
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What was done to the weights, by note key, and at which villages or strata."""
    psu_sizes: pd.DataFrame | None = None
    """Every village of the frame: stratum (its number), psu (its name) and size (its households)."""

    def __repr__(self) -> str:
        return (
            f"SurveyData({len(self.table)} households, {len(self.psu_names)} villages, "
            f"{len(self.stratum_names)} strata, weights add up to {self.weight.sum():.1f})"
        )

    def with_note(self, key: str, names: object) -> "SurveyData":
        """The same data with one more note; nothing changes where `names` is empty."""
        found = tuple(str(name) for name in np.asarray(names).tolist())
        return replace(self, notes={**self.notes, key: found}) if found else self


def survey_data(
    table: pd.DataFrame,
    *,
    psu: str,
    ssu: str | None = None,
    stratum: str | None = None,
    psu_count: str | None = None,
    ssu_count: str | None = None,
    weight: str | None = None,
    psu_sizes: pd.DataFrame | None = None,
    lonely: str | Mapping[str, str] = "fail",
    ssu_stratum: str | None = None,
) -> SurveyData:
    """Anyone's table of sampled households, checked and placed in its design.

    Parameters
    ----------
    table
        One row per sampled household. A row whose `ssu` is empty stands for a village that was drawn and
        has no household.
    psu, ssu, stratum
        Columns of the village, the household, the stratum. Without `ssu` the first stage is the only one:
        every row of a village was observed because the village was drawn. Without `stratum` there is one.
    psu_count, ssu_count
        Columns with the counts in the frame: villages of the stratum (N), households of the village (M).
        Without `psu_count` the villages count as drawn with replacement, and `weight` is needed.
    weight
        Column of design weights; without it they are (N/n)(M/m).
    psu_sizes
        Every village of the frame of the strata drawn from, in columns of the same names as `psu`, `stratum`
        and `ssu_count`; the intervals that look at the correlation within villages use it.
    lonely
        What to do with a stratum of which one village was drawn of several: "fail", "certainty", "remove",
        "average", "adjust" as in R's survey 4.5; "collapse" takes lonely strata together by size, two and
        two; a mapping of stratum to group says which.
    ssu_stratum
        Column of the households' own stratum within their village, where they were drawn by strata;
        `ssu_count` is then the count of village and stratum.

    Raises
    ------
    InputError
        With every problem: columns that are not there, ids or counts or weights that are missing or
        impossible, a village in two strata, a household twice, counts that differ within a stratum or
        village or are smaller than the sample, lonely strata where `lonely` is "fail", a list of villages
        that is not that of the frame.
    """
    columns = {"psu": psu, "ssu": ssu, "stratum": stratum, "N": psu_count, "M": ssu_count, "w": weight}
    columns["sub"] = ssu_stratum
    refuse_if_any(column_problems(table, columns))
    if psu_count is None and weight is None:
        refuse_if_any([Problem(key="estimates.data.no_weight")])
    rows = _columns_by_role(table, columns)
    refuse_if_any(_bad_values(rows, columns))
    refuse_if_any(_bad_structure(rows, columns))
    data = _place(table, rows, lonely)
    refuse_if_any(lonely_problems(data))
    return replace(data, psu_sizes=_frame_sizes(psu_sizes, columns, data))


def column_problems(table: pd.DataFrame, columns: Mapping[str, str | None]) -> list[Problem]:
    """Columns that the table does not have."""
    absent = [name for name in columns.values() if name is not None and name not in table.columns]
    have = ", ".join(map(str, table.columns))
    return [
        Problem(key="estimates.data.no_column", column=str(name), fields={"have": have}) for name in absent
    ]


def _columns_by_role(table: pd.DataFrame, columns: Mapping[str, str | None]) -> pd.DataFrame:
    """The design columns under fixed names; ids as text with "" for missing, numbers as floats."""
    rows = pd.DataFrame({"row": np.arange(len(table)) + 2})  # as a spreadsheet counts: the header is row 1
    for role, name in columns.items():
        if name is None:
            continue
        values = table[name].reset_index(drop=True)
        if role in ("N", "M", "w"):
            rows[role] = pd.to_numeric(values, errors="coerce").astype(float)
        else:
            texts = values.astype("str").where(values.notna(), "")
            rows[role] = texts.where(texts.str.strip(" \t\u3000") != "", "")
    if "stratum" not in rows:
        rows["stratum"] = "all"
    rows["observed"] = rows["ssu"] != "" if "ssu" in rows else True
    rows["cell"] = rows["psu"] + " " + rows["sub"] if "sub" in rows else rows["psu"]
    return rows


def shown(values: object) -> str:
    """The first of many rows or names, and how many there are."""
    items = [str(value) for value in np.asarray(values).tolist()]
    more = f" … ({len(items)})" if len(items) > ROWS_SHOWN else ""
    return ", ".join(items[:ROWS_SHOWN]) + more


def _row_problem(key: str, rows: pd.DataFrame, bad: pd.Series, column: str | None) -> list[Problem]:
    found = rows.loc[bad, "row"]
    if found.empty:
        return []
    return [Problem(key=key, row=int(found.iloc[0]), column=str(column or ""), fields={"rows": shown(found)})]


def _bad_values(rows: pd.DataFrame, columns: Mapping[str, str | None]) -> list[Problem]:
    """Problems that one row shows alone."""
    problems = _row_problem("estimates.data.no_id", rows, rows["psu"] == "", columns["psu"])
    problems += _row_problem("estimates.data.no_id", rows, rows["stratum"] == "", columns["stratum"])
    for role, name in (("N", "psu_count"), ("M", "ssu_count")):
        if role in rows:
            needed = rows["observed"] if role == "M" else True
            bad = ~(rows[role].ge(1) & rows[role].mod(1).eq(0)) & needed  # what is infinite has no remainder
            problems += _row_problem(f"estimates.data.bad_{name}", rows, bad, columns[role])
    if "w" in rows:
        bad = ~((rows["w"] > 0) & np.isfinite(rows["w"])) & rows["observed"]
        problems += _row_problem("estimates.data.bad_weight", rows, bad, columns["w"])
    if "ssu" in rows and "M" not in rows and "N" in rows:
        problems.append(Problem(key="estimates.data.no_ssu_count", column=str(columns["ssu"])))
    if rows.empty or not rows["observed"].any():
        problems.append(Problem(key="estimates.data.empty"))
    return problems


def _bad_structure(rows: pd.DataFrame, columns: Mapping[str, str | None]) -> list[Problem]:
    """Problems that only several rows show together."""
    problems = _named("estimates.data.psu_in_two_strata", _varying(rows, "psu", "stratum"))
    if "ssu" in rows:
        twice = rows["observed"] & rows.duplicated(["psu", "ssu"])
        problems += _row_problem("estimates.data.household_twice", rows, twice, columns["ssu"])
    if "N" in rows:
        drawn = rows.groupby("stratum")["psu"].nunique()
        problems += _counts(rows, "stratum", "N", drawn, "psu_count")
    if "M" in rows and "ssu" in rows:
        seen = rows[rows["observed"]].groupby("cell")["ssu"].nunique()
        problems += _counts(rows[rows["observed"]], "cell", "M", seen, "ssu_count")
    return problems


def _counts(rows: pd.DataFrame, unit: str, count: str, found: pd.Series, name: str) -> list[Problem]:
    """A count must be one number per unit, and not below what was found there."""
    problems = _named(f"estimates.data.{name}_varies", _varying(rows, unit, count))
    least = rows.groupby(unit)[count].min()
    return problems + _named(f"estimates.data.{name}_too_small", least.index[least < found])


def _varying(rows: pd.DataFrame, unit: str, column: str) -> pd.Index:
    pairs = rows[[unit, column]].drop_duplicates()
    return pd.Index(pairs.loc[pairs.duplicated(unit), unit].unique())


def _named(key: str, names: pd.Index) -> list[Problem]:
    return [Problem(key=key, value=str(names[0]), fields={"names": shown(names)})] if len(names) else []


def _place(table: pd.DataFrame, rows: pd.DataFrame, lonely: str | Mapping[str, str]) -> SurveyData:
    """The checked rows as numbers: villages and strata in the order of their names."""
    villages = rows.drop_duplicates("psu").sort_values("psu").reset_index(drop=True)
    strata, stratum = np.unique(villages["stratum"].to_numpy(dtype=object), return_inverse=True)
    observed = rows[rows["observed"]]
    psu = pd.Index(villages["psu"]).get_indexer(observed["psu"])
    frame = np.full(len(strata), np.inf)
    if "N" in rows:
        frame[stratum] = villages["N"]
    cell, home = _cells(observed, psu) if "sub" in rows else (None, None)
    inside = psu if cell is None else cell
    seen = np.bincount(inside, minlength=len(villages) if home is None else len(home)).astype(float)
    size = seen.copy()
    if "M" in rows and "ssu" in rows:
        size[inside] = observed["M"]
    drawn = np.bincount(stratum)
    weight = (
        observed["w"].to_numpy()
        if "w" in rows
        else (frame / drawn)[stratum[psu]] * (size / np.maximum(seen, 1))[inside]
    )
    rule, group = _rule(lonely, strata, drawn, frame)
    design = TwoStage(
        psu=psu,
        stratum=stratum,
        frame=frame,
        size=size,
        group=group,
        weight=mean_weight(inside, weight, seen),
        cell=cell,
        home=home,
    )
    kept = table.reset_index(drop=True)[rows["observed"].to_numpy()].reset_index(drop=True)
    return SurveyData(
        table=kept,
        weight=weight,
        design=design,
        psu_names=villages["psu"].to_numpy(dtype=object),
        stratum_names=strata,
        lonely=rule,
        pool_within=rule in ("average", "collapse"),
    ).with_note("collapsed", strata[design.lonely] if rule == "collapse" else [])


def _cells(observed: pd.DataFrame, psu: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The cell of each household, numbered in the order of villages and their strata; the village of each."""
    pairs = pd.MultiIndex.from_arrays([psu, observed["sub"]])
    cell, cells = pd.factorize(pairs, sort=True)
    return cell, cells.get_level_values(0).to_numpy()


def _rule(
    lonely: str | Mapping[str, str], strata: np.ndarray, drawn: np.ndarray, frame: np.ndarray
) -> tuple[str, np.ndarray]:
    """The rule for lonely strata by name, and the variance stratum of each stratum."""
    if not isinstance(lonely, str):
        return "collapse", _mapped(strata, lonely)
    if lonely not in LONELY:
        raise ValueError(f"lonely must be one of {', '.join(LONELY)} or a mapping, got {lonely!r}")
    return lonely, nearest_size(drawn, frame) if lonely == "collapse" else np.arange(len(strata))


def mean_weight(cell: np.ndarray, weight: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Mean weight of each cell's households; 1 where it has none."""
    sums = np.bincount(cell, weights=weight, minlength=len(seen))
    return np.where(seen > 0, sums / np.maximum(seen, 1), 1.0)


def _mapped(strata: np.ndarray, groups: Mapping[str, str]) -> np.ndarray:
    """Variance stratum of each stratum: the first stratum of its group."""
    names = pd.Series([f"group {groups[name]}" if name in groups else f"own {name}" for name in strata])
    return names.groupby(names).transform(lambda same: same.index[0]).to_numpy()


def nearest_size(drawn: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """Lonely strata taken together two and two in order of size, three at the end where they are odd.

    A single lonely stratum joins the other stratum nearest to it in size. Strata that keep to themselves
    have their own number.
    """
    group = np.arange(len(drawn))
    lonely = np.flatnonzero((drawn == 1) & (frame > 1))
    lonely = lonely[np.argsort(frame[lonely], kind="stable")]
    if len(lonely) == 1 and len(drawn) > 1:
        distance = np.abs(frame - frame[lonely[0]])
        distance[lonely[0]] = np.inf
        group[lonely[0]] = int(np.argmin(np.where(np.isnan(distance), np.inf, distance)))
    for place, stratum in enumerate(lonely if len(lonely) > 1 else ()):
        group[stratum] = lonely[min(place // 2, len(lonely) // 2 - 1) * 2]
    return group


def lonely_problems(data: SurveyData) -> list[Problem]:
    """Strata whose variance cannot be estimated under the data's own rule; the strata are named."""
    design = data.design
    alone = design.lonely
    if data.lonely == "collapse":
        alone = alone & (
            np.bincount(design.group, weights=design.drawn, minlength=len(alone))[design.group] < 2
        )
    elif data.lonely != "fail":
        alone = np.zeros_like(alone)
    problems = _named("estimates.data.lonely_stratum", pd.Index(data.stratum_names[alone]))
    if data.lonely == "fail" and not data.pool_within:
        problems += _named("estimates.data.lonely_psu", pd.Index(data.psu_names[design.lonely_psu]))
    return problems


def _frame_sizes(
    sizes: pd.DataFrame | None, columns: Mapping[str, str | None], data: SurveyData
) -> pd.DataFrame | None:
    if sizes is None:
        return None
    wanted = {role: columns[role] for role in ("psu", "stratum", "M") if columns[role] is not None}
    refuse_if_any(column_problems(sizes, wanted))
    sizes = sizes.reset_index(drop=True)
    names = sizes[columns["stratum"]].astype("str") if columns["stratum"] else pd.Series("all", sizes.index)
    found = pd.DataFrame({"row": sizes.index + 2, "stratum": pd.Index(data.stratum_names).get_indexer(names)})
    found["psu"] = sizes[columns["psu"]].astype("str")
    found["size"] = pd.to_numeric(sizes[columns["M"]], errors="coerce").astype(float)
    found = found[found["stratum"] >= 0].reset_index(drop=True)
    refuse_if_any(_sizes_problems(found, columns, data))
    return found[["stratum", "psu", "size"]]


def _sizes_problems(
    found: pd.DataFrame, columns: Mapping[str, str | None], data: SurveyData
) -> list[Problem]:
    """Why a list of villages cannot be that of the frame; a village may have no household."""
    bad = ~(found["size"].ge(0) & np.isfinite(found["size"]))
    problems = _row_problem("estimates.data.bad_size", found, bad, columns["M"])
    problems += _named("estimates.data.listed_twice", pd.Index(found.loc[found["psu"].duplicated(), "psu"]))
    absent = pd.Index(data.psu_names.astype("str")).difference(found["psu"])
    problems += _named("estimates.data.not_listed", absent)
    listed, frame = np.bincount(found["stratum"], minlength=len(data.stratum_names)), data.design.frame
    differ = data.stratum_names[np.isfinite(frame) & (listed != frame)]
    return problems + _named("estimates.data.listed_not_counted", pd.Index(differ))
