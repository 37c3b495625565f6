"""What the roll knows, as columns and totals that weights are to reach; everything wrong with it at once."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sampling.estimates.calibration import GOOD_ENOUGH
from sampling.estimates.survey import shown
from sampling.words.errors import Problem, refuse_if_any

HOUSEHOLDS = "1"
"""Among the columns of a calibration: the number of households."""

Totals = Mapping[str, "float | Mapping[str, float] | pd.Series"]


def known_columns(
    table: pd.DataFrame, columns: Sequence[str], totals: Totals
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """The calibration variables of every household, their known totals and their names.

    Parameters
    ----------
    table
        One row per household.
    columns
        Names of its columns, or HOUSEHOLDS.
    totals
        By column: a number; or for a column of categories the known households of each, by its value.

    Raises
    ------
    InputError
        With every problem: columns that are not there, are empty or no numbers, totals that are missing or
        no numbers, categories that are unknown or not in the sample.
    """
    problems: list[Problem] = []
    parts: list[np.ndarray] = []
    known: dict[str, float] = {}
    for name in dict.fromkeys(columns):
        problems += (found := _column_problems(table, name, totals))
        if found:
            continue
        if name == HOUSEHOLDS or not _is_categories(totals[name]):
            parts.append(np.ones((len(table), 1)) if name == HOUSEHOLDS else _numbers(table[name])[:, None])
            known[name] = float(totals[name])  # type: ignore[arg-type]
        else:
            groups = pd.Series(totals[name], dtype=float)
            place = pd.Index(groups.index).get_indexer(pd.Index(table[name]))
            used = groups.to_numpy() > 0
            parts.append((place[:, None] == np.arange(len(groups))[used]).astype(float))
            known |= {f"{name} {value}": total for value, total in groups[used].items()}
    refuse_if_any(problems)
    return np.hstack(parts), np.array(list(known.values())), tuple(known)


def _is_categories(total: object) -> bool:
    return isinstance(total, (Mapping, pd.Series))


def _numbers(values: pd.Series) -> np.ndarray:
    return pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def _column_problems(table: pd.DataFrame, name: str, totals: Totals) -> list[Problem]:
    problems = []
    if name not in totals:
        problems.append(Problem(key="estimates.calibration.no_total", column=name))
    elif not _is_categories(totals[name]) and not np.isfinite(_as_number(totals[name])):
        problems.append(
            Problem(key="estimates.calibration.total_no_number", column=name, value=str(totals[name]))
        )
    if name == HOUSEHOLDS:
        return problems
    if name not in table.columns:
        have = ", ".join(map(str, table.columns))
        return [*problems, Problem(key="estimates.data.no_column", column=name, fields={"have": have})]
    if _is_categories(totals.get(name)):
        return problems + _category_problems(table[name], name, pd.Series(totals[name], dtype=float))
    bad = ~np.isfinite(_numbers(table[name]))
    return problems + _on_rows("estimates.data.not_a_number", name, bad)


def _as_number(value: object) -> float:
    return float(pd.to_numeric(value, errors="coerce"))  # type: ignore[call-overload]


def _category_problems(values: pd.Series, name: str, known: pd.Series) -> list[Problem]:
    twice = known.index[known.index.duplicated()]
    if len(twice):
        fields = {"names": shown(twice)}
        return [
            Problem(key="estimates.calibration.total_twice", column=name, value=str(twice[0]), fields=fields)
        ]
    missing = values.isna().to_numpy()
    problems = _on_rows("estimates.calibration.no_category", name, missing)
    given = values[~missing]
    return problems + total_problems(given, known, pd.Index(known.index).get_indexer(pd.Index(given)), name)


def _on_rows(key: str, name: str, bad: np.ndarray) -> list[Problem]:
    rows = np.flatnonzero(bad) + 2  # as a spreadsheet counts: the header is row 1
    return (
        [Problem(key=key, row=int(rows[0]), column=name, fields={"rows": shown(rows)})] if len(rows) else []
    )


def total_problems(
    values: pd.Series, known: pd.Series, groups: np.ndarray, column: str = ""
) -> list[Problem]:
    """Groups of the sample without a total above 0, and totals of groups that are not in the sample."""
    seen = np.bincount(groups[groups >= 0], minlength=len(known)) > 0
    total = known.to_numpy()
    cases: dict[str, pd.Index] = {
        "total_unknown": pd.Index(values[groups < 0].unique()),
        "total_not_positive": known.index[(seen & ~(total > 0)) | ~np.isfinite(total) | (total < 0)],
        "group_not_sampled": known.index[~seen & (total > 0)],
    }
    return [
        Problem(
            key=f"estimates.data.{key}", column=column, value=str(names[0]), fields={"names": shown(names)}
        )
        for key, names in cases.items()
        if len(names)
    ]


def bounds_problems(bounds: tuple[float, float] | None, distance: str) -> list[Problem]:
    """Bounds of factors that do not lie about 1, or are missing where the distance needs them."""
    if bounds is None and distance != "logit":
        return []
    low, high = bounds or (-np.inf, np.inf)
    finite = distance != "logit" or bool(np.isfinite([low, high]).all())
    if low < 1 < high and finite:
        return []
    return [Problem(key="estimates.calibration.bad_bounds", fields={"low": low, "high": high})]


def margins_problems(margins: Mapping[str, Mapping[str, float] | pd.Series]) -> list[Problem]:
    """Margins that do not add up to the same number of households."""
    sums = {name: float(pd.Series(totals, dtype=float).sum()) for name, totals in margins.items()}
    if np.ptp(list(sums.values())) <= GOOD_ENOUGH * max(map(abs, sums.values())):
        return []
    told = ", ".join(f"{name} {total:.10g}" for name, total in sums.items())
    return [Problem(key="estimates.calibration.margins_disagree", fields={"sums": told})]
