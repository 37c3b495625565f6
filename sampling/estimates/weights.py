"""Weights, each step with a name: design weight, nonresponse, calibration. No step runs by itself."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from sampling.estimates.survey import Calibration, SurveyData, lonely_problems, mean_weight, shown
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
        A column of `data.table`, or an array, true for a respondent.
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
        If all villages of a stratum are without respondents, or a stratum is left with one village.
    ValueError
        If `within` is unknown or the weights are calibrated already.
    """
    if within not in WITHIN:
        raise ValueError(f"within must be one of {', '.join(WITHIN)}, got {within!r}")
    if data.steps:
        raise ValueError(
            "data must not be calibrated yet, got steps " + ", ".join(s.name for s in data.steps)
        )
    answer = np.asarray(data.table[responded] if isinstance(responded, str) else responded, dtype=bool)
    design = data.design
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
    new = replace(old, psu=number[old.psu[answer]], stratum=old.stratum[~lost], size=old.size[~lost])
    if old.first is not None:
        strata = np.arange(len(old.frame))
        new = replace(new, first=thinned(old.first, old.stratum, ~lost, strata))
    if old.cell is None:
        return new
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
    refuse_if_any(_bad_totals(values[groups < 0], known, groups))
    found = np.bincount(groups, weights=data.weight, minlength=len(known))
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(known.to_numpy() > 0, known.to_numpy() / found, 0.0)
    step = Calibration(name="poststratify", weight=data.weight, groups=groups)
    return reweighted(data, data.weight * factor[groups], step)


def reweighted(data: SurveyData, weight: np.ndarray, step: Calibration) -> SurveyData:
    """The data with new weights and the step that made them."""
    design = replace(data.design, weight=mean_weight(data.design.inside, weight, data.design.counted))
    return replace(data, weight=weight, design=design, steps=(*data.steps, step))


def _bad_totals(unknown: pd.Series, known: pd.Series, groups: np.ndarray) -> list[Problem]:
    seen = np.bincount(groups[groups >= 0], minlength=len(known)) > 0
    cases: dict[str, pd.Index] = {
        "total_unknown": pd.Index(unknown.unique()),
        "total_not_positive": known.index[seen & ~(known.to_numpy() > 0)],
        "group_not_sampled": known.index[~seen & (known.to_numpy() > 0)],
    }
    return [
        Problem(key=f"estimates.data.{key}", value=str(names[0]), fields={"names": shown(names)})
        for key, names in cases.items()
        if len(names)
    ]


def residuals(data: SurveyData, u: np.ndarray) -> np.ndarray:
    """What the calibrations leave unexplained of u, shape (n,): their variance is the calibrated total's."""
    for step in data.steps:
        u = _residual(step, u)
    return u


def _residual(step: Calibration, u: np.ndarray) -> np.ndarray:
    if step.groups is not None:
        sums = np.bincount(step.groups, weights=step.weight * u)
        return u - (sums / np.maximum(np.bincount(step.groups, weights=step.weight), 1e-300))[step.groups]
    assert step.columns is not None
    root = np.sqrt(step.weight)
    slope = np.linalg.lstsq(step.columns * root[:, None], u * root, rcond=None)[0]
    return u - step.columns @ slope
