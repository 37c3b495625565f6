"""How alike the households of a village are, as intervals want to know it: from a roll, or a sample alone."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sampling.estimates.icc import PRIOR, Prior, Villages, rho_posterior, spread
from sampling.estimates.survey import SurveyData


def villages_seen(
    wrong: np.ndarray,
    part: np.ndarray,
    own: np.ndarray,
    village: np.ndarray,
    cell: np.ndarray,
    domain_of_cell: np.ndarray,
    *,
    units: np.ndarray,
    villages: np.ndarray,
    prior: Prior,
) -> Villages:
    """What the villages of each domain tell an interval.

    Parameters
    ----------
    wrong
        By inspected household of a domain: whether it is in error.
    part, own, village, cell, domain_of_cell, units, villages
        As for `icc.spread`.
    prior
        Of rho: see `rho_posterior`.
    """
    domains = len(units)
    seen = np.bincount(cell, minlength=len(domain_of_cell))
    errors = np.bincount(cell, weights=wrong, minlength=len(domain_of_cell))
    rho = rho_posterior(errors, seen, domain_of_cell, domains, prior=prior)
    either = [
        np.bincount(domain_of_cell, weights=some, minlength=domains) for some in (errors > 0, errors < seen)
    ]
    shares = spread(part, own, village, cell, domain_of_cell, units=units, villages=villages)
    return Villages(rho=rho, spread=shares, mixed=np.minimum(*either))


def villages_of_domains(
    data: SurveyData, wrong: np.ndarray, domain: np.ndarray, domains: int, *, prior: Prior = PRIOR
) -> Villages:
    """The same for a share of households by domain, from a sample and what it knows of its frame.

    Parameters
    ----------
    data
        With `psu_sizes` the size of every village of the frame is known; else the villages that were not
        drawn are taken to be like those that were.
    wrong
        1 or 0 by household of `data`.
    domain
        By household: 0…domains-1, or `domains` for none.
    prior
        Of rho: see `rho_posterior`.

    Notes
    -----
    A domain that cuts through villages is taken to have in every village of a stratum the share that it has
    of the stratum's sample.
    """
    design, inside = data.design, domain < domains
    strata, stratum = len(design.frame), design.stratum[design.psu]
    size, squares = _frame_sums(data)
    weight = data.weight[inside]
    whole = np.bincount(stratum, weights=data.weight, minlength=strata)
    rows, row = np.unique(stratum[inside].astype(np.int64) * domains + domain[inside], return_inverse=True)
    of_row, place = rows % domains, rows // domains
    share = np.bincount(row, weights=weight) / whole[place]

    def by_domain(of_stratum: np.ndarray) -> np.ndarray:
        return np.bincount(of_row, weights=of_stratum, minlength=domains)

    known = np.maximum(by_domain(size[place] * share), 1e-12)
    pairs, cell = np.unique(
        design.psu[inside].astype(np.int64) * domains + domain[inside], return_inverse=True
    )
    psu, of_cell = pairs // domains, pairs % domains
    own = np.bincount(cell, weights=weight, minlength=len(pairs)) * design.chance[psu] / known[of_cell]
    total = np.bincount(domain[inside], weights=weight, minlength=domains)
    return villages_seen(
        wrong[inside],
        weight / np.where(total > 0, total, 1.0)[domain[inside]],
        1 / known[domain[inside]],
        own[cell],
        cell,
        of_cell,
        units=1 / known,
        villages=by_domain(squares[place] * share**2) / known**2,
        prior=prior,
    )


def _frame_sums(data: SurveyData) -> tuple[np.ndarray, np.ndarray]:
    """Sums of the villages' sizes and of their squares by stratum, over the frame."""
    strata = len(data.design.frame)
    if data.psu_sizes is not None:
        sizes, stratum = data.psu_sizes["size"].to_numpy(), data.psu_sizes["stratum"].to_numpy()
        sums = [np.bincount(stratum, weights=sizes**power, minlength=strata) for power in (1, 2)]
        return sums[0], sums[1]
    places = data.design.place
    drawn = np.bincount(places, weights=data.design.size, minlength=len(data.design.stratum))
    number = np.maximum(np.bincount(data.design.stratum, minlength=strata), 1)
    raised = np.where(np.isfinite(data.design.frame), data.design.frame, number) / number
    sums = [np.bincount(data.design.stratum, weights=drawn**power, minlength=strata) for power in (1, 2)]
    return sums[0] * raised, sums[1] * raised


@dataclass(frozen=True, slots=True)
class RollVillages:
    """The villages of a roll: the number of every household's, their names, and their areas."""

    of_roll: np.ndarray
    names: pd.Index
    area: np.ndarray

    @classmethod
    def of(cls, roll: pd.DataFrame, area_of_roll: np.ndarray) -> "RollVillages":
        code, names = pd.factorize(roll["village"])
        area = np.zeros(len(names), dtype=np.intp)
        area[code] = area_of_roll
        return cls(of_roll=code, names=pd.Index(names), area=area)

    def totals(self, known: np.ndarray) -> np.ndarray:
        """Sum of a column of the roll by village."""
        return np.bincount(self.of_roll, weights=known, minlength=len(self.names))

    def squares(self, totals: np.ndarray, areas: int) -> np.ndarray:
        """Sum over the villages of an area of their squared totals."""
        return np.bincount(self.area, weights=totals**2, minlength=areas)

    def of_names(self, totals: np.ndarray, names: np.ndarray) -> np.ndarray:
        """The totals of these villages; 0 for one that the roll does not have."""
        found = self.names.get_indexer(pd.Index(names))
        return np.where(found >= 0, totals[found], 0.0)
