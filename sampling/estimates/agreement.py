"""Double visits: how far inspectors agree, and a rate freed from their errors.

Some of the inspected households are visited twice: by another inspector, whose verdict says how far two
inspectors agree (kappa); or by a team whose verdict is taken as the truth, which says how often the first
inspector misses an error or sees one where there is none.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from sampling.estimates.estimate import Estimates, estimate_share, estimate_total
from sampling.estimates.survey import SurveyData, shown
from sampling.estimates.twophase import restated, with_columns
from sampling.estimates.variance import TwoStage, total_variance
from sampling.words.errors import Problem, refuse_if_any

ROGAN_GLADEN = "rogan_gladen/1"


def estimate_agreement(data: SurveyData, first: str, second: str, *, confidence: float = 0.95) -> Estimates:
    """Share of households at which two verdicts are the same.

    Parameters
    ----------
    data, first, second, confidence
        As for `estimate_kappa`.

    Returns
    -------
    estimates
        One row, of the households that have both verdicts. Limits: the default for shares.

    Raises
    ------
    InputError
        If a column is not there.
    """
    one, two = _verdict(data, first), _verdict(data, second)
    twice = ((one != "") & (two != "")).to_numpy()
    judged = with_columns(data, same=((one == two) & twice).astype(float), domain=_only(twice))
    table = estimate_share(judged, "same", by="domain", confidence=confidence).to_table()
    return Estimates(
        table=table.assign(parameter=f"agreement of {first} and {second}"), notes=dict(data.notes)
    )


def estimate_kappa(data: SurveyData, first: str, second: str, *, confidence: float = 0.95) -> Estimates:
    """Cohen's kappa of two verdicts on the same households; limits by t.

    Parameters
    ----------
    data
        Households with weights.
    first, second
        Columns of the two verdicts, any values; a household that lacks one was not visited twice.
    confidence
        A share: 0.95.

    Returns
    -------
    estimates
        Two rows: the share of households on which both agree, and kappa. Where all agree the lower limit of
        kappa is that which belongs to the lower limit of the share.

    Raises
    ------
    InputError
        If a column is not there, fewer than two households were visited twice, or all verdicts are the same,
        so that there is no agreement beyond chance to be measured.

    Notes
    -----
    (p_o - p_e) / (1 - p_e), weighted, linearised by both margins, in the households visited twice as a domain
    of the design: R's svykappa. Under simple random sampling with replacement this is the variance of Fleiss,
    Cohen & Everitt (1969), Psychological Bulletin 72, 323-327, times n/(n - 1). Cohen (1960), Educational and
    Psychological Measurement 20, 37-46.
    """
    one, two = _verdict(data, first), _verdict(data, second)
    twice = ((one != "") & (two != "")).to_numpy()
    names = np.unique(np.concatenate([one[twice], two[twice]]).astype("str"))
    refuse_if_any(_too_few(twice, names))
    codes = [pd.Index(names).get_indexer(pd.Index(values[twice])) for values in (one, two)]
    kappa, chance, u = kappa_linearised(codes[0], codes[1], data.weight[twice], len(names))
    spread = np.zeros(len(twice))
    spread[twice] = u
    judged = with_columns(data, u=spread, domain=_only(twice))
    agree = estimate_agreement(data, first, second, confidence=confidence).to_table()
    table = estimate_total(judged, "u", by="domain", confidence=confidence, interval="t").to_table()
    table["low"], table["high"] = table["low"] + kappa, np.minimum(table["high"] + kappa, 1.0)
    if agree["estimate"].iloc[0] > 1 - 1e-12:
        table["low"], table["interval"] = (agree["low"] - chance) / (1 - chance), agree["interval"]
    found = restated(data, table.assign(estimate=kappa), parameter=f"kappa of {first} and {second}")
    return replace(found, table=pd.concat([agree, found.table], ignore_index=True))


def _verdict(data: SurveyData, column: str) -> pd.Series:
    if column not in data.table.columns:
        have = ", ".join(map(str, data.table.columns))
        refuse_if_any([Problem(key="estimates.data.no_column", column=column, fields={"have": have})])
    values = data.table[column]
    return values.astype("str").where(values.notna(), "")


def _too_few(twice: np.ndarray, names: np.ndarray) -> list[Problem]:
    if twice.sum() < 2:
        return [Problem(key="estimates.agreement.no_double_visits", fields={"n": int(twice.sum())})]
    if len(names) < 2:
        return [Problem(key="estimates.agreement.one_verdict", value=str(names[0]))]
    return []


def _only(members: np.ndarray) -> pd.Series:
    """The whole ("") as the domain of these households; the others have none."""
    return pd.Series("", index=range(len(members))).where(members)


def kappa_linearised(
    first: np.ndarray, second: np.ndarray, weight: np.ndarray, verdicts: int
) -> tuple[float, float, np.ndarray]:
    """Cohen's kappa, what chance alone would agree on, and kappa's linearised variable.

    Parameters
    ----------
    first, second
        The two verdicts of each household, 0…verdicts-1, shape (n,).
    weight
        Of each household, shape (n,).
    verdicts
        How many there are.

    Returns
    -------
    kappa, chance, u
        Σ weight u has, in first order, the error of kappa; Σ weight u is 0.
    """
    share = weight / weight.sum()
    rows, columns = (np.bincount(codes, weights=share, minlength=verdicts) for codes in (first, second))
    same = first == second
    agree, chance = share @ same, rows @ columns
    kappa = (agree - chance) / (1 - chance)
    by_chance = columns[first] + rows[second] - 2 * chance
    u = (same - agree) / (1 - chance) - (1 - agree) / (1 - chance) ** 2 * by_chance
    return float(kappa), float(chance), u / weight.sum()


def estimate_corrected_share(
    data: SurveyData, y: str, reference: str, *, confidence: float = 0.95
) -> Estimates:
    """Share of households in error, freed from the inspectors' own errors: a model, labelled as such.

    Parameters
    ----------
    data
        Households with weights.
    y
        Yes/no column: the inspector's verdict.
    reference
        Yes/no column: the verdict of the second visit that is taken as the truth; empty for a household that
        was not visited again.
    confidence
        A share: 0.95.

    Returns
    -------
    estimates
        Three rows: the inspectors' sensitivity (share of true errors that they see) and specificity (share of
        right households that they see as right), and the corrected share with the note "corrected".

    Raises
    ------
    InputError
        If a column holds anything but 0 and 1, the second visits saw no household in error or none right, or
        the inspectors tell the two hardly better than chance: sensitivity + specificity - 1 is not surely
        above 0 at the level. Then the share cannot be known.

    Notes
    -----
    p = (q + specificity - 1) / J, J = sensitivity + specificity - 1, between 0 and 1: Rogan & Gladen (1978),
    American Journal of Epidemiology 107, 71-76. Variance by the delta method: [V(q) + p² V(sensitivity) +
    (1 - p)² V(specificity)] / J², with V(q) of the design. An inspector's error is no fixed property of a
    household, so the other two have no finite population correction: villages as drawn with replacement
    from one stratum, and at least the binomial variance with one household of each kind added, so that no
    error seen in a few visits does not count as perfect. That the three are correlated is left out, which
    makes the variance larger. It holds where the second visits are a random part of the first ones, blind,
    and inspectors err alike everywhere.
    """
    plain = estimate_share(data, y, confidence=confidence).to_table()
    wrong = pd.to_numeric(data.table[y]).to_numpy(dtype=bool)
    truth = _reference(data, reference)
    again = ~np.isnan(truth)
    cases = {"sensitivity": again & (truth == 1), "specificity": again & (truth == 0)}
    refuse_if_any(_not_seen(cases))
    sees = {"sensitivity": wrong, "specificity": ~wrong}
    parts = {name: _Part.of(data, sees[name], of) for name, of in cases.items()}
    index = sum(part.share for part in parts.values()) - 1
    z = stats.norm.ppf((1 + confidence) / 2)
    sure = index - z * np.sqrt(sum(part.variance for part in parts.values())) > 0
    fields = {"index": f"{index:.2f}"}
    refuse_if_any([] if sure else [Problem(key="estimates.agreement.not_identifiable", fields=fields)])
    tables = [_part_row(data, name, y, sees[name], of, confidence) for name, of in cases.items()]
    corrected = _corrected(plain, parts["sensitivity"], parts["specificity"], data, again)
    tables.append(restated(data, corrected, parameter=f"corrected share of {y}", note="corrected").table)
    return Estimates(table=pd.concat(tables, ignore_index=True), notes=dict(data.notes))


def _reference(data: SurveyData, column: str) -> np.ndarray:
    values = _verdict(data, column)
    told = pd.to_numeric(values.replace({"True": "1", "False": "0"}), errors="coerce").astype(float)
    odd = np.flatnonzero((values != "") & ~told.isin([0.0, 1.0]))
    key, rows = "estimates.data.not_yes_no", odd + 2
    fields = {"rows": shown(rows)}
    refuse_if_any([Problem(key=key, row=int(rows[0]), column=column, fields=fields)] if len(odd) else [])
    return told.to_numpy()


def _not_seen(cases: dict[str, np.ndarray]) -> list[Problem]:
    keys = {"sensitivity": "none_in_error", "specificity": "none_right"}
    return [Problem(key=f"estimates.agreement.{keys[name]}") for name, of in cases.items() if not of.any()]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A sensitivity or specificity."""

    share: float
    variance: float

    @classmethod
    def of(cls, data: SurveyData, sees: np.ndarray, of: np.ndarray) -> "_Part":
        weight = np.where(of, data.weight, 0.0)
        share = float(weight @ sees / weight.sum())
        z = weight * (sees - share) / weight.sum()
        seen = np.sum(of) * share
        smoothed = (seen + 1) / (np.sum(of) + 2)
        least = smoothed * (1 - smoothed) / (np.sum(of) + 2)
        return cls(share=share, variance=max(float(least), float(_repeated(data.design, z, of))))


