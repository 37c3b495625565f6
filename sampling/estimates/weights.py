"""Weights, each step with a name: design weight, nonresponse, calibration. No step runs by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from sampling.estimates.calibration import DISTANCES, GOOD_ENOUGH, independent, solve
from sampling.estimates.known import Totals, bounds_problems, known_columns, margins_problems, total_problems
from sampling.estimates.survey import (
    Calibration,
    SurveyData,
    column_problems,
    lonely_problems,
    mean_weight,
    shown,
)
from sampling.estimates.unequal import thinned
from sampling.estimates.variance import TwoStage
from sampling.words.errors import Problem, refuse_if_any

WITHIN = ("psu", "stratum")


def adjust_nonresponse(data: SurveyData, responded: str | np.ndarray, *, within: str = "psu") -> SurveyData:
    """The respondents alone, their weights raised to stand for those who did not respond.

    Parameters
    ----------
    data
        All sampled households, before any calibration.
    responded
        A yes/no column of `data.table`, or an array, true for a respondent.
    within
        "psu": respondents of a village stand for their village; a village without a respondent is then
        stood for by the other villages of its stratum. "stratum": respondents of a stratum stand for it.

    Returns
    -------
    data
        Respondents only. The finite population corrections count respondents and the villages that have
        any, as if the nonresponse were a further random stage; villages drawn without a household stay.
        `notes` names the villages without respondents ("no_respondents"), those with one respondent left
        of several in the frame ("one_respondent": their variance within is the mean of the other villages
        of the stratum), and the strata that were left with one village ("left_alone": with `lonely` "fail"
        they are refused).

    Raises
    ------
    InputError
        If it is not known of a household whether it responded, all villages of a stratum are without
        respondents, or a stratum is left with one village.
    ValueError
        If `within` is unknown, the weights are calibrated already, or an array is not as long as the data.
    """
    if within not in WITHIN:
        raise ValueError(f"within must be one of {', '.join(WITHIN)}, got {within!r}")
    if data.steps:
        raise ValueError(
            "data must not be calibrated yet, got steps " + ", ".join(s.name for s in data.steps)
        )
    answer, design = _answers(data, responded), data.design
    reached = np.bincount(design.psu, weights=answer, minlength=len(design.stratum)) > 0
    lost = (design.seen > 0) & ~reached
    refuse_if_any(_strata_lost(data, lost))
    weight = data.weight
    if within == "psu":
        if design.cell is not None:
            weight = weight * _raise(weight, weight * answer, design.cell, len(design.size))
        before, after = data.weight, weight * (answer & ~lost[design.psu])
        weight = np.where(answer, weight * _raise(before, after, design.psu, len(lost)), 0.0)
    stratum = design.stratum[design.psu]
    weight = weight * _raise(data.weight, weight * answer, stratum, len(design.frame))
    kept = _kept(data, answer, lost, weight)
    refuse_if_any(lonely_problems(kept))
    return kept


def _answers(data: SurveyData, responded: str | np.ndarray) -> np.ndarray:
    """Who responded; an empty cell or the text "no" is not a yes."""
    name = responded if isinstance(responded, str) else "responded"
    if isinstance(responded, str):
        refuse_if_any(column_problems(data.table, {"responded": responded}))
        responded = data.table[responded].to_numpy()
    given = pd.Series(np.asarray(responded))
    if len(given) != len(data.table):
        raise ValueError(f"responded must have {len(data.table)} entries, got {len(given)}")
    values = pd.to_numeric(given, errors="coerce")
    rows = np.flatnonzero(~values.isin([0, 1])) + 2
    fields = {"rows": shown(rows)}
    problem = Problem(key="estimates.data.not_known", column=name, fields=fields)
    refuse_if_any([problem] if len(rows) else [])
    return values.to_numpy(dtype=bool)


def _raise(before: np.ndarray, after: np.ndarray, unit: np.ndarray, units: int) -> np.ndarray:
    """Sum of weights before over sum after, by unit, for each observation; 1 where nothing is left."""
    old = np.bincount(unit, weights=before, minlength=units)
    new = np.bincount(unit, weights=after, minlength=units)
    return np.where(new > 0, old / np.where(new > 0, new, 1.0), 1.0)[unit]


def _strata_lost(data: SurveyData, lost: np.ndarray) -> list[Problem]:
    """A stratum has nobody to stand for it if each of its villages with households is without respondents."""
    strata = len(data.stratum_names)
    design = data.design
    with_households = np.bincount(design.stratum, weights=design.seen > 0, minlength=strata)
    without = np.bincount(design.stratum, weights=lost, minlength=strata)
    names = data.stratum_names[(without > 0) & (without == with_households)]
    key = "estimates.data.stratum_without_respondents"
    return [Problem(key=key, value=str(names[0]), fields={"names": shown(names)})] if len(names) else []


def _kept(data: SurveyData, answer: np.ndarray, lost: np.ndarray, weight: np.ndarray) -> SurveyData:
    """The data without nonrespondents and without the villages that were lost."""
    design = _design_left(data.design, answer, lost)
    weight = weight[answer]
    design = replace(design, weight=mean_weight(design.inside, weight, design.counted))
    kept = replace(
        data,
        table=data.table[answer].reset_index(drop=True),
        weight=weight,
        design=design,
        psu_names=data.psu_names[~lost],
        pool_within=True,
    )
    kept = kept.with_note("no_respondents", data.psu_names[lost])
    alone = design.lonely & ~data.design.lonely
    kept = kept.with_note("left_alone", data.stratum_names[alone])
    return kept.with_note("one_respondent", kept.psu_names[design.lonely_psu])


def _design_left(old: TwoStage, answer: np.ndarray, lost: np.ndarray) -> TwoStage:
    """The design of the respondents, in the villages that are not lost."""
    number = np.cumsum(~lost) - 1
    new = replace(old, psu=number[old.psu[answer]], stratum=old.stratum[~lost])
    if old.first is not None:
        strata = np.arange(len(old.frame))
        new = replace(new, first=thinned(old.first, old.stratum, ~lost, strata))
    if old.cell is None:
        return replace(new, size=old.size[~lost])
    cells, cell = np.unique(old.cell[answer], return_inverse=True)
    new = replace(new, cell=cell, home=number[old.place[cells]], size=old.size[cells])
    if old.second is None:
        return new
    numbers = np.full(len(old.size), -1)
    numbers[cells] = np.arange(len(cells))
    return replace(new, second=thinned(old.second, old.cell, answer, numbers))


def poststratify(
    data: SurveyData, by: str | np.ndarray, totals: Mapping[str, float] | pd.Series
) -> SurveyData:
    """Weights multiplied so that they add up to the known households of each post-stratum.

    Parameters
    ----------
    data
        Households with weights.
    by
        A column of `data.table`, or an array: the post-stratum of each household.
    totals
        Known households of each post-stratum, by its value.

    Raises
    ------
    InputError
        If a post-stratum of the sample has no known total, a known one has no sampled household, or a total
        is not above 0.

    Notes
    -----
    Variances use the residuals around the weighted mean of each post-stratum, as R's postStratify does:
    Särndal, Swensson & Wretman (1992), section 7.6.
    """
    values = pd.Series(np.asarray(data.table[by] if isinstance(by, str) else by))
    known = pd.Series(totals, dtype=float)
    groups = pd.Index(known.index).get_indexer(pd.Index(values))
    refuse_if_any(total_problems(values, known, groups))
    found = np.bincount(groups, weights=data.weight, minlength=len(known))
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(known.to_numpy() > 0, known.to_numpy() / found, 0.0)
    step = Calibration(name="poststratify", weight=data.weight, groups=groups)
    return reweighted(data, data.weight * factor[groups], step)


def reweighted(data: SurveyData, weight: np.ndarray, step: Calibration) -> SurveyData:
    """The data with new weights and the step that made them."""
    design = replace(data.design, weight=mean_weight(data.design.inside, weight, data.design.counted))
    return replace(data, weight=weight, design=design, steps=(*data.steps, step))


def calibrate(
    data: SurveyData,
    columns: Sequence[str],
    totals: Totals,
    *,
    bounds: tuple[float, float] | None = None,
    distance: str = "linear",
) -> SurveyData:
    """Weights changed as little as can be so that they reach known totals of several columns.

    Parameters
    ----------
    data
        Households with weights.
    columns
        Columns of `data.table` whose totals over the roll are known: numbers, or categories. "1" is the
        number of households.
    totals
        By column: the total; or for a column of categories the households of each, by its value. Names
        that are not in `columns` are not used.
    bounds
        Lowest and highest factor that a weight may be multiplied by, around 1; needed for "logit".
    distance
        "linear": the generalised regression estimator (GREG); factors can be negative unless bounded.
        "raking": factors are above 0. "logit": factors stay between the bounds smoothly.

    Returns
    -------
    data
        Variances then use the residuals of the regression on the columns, with the weights from before, as
        R's calibrate does. `g_weights` has the factors.

    Raises
    ------
    InputError
        If a column is not there, is empty or holds no number, a total is missing or impossible, the bounds
        do not lie around 1, or no weights within them reach the totals.
    ValueError
        If there is no column, or `distance` is unknown.

    Notes
    -----
    Deville & Särndal (1992), Calibration estimators in survey sampling, Journal of the American Statistical
    Association 87, 376-382; all distances share the variance of GREG.
    """
    if not columns or distance not in DISTANCES:
        raise ValueError(f"distance must be one of {', '.join(DISTANCES)}, with columns, got {distance!r}")
    refuse_if_any(bounds_problems(bounds, distance))
    return _calibrated(data, columns, totals, bounds or (-np.inf, np.inf), distance, name=distance)


def rake(data: SurveyData, margins: Mapping[str, Mapping[str, float] | pd.Series]) -> SurveyData:
    """Weights multiplied so that they add up to the known households of each margin, in all margins at once.

    Parameters
    ----------
    data
        Households with weights.
    margins
        By column of `data.table`: the known households of each of its values.

    Returns
    -------
    data
        As from `calibrate` with `distance="raking"`: where iterative proportional fitting leads to.

    Raises
    ------
    InputError
        If a column is not there or is empty, a category has no known total or no sampled household, the
        margins do not add up to the same number, or no weights reach them all.
    ValueError
        If there is no margin.

    Notes
    -----
    Deville, Särndal & Sautory (1993), Generalized raking procedures in survey sampling, Journal of the
    American Statistical Association 88, 1013-1020. Equal to R's rake run to its end. The residuals are those
    of R's calibrate(calfun = "raking"); R's rake takes its residuals without the weights, which is the same
    only where all weights are.
    """
    if not margins:
        raise ValueError("margins must have one column or more, got none")
    refuse_if_any(margins_problems(margins))
    return _calibrated(data, list(margins), margins, (-np.inf, np.inf), "raking", name="rake")


def _calibrated(
    data: SurveyData,
    columns: Sequence[str],
    totals: Totals,
    bounds: tuple[float, float],
    distance: str,
    *,
    name: str,
) -> SurveyData:
    x, known, names = known_columns(data.table, columns, totals)
    g, missed = solve(x, data.weight, known, distance=distance, bounds=bounds)
    far = np.array(names)[~(missed < GOOD_ENOUGH)]
    key = "estimates.calibration.not_reached"
    fields = {"names": shown(far)}
    refuse_if_any([Problem(key=key, value=str(far[0]), fields=fields)] if len(far) else [])
    step = Calibration(name=name, weight=data.weight, columns=independent(x, data.weight))
    return reweighted(data, data.weight * g, step)


def g_weights(data: SurveyData) -> np.ndarray:
    """What the calibrations multiplied each household's weight by, shape (n,)."""
    return data.weight / data.steps[0].weight if data.steps else np.ones(len(data.weight))


