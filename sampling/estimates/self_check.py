"""How well the self-check worked, as a sample of households on its two lists tells: kept, and removed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sampling.estimates.estimate import Estimates, estimate_share, estimate_total
from sampling.estimates.icc import PRIOR, Prior
from sampling.estimates.survey import SurveyData
from sampling.estimates.twophase import estimate_difference, estimate_regression, restated, with_columns


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rate:
    """A share: of which households (from wrong, found, checked), and which of them count."""

    parameter: str
    of: Callable[..., np.ndarray]
    counted: str
    told_apart: bool
    """By reason: True if the households that it is a share of have the reason, False if those that count."""


RATES = (
    _Rate(
        parameter="residual_error_rate",
        of=lambda wrong, found, checked: ~found,
        counted="wrong",
        told_apart=False,
    ),
    _Rate(
        parameter="detection_rate",
        of=lambda wrong, found, checked: wrong & checked,
        counted="found",
        told_apart=True,
    ),
    _Rate(
        parameter="false_clear_rate",
        of=lambda wrong, found, checked: ~found & checked,
        counted="wrong",
        told_apart=False,
    ),
    _Rate(
        parameter="self_found_share",
        of=lambda wrong, found, checked: wrong | found,
        counted="found",
        told_apart=True,
    ),
)
"""What the recheck says of the self-check."""


def estimate_self_check(
    data: SurveyData,
    wrong: str,
    found: str,
    checked: str,
    *,
    by: str | None = None,
    confidence: float = 0.95,
    prior: Prior = PRIOR,
) -> Estimates:
    """How well the self-check worked.

    Parameters
    ----------
    data
        Households as they were before the self-check, with weights: those that stayed on the roll and those
        that it removed (`join_lists`), and the new inclusions.
    wrong, found, checked
        Yes/no columns of `data.table`: the recheck says that the household is not entitled; the self-check
        removed it; the self-check saw it (not in a blank village, not a new inclusion).
    by
        A column whose values are the domains: a town.
    confidence
        A share: 0.95.
    prior
        Of the correlation within villages: see `estimate_share`.

    Returns
    -------
    estimates
        For each domain that has such households: `residual_error_rate`, wrong among those not removed;
        `detection_rate`, removed among those checked and wrong; `false_clear_rate`, wrong among those checked
        and not removed; `self_found_share`, removed by the self-check among all that it removed or the
        recheck would remove. Limits: the default for shares.

    Raises
    ------
    InputError
        If a column is not there or holds anything but 0 and 1.
    """
    flags = _flags(data, wrong, found, checked)
    domain = data.table[by] if by else pd.Series("", index=data.table.index)
    tables = [
        _share(data, rate.parameter, flags[rate.counted], rate.of(**flags), domain, confidence, prior)
        for rate in RATES
    ]
    return Estimates(table=pd.concat(tables, ignore_index=True), notes=dict(data.notes))


def estimate_self_check_reasons(
    data: SurveyData,
    wrong: str,
    found: str,
    checked: str,
    reason: str,
    *,
    confidence: float = 0.95,
    prior: Prior = PRIOR,
) -> Estimates:
    """How well the self-check worked, by the reason why a household is not entitled.

    Parameters
    ----------
    data, wrong, found, checked, confidence, prior
        As for `estimate_self_check`.
    reason
        Column of the reason: of the recheck for those still on the roll, of the self-check for those that it
        removed; empty for a household without.

    Returns
    -------
    estimates
        As for `estimate_self_check`, by reason. Residual error rates and false-clear rates of the reasons are
        shares of all such households, and add up.

    Raises
    ------
    InputError
        As for `estimate_self_check`.
    """
    flags = _flags(data, wrong, found, checked)
    values = data.table[reason].fillna("").astype("str")
    tables = [table for rate in RATES for table in _by_reason(data, rate, flags, values, confidence, prior)]
    return Estimates(table=pd.concat(tables, ignore_index=True), notes=dict(data.notes))


THREE_WAYS = ("by_expansion", "by_difference", "by_regression")
"""Before the name of a quantity: how it was reckoned from weights that know nothing but the draw."""


def estimate_self_check_three_ways(
    data: SurveyData,
    wrong: str,
    found: str,
    checked: str,
    known: Mapping[str, float],
    *,
    confidence: float = 0.95,
    prior: Prior = PRIOR,
) -> Estimates:
    """What knowing the self-check's verdicts is worth: one quantity without it and with it in two ways.

    Parameters
    ----------
    data, wrong, found, checked, confidence, prior
        As for `estimate_self_check`, with weights that are not calibrated.
    known
        Households of the roll (""), those of them that the self-check saw, by the name `checked`, and those
        that it removed, by the name `found`.

    Returns
    -------
    estimates
        `ineligible_before_households`, those not entitled before the self-check, and `residual_error_rate`,
        those still on the roll over the households of the roll; each expanded from the sample
        (`by_expansion.…`), by difference from those that the self-check removed (`by_difference.…`), and by
        regression (GREG) on the households of the roll, those that the self-check saw, and those that it
        removed (`by_regression.…`). Of those still on the roll the self-check says the same, so there the
        difference corrects nothing. Limits: of the verb; none lies below what was seen.

    Raises
    ------
    InputError
        As for `estimate_self_check`, or if no weights on the sample reach what is known.
    """
    flags = _flags(data, wrong, found, checked)
    removed, on_roll = flags["found"], ~flags["found"]
    columns = {"removed": removed, "kept": on_roll, "kept_seen": on_roll & flags["checked"]}
    data = with_columns(
        data,
        **{name: values.astype(float) for name, values in columns.items()},
        **{"before": flags["wrong"].astype(float), "left": (flags["wrong"] & on_roll).astype(float)},
        nothing=0.0,
    )
    totals = {"removed": known[found], "kept": known[""], "kept_seen": known[checked]}
    if not _told_apart(columns["kept_seen"][on_roll]) or known[checked] in (0, known[""]):
        del totals["kept_seen"]
    quantities = {
        "ineligible_before_households": ("before", "removed", known[found], 1.0),
        "residual_error_rate": ("left", "nothing", 0.0, known[""]),
    }
    tables = []
    for name, (y, said, total, base) in quantities.items():
        ways = (
            estimate_total(data, y, confidence=confidence, prior=prior),
            estimate_difference(data, y, said, total, confidence=confidence, prior=prior),
            estimate_regression(data, y, totals, confidence=confidence),
        )
        seen = data.table[y].sum()
        tables += [
            _over_base(data, way, f"{prefix}.{name}", seen, base)
            for prefix, way in zip(THREE_WAYS, ways, strict=True)
        ]
    return Estimates(table=pd.concat(tables, ignore_index=True), notes=dict(data.notes))


def _told_apart(values: np.ndarray) -> bool:
    return bool(values.any()) and not bool(values.all())


def _over_base(data: SurveyData, way: Estimates, parameter: str, seen: float, base: float) -> pd.DataFrame:
    """A total as a share of `base`, under its name; it is not below what was seen."""
    table = way.to_table()
    table["low"] = np.maximum(table["low"], seen)
    numbers = ["estimate", "se", "low", "high"]
    table[numbers] = table[numbers] / base
    return restated(data, table, parameter=parameter).table


def _by_reason(
    data: SurveyData,
    rate: _Rate,
    flags: dict[str, np.ndarray],
    reason: pd.Series,
    confidence: float,
    prior: Prior,
) -> Iterator[pd.DataFrame]:
    of, counted = rate.of(**flags), flags[rate.counted]
    if rate.told_apart:
        yield _share(data, rate.parameter, counted, of, reason.where(reason != ""), confidence, prior)
        return
    for name in sorted(set(reason) - {""}):
        this = (reason == name).to_numpy()
        whole = pd.Series(name, index=reason.index)
        yield _share(data, rate.parameter, counted & this, of, whole, confidence, prior)


def _flags(data: SurveyData, wrong: str, found: str, checked: str) -> dict[str, np.ndarray]:
    names = {"wrong": wrong, "found": found, "checked": checked}
    for name in names.values():
        estimate_share(data, name)  # names rows that are no yes or no
    return {role: pd.to_numeric(data.table[name]).to_numpy(dtype=bool) for role, name in names.items()}


def _share(
    data: SurveyData,
    parameter: str,
    counted: np.ndarray,
    of: np.ndarray,
    domain: pd.Series,
    confidence: float,
    prior: Prior,
) -> pd.DataFrame:
    """Rows for the share of `counted` among the households `of`, by domain."""
    flagged = with_columns(data, counted=(counted & of).astype(float), domain=domain.where(of))
    table = estimate_share(flagged, "counted", by="domain", confidence=confidence, prior=prior).to_table()
    return table.assign(parameter=parameter)