def _repeated(design: TwoStage, z: np.ndarray, of: np.ndarray) -> float:
    """Variance of Σ z over villages that were drawn with replacement from one stratum."""
    villages, psu = np.unique(design.psu[of], return_inverse=True)
    if len(villages) < 2:
        return 0.0
    one = TwoStage(
        psu=psu,
        stratum=np.zeros(len(villages), dtype=np.intp),
        frame=np.array([np.inf]),
        size=np.bincount(psu).astype(float),
        group=np.zeros(1, dtype=np.intp),
        weight=np.ones(len(villages)),
    )
    return float(total_variance(z[of], one)[0])


def _part_row(
    data: SurveyData, name: str, y: str, sees: np.ndarray, of: np.ndarray, confidence: float
) -> pd.DataFrame:
    seen = with_columns(data, sees=(sees & of).astype(float), domain=_only(of))
    table = estimate_share(seen, "sees", by="domain", confidence=confidence).to_table()
    return table.assign(parameter=f"{name} of {y}")


def _corrected(
    plain: pd.DataFrame, sensitivity: _Part, specificity: _Part, data: SurveyData, again: np.ndarray
) -> pd.DataFrame:
    """The plain share's table with the corrected share, its error and limits."""
    index = sensitivity.share + specificity.share - 1
    share = float(np.clip((plain["estimate"].iloc[0] + specificity.share - 1) / index, 0, 1))
    errors = share**2 * sensitivity.variance + (1 - share) ** 2 * specificity.variance
    se = float(np.sqrt(plain["se"].iloc[0] ** 2 + errors) / index)
    villages = len(np.unique(data.design.psu[again]))
    df = max(min(plain["df"].iloc[0], villages - 1), 1)
    half = stats.t.ppf((1 + plain["confidence"].iloc[0]) / 2, df) * se
    low, high = max(share - half, 0.0), min(share + half, 1.0)
    limits = {"low": low, "high": high, "df": df, "interval": ROGAN_GLADEN}
    return plain.assign(estimate=share, se=se, deff=np.nan, icc=np.nan, **limits)