def residuals(data: SurveyData, u: np.ndarray) -> np.ndarray:
    """What the calibrations leave unexplained of u, shape (n,): their variance is the calibrated total's.

    Notes
    -----
    The total is Σ w u under the last weights. Each step, from the last to the first, turns it into a total
    under the weights from before: that of g times the residuals, g what the step multiplied weights by. For
    the linear distance this is exactly the derivative of the total by the weights. (R's survey takes the
    steps from the first to the last.)
    """
    after = data.weight
    for step in reversed(data.steps):
        u = _residual(step, u) * _over(after, step.weight)
        after = step.weight
    return u * _over(after, data.weight)


def _over(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """top / bottom, 0 where bottom is: a weight that a bound of 0 took away stays away."""
    return np.divide(top, bottom, out=np.zeros(len(top)), where=bottom != 0)


def _residual(step: Calibration, u: np.ndarray) -> np.ndarray:
    if step.groups is not None:
        sums = np.bincount(step.groups, weights=step.weight * u)
        return u - (sums / np.maximum(np.bincount(step.groups, weights=step.weight), 1e-300))[step.groups]
    assert step.columns is not None  # orthogonal under the weights: see `independent`
    square = np.einsum("ij,ij,i->j", step.columns, step.columns, step.weight)
    return u - step.columns @ ((step.columns.T @ (step.weight * u)) / square)
